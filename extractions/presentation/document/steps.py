"""The step line of a document: each step with its duration, and how long it usually takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.cache import cache
from django.db.models import Value as Literal
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from extractions.models import Extraction
from portal.templatetags.portal import duration

END = "END"
HISTORY = 200  # finished documents from which the usual times are computed
LOOKED_AT = 2_000  # most recently finished documents, of all servers, among which those are searched
ENOUGH = 5  # minimum sample size for usual times
REMEMBERED = 300  # seconds
MANY_TIMES = 3  # times the 95th percentile after which a step counts as stuck
AT_LEAST = 180.0  # seconds before any step counts as stuck
EXPECTED = 30.0  # seconds assumed for a progress bar without usual times


@dataclass(frozen=True, slots=True)
class Usual:
    """Seconds of a step: 25th, 75th and 95th percentile."""

    low: float
    high: float
    slow: float


@dataclass(frozen=True, slots=True)
class Cell:
    """One step, as templates/components/steps.html draws it."""

    step: str
    label: str
    state: str  # done, skipped, running, slow, failed or waiting
    seconds: float | None = None
    usual: str = ""
    fraction: float = 0.0
    """Progress of the running bar, between 0 and 0.95."""
    note: str = ""
    """Why the step is skipped."""
    stuck: bool = False
    """Far slower than usual."""


@dataclass(frozen=True, slots=True)
class StepLine:
    cells: tuple[Cell, ...]

    def __iter__(self) -> Iterator[Cell]:
        return iter(self.cells)

    def __len__(self) -> int:
        return len(self.cells)

    @property
    def current(self) -> Cell | None:
        return next((cell for cell in self.cells if cell.state in {"running", "slow", "failed"}), None)

    @property
    def slow(self) -> bool:
        return any(cell.state == "slow" for cell in self.cells)

    @property
    def stuck(self) -> bool:
        return any(cell.stuck for cell in self.cells)


def pace(seen: Mapping[str, object], step: str, usual: Mapping[str, Usual], now: datetime) -> str:
    """ "slow" beyond the 95th percentile, "stuck" far beyond it; else empty."""
    seconds = durations(seen or {}, now).get(step)
    known = usual.get(step)
    if seconds is None:
        return ""
    slow = max(known.slow, known.high, 1.0) if known else None
    if seconds > max(AT_LEAST, MANY_TIMES * (slow or AT_LEAST)):
        return "stuck"
    return "slow" if slow is not None and seconds > slow else ""


def step_line(
    extraction: Extraction, usual: Mapping[str, Usual] | None = None, *, now: datetime | None = None
) -> StepLine:
    """The progress of this document through the five steps, as far as observed."""
    now = now or timezone.now()
    usual = usual or {}
    taken = durations(extraction.steps_seen, now if extraction.state == Extraction.State.RUNNING else None)
    requested = extraction.expected_steps()
    current = _current(extraction, requested)
    cells = []
    reached = current is not None
    for step in (str(value) for value in Extraction.Step.values):
        label = str(Extraction.Step(step).label)
        if step not in requested:
            cells.append(Cell(step, label, "skipped", note=_why_skipped(step)))
        elif extraction.state == Extraction.State.EXTRACTED:
            cells.append(Cell(step, label, "done", taken.get(step)))
        elif step == current:
            how = pace(extraction.steps_seen, step, usual, now)
            cells.append(_current_cell(extraction, label, taken.get(step), usual.get(step), how))
            reached = False
        elif reached:
            cells.append(Cell(step, label, "done", taken.get(step)))
        else:
            cells.append(Cell(step, label, "waiting"))
    return StepLine(tuple(cells))


def durations(seen: Mapping[str, object], until: datetime | None = None) -> dict[str, float]:
    """Seconds between the first sight of a step and of the next one; the last step ends at END, or `until`."""
    moments = [(step, parse_datetime(str(when))) for step, when in seen.items()]
    ordered = sorted(((when, step) for step, when in moments if when), key=lambda pair: pair[0])
    found: dict[str, float] = {}
    for (start, step), after in zip(ordered, [*ordered[1:], None], strict=False):
        end = after[0] if after else until
        if step != END and end is not None:
            found[step] = max(0.0, (end - start).total_seconds())
    return found


def usual_times(connection_id: int, server: str) -> dict[str, Usual]:
    """Usual durations by step on this server, from recent documents of this installation; cached."""
    key = f"usual-times:{connection_id}:{server}"
    found: dict[str, Usual] | None = cache.get(key)
    if found is None:
        # Expressions that no index matches: by an index, the database would read and sort all rows of this server.
        recent = Extraction.objects.filter(finished_at__isnull=False).order_by("-finished_at").values("pk")[:LOOKED_AT]
        rows = Extraction.objects.filter(pk__in=recent).finished().newest_first()
        rows = rows.alias(by=Coalesce("connection_id", Literal(0)), on=Coalesce("server", Literal("")))
        wanted: dict[str, object] = {"by": connection_id, "on": server}
        histories = rows.filter(**wanted).values_list("steps_seen", "extraction_time")[:HISTORY]
        found = summary(histories)
        cache.set(key, found, REMEMBERED)
    return found


def summary(histories: Iterable[tuple[Mapping[str, object], float | None]]) -> dict[str, Usual]:
    """Usual durations by step, and under "" for the whole document."""
    by_step: dict[str, list[float]] = {}
    for seen, total in histories:
        for step, seconds in durations(seen or {}).items():
            by_step.setdefault(step, []).append(seconds)
        if total is not None:
            by_step.setdefault("", []).append(total)
    return {step: _usual(sorted(times)) for step, times in by_step.items() if len(times) >= ENOUGH}


def spread(usual: Usual, *, unit: str = "") -> str:
    """ "9–20", in seconds; from a minute on with units; "under 1 s" where there is nothing to spread.

    The unit of plain seconds is given where no other time stands beside them.
    """
    low, high = round(usual.low), round(usual.high)
    if high < 1:
        return _("under 1 s")
    if high >= 60:
        return f"{duration(usual.low)}–{duration(usual.high)}"
    return (f"{low}–{high}" if low < high else str(high)) + unit


def _current(extraction: Extraction, requested: Sequence[str]) -> str | None:
    """The running or failed step; None if the service names a step that we do not know."""
    if extraction.state not in {Extraction.State.RUNNING, Extraction.State.FAILED} or extraction.is_queued_at_service:
        return None
    if extraction.extraction_step in requested:
        return extraction.extraction_step
    return requested[0] if not extraction.extraction_step else None


def _current_cell(extraction: Extraction, label: str, seconds: float | None, usual: Usual | None, how: str) -> Cell:
    step = extraction.extraction_step or str(Extraction.Step.OCR)
    if extraction.state == Extraction.State.FAILED:
        return Cell(step, label, "failed", seconds)
    expected = usual.high if usual and usual.high else EXPECTED
    fraction = min(0.95, max(0.05, (seconds or 0) / expected))
    note = spread(usual) if usual else ""
    return Cell(step, label, "slow" if how else "running", seconds, note, fraction, stuck=how == "stuck")


def _why_skipped(step: str) -> str:
    return _("no classifier") if step == Extraction.Step.CLASSIFICATION else _("no schema")


def _usual(times: list[float]) -> Usual:
    def at(share: float) -> float:
        return times[min(len(times) - 1, int(share * len(times)))]

    return Usual(at(0.25), at(0.75), at(0.95))
