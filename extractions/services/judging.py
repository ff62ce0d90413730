"""A person's deeds on single values. Each is one transaction and leaves one line of history.

The row's version tells two people apart who change the same value; different values never meet.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import F, Max
from django.db.models.functions import Greatest
from django.utils import timezone

from extractions.assessing import AMOUNT, DUE, current, standing
from extractions.evidence.leaves import Leaf
from extractions.models import Change, Extraction, Standing, Value
from portal.audit.recording import Action, record
from portal.people.models import User

Kind = Change.Kind
Review = Extraction.Review
COLUMNS = (
    "typed", "corrected", "answer", "standing", "confirmed_by", "confirmed_at", "place_drawn", "removed",
    "text", "number", "date", "page", "boxes", "version",
)  # fmt: skip


class Closed(Exception):
    """The review of this document has ended; it must be reopened first."""


class Clash(Exception):
    """Somebody else changed this value in the meantime. `value` is the row as it is now."""

    def __init__(self, value: Value) -> None:
        super().__init__(value.path)
        self.value = value


class Superseded(Exception):
    """What is to be undone is not how the value stands any more: somebody changed it since."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


def set_value(extraction: Extraction, path: str, typed: Any, author: User, *, version: int | None = None) -> Value:
    """The value as this person gave it; the same as before is a confirmation."""
    with transaction.atomic():
        value = _row(extraction, path, author, version)
        if not value.answer and _same(typed, current(value)) and not value.removed:
            return _done(value, author, Kind.CONFIRM, _confirmed)
        return _done(value, author, Kind.SET, lambda row: _given(row, typed))


def confirm(extraction: Extraction, path: str, author: User, *, version: int | None = None) -> Value:
    with transaction.atomic():
        return _done(_row(extraction, path, author, version), author, Kind.CONFIRM, _confirmed)


def answer(extraction: Extraction, path: str, word: str, author: User, *, version: int | None = None) -> Value:
    """Illegible, or not in the document: answers, which differ from an empty field."""
    with transaction.atomic():
        kind = Kind(Value.Answer(word).value)
        return _done(_row(extraction, path, author, version), author, kind, lambda row: _answered(row, word))


def revert(extraction: Extraction, path: str, author: User, *, version: int | None = None) -> Value:
    """Back to what was extracted."""
    with transaction.atomic():
        return _done(_row(extraction, path, author, version), author, Kind.REVERT, _reverted)


def set_place(
    extraction: Extraction,
    path: str,
    page: int | None,
    boxes: Sequence[Sequence[float]],
    author: User,
    *,
    typed: Any = None,
    version: int | None = None,
) -> Value:
    """Where the value stands, and, if told, what it reads there."""
    with transaction.atomic():
        value = _row(extraction, path, author, version)

        def placed(row: Value) -> None:
            row.page, row.boxes, row.place_drawn = page, [list(map(float, box)) for box in boxes], True
            if typed is not None:
                _given(row, typed)

        return _done(value, author, Kind.PLACE, placed)


def add_row(extraction: Extraction, path: str, names: Sequence[str], author: User) -> list[Value]:
    """Another row of the list at `path`, with these empty cells."""
    with transaction.atomic():
        _open(extraction)
        index = _next_index(extraction, path)
        position = (extraction.values.aggregate(last=Max("position"))["last"] or 0) + 1
        cells = [
            Value(
                extraction=extraction,
                position=position + number,
                path=f"{path}[{index}].{name}" if name else f"{path}[{index}]",
                evidence=Value.Evidence.NONE,
                corrected=True,
                standing=Standing.CORRECTED,
                confirmed_by=author,
                confirmed_at=timezone.now(),
                version=1,
            )
            for number, name in enumerate(names)
        ]
        Value.objects.bulk_create(cells)
        _note(extraction, f"{path}[{index}]", author, Kind.ADD, before={"removed": True}, after={"removed": False})
        return cells


def remove_row(extraction: Extraction, path: str, author: User) -> int:
    """Take a row such as `lines[2]` out; its values stay in the table, marked, so that undoing brings them back."""
    with transaction.atomic():
        _open(extraction)
        changed = _mark_row(extraction, path, removed=True)
        if changed:
            _note(extraction, path, author, Kind.REMOVE, before={"removed": False}, after={"removed": True})
        return changed


def set_cells(extraction: Extraction, wanted: Sequence[tuple[str, Any]], author: User) -> list[Value]:
    """Several values at once, as they are pasted: all of them or none."""
    with transaction.atomic():
        return [set_value(extraction, path, typed, author) for path, typed in wanted]


def undo(extraction: Extraction, author: User) -> Change | None:
    """Take back this person's last deed that still stands; None when there is none."""
    with transaction.atomic():
        own = extraction.changes.filter(author=author, undone_by__isnull=True)
        last = own.exclude(kind__in=(Kind.UNDO, Kind.REDO)).order_by("-pk").first()
        if last is None:
            return None
        done = _swing(extraction, last, author, Kind.UNDO, to=last.before, only_from=last.after)
        Change.objects.filter(pk=last.pk).update(undone_by=done)
        return done


def redo(extraction: Extraction, author: User) -> Change | None:
    """Do again what this person undid last, unless they did something else since."""
    with transaction.atomic():
        own = extraction.changes.filter(author=author)
        last = own.filter(kind=Kind.UNDO, undone_by__isnull=True).select_related("of").order_by("-pk").first()
        if last is None or last.of is None:
            return None
        if own.exclude(kind__in=(Kind.UNDO, Kind.REDO)).filter(pk__gt=last.pk).exists():
            return None
        done = _swing(extraction, last.of, author, Kind.REDO, to=last.of.after, only_from=last.of.before)
        Change.objects.filter(pk=last.pk).update(undone_by=done)
        Change.objects.filter(pk=last.of.pk).update(undone_by=None)
        return done


def _swing(
    extraction: Extraction, deed: Change, author: User, kind: Kind, *, to: dict[str, Any], only_from: dict[str, Any]
) -> Change:
    _open(extraction)
    if deed.kind in (Kind.ADD, Kind.REMOVE):
        _mark_row(extraction, deed.path, removed=to["removed"])
        return _note(extraction, deed.path, author, kind, before=only_from, after=to, of=deed)
    value = extraction.values.select_for_update().get(path=deed.path)
    if _state(value) != only_from:
        raise Superseded(deed.path)
    _store(value, standing_before=value.standing, change=lambda row: _restore(row, to))
    return _note(extraction, deed.path, author, kind, before=only_from, after=to, of=deed)


def _open(extraction: Extraction) -> None:
    if extraction.review_state in (Review.APPROVED, Review.REJECTED):
        raise Closed


def _row(extraction: Extraction, path: str, author: User, version: int | None) -> Value:
    """The value, locked; made now if the schema has the field and the data had none."""
    _open(extraction)
    value = extraction.values.select_for_update(of=("self",)).select_related("confirmed_by").filter(path=path).first()
    if value is None:
        last = extraction.values.aggregate(last=Max("position"))["last"]
        position = 0 if last is None else last + 1
        return Value.objects.create(extraction=extraction, position=position, path=path, evidence=Value.Evidence.NONE)
    if version is not None and value.version != version and value.confirmed_by_id != author.pk:
        raise Clash(value)
    return value


def _done(value: Value, author: User, kind: Kind, change: Any) -> Value:
    before = _state(value)

    def whole(row: Value) -> None:
        change(row)
        if kind == Kind.REVERT:
            row.confirmed_by, row.confirmed_at = None, None
        else:
            row.confirmed_by, row.confirmed_at = author, timezone.now()

    _store(value, standing_before=value.standing, change=whole)
    _note(value.extraction, value.path, author, kind, before=before, after=_state(value))
    return value


def _store(value: Value, *, standing_before: str, change: Any) -> None:
    change(value)
    leaf = Leaf(value.path, current(value))
    value.text, value.number, value.date = leaf.text, leaf.number, leaf.date
    value.standing = standing(value)
    value.version += 1
    columns = {name: getattr(value, name) for name in COLUMNS}
    # Conditional, for SQLite has no row locks: of two who write the same version, one asks again.
    if not Value.objects.filter(pk=value.pk, version=value.version - 1).update(**columns):
        raise Clash(Value.objects.select_related("confirmed_by").get(pk=value.pk))
    _count(value, standing_before)


def _count(value: Value, before: str) -> None:
    """Keep the document's counters by the difference that this value makes."""
    changes: dict[str, Any] = {}
    for column, word in (("needs", Standing.NEEDS_YOU), ("broken_count", Standing.BROKEN)):
        if (value.standing == word) != (before == word):
            less = before == word
            changes[column] = Greatest(F(column) - 1, 0) if less else F(column) + 1
    name = value.path.rpartition(".")[2].lower()
    if "[" not in value.path and name in DUE:
        changes["due_on"] = value.date
    if "[" not in value.path and name in AMOUNT:
        changes["amount"] = value.number
    if changes:
        Extraction.objects.filter(pk=value.extraction_id).update(**changes)


def _mark_row(extraction: Extraction, path: str, *, removed: bool) -> int:
    cells = list(extraction.values.filter(path__startswith=path))
    cells = [cell for cell in cells if cell.path[len(path) :][:1] in {"", "."}]
    for cell in cells:
        cell.removed = removed
        cell.standing = standing(cell)
        cell.version += 1
    Value.objects.bulk_update(cells, ("removed", "standing", "version"))
    counts = extraction.values.filter(removed=False)
    needs = counts.filter(standing=Standing.NEEDS_YOU).count()
    broken = counts.filter(standing=Standing.BROKEN).count()
    Extraction.objects.filter(pk=extraction.pk).update(needs=needs, broken_count=broken)
    return len(cells)


def _next_index(extraction: Extraction, path: str) -> int:
    paths = extraction.values.filter(path__startswith=f"{path}[").values_list("path", flat=True)
    indexes = [int(word) for one in paths if (word := one[len(path) + 1 :].partition("]")[0]).isdigit()]
    return max(indexes, default=-1) + 1


def _note(extraction: Extraction, path: str, author: User, kind: Kind, **fields: Any) -> Change:
    """A line of history, which holds the values, and one in the audit log, which must not."""
    action = Action.CONFIRMED if kind == Kind.CONFIRM else Action.EDITED
    record(action, extraction, person=author, after={"path": path, "kind": kind.value})
    return Change.objects.create(extraction=extraction, path=path, author=author, kind=kind, **fields)


def _state(value: Value) -> dict[str, Any]:
    """What a person can change, as history keeps it."""
    return {
        "value": current(value),
        "answer": value.answer,
        "corrected": value.corrected,
        "confirmed": bool(value.confirmed_at),
        "by": value.confirmed_by_id,
        "page": value.page,
        "boxes": value.boxes,
    }


def _restore(row: Value, state: dict[str, Any]) -> None:
    row.answer, row.corrected = state["answer"], state["corrected"]
    row.typed = state["value"] if state["corrected"] else None
    row.page, row.boxes = state["page"], state["boxes"]
    row.confirmed_by = User.objects.filter(pk=state["by"]).first() if state["by"] else None
    row.confirmed_at = (row.confirmed_at or timezone.now()) if state["confirmed"] else None


def _given(row: Value, typed: Any) -> None:
    row.typed, row.corrected, row.answer = typed, not _same(typed, row.extracted), ""
    if not row.corrected:
        row.typed = None


def _confirmed(row: Value) -> None:
    """As it is."""


def _answered(row: Value, word: str) -> None:
    row.answer, row.corrected, row.typed = word, False, None


def _reverted(row: Value) -> None:
    row.answer, row.corrected, row.typed = "", False, None


def _same(one: Any, other: Any) -> bool:
    """1 and 1.0 are the same; 1 and true are not."""
    if isinstance(one, bool) != isinstance(other, bool):
        return False
    return bool(one == other) or (one in (None, "") and other in (None, ""))
