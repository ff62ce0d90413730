"""Edits of single values by people. Each is one transaction and leaves one change in the history.

A value's version detects concurrent edits of the same value; edits of different values never conflict. A caller that
needs to know what else an edit changed passes in its own session.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from itertools import groupby
from typing import Any

from django.db import transaction
from django.utils import timezone

from extractions.evidence.grounding import Ground
from extractions.models import Change, Extraction, ReviewStatus, Value
from extractions.result.paths import join
from extractions.result.rows import MAX_ADDED, rows_of, split_row
from extractions.result.tree import UnknownField
from extractions.review.edit_session import ENDED, EditSession, Stale
from extractions.verification.review_status import current
from portal.people.models import User

Kind = Change.Kind
NOT_UNDOABLE = (Kind.UNDO, Kind.REDO, Kind.WITHDRAW)
"""Changes that appear in the history but cannot be undone themselves."""


class Closed(Exception):
    """The review of this document has ended; it must be reopened first."""


class Clash(Exception):
    """Somebody else changed this value in the meantime. `value` is the row as it is now."""

    def __init__(self, value: Value, extraction: Extraction) -> None:
        super().__init__(value.path)
        self.value = value
        self.extraction = extraction


class TooManyRows(Exception):
    """The list takes no more rows."""


class Superseded(Exception):
    """The change cannot be undone: somebody changed the value since."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


@contextmanager
def _editing(extraction: Extraction, session: EditSession | None) -> Iterator[EditSession]:
    """The caller's session, or a new one under the document's lock; it is written on the way out."""
    if extraction.review_state in ENDED:
        raise Closed
    # A caller with a session of its own has chosen the transaction, too.
    with nullcontext() if session else transaction.atomic():
        editing = session or EditSession(extraction)
        yield editing
        try:
            editing.write()
        except Stale:
            if session is None:  # under the lock only the end of the review can be the cause
                raise Closed from None
            raise


def set_value(
    extraction: Extraction,
    path: str,
    typed: object,
    author: User,
    *,
    version: int | None = None,
    session: EditSession | None = None,
) -> Value:
    """Set the value; entering what it already was confirms it."""
    with _editing(extraction, session) as session:
        return _set(session, _row(session, path, author, version), typed, author)


def confirm(
    extraction: Extraction, path: str, author: User, *, version: int | None = None, session: EditSession | None = None
) -> Value:
    with _editing(extraction, session) as session:
        return _done(session, _row(session, path, author, version), author, Kind.CONFIRM, _confirmed)


def answer(
    extraction: Extraction,
    path: str,
    word: str,
    author: User,
    *,
    version: int | None = None,
    session: EditSession | None = None,
) -> Value:
    """Answer `illegible` or `absent`, which are different from an empty value."""
    with _editing(extraction, session) as session:
        kind = Kind(Value.Answer(word).value)
        return _done(session, _row(session, path, author, version), author, kind, lambda row: _answered(row, word))


def revert(
    extraction: Extraction, path: str, author: User, *, version: int | None = None, session: EditSession | None = None
) -> Value:
    """Restore the extracted value."""
    with _editing(extraction, session) as session:
        return _done(session, _row(session, path, author, version), author, Kind.REVERT, _reverted)


def set_place(
    extraction: Extraction,
    path: str,
    page: int | None,
    boxes: Sequence[Sequence[float]],
    author: User,
    *,
    typed: object = None,
    version: int | None = None,
    session: EditSession | None = None,
) -> Value:
    """Set where the value stands, as boxes in fractions of the page, and optionally what it reads there."""

    def placed(row: Value) -> None:
        row.page, row.boxes, row.place_drawn = page, [list(map(float, box)) for box in boxes], True
        if typed is not None:
            _given(row, typed)

    with _editing(extraction, session) as session:
        return _done(session, _row(session, path, author, version), author, Kind.PLACE, placed)


def move_place(extraction: Extraction, path: str, found: Ground, *, session: EditSession | None = None) -> Value | None:
    """Move the place of a corrected value to where it was found, and keep whether it was.

    Not an edit by a person, so not in the history. A value that was not found keeps the place of the extracted one,
    which may have been misread there.
    """
    with _editing(extraction, session) as session:
        value = session.values.get(path)
        if value is None or value.place_drawn or not value.corrected:
            return None
        value.typed_on_page = found.on_page
        if value.typed_on_page:
            value.page, value.boxes = found.page, found.boxes
        session.touched[path] = value
        return value


def add_row(
    extraction: Extraction, path: str, names: Sequence[str], author: User, *, session: EditSession | None = None
) -> list[Value]:
    """Append a row to the list at `path`, with these empty cells; undeclared columns are left out."""
    with _editing(extraction, session) as session:
        return _add_row(session, path, names, author)


def _add_row(session: EditSession, path: str, names: Sequence[str], author: User) -> list[Value]:
    session.tree.check_list(path)
    if session.edits.added.get(path, 0) >= MAX_ADDED:
        raise TooManyRows
    row = session.add_row(path, author)
    fillable = set(session.tree.columns(path))
    cells = []
    for name in names:
        if name in fillable:
            below = join(row, name) if name else row
            cell = session.create(
                below, corrected=True, standing=ReviewStatus.CORRECTED, confirmed_by=author, confirmed_at=timezone.now()
            )
            session.touch(cell)
            cells.append(cell)
    return cells


def remove_row(extraction: Extraction, path: str, author: User, *, session: EditSession | None = None) -> int:
    """Remove a row such as `lines[2]`. Its values are only flagged, so that undo restores them.

    Returns how many values were flagged.
    """
    with _editing(extraction, session) as session:
        session.tree.check_row(path)
        if session.edits.is_removed(path):
            return 0
        changed = session.mark_rows({path: True})
        session.note(path, author, Kind.REMOVE, before={"removed": False}, after={"removed": True})
        return len(changed)


def set_cells(
    extraction: Extraction, wanted: Sequence[tuple[str, object]], author: User, *, session: EditSession | None = None
) -> list[Value]:
    """Set several values, all or none, as one step to undo."""
    with _editing(extraction, session) as session:
        session.begin_batch()
        return [_set(session, _row(session, path, author, None), typed, author) for path, typed in wanted]


def rows_to_fill(session: EditSession, row: str, count: int) -> list[str]:
    """`count` rows of the list from this one down, as they stand now; missing rows get the numbers of new ones."""
    of, number = split_row(row)
    session.tree.check_list(of)
    if number > session.tree.row_count(of):
        raise UnknownField(row)
    left = [item for item in session.tree.rows_left(of) if item >= number]
    first_new = session.tree.row_count(of)
    missing = max(0, count - len(left))
    return [f"{of}[{item}]" for item in [*left[:count], *range(first_new, first_new + missing)]]


def paste(
    extraction: Extraction,
    rows: Sequence[str],
    names: Sequence[str],
    wanted: Sequence[tuple[str, object]],
    author: User,
    *,
    session: EditSession | None = None,
) -> list[Value]:
    """Fill a block of cells, adding missing rows, as one step to undo."""
    with _editing(extraction, session) as session:
        session.begin_batch()
        for row in rows:
            of, number = split_row(row)
            if number >= session.tree.row_count(of):
                _add_row(session, of, names, author)
        return [_set(session, _row(session, path, author, None), typed, author) for path, typed in wanted]


def undo(extraction: Extraction, author: User, *, session: EditSession | None = None) -> Change | None:
    """Undo this person's latest edit that is still in force; None if there is none."""
    with _editing(extraction, session) as session:
        own = extraction.changes.filter(author=author, undone_by__isnull=True)
        last = own.exclude(kind__in=NOT_UNDOABLE).order_by("-pk").first()
        if last is None:
            return None
        changes = [last] if last.batch is None else list(own.filter(batch=last.batch).order_by("-pk"))
        return _apply_all(session, changes, author, Kind.UNDO)


def redo(extraction: Extraction, author: User, *, session: EditSession | None = None) -> Change | None:
    """Redo what this person undid last; None if there is nothing, or they made another edit since."""
    with _editing(extraction, session) as session:
        own = extraction.changes.filter(author=author)
        undone = own.filter(kind=Kind.UNDO, undone_by__isnull=True).select_related("of")
        last = undone.order_by("-pk").first()
        if last is None or last.of is None:
            return None
        if own.exclude(kind__in=NOT_UNDOABLE).filter(pk__gt=last.pk).exists():
            return None
        undoing = [last] if last.batch is None else list(undone.filter(batch=last.batch).order_by("-pk"))
        changes = [change.of for change in undoing if change.of is not None]
        done = _apply_all(session, changes, author, Kind.REDO)
        session.undone += [([change.pk for change in undoing], done), ([change.pk for change in changes], None)]
        return done


def _apply_all(session: EditSession, changes: Sequence[Change], author: User, kind: Kind) -> Change:
    """Undo or redo changes of one batch; returns the first of the new changes, which stands for all."""
    if len(changes) > 1:
        session.begin_batch()
    if kind == Kind.UNDO:
        _refuse_if_used(session, [change for change in changes if change.kind == Kind.ADD], author)
    states = [state for change in changes for state in (change.before, change.after)]
    people = User.objects.in_bulk({state["by"] for state in states if state.get("by")})
    done = []
    for of_rows, group in groupby(changes, lambda change: change.kind in (Kind.ADD, Kind.REMOVE)):
        batch = list(group)
        if of_rows:
            session.mark_rows({change.path: _expected_and_target(change, kind)[1]["removed"] for change in batch})
        done += [_apply(session, change, author, kind, people) for change in batch]
    if kind == Kind.UNDO:
        session.undone.append(([change.pk for change in changes], done[0]))
    return done[0]


def _expected_and_target(change: Change, kind: Kind) -> tuple[dict[str, Any], dict[str, Any]]:
    """The state in which the change may be undone or redone, and the state that this leads to."""
    return (change.after, change.before) if kind == Kind.UNDO else (change.before, change.after)


def _apply(session: EditSession, change: Change, author: User, kind: Kind, people: dict[int, User]) -> Change:
    expected, target = _expected_and_target(change, kind)
    if change.kind not in (Kind.ADD, Kind.REMOVE):
        value = session.values[change.path]
        # A place that merely followed its value does not block the undo; one drawn by a person does.
        parts = expected.keys() if value.place_drawn else expected.keys() - {"page", "boxes", "drawn"}
        now = _state(value)
        if any(now[part] != expected[part] for part in parts):
            raise Superseded(change.path)
        _restore(value, target, people)
        session.touch(value)
    return session.note(change.path, author, kind, before=expected, after=target, of=change)


def _refuse_if_used(session: EditSession, added: Sequence[Change], author: User) -> None:
    """Refuse to undo the adding of rows in which others have worked since."""
    if not added:
        return
    rows = {change.path for change in added}
    later = session.extraction.changes.filter(pk__gt=min(change.pk for change in added), undone_by__isnull=True)
    others = later.exclude(author=author).exclude(kind__in=(Kind.UNDO, Kind.REDO))
    for path in others.values_list("path", flat=True).distinct():
        if any(row in rows for row in rows_of(path)):
            raise Superseded(path)


def _row(session: EditSession, path: str, author: User, version: int | None) -> Value:
    value = session.row(path, author)
    if version is not None and value.version != version and value.confirmed_by_id != author.pk:
        raise Clash(value, session.extraction)
    return value


def _set(session: EditSession, value: Value, typed: object, author: User) -> Value:
    if not value.answer and is_same(typed, current(value)) and not value.removed:
        return _done(session, value, author, Kind.CONFIRM, _confirmed)
    return _done(session, value, author, Kind.SET, lambda row: _given(row, typed))


def _done(session: EditSession, value: Value, author: User, kind: Kind, change: Callable[[Value], None]) -> Value:
    before = _state(value)
    change(value)
    if kind == Kind.REVERT:
        value.confirmed_by, value.confirmed_at = None, None
    else:
        value.confirmed_by, value.confirmed_at = author, timezone.now()
    session.touch(value)
    session.note(value.path, author, kind, before=before, after=_state(value))
    return value


def _state(value: Value) -> dict[str, Any]:
    """What a person can change, as stored in `Change.before` and `Change.after`."""
    return {
        "value": current(value),
        "answer": value.answer,
        "corrected": value.corrected,
        "confirmed": bool(value.confirmed_at),
        "by": value.confirmed_by_id,
        "page": value.page,
        "boxes": value.boxes,
        "drawn": value.place_drawn,
    }


def _restore(row: Value, state: dict[str, Any], people: dict[int, User]) -> None:
    row.answer, row.corrected, row.typed_on_page = state["answer"], state["corrected"], None
    row.typed = state["value"] if state["corrected"] else None
    row.page, row.boxes = state["page"], state["boxes"]
    row.place_drawn = state.get("drawn", row.place_drawn)
    row.confirmed_by = people.get(state["by"]) if state["by"] else None
    row.confirmed_at = (row.confirmed_at or timezone.now()) if state["confirmed"] else None


def _given(row: Value, typed: object) -> None:
    row.typed, row.corrected, row.answer, row.typed_on_page = typed, not is_same(typed, row.extracted), "", None
    if not row.corrected:
        row.typed = None


def _confirmed(row: Value) -> None:
    """Leaves the value as it is."""


def _answered(row: Value, word: str) -> None:
    row.answer, row.corrected, row.typed = word, False, None


def _reverted(row: Value) -> None:
    row.answer, row.corrected, row.typed = "", False, None


def is_same(left: object, right: object) -> bool:
    """1 and 1.0 are the same; 1 and true are not."""
    if isinstance(left, bool) != isinstance(right, bool):
        return False
    return bool(left == right) or (left in (None, "") and right in (None, ""))
