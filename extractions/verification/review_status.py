"""The review status of a document, derived from its values with one read and at most three writes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F

from extractions.evidence.fields import Fields
from extractions.models.extraction import Extraction
from extractions.models.parts import Value
from extractions.models.reviewable import UNSURE, ReviewStatus, derive_review_status
from extractions.models.webhook import Event, publish
from extractions.result.paths import join
from extractions.result.rows import RowEdits
from extractions.result.schema import WRAPPED, single_values
from extractions.result.tree import ResultTree, current_data
from extractions.verification import second_person
from extractions.verification.evidence_policy import Threshold
from extractions.verification.invoice_keys import keep_keys

DUE = ("due_date", "payment_due_date", "due_on", "date_echeance", "echeance")
AMOUNT = ("total_amount", "total", "total_incl_tax", "total_ttc", "amount_due", "grand_total", "amount")
SUMS = frozenset({"total", "due"})  # by the lexicon of evidence, for other names and languages
OPEN = (Extraction.Review.WAITING, Extraction.Review.POSTPONED)
EMPTY_VALUES: tuple[Any, ...] = (None, "", [], {})
COLUMNS = ("standing", "initial_standing", "required", "expected")


@transaction.atomic
def refresh_status(extraction: Extraction, usual: Collection[str] | None = None) -> None:
    """Create rows for missing fields of the schema, and refresh each value's status and the document's summary.

    `usual` are the paths of fields that such documents usually have; without it, what is stored stays. Idempotent;
    decisions by people stay.
    """
    if extraction.state != Extraction.State.EXTRACTED or extraction.deleted_at:
        return
    schema = extraction.schema.schema if extraction.schema else None
    wanted = dict(single_values(schema))
    values = list(extraction.values.all())
    fresh = _missing_rows(extraction, values, wanted)
    threshold = Threshold(extraction)
    changed = [value for value in values if _update_status(value, wanted, usual, threshold)]
    for value in fresh:
        _update_status(value, wanted, usual, threshold)
    Value.objects.bulk_create(fresh, batch_size=500)
    Value.objects.bulk_update(changed, COLUMNS, batch_size=500)
    _write_summary(extraction, [*values, *fresh], written=bool(fresh or changed))
    keep_keys(extraction, scalars_of(values))


def publish_review(extraction: Extraction) -> None:
    """Tell webhooks that a document waits for review, in the transaction of what made it wait."""
    counts = {"values_to_check": extraction.needs, "broken_rules": extraction.broken_count}
    publish(extraction, Event.NEEDS_REVIEW, **counts)


def current(value: Value) -> Any:
    """The current value: a person's correction, else the extracted one; None if answered illegible or absent."""
    if value.answer or value.removed:
        return None
    return value.typed if value.corrected else value.extracted


def scalars_of(values: Iterable[Value]) -> dict[str, Any]:
    """The current values outside of lists, by path."""
    return {value.path: current(value) for value in values if "[" not in value.path}


def status_of(value: Value, threshold: Threshold) -> ReviewStatus:
    """The review status, derived from the value's other columns and the team's policy."""
    return derive_review_status(
        evidence=value.evidence,
        broken=() if value.removed else value.broken,
        answer="absent" if value.removed else value.answer,
        corrected=value.corrected,
        confirmed=value.confirmed_at is not None,
        empty=current(value) in EMPTY_VALUES and not isinstance(current(value), bool),
        expected=value.required or value.expected,
        likely=not _is_decided(value) and threshold.confirms(value),
    )


def _is_decided(value: Value) -> bool:
    """Whether a person or a rule has said more than evidence can; saves reading the team's policy."""
    return bool(is_touched(value) or value.broken)


def is_touched(value: Value) -> bool:
    """Whether a person confirmed, answered, changed or removed it."""
    return bool(value.corrected or value.answer or value.removed or value.confirmed_at is not None)


def needs_attention(value: Value) -> bool:
    """Whether "next field that needs you" should stop at it."""
    if value.removed:
        return False
    broken = value.standing == ReviewStatus.BROKEN and value.confirmed_at is None
    return broken or value.standing in UNSURE


def _missing_rows(extraction: Extraction, values: list[Value], wanted: Mapping[str, bool]) -> list[Value]:
    known = {value.path for value in values}
    first = max((value.position for value in values), default=-1) + 1
    paths = [path for path in wanted if path not in known and join(path, WRAPPED) not in known]
    return [
        Value(extraction=extraction, position=first + number, path=path, evidence=Value.Evidence.NONE)
        for number, path in enumerate(paths)
    ]


def _update_status(
    value: Value, wanted: Mapping[str, bool], usual: Collection[str] | None, threshold: Threshold
) -> bool:
    """Update the derived columns; returns whether one of them changed."""
    before = value.standing, value.initial_standing, value.required, value.expected
    path = value.path.removesuffix(f".{WRAPPED}")
    value.required = wanted.get(value.path) or wanted.get(path, False)
    if usual is not None:
        value.expected = not value.required and (value.path in usual or path in usual)
    value.standing = status_of(value, threshold)
    if not is_touched(value):
        value.initial_standing = value.standing
    return before != (value.standing, value.initial_standing, value.required, value.expected)


def summarize(values: list[Value]) -> dict[str, Any]:
    """The document's columns for lists and the queue, derived from its values."""
    by_name = {value.name.lower() or value.path.lower(): value for value in reversed(values) if "[" not in value.path}
    return {
        "needs": sum(value.standing in UNSURE for value in values),
        "broken_count": sum(value.standing == ReviewStatus.BROKEN for value in values),
        "due_on": next((by_name[name].date for name in DUE if name in by_name), None),
        "amount": _amount(values),
    }


def _write_summary(extraction: Extraction, values: list[Value], *, written: bool) -> None:
    facts = summarize(values)
    if extraction.review_state == Extraction.Review.NONE and values:
        facts["review_state"] = Extraction.Review.WAITING
    if facts.get("review_state", extraction.review_state) in OPEN:
        facts["second_wanted"] = second_person.is_wanted(extraction, facts["amount"])
    raised = {"revision": F("revision") + 1} if written else {}
    Extraction.objects.filter(pk=extraction.pk).update(**facts, **raised)
    for name, fact in facts.items():
        setattr(extraction, name, fact)


def _amount(values: list[Value]) -> Decimal | None:
    """The document's amount: the first known name that occurs, and the largest magnitude among several."""
    numbers = {
        value.path: value.number
        for value in values
        if value.number is not None and "[" not in value.path and not value.removed
    }
    for name in AMOUNT:
        found = [number for path, number in numbers.items() if name in path.lower().split(".")]
        if found:
            return max(found, key=abs)
    fields = Fields(None)
    found = [number for path, number in numbers.items() if fields.at(path).means("amounts") in SUMS]
    return max(found, key=abs, default=None)


def tree_of(extraction: Extraction, edits: RowEdits | None = None) -> ResultTree:
    schema = extraction.schema.schema if extraction.schema else None
    return ResultTree(extraction.extracted_data, schema, edits or RowEdits.read(extraction.row_edits))


def current_data_of(extraction: Extraction, values: Iterable[Value]) -> Any:
    """The extracted data with all edits applied; see `result.tree`."""
    tree = tree_of(extraction)
    changes = [
        (value.path, current(value)) for value in values if (value.corrected or value.answer) and not value.removed
    ]
    return current_data(extraction.extracted_data, changes, tree.edits, tree.schema)
