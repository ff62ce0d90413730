"""What a trial read, against what was read before and what people approved: by document and by field."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from extractions.accuracy.facts import is_empty
from extractions.accuracy.statistics import sign_test, tarone
from extractions.models import Extraction, Trial, TrialDocument, Value
from extractions.result.leaves import Leaf, leaves
from extractions.result.paths import general_path
from extractions.result.schema import WRAPPED, schema_at
from extractions.schemas.schema_files import canonical
from extractions.verification.review_status import current_data_of

Text = str | Decimal
Reading = dict[str, tuple[Text, ...]]
"""The values of each field in the order of the document, without empty ones."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One field of one document: before, now, and as it was approved."""

    field: str
    before: tuple[Text, ...]
    now: tuple[Text, ...]
    approved: tuple[Text, ...] | None = None
    """None where nobody said what is right."""

    @property
    def differs(self) -> bool:
        return self.before != self.now

    @property
    def was_right(self) -> bool | None:
        return None if self.approved is None else self.before == self.approved

    @property
    def is_right(self) -> bool | None:
        return None if self.approved is None else self.now == self.approved

    @property
    def worse(self) -> bool:
        return self.was_right is True and self.is_right is False

    @property
    def better(self) -> bool:
        return self.was_right is False and self.is_right is True


@dataclass(frozen=True, slots=True)
class DocumentResult:
    document: TrialDocument
    fields: list[Compared]

    @property
    def differences(self) -> list[Compared]:
        return [row for row in self.fields if row.differs]


@dataclass(slots=True)
class FieldResult:
    """A field over all documents of which it is known what is right."""

    name: str
    judged: int = 0
    was_right: int = 0
    is_right: int = 0
    worse: list[Extraction] = field(default_factory=list)
    better: list[Extraction] = field(default_factory=list)
    beyond_chance: bool = False
    """It got worse in more documents than chance explains, all fields considered."""

    @property
    def p(self) -> float:
        return sign_test(len(self.worse), len(self.better))

    @property
    def least_p(self) -> float:
        """If all that differ had got worse."""
        return sign_test(len(self.worse) + len(self.better), 0)


@dataclass(frozen=True, slots=True)
class TrialResult:
    documents: list[DocumentResult]
    fields: list[FieldResult]

    @property
    def worse(self) -> list[FieldResult]:
        return [row for row in self.fields if row.beyond_chance]


def result_of(trial: Trial, documents: Iterable[TrialDocument]) -> TrialResult:
    """The trial's documents that were read. The caller decides which of them are shown to whom."""
    read = [row for row in documents if row.state == TrialDocument.State.DONE]
    values: defaultdict[int, list[Value]] = defaultdict(list)
    for value in Value.objects.filter(extraction__in=[row.extraction_id for row in read]):
        values[value.extraction_id].append(value)
    earlier = _earlier_readings(trial, read)
    results = [_compare(trial, row, values[row.extraction_id], earlier.get(row.extraction_id)) for row in read]
    return TrialResult(results, _by_field(results))


def reading_of(data: object) -> Reading:
    found: defaultdict[str, list[Text]] = defaultdict(list)
    for leaf in leaves(data):
        found[field_of(leaf.path)].append(_said(leaf))
    return {name: _without_end(values) for name, values in found.items() if any(value != "" for value in values)}


def field_of(path: str) -> str:
    return general_path(path.removesuffix(f".{WRAPPED}"))


def _said(leaf: Leaf) -> Text:
    """The same for values that mean the same: blanks and the digits of a number do not count."""
    if is_empty(leaf.value):
        return ""
    return leaf.number.normalize() if leaf.number is not None else " ".join(leaf.text.split())


def _without_end(values: list[Text]) -> tuple[Text, ...]:
    """Whether the last rows say nothing of a field or are not there at all makes no difference to it."""
    while values and values[-1] == "":
        values.pop()
    return tuple(values)


def _compare(trial: Trial, row: TrialDocument, values: Sequence[Value], earlier: object) -> DocumentResult:
    extraction = row.extraction
    before = reading_of(extraction.extracted_data if earlier is None else earlier)
    now = reading_of(row.extracted_data)
    approved = None
    if extraction.review_state == Extraction.Review.APPROVED:
        approved = reading_of(current_data_of(extraction, values))
    unknown = {field_of(value.path) for value in values if value.answer == Value.Answer.ILLEGIBLE}
    schema_before = extraction.schema.schema if extraction.schema else None
    names = dict.fromkeys([*now, *before, *(approved or ())])
    fields = [
        Compared(
            name, before.get(name, ()), now.get(name, ()),
            _truth(name, approved, unknown, schemas=(schema_before, trial.definition)),
        )
        for name in names
    ]  # fmt: skip
    return DocumentResult(row, fields)


def _truth(
    name: str, approved: Reading | None, unknown: set[str], *, schemas: tuple[object, object]
) -> tuple[Text, ...] | None:
    """What was approved, of fields that were asked for and still are."""
    if approved is None or name in unknown or not all(schema_at(schema, name) for schema in schemas):
        return None
    return approved.get(name, ())


def _earlier_readings(trial: Trial, read: Sequence[TrialDocument]) -> Mapping[int, object]:
    """What the published version read in a trial of its own, where there was one: documents may be older than it."""
    if trial.studio is None or not read:
        return {}
    published = [
        version
        for version in trial.studio.versions.filter(
            publications__state="published", publications__schema__superseded_by__isnull=True
        )
        if version.pk != trial.version_id
    ]
    if not published:
        return {}
    wanted = canonical(published[0].schema)
    rows = TrialDocument.objects.filter(
        extraction__in=[row.extraction_id for row in read], state=TrialDocument.State.DONE, trial__studio=trial.studio
    )
    found: dict[int, object] = {}
    for row in rows.exclude(trial=trial.pk).select_related("trial").order_by("pk"):
        if canonical(row.trial.definition) == wanted and row.extracted_data is not None:
            found[row.extraction_id] = row.extracted_data
    return found


def _by_field(results: Iterable[DocumentResult]) -> list[FieldResult]:
    """Those that got worse first; fields of which nothing is known are left out."""
    found: dict[str, FieldResult] = {}
    for result in results:
        for row in result.fields:
            if row.approved is None:
                continue
            line = found.setdefault(row.field, FieldResult(row.field))
            line.judged += 1
            line.was_right += bool(row.was_right)
            line.is_right += bool(row.is_right)
            if row.worse:
                line.worse.append(result.document.extraction)
            if row.better:
                line.better.append(result.document.extraction)
    lines = list(found.values())
    holds = tarone([line.p for line in lines], [line.least_p for line in lines])
    for line, beyond in zip(lines, holds, strict=True):
        line.beyond_chance = beyond
    return sorted(lines, key=lambda line: (not line.beyond_chance, len(line.better) - len(line.worse), line.name))
