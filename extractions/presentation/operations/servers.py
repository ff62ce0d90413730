"""Servers by their latest documents: usual durations, and current problems."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import Any

from django.core.cache import cache
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from extractions.intake.routing import Why
from extractions.models import Connection, Extraction, Server
from extractions.presentation.document.steps import spread, usual_times
from portal.templatetags.portal import duration

RECENT = timedelta(hours=6)
LOOKED_AT = 300
ENOUGH = 3
SLOWER = 1.5
REMEMBERED = 60  # seconds


@dataclass(frozen=True, slots=True)
class ServerNow:
    name: str
    usual: str = ""
    trouble: str = ""
    """The current problem, in a few words."""
    underway: int = 0
    """Documents of this portal that are there or on their way there."""


def servers_now(connection: Connection) -> list[ServerNow]:
    """Servers with known figures, from this installation's own documents; cached for a minute."""
    key = f"servers-now:{connection.pk}"
    found: list[ServerNow] | None = cache.get(key)
    if found is None:
        ended = Extraction.objects.filter(connection=connection, finished_at__gte=timezone.now() - RECENT)
        rows = ended.order_by("-finished_at").values_list("server", "state", "extraction_time")[:LOOKED_AT]
        latest: dict[str, list[tuple[str, float | None]]] = {}
        for server, state, seconds in rows:
            latest.setdefault(server, []).append((state, seconds))
        here = Extraction.objects.filter(connection=connection, state__in=Extraction.UNDERWAY).order_by()
        underway = dict(here.values_list("server").annotate(Count("pk")))
        every = [
            _server(connection.pk, str(name), latest.get(str(name), []), underway.get(str(name), 0))
            for name in Server.values
        ]
        found = [item for item in every if item.usual or item.trouble or item.underway]
        cache.set(key, found, REMEMBERED)
    return found


def why_automatic(routing: Mapping[str, Any]) -> str:
    """Why *Automatic* chose the server, as a sentence."""
    said = {
        Why.USUAL: gettext_noop("Automatic: nothing speaks against the usual server."),
        Why.FAILING: gettext_noop("Automatic: %(other)s failed %(failed)s of its last %(ended)s documents."),
        Why.BUSY: gettext_noop("Automatic: %(underway)s documents were under way at %(other)s."),
        Why.FASTER: gettext_noop("Automatic: %(other)s took %(seconds)s, this one %(instead)s."),
        Why.REGION: gettext_noop("Automatic: %(other)s lies outside the region to which the document is tied."),
    }
    try:
        words = said[Why(routing["why"])]
    except (KeyError, ValueError):
        return _("Automatic")
    times = {name: duration(routing[name]) for name in ("seconds", "instead") if name in routing}
    return _(words) % (dict(routing) | times)


def _server(connection_id: int, name: str, latest: list[tuple[str, float | None]], underway: int) -> ServerNow:
    usual = usual_times(connection_id, name).get("")
    failed = sum(state == Extraction.State.FAILED for state, _seconds in latest)
    times = [seconds for state, seconds in latest if state == Extraction.State.EXTRACTED and seconds is not None]
    trouble = ""
    if failed >= ENOUGH or (failed and failed * 2 >= len(latest)):
        trouble = _("%(failed)s of the last %(count)s failed") % {"failed": failed, "count": len(latest)}
    elif usual and len(times) >= ENOUGH and median(times) > SLOWER * max(usual.high, 1):
        trouble = _("slow today, %(time)s") % {"time": duration(median(times))}
    return ServerNow(name, spread(usual, unit=" s") if usual else "", trouble, underway)
