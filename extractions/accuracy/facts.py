"""What an approved document says of the values that were extracted from it."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from extractions.models import ReviewStatus, Value
from extractions.models.accuracy import LONGEST_TEXT
from extractions.result.leaves import Leaf
from extractions.result.paths import general_path
from extractions.result.schema import WRAPPED
from extractions.verification.evidence_policy import Threshold
from extractions.verification.review_status import EMPTY_VALUES, current, is_touched

BINS = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999)
"""The lower ends of the ranges of confidence; the last one ends at 1."""
MILLIONTHS = 1_000_000


class Outcome(StrEnum):
    KEPT = "kept"
    CHANGED = "changed"
    UNTOUCHED = "untouched"


@dataclass(slots=True)
class Part:
    """How many values of a field with this mark and in this range of confidence had which outcome."""

    field: str
    mark: str
    bin: int
    kept: int = 0
    changed: int = 0
    untouched: int = 0
    confidence: int = 0
    """Sum over the values that were kept or changed, in millionths."""

    def as_json(self) -> list[object]:
        return [self.field, self.mark, self.bin, self.kept, self.changed, self.untouched, self.confidence]

    @classmethod
    def read(cls, stored: Sequence[Any]) -> Self:
        return cls(*stored)

    @property
    def judged(self) -> int:
        return self.kept + self.changed

    @property
    def values(self) -> int:
        return self.judged + self.untouched


@dataclass(frozen=True, slots=True)
class Corrected:
    """A value that a person replaced; `after` is empty if it is not in the document."""

    field: str
    before: str
    after: str


def parts_of(values: Iterable[Value], threshold: Threshold) -> list[Part]:
    values = list(values)
    return judged_parts(values, {value.path: outcome_of(value) for value in values}, threshold)


def judged_parts(values: Iterable[Value], outcomes: Mapping[str, Outcome | None], threshold: Threshold) -> list[Part]:
    """The outcomes by path, summed up by field, mark and confidence."""
    found: defaultdict[tuple[str, str, int], list[tuple[Outcome, float | None]]] = defaultdict(list)
    for value in values:
        outcome = outcomes[value.path]
        if outcome is not None:
            key = field_of(value), mark_of(value, threshold), bin_of(value.confidence)
            found[key].append((outcome, value.confidence))
    return [_part(key, of_key) for key, of_key in sorted(found.items())]


def outcome_of(value: Value) -> Outcome | None:
    """None for what says nothing: empty and left alone, illegible, or an empty cell of an added row."""
    was_empty = is_empty(value.extracted)
    if value.answer == Value.Answer.ILLEGIBLE:
        return None
    if value.removed or value.answer or value.corrected:
        if was_empty and is_empty(current(value)):
            return Outcome.KEPT if value.answer and not value.removed else None
        return Outcome.CHANGED
    if value.confirmed_at is not None:
        return Outcome.KEPT
    return None if was_empty else Outcome.UNTOUCHED


def mark_of(value: Value, threshold: Threshold) -> str:
    """The mark that the reviewer found. For values from before it was kept, what the confidence would give."""
    if value.initial_standing is not None:
        return value.initial_standing
    if value.removed or value.broken or not threshold.confirms(value):
        return ReviewStatus.NEEDS_YOU
    return ReviewStatus.BY_EVIDENCE


def bin_of(confidence: float | None) -> int:
    return -1 if confidence is None else max(bisect_right(BINS, confidence) - 1, 0)


def field_of(value: Value) -> str:
    return general_path(value.path.removesuffix(f".{WRAPPED}"))


def corrections_of(values: Iterable[Value]) -> list[Corrected]:
    """What was replaced by what; rows that were taken out are no replacement."""
    return [
        Corrected(field_of(value), Leaf(value.path, value.extracted).text[:LONGEST_TEXT], value.text[:LONGEST_TEXT])
        for value in values
        if not value.removed and outcome_of(value) == Outcome.CHANGED
    ]


def is_empty(scalar: object) -> bool:
    return not isinstance(scalar, bool) and scalar in EMPTY_VALUES


def any_touched(values: Iterable[Value]) -> bool:
    return any(is_touched(value) for value in values)


def _part(key: tuple[str, str, int], outcomes: list[tuple[Outcome, float | None]]) -> Part:
    part = Part(*key)
    for outcome, confidence in outcomes:
        setattr(part, outcome, getattr(part, outcome) + 1)
        if outcome is not Outcome.UNTOUCHED and confidence is not None:
            part.confidence += round(confidence * MILLIONTHS)
    return part
