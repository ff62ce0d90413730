"""How the pages of a file are arranged before it is submitted: in which parts and order, turned by how much, without
which. Every page stands in it exactly once, also one that is left out, so that nothing is lost by arranging."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

QUARTERS = (0, 90, 180, 270)


class InvalidArrangement(ValueError):
    """Not an arrangement of the pages of this file."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page (from 1), turned clockwise by `turn` degrees."""

    page: int
    turn: int = 0
    kept: bool = True


Part = tuple[Sheet, ...]


@dataclass(frozen=True, slots=True)
class Arrangement:
    parts: tuple[Part, ...]

    @property
    def kept(self) -> list[Part]:
        """The parts that become files: without the pages that are left out, and not those of which nothing is left."""
        parts = (tuple(sheet for sheet in part if sheet.kept) for part in self.parts)
        return [part for part in parts if part]

    @property
    def changes_nothing(self) -> bool:
        """Whether the file would come out as it is."""
        sheets = [sheet for part in self.parts for sheet in part]
        plain = [Sheet(page) for page in range(1, len(sheets) + 1)]
        return len(self.kept) == 1 and sheets == plain

    def as_json(self) -> list[list[list[int]]]:
        return [[[sheet.page, sheet.turn, int(sheet.kept)] for sheet in part] for part in self.parts]


def untouched(page_count: int, first: int = 1, last: int | None = None) -> Arrangement:
    """All pages as they are; those outside of the range are left out."""
    last = page_count if last is None else last
    return Arrangement((tuple(Sheet(page, kept=first <= page <= last) for page in range(1, page_count + 1)),))


def arrangement_from(data: Any, page_count: int) -> Arrangement:
    """Raises `InvalidArrangement` unless each page is there exactly once."""
    if not isinstance(data, list) or not all(isinstance(part, list) and part for part in data):
        raise InvalidArrangement("parts")
    parts = tuple(tuple(_sheet(item) for item in part) for part in data)
    pages = sorted(sheet.page for part in parts for sheet in part)
    if pages != list(range(1, page_count + 1)):
        raise InvalidArrangement("pages")
    return Arrangement(parts)


def pages_of(part: Sequence[Sheet]) -> list[int]:
    return [sheet.page for sheet in part]


def _sheet(item: Any) -> Sheet:
    if not isinstance(item, list) or len(item) != 3 or not all(type(number) is int for number in item):
        raise InvalidArrangement("sheet")
    page, turn, kept = item
    if turn not in QUARTERS or kept not in (0, 1):
        raise InvalidArrangement("sheet")
    return Sheet(page, turn, bool(kept))
