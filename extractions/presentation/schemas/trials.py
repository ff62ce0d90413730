"""A trial in words: documents and what they cost, the progress, and what was read differently."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from extractions.accuracy.trial_results import Compared, DocumentResult, FieldResult, result_of
from extractions.models import Connection, Extraction, Trial, TrialDocument
from extractions.presentation.operations.accuracy import field_label
from extractions.services import trials as service
from portal.people.models import User

PRECHOSEN = 3
SHOWN_ROWS = 6
LONGEST = 200
NAMED_DOCUMENTS = 3
ENDED = (TrialDocument.State.DONE, TrialDocument.State.FAILED, TrialDocument.State.LOST, TrialDocument.State.CANCELLED)


@dataclass(frozen=True, slots=True)
class Candidate:
    extraction: Extraction
    same_schema: bool
    chosen: bool
    credits: int | None


@dataclass(frozen=True, slots=True)
class Line:
    """One field of one document that was read differently."""

    label: str
    before: list[str]
    now: list[str]
    mark: str = ""
    word: str = ""
    right: list[str] = field(default_factory=list)
    """What was approved, where neither says it."""


@dataclass(frozen=True, slots=True)
class DocumentLines:
    document: TrialDocument
    lines: list[Line]
    same: int


@dataclass(frozen=True, slots=True)
class FieldLine:
    label: str
    result: FieldResult

    @property
    def named(self) -> list[Extraction]:
        return self.result.worse[:NAMED_DOCUMENTS]

    @property
    def others(self) -> int:
        return max(len(self.result.worse) - NAMED_DOCUMENTS, 0)


@dataclass(slots=True)
class TrialPage:
    trial: Trial
    connection: Connection
    candidates: list[Candidate] = field(default_factory=list)
    agreed: int | None = None
    """What the chosen documents cost, which is to be agreed to; None while they are being chosen."""
    free: bool = False
    documents: list[TrialDocument] = field(default_factory=list)
    read: list[DocumentLines] = field(default_factory=list)
    fields: list[FieldLine] = field(default_factory=list)
    gate: service.Gate | None = None

    @property
    def ended(self) -> int:
        return sum(row.state in ENDED for row in self.documents)

    @property
    def not_read(self) -> list[TrialDocument]:
        return [row for row in self.documents if row.state in (TrialDocument.State.FAILED, TrialDocument.State.LOST)]

    @property
    def credits(self) -> int:
        """What was charged; the embedded engine names credits, but nobody pays them."""
        if self.connection.embedded:
            return 0
        return sum(row.credit_used or 0 for row in self.documents)

    @property
    def worse(self) -> list[FieldLine]:
        return [line for line in self.fields if line.result.beyond_chance]

    @property
    def differing(self) -> list[DocumentLines]:
        return [lines for lines in self.read if lines.lines]

    @property
    def most(self) -> int:
        return service.MAX_TEST_DOCUMENTS if self.trial.of_test_set else service.MAX_DOCUMENTS

    @property
    def facts(self) -> object:
        return [(row.pk, row.state) for row in self.documents], self.trial.error_code, self.connection.pause


def trial_page(trial: Trial, person: User, *, chosen: Sequence[Extraction] = ()) -> TrialPage:
    page = TrialPage(trial, trial.connection or Connection.for_team(trial.team_id))
    if trial.state == Trial.State.CHOOSING:
        _offer(page, person, chosen)
        return page
    visible = Extraction.objects.visible_to(person).filter(trial_documents__trial=trial)
    rows = trial.documents.filter(extraction__in=visible).select_related("extraction__schema")
    page.documents = list(rows)
    if trial.state == Trial.State.DONE:
        _report(page)
    return page


def _offer(page: TrialPage, person: User, chosen: Sequence[Extraction]) -> None:
    """With `chosen`, only these and their price."""
    trial = page.trial
    rows = list(chosen) or service.candidates(trial, person)
    costs = service.costs_of(trial, rows)
    of_schema = set()
    if trial.studio is not None:
        publications = trial.studio.versions.filter(publications__schema__isnull=False)
        of_schema = set(publications.values_list("publications__schema", flat=True))
    decided = bool(chosen) or trial.of_test_set
    page.free = costs.free
    page.agreed = costs.total if decided else None
    for at, row in enumerate(rows):
        same = row.schema_id in of_schema
        page.candidates.append(Candidate(row, same, decided or (same and at < PRECHOSEN), costs.credits.get(row.pk)))


def _report(page: TrialPage) -> None:
    trial = page.trial
    result = result_of(trial, page.documents)
    page.read = [_document_lines(document, trial) for document in result.documents]
    page.fields = [FieldLine(_label(line.name, trial), line) for line in result.fields]
    if trial.of_test_set and trial.version is not None:
        page.gate = service.gate_of(trial.version)


def _document_lines(result: DocumentResult, trial: Trial) -> DocumentLines:
    differing = result.differences
    lines = [_line(document, trial) for document in differing]
    return DocumentLines(result.document, lines, len(result.fields) - len(differing))


def _line(one: Compared, trial: Trial) -> Line:
    pairs = _differing_rows(one)
    before, now = [_text(old) for old, _new in pairs], [_text(new) for _old, new in pairs]
    if one.approved is None:
        return Line(_label(one.field, trial), before, now)
    if one.worse:
        return Line(_label(one.field, trial), before, now, "broke", pgettext("value", "was right"))
    if one.better:
        return Line(_label(one.field, trial), before, now, "ok", pgettext("value", "right now"))
    right = [_text(value) for value in one.approved[:SHOWN_ROWS]]
    return Line(_label(one.field, trial), before, now, "need", pgettext("value", "still not right"), right)


def _differing_rows(one: Compared) -> list[tuple[object, object]]:
    """Only those rows of a list that differ, and not very many."""
    length = max(len(one.before), len(one.now))
    before = [*one.before, *[""] * (length - len(one.before))]
    now = [*one.now, *[""] * (length - len(one.now))]
    pairs: list[tuple[object, object]] = [(old, new) for old, new in zip(before, now, strict=True) if old != new]
    return pairs[:SHOWN_ROWS]


def _text(value: object) -> str:
    text = f"{value:f}" if not isinstance(value, str) else value
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _label(path: str, trial: Trial) -> str:
    return field_label(0, path, {0: (trial.name, trial.definition)}) if path else _("the whole answer")
