"""What differs between two versions of a schema, field by field."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from extractions.schemas.fields import Field, form_of, json_of
from extractions.schemas.json_types import JsonMapping
from extractions.schemas.schema_files import canonical

Path = tuple[str, ...]


class Change(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that is not the same in both. Of an added or removed group only the group itself is listed."""

    path: Path
    change: Change
    before: Field | None = None
    after: Field | None = None
    parts: tuple[str, ...] = ()
    """Which parts of a changed field differ: kind, title, titles, description, helps, required, choices, more."""


def differences(before: JsonMapping, after: JsonMapping) -> list[Difference]:
    """In the order of the newer version, with what was removed at the end of its group."""
    return _between(form_of(before), form_of(after), ())


def _between(before: Field, after: Field, path: Path) -> list[Difference]:
    old = {child.name: child for child in before.fields}
    new = {child.name: child for child in after.fields}
    moved = _moved(before, after)
    found: list[Difference] = []
    for name, child in new.items():
        below = (*path, name)
        former = old.get(name)
        if former is None:
            found.append(Difference(below, Change.ADDED, None, child))
            continue
        if parts := _parts(former, child):
            found.append(Difference(below, Change.CHANGED, former, child, parts))
        elif name in moved:
            found.append(Difference(below, Change.MOVED, former, child))
        found += _between(former, child, below)
    found += [Difference((*path, name), Change.REMOVED, gone) for name, gone in old.items() if name not in new]
    return found


def _parts(before: Field, after: Field) -> tuple[str, ...]:
    pairs = {
        "kind": ((before.kind, before.many), (after.kind, after.many)),
        "title": (before.title, after.title),
        "titles": (dict(before.titles), dict(after.titles)),
        "description": (before.description, after.description),
        "helps": (dict(before.helps), dict(after.helps)),
        "required": (before.required, after.required),
        "choices": (before.choices, after.choices),
    }
    parts = tuple(name for name, (old, new) in pairs.items() if old != new)
    return parts or (("more",) if _rest(before) != _rest(after) else ())


def _rest(of: Field) -> str:
    """Everything but the fields of a group, which are compared one by one."""
    return canonical(json_of(Field("", of.kind, of.many, node=of.node, fields=(), choices=of.choices, title=of.title,
                                   titles=of.titles, description=of.description, helps=of.helps)))  # fmt: skip


def _moved(before: Field, after: Field) -> set[str]:
    """Names whose order changed: those outside of the longest run that kept its order."""
    old = [child.name for child in before.fields]
    common = [child.name for child in after.fields if child.name in old]
    ranks = [old.index(name) for name in common]
    best: list[list[int]] = []
    for index, rank in enumerate(ranks):
        runs = [best[earlier] for earlier in range(index) if ranks[earlier] < rank]
        best.append([*max(runs, key=len, default=[]), index])
    kept = max(best, key=len, default=[])
    return {common[index] for index in range(len(common)) if index not in kept}
