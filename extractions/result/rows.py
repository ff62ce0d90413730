"""Rows that people added and removed, and the current positions of the remaining rows.

A row's identity is its number: for extracted rows the index in the extracted data, for added ones the numbers that
follow, which are never reused. Code that shows rows to people or other programs maps identities to positions here.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

INDEX = re.compile(r"\[(\d{1,9})\]")
ROW = re.compile(r"\[\d{1,9}\]$")
MAX_ADDED = 10_000
"""Rows ever added to one list, including removed ones."""


@dataclass
class RowEdits:
    """`added` counts the rows ever added, by list; `removed` holds the paths of rows that are currently removed."""

    added: dict[str, int] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)

    @classmethod
    def read(cls, stored: object) -> RowEdits:
        """From the document's JSON column; invalid parts are ignored."""
        facts = stored if isinstance(stored, Mapping) else {}
        added, removed = facts.get("added"), facts.get("removed")
        counts = added.items() if isinstance(added, Mapping) else ()
        return cls(
            {str(path): min(count, MAX_ADDED) for path, count in counts if isinstance(count, int) and count > 0},
            {str(row) for row in removed if is_row(str(row))} if isinstance(removed, list) else set(),
        )

    def as_json(self) -> dict[str, object]:
        if not self.added and not self.removed:
            return {}
        return {"added": dict(self.added), "removed": sorted(self.removed)}

    def add(self, path: str) -> None:
        """One more row for the list at this path."""
        self.added[path] = self.added.get(path, 0) + 1

    def mark(self, row: str, *, removed: bool) -> None:
        (self.removed.add if removed else self.removed.discard)(row)
        self.__dict__.pop("_gone", None)

    def is_removed(self, path: str) -> bool:
        """Whether the path is in a removed row, at any level."""
        return bool(self.removed) and any(row in self.removed for row in rows_of(path))

    def current(self, path: str) -> str:
        """The path in the current data of a field that is not removed; see `identity` for the inverse."""
        if not self.removed or "[" not in path:
            return path
        return INDEX.sub(lambda found: f"[{self._position(path[: found.start()], int(found[1]))}]", path)

    def identity(self, current: str) -> str:
        """The stable path of a field of the current data."""
        if not self.removed or "[" not in current:
            return current
        path, end = "", 0
        for found in INDEX.finditer(current):
            path += current[end : found.start()]
            path, end = f"{path}[{self._nth_left(path, int(found[1]))}]", found.end()
        return path + current[end:]

    def row_number(self, path: str) -> int | None:
        """The displayed number of the innermost row, from 1; None outside of rows and in removed ones."""
        rows = list(rows_of(path))
        if not rows or self.is_removed(path):
            return None
        of, number = split_row(rows[-1])
        return self._position(of, number) + 1

    def _position(self, of: str, number: int) -> int:
        return number - bisect_left(self._gone.get(of, ()), number)

    def _nth_left(self, of: str, number: int) -> int:
        for gone in self._gone.get(of, ()):
            if gone > number:
                break
            number += 1
        return number

    @cached_property
    def _gone(self) -> dict[str, list[int]]:
        """The sorted numbers of removed rows, by list."""
        found: dict[str, list[int]] = {}
        for row in self.removed:
            of, number = split_row(row)
            found.setdefault(of, []).append(number)
        for numbers in found.values():
            numbers.sort()
        return found


def rows_of(path: str) -> Iterator[str]:
    """The enclosing rows of a path, outermost first, including the path itself if it is a row."""
    for found in INDEX.finditer(path):
        yield path[: found.end()]


def row_numbers(path: str) -> tuple[int, ...]:
    """Sort key that orders fields by their rows."""
    return tuple(map(int, INDEX.findall(path))) if "[" in path else ()


def split_row(row: str) -> tuple[str, int]:
    """The path of a row's list, and the row's number."""
    of, _bracket, number = row.removesuffix("]").rpartition("[")
    return of, int(number)


def is_row(path: str) -> bool:
    return ROW.search(path) is not None
