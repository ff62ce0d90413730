"""Servers by their latest documents: usual durations, and current problems."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from django.core.cache import cache
from django.utils import timezone
from django.utils.translation import gettext as _

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
        every = [_server(connection.pk, str(name), latest.get(str(name), [])) for name in Server.values]
        found = [item for item in every if item.usual or item.trouble]
        cache.set(key, found, REMEMBERED)
    return found


def _server(connection_id: int, name: str, latest: list[tuple[str, float | None]]) -> ServerNow:
    usual = usual_times(connection_id, name).get("")
    failed = sum(state == Extraction.State.FAILED for state, _seconds in latest)
    times = [seconds for state, seconds in latest if state == Extraction.State.EXTRACTED and seconds is not None]
    trouble = ""
    if failed >= ENOUGH or (failed and failed * 2 >= len(latest)):
        trouble = _("%(failed)s of the last %(count)s failed") % {"failed": failed, "count": len(latest)}
    elif usual and len(times) >= ENOUGH and median(times) > SLOWER * max(usual.high, 1):
        trouble = _("slow today, %(time)s") % {"time": duration(median(times))}
    return ServerNow(name, spread(usual, unit=" s") if usual else "", trouble)
