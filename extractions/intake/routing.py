"""Which server a document goes to: the chosen one, or the one that *Automatic* takes by how servers did lately.

The choice is made once, when the document is registered and thus before it is first sent, and kept on its row, which
resending and searching go by.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from statistics import median

from django.conf import settings
from django.db.models import Count, Q

from extractions import clock
from extractions.intake.receiving import Refused
from extractions.models import Connection, Extraction, RegionTie, Server, region_of, servers_in

AUTOMATIC = "auto"
SERVER_CHOICES = [AUTOMATIC, *Server.values]
RECENT = timedelta(hours=6)
"""Older documents say nothing: after that time, a server that failed gets another chance."""
LOOKED_AT = 300
LAST = 20
"""Documents of each server, the newest first."""
UNKNOWN_SECONDS = 30.0
PRIOR_WEIGHT, PRIOR_FAILING = 2, 0.02
"""What is believed of a server before it is known: as if it had failed 0.04 of 2 documents."""
LANES = 4
"""A server is taken to work at so many documents at once; more of them wait."""
FAILURE_COST = 10
"""A document that fails costs as much time as so many: a person has to see it, and it is sent and paid again."""
CLEARLY = 1.25
"""The usual server stays unless another one is so much better, so that documents do not flit between them."""


class Why(StrEnum):
    """Why Automatic took a server."""

    USUAL = "usual"
    FAILING = "failing"
    BUSY = "busy"
    FASTER = "faster"
    REGION = "region"


class OutsideRegion(Refused):
    """The document must not leave a region, and the chosen server is elsewhere."""

    def __init__(self, servers: Sequence[str]) -> None:
        super().__init__("region", servers=", ".join(servers))


@dataclass(frozen=True, slots=True)
class Assigned:
    """A server, and for *Automatic* why: `Why` and figures, as they are stored."""

    server: str
    routing: dict[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Forecast:
    """The server that *Automatic* would take, and the seconds for which documents there keep it busy."""

    server: str
    waiting: float


@dataclass(frozen=True, slots=True)
class ServerRecord:
    """How a server did with the last documents."""

    name: str
    ended: int = 0
    failed: int = 0
    seconds: float | None = None
    """Median from the hand-over to the result."""
    underway: int = 0

    @property
    def failing(self) -> float:
        """The expected share of failures; cautious with few documents."""
        return (self.failed + PRIOR_WEIGHT * PRIOR_FAILING) / (self.ended + PRIOR_WEIGHT)

    def cost(self, typical: float) -> float:
        """Expected seconds, with what a failure costs."""
        seconds = self.seconds or typical
        waiting = seconds * self.underway / LANES
        return seconds + waiting + self.failing * FAILURE_COST * typical


@dataclass(slots=True)
class _Latest:
    outcomes: list[bool] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


def assign(connection: Connection, team: int, schema: int | None, wanted: str) -> Assigned:
    """The server for a new document. Raises `OutsideRegion`."""
    usual = connection.default_server or settings.ANESYA_SERVER
    if connection.embedded:  # one machine under all names, and nothing leaves it
        return Assigned(usual if wanted in ("", AUTOMATIC) else wanted)
    permitted = permitted_servers(team, schema)
    if not connection.has_sites:  # nobody can tell where it is read
        if permitted is not None:
            raise OutsideRegion(permitted)
        return Assigned(usual if wanted in ("", AUTOMATIC) else wanted)
    if wanted and wanted != AUTOMATIC:
        if permitted is not None and wanted not in permitted:
            raise OutsideRegion(permitted)
        return Assigned(wanted)
    if not wanted and (permitted is None or usual in permitted):
        return Assigned(usual)
    offered = Server.values if permitted is None else permitted
    if not offered:
        raise OutsideRegion(offered)
    return choose([record for record in records(connection) if record.name in offered], usual)


def forecast(connection: Connection, team: int, schema: int | None) -> Forecast | None:
    """Where *Automatic* would send a document now; None if no server may take it, or there is only one machine."""
    permitted = permitted_servers(team, schema)
    offered = Server.values if permitted is None else permitted
    if not connection.has_sites or not offered:
        return None
    known = {record.name: record for record in records(connection) if record.name in offered}
    server = choose(list(known.values()), connection.default_server or settings.ANESYA_SERVER).server
    return Forecast(server, (known[server].seconds or UNKNOWN_SECONDS) * known[server].underway / LANES)


def permitted_servers(team: int, schema: int | None) -> list[str] | None:
    """Servers within all regions that the document is tied to; None if it is tied to none."""
    of_document = Q(schema=None) | Q(schema=schema) if schema else Q(schema=None)
    regions = set(RegionTie.objects.filter(of_document, team=team).values_list("region", flat=True))
    if not regions:
        return None
    return [server for server in Server.values if all(server in servers_in(region) for region in regions)]


def records(connection: Connection) -> list[ServerRecord]:
    """Of every server, from this portal's own documents at the connection; two queries."""
    here = Extraction.objects.filter(connection=connection).order_by()
    ended = here.filter(finished_at__gte=clock.now() - RECENT).order_by("-finished_at")
    latest = {name: _Latest() for name in Server.values}
    for server, state, handed_over, finished in ended.values_list("server", "state", "handed_over_at", "finished_at")[
        :LOOKED_AT
    ]:
        known = latest.get(server)
        if known is None or len(known.outcomes) >= LAST:
            continue
        known.outcomes.append(state == Extraction.State.FAILED)
        if state == Extraction.State.EXTRACTED and handed_over is not None and finished is not None:
            known.seconds.append(max((finished - handed_over).total_seconds(), 0.0))
    counted = here.filter(state__in=Extraction.UNDERWAY).values("server").annotate(documents=Count("pk"))
    underway = Counter({row["server"]: row["documents"] for row in counted})
    return [
        ServerRecord(
            name, len(known.outcomes), sum(known.outcomes), median(known.seconds) if known.seconds else None,
            underway[name],
        )
        for name, known in latest.items()
    ]  # fmt: skip


def choose(offered: Sequence[ServerRecord], usual: str) -> Assigned:
    """The server with the lowest expected cost; the usual one unless another is clearly better. Pure."""
    typical = median([record.seconds for record in offered if record.seconds] or [UNKNOWN_SECONDS])
    best = min(
        offered, key=lambda record: (record.cost(typical), region_of(record.name) != region_of(usual), record.name)
    )
    stays = next((record for record in offered if record.name == usual), None)
    if stays is None:
        return Assigned(best.name, {"why": Why.REGION.value, "other": usual})
    if stays.cost(typical) <= CLEARLY * best.cost(typical):
        return Assigned(usual, {"why": Why.USUAL.value})
    return Assigned(best.name, _reason(stays, best, typical))


def _reason(stays: ServerRecord, best: ServerRecord, typical: float) -> dict[str, object]:
    """What speaks most against the usual server, with figures."""
    mine, theirs = stays.seconds or typical, best.seconds or typical
    against = {
        Why.FAILING: (stays.failing - best.failing) * FAILURE_COST * typical,
        Why.BUSY: mine * stays.underway / LANES - theirs * best.underway / LANES,
        Why.FASTER: mine - theirs,
    }
    why = max(against, key=lambda item: against[item])
    facts: Mapping[Why, dict[str, object]] = {
        Why.FAILING: {"failed": stays.failed, "ended": stays.ended},
        Why.BUSY: {"underway": stays.underway},
        Why.FASTER: {"seconds": round(mine, 1), "instead": round(theirs, 1)},
    }
    return {"why": why.value, "other": stays.name} | facts[why]
