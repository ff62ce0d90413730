"""The list of what teams write themselves, schemas and classifiers alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import cached_property

from extractions.models.written import Written


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a version stands between here and the service. `mark` is the style of its badge."""

    mark: str
    icon: str
    word: str
    sentence: str = ""
    quote: str = ""


@dataclass(frozen=True, slots=True)
class WrittenLine:
    studio: Written
    number: int
    """Of the newest version."""
    standing: Standing | None
    facts: tuple[object, ...]


@dataclass(frozen=True)
class WrittenHere:
    """`facts` of the lines stand under `headings`; `none` and `advice` are said where there is no line."""

    lines: Sequence[WrittenLine]
    removed: Sequence[Written]
    headings: tuple[str, ...]
    lead: str
    none: str
    advice: str
    new: str
    new_name: str
    remove_name: str

    @cached_property
    def of_several_teams(self) -> bool:
        return len({line.studio.team_id for line in self.lines}) > 1  # type: ignore[attr-defined]

    @property
    def new_url(self) -> str:
        return reverse(self.new_name)
