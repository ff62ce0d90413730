"""A person's deeds on single values. Each is one transaction and leaves one line of history.

The value's version tells two people apart who change the same one; different values never meet. Whoever wants to know
what else a deed changed hands over the bench it is done at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

from django.db import transaction
from django.utils import timezone

from extractions.assessing import current
from extractions.evidence.candidates import Kind as Found
from extractions.evidence.grounding import Ground
from extractions.models import Change, Extraction, Standing, Value
from extractions.services.bench import Bench
from portal.audit.recording import Action, record
from portal.people.models import User

Kind = Change.Kind
Review = Extraction.Review


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


@contextmanager
def _at(extraction: Extraction, at: Bench | None) -> Iterator[Bench]:
    """A bench for one deed; what was changed at it is written at the end."""
    if extraction.review_state in (Review.APPROVED, Review.REJECTED):
        raise Closed
    # Whoever brings a bench has begun the transaction.
    with nullcontext() if at else transaction.atomic():
        bench = at or Bench(extraction)
        yield bench
        bench.write()


def set_value(
    extraction: Extraction, path: str, typed: Any, author: User, *, version: int | None = None, at: Bench | None = None
) -> Value:
    """The value as this person gave it; the same as before is a confirmation."""
    with _at(extraction, at) as bench:
        return _set(bench, _row(bench, path, author, version), typed, author)


def confirm(
    extraction: Extraction, path: str, author: User, *, version: int | None = None, at: Bench | None = None
) -> Value:
    with _at(extraction, at) as bench:
        return _done(bench, _row(bench, path, author, version), author, Kind.CONFIRM, _confirmed)


def answer(
    extraction: Extraction, path: str, word: str, author: User, *, version: int | None = None, at: Bench | None = None
) -> Value:
    """Illegible, or not in the document: answers, which differ from an empty field."""
    with _at(extraction, at) as bench:
        kind = Kind(Value.Answer(word).value)
        return _done(bench, _row(bench, path, author, version), author, kind, lambda row: _answered(row, word))


def revert(
    extraction: Extraction, path: str, author: User, *, version: int | None = None, at: Bench | None = None
) -> Value:
    """Back to what was extracted."""
    with _at(extraction, at) as bench:
        return _done(bench, _row(bench, path, author, version), author, Kind.REVERT, _reverted)


def set_place(
    extraction: Extraction,
    path: str,
    page: int | None,
    boxes: Sequence[Sequence[float]],
    author: User,
    *,
    typed: Any = None,
    version: int | None = None,
    at: Bench | None = None,
) -> Value:
    """Where the value stands, and, if told, what it reads there."""

    def placed(row: Value) -> None:
        row.page, row.boxes, row.place_drawn = page, [list(map(float, box)) for box in boxes], True
        if typed is not None:
            _given(row, typed)

    with _at(extraction, at) as bench:
        return _done(bench, _row(bench, path, author, version), author, Kind.PLACE, placed)


def move_place(extraction: Extraction, path: str, found: Ground, *, at: Bench | None = None) -> Value | None:
    """Let the place follow a value that was typed, where the pages show it. That is no deed of a person: no history."""
    with _at(extraction, at) as bench:
        value = bench.values.get(path)
        sure = found.kind in (Found.EXACT, Found.NORMALISED) and found.page is not None
        if value is None or value.place_drawn or not value.corrected or not sure:
            return None
        value.page, value.boxes = found.page, found.boxes
        bench.touched[path] = value
        return value


def add_row(
    extraction: Extraction, path: str, names: Sequence[str], author: User, *, at: Bench | None = None
) -> list[Value]:
    """Another row of the list at `path`, with these empty cells."""
    with _at(extraction, at) as bench:
        index, position = _next_index(bench, path), bench.next_position()
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
        bench.values |= {cell.path: cell for cell in cells}
        _note(bench, f"{path}[{index}]", author, Kind.ADD, before={"removed": True}, after={"removed": False})
        return cells


def remove_row(extraction: Extraction, path: str, author: User, *, at: Bench | None = None) -> int:
    """Take a row such as `lines[2]` out; its values stay in the table, marked, so that undoing brings them back."""
    with _at(extraction, at) as bench:
        changed = _mark_row(bench, path, removed=True)
        if changed:
            _note(bench, path, author, Kind.REMOVE, before={"removed": False}, after={"removed": True})
        return changed


def set_cells(
    extraction: Extraction, wanted: Sequence[tuple[str, Any]], author: User, *, at: Bench | None = None
) -> list[Value]:
    """Several values at once, as they are pasted: all of them or none."""
    with _at(extraction, at) as bench:
        return [_set(bench, _row(bench, path, author, None), typed, author) for path, typed in wanted]


def undo(extraction: Extraction, author: User, *, at: Bench | None = None) -> Change | None:
    """Take back this person's last deed that still stands; None when there is none."""
    with _at(extraction, at) as bench:
        own = extraction.changes.filter(author=author, undone_by__isnull=True)
        last = own.exclude(kind__in=(Kind.UNDO, Kind.REDO)).order_by("-pk").first()
        if last is None:
            return None
        done = _swing(bench, last, author, Kind.UNDO, to=last.before, only_from=last.after)
        Change.objects.filter(pk=last.pk).update(undone_by=done)
        return done


def redo(extraction: Extraction, author: User, *, at: Bench | None = None) -> Change | None:
    """Do again what this person undid last, unless they did something else since."""
    with _at(extraction, at) as bench:
        own = extraction.changes.filter(author=author)
        last = own.filter(kind=Kind.UNDO, undone_by__isnull=True).select_related("of").order_by("-pk").first()
        if last is None or last.of is None:
            return None
        if own.exclude(kind__in=(Kind.UNDO, Kind.REDO)).filter(pk__gt=last.pk).exists():
            return None
        done = _swing(bench, last.of, author, Kind.REDO, to=last.of.after, only_from=last.of.before)
        Change.objects.filter(pk=last.pk).update(undone_by=done)
        Change.objects.filter(pk=last.of.pk).update(undone_by=None)
        return done


def _swing(
    bench: Bench, deed: Change, author: User, kind: Kind, *, to: dict[str, Any], only_from: dict[str, Any]
) -> Change:
    if deed.kind in (Kind.ADD, Kind.REMOVE):
        _mark_row(bench, deed.path, removed=to["removed"])
        return _note(bench, deed.path, author, kind, before=only_from, after=to, of=deed)
    value = bench.values[deed.path]
    # A place that followed its value is no reason against undoing; one that a person marked is.
    parts = only_from.keys() if value.place_drawn else only_from.keys() - {"page", "boxes"}
    now = _state(value)
    if any(now[part] != only_from[part] for part in parts):
        raise Superseded(deed.path)
    _restore(value, to)
    bench.touch(value)
    return _note(bench, deed.path, author, kind, before=only_from, after=to, of=deed)


def _row(bench: Bench, path: str, author: User, version: int | None) -> Value:
    value = bench.row(path)
    if version is not None and value.version != version and value.confirmed_by_id != author.pk:
        raise Clash(value)
    return value


def _set(bench: Bench, value: Value, typed: Any, author: User) -> Value:
    if not value.answer and _same(typed, current(value)) and not value.removed:
        return _done(bench, value, author, Kind.CONFIRM, _confirmed)
    return _done(bench, value, author, Kind.SET, lambda row: _given(row, typed))


def _done(bench: Bench, value: Value, author: User, kind: Kind, change: Callable[[Value], None]) -> Value:
    before = _state(value)
    change(value)
    if kind == Kind.REVERT:
        value.confirmed_by, value.confirmed_at = None, None
    else:
        value.confirmed_by, value.confirmed_at = author, timezone.now()
    bench.touch(value)
    _note(bench, value.path, author, kind, before=before, after=_state(value))
    return value


def _mark_row(bench: Bench, path: str, *, removed: bool) -> int:
    length = len(path)
    cells = [
        value
        for value in bench.values.values()
        if value.path.startswith(path) and value.path[length : length + 1] in {"", "."}
    ]
    for cell in cells:
        cell.removed = removed
        bench.touch(cell)
    return len(cells)


def _next_index(bench: Bench, path: str) -> int:
    start = len(path) + 1
    words = (one[start:].partition("]")[0] for one in bench.values if one.startswith(f"{path}["))
    return max((int(word) for word in words if word.isdigit()), default=-1) + 1


def _note(bench: Bench, path: str, author: User, kind: Kind, **fields: Any) -> Change:
    """A line of history, which holds the values, and one in the audit log, which must not."""
    action = Action.CONFIRMED if kind == Kind.CONFIRM else Action.EDITED
    record(action, bench.extraction, person=author, after={"path": path, "kind": kind.value})
    change = Change.objects.create(extraction=bench.extraction, path=path, author=author, kind=kind, **fields)
    bench.changes.append(change)
    return change


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
