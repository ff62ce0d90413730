"""What our own history tells about the next try: which server does best, and what a document will cost."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from statistics import median

from django.core.cache import cache
from django.utils import timezone

from extractions.models import Attempt, Extraction
from extractions.services.budget import expected

LATELY = timedelta(days=1)
REMEMBERED = 30  # seconds
MOST_ATTEMPTS, MOST_DOCUMENTS = 500, 300
BAD = (Attempt.Outcome.NOT_SENT, Attempt.Outcome.UNCLEAR)
MOST_TROUBLE = 0.5  # a server with more than that is no advice
State = Extraction.State


def best_server(connection_id: int, *, besides: str) -> str:
    """The other server that did best lately: least trouble first, then the shortest times. Empty if none is known."""
    return next((server for server in _ranking(connection_id) if server != besides), "")


def about_credits(extraction: Extraction) -> int:
    """What reading it again will cost: as before, or as the team's like documents did."""
    return extraction.credit_used or expected(extraction)


def _ranking(connection_id: int) -> list[str]:
    key = f"server-ranking:{connection_id}"
    found: list[str] | None = cache.get(key)
    if found is None:
        found = _rank(connection_id)
        cache.set(key, found, REMEMBERED)
    return found


def _rank(connection_id: int) -> list[str]:
    since = timezone.now() - LATELY
    tries, bad = Counter[str](), Counter[str]()
    attempts = Attempt.objects.filter(extraction__connection=connection_id, started_at__gte=since, ended_at__gte=since)
    for server, outcome in attempts.order_by("-started_at").values_list("extraction__server", "outcome")[
        :MOST_ATTEMPTS
    ]:
        tries[server] += 1
        bad[server] += outcome in BAD
    times: dict[str, list[float]] = {}
    ended = Extraction.objects.filter(connection=connection_id, finished_at__gte=since).order_by("-finished_at")
    for server, state, seconds in ended.values_list("server", "state", "extraction_time")[:MOST_DOCUMENTS]:
        if state == State.FAILED:
            tries[server] += 1
            bad[server] += 1
        elif state == State.EXTRACTED:
            times.setdefault(server, []).append(seconds or 0.0)
    trouble = {server: bad[server] / max(1, tries[server]) for server in times}
    good = [server for server in times if trouble[server] <= MOST_TROUBLE]
    return sorted(good, key=lambda server: (round(trouble[server], 1), median(times[server]), server))
