"""The other documents that were made from the pages of the same file."""

from __future__ import annotations

from dataclasses import dataclass

from extractions.models import Extraction
from extractions.models.provenance import ranges_of
from portal.people.models import User

SHOWN = 12


@dataclass(frozen=True, slots=True)
class Sibling:
    extraction: Extraction
    ranges: str


@dataclass(frozen=True, slots=True)
class Siblings:
    """In the order of their pages; `more` are not shown."""

    shown: list[Sibling]
    more: int


def siblings_of(extraction: Extraction, person: User) -> Siblings:
    if extraction.origin is None:
        return Siblings([], 0)
    others = Extraction.objects.visible_to(person).filter(origin=extraction.origin).exclude(pk=extraction.pk)
    rows = sorted(others.only("key", "name", "origin_pages"), key=lambda row: (row.origin_pages, row.pk))
    shown = [Sibling(row, ranges_of(row.origin_pages)) for row in rows[:SHOWN]]
    return Siblings(shown, len(rows) - len(shown))
