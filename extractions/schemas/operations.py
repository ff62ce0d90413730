"""Changes to the tree of a form. A position is a path of indexes from the root."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from extractions.schemas.fields import Field, Kind

Position = tuple[int, ...]


def parse_position(text: str) -> Position:
    """`1.0` is the first field of the second group; raises ValueError."""
    return tuple(int(part) for part in text.split(".")) if text else ()


def field_at(root: Field, at: Position) -> Field:
    """Raises IndexError for a position that does not exist."""
    for index in at:
        if index < 0:
            raise IndexError(index)
        root = root.fields[index]
    return root


def replace_at(root: Field, at: Position, new: Field) -> Field:
    field_at(root, at)
    return _with_siblings(root, at[:-1], lambda fields: (*fields[: at[-1]], new, *fields[at[-1] + 1 :]))


def add(root: Field, parent: Position, new: Field | None = None) -> Field:
    """Append a field to the group."""
    siblings = field_at(root, parent).fields
    added = new or Field(unused_name("field", siblings))
    return _with_siblings(root, parent, lambda fields: (*fields, added))


def remove(root: Field, at: Position) -> Field:
    field_at(root, at)
    return _with_siblings(root, at[:-1], lambda fields: (*fields[: at[-1]], *fields[at[-1] + 1 :]))


def duplicate(root: Field, at: Position) -> Field:
    """A copy below the field, under a name of its own."""
    original = field_at(root, at)
    siblings = field_at(root, at[:-1]).fields
    copy = replace(original, name=unused_name(original.name, siblings), was=None)
    return _with_siblings(root, at[:-1], lambda fields: (*fields[: at[-1] + 1], copy, *fields[at[-1] + 1 :]))


def shift(root: Field, at: Position, by: int) -> tuple[Field, Position]:
    """Move the field up or down among its siblings, as far as possible; the form and its new position."""
    siblings = field_at(root, at[:-1]).fields
    moved = field_at(root, at)
    to = max(0, min(len(siblings) - 1, at[-1] + by))
    rest = [*siblings[: at[-1]], *siblings[at[-1] + 1 :]]
    rest.insert(to, moved)
    return _with_siblings(root, at[:-1], lambda _fields: tuple(rest)), (*at[:-1], to)


def move(root: Field, at: Position, before: Position) -> tuple[Field, Position]:
    """Move the field to where another one stands, or to the end of a group; into itself it stays where it is."""
    moved = field_at(root, at)
    if before[: len(at)] == at:
        return root, at
    group = field_at(root, before[:-1])
    if group.kind is not Kind.GROUP or before[-1] > len(group.fields):
        raise IndexError(before)
    if before[:-1] != at[:-1]:
        moved = replace(moved, name=unused_name(moved.name, group.fields), was=None)
    depth = len(at) - 1
    if before[:depth] == at[:-1] and len(before) > depth and before[depth] > at[-1]:
        before = (*before[:depth], before[depth] - 1, *before[depth + 1 :])
    without = remove(root, at)
    put = before[-1]
    moved_into = _with_siblings(without, before[:-1], lambda fields: (*fields[:put], moved, *fields[put:]))
    return moved_into, before


def unused_name(wanted: str, siblings: tuple[Field, ...]) -> str:
    taken = {item.name for item in siblings}
    if wanted not in taken:
        return wanted
    number = next(number for number in range(2, len(taken) + 3) if f"{wanted}_{number}" not in taken)
    return f"{wanted}_{number}"


def _with_siblings(root: Field, parent: Position, change: Callable[[tuple[Field, ...]], tuple[Field, ...]]) -> Field:
    if not parent:
        if root.kind is not Kind.GROUP:
            raise IndexError(parent)
        return replace(root, fields=change(root.fields))
    child = _with_siblings(field_at(root, parent[:1]), parent[1:], change)
    return replace(root, fields=(*root.fields[: parent[0]], child, *root.fields[parent[0] + 1 :]))
