"""Estimates from this installation's history: the best server for a retry, and what a document will cost."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from statistics import median

from django.core.cache import cache
from django.utils import timezone

from extractions.intake.budget import expected_credits
from extractions.models import Attempt, Extraction

LATELY = timedelta(days=1)
REMEMBERED = 30  # seconds
MAX_ATTEMPTS, MAX_DOCUMENTS = 500, 300
BAD = (Attempt.Outcome.NOT_SENT, Attempt.Outcome.UNCLEAR)
MAX_ERROR_RATE = 0.5  # error rate above which a server is not recommended
State = Extraction.State


def best_server(connection_id: int, *, besides: str) -> str:
    """The best other server of the last day, by error rate, then by median time; empty if none is known."""
    return next((server for server in _ranking(connection_id) if server != besides), "")


def about_credits(extraction: Extraction) -> int:
    """Estimated credits for extracting it again: as before, or as similar documents of the team."""
    return extraction.credit_used or expected_credits(extraction)


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
    for server, outcome in attempts.order_by("-started_at").values_list("extraction__server", "outcome")[:MAX_ATTEMPTS]:
        tries[server] += 1
        bad[server] += outcome in BAD
    times: dict[str, list[float]] = {}
    ended = Extraction.objects.filter(connection=connection_id, finished_at__gte=since).order_by("-finished_at")
    for server, state, seconds in ended.values_list("server", "state", "extraction_time")[:MAX_DOCUMENTS]:
        if state == State.FAILED:
            tries[server] += 1
            bad[server] += 1
        elif state == State.EXTRACTED:
            times.setdefault(server, []).append(seconds or 0.0)
    trouble = {server: bad[server] / max(1, tries[server]) for server in times}
    good = [server for server in times if trouble[server] <= MAX_ERROR_RATE]
    return sorted(good, key=lambda server: (round(trouble[server], 1), median(times[server]), server))
