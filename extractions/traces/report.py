"""What was looked at, what was found, and what could not be seen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

MOST = 1000
"""Findings of a place that are kept; the others are only counted."""


@dataclass(frozen=True, slots=True)
class Finding:
    where: str
    form: str

    def __str__(self) -> str:
        return f"{self.where} ({self.form})"


@dataclass
class Place:
    """One kind of place. `blind` says in sentences what of it could not be seen, `remarks` why something stays."""

    name: str
    looked_at: str = ""
    count: int = 0
    findings: list[Finding] = field(default_factory=list)
    blind: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def found(self, where: str, form: str) -> None:
        self.count += 1
        if len(self.findings) < MOST:
            self.findings.append(Finding(where, form))


@dataclass
class Report:
    places: list[Place]
    unseen: list[str]

    @property
    def count(self) -> int:
        return sum(place.count for place in self.places)

    @property
    def is_blind(self) -> bool:
        return any(place.blind for place in self.places)

    def as_dict(self) -> dict[str, Any]:
        places = [
            {
                "place": place.name, "looked_at": place.looked_at, "count": place.count,
                "findings": [{"where": item.where, "form": item.form} for item in place.findings],
                "could_not_see": place.blind, "remarks": place.remarks,
            }
            for place in self.places
        ]  # fmt: skip
        return {"found": self.count, "complete": not self.is_blind, "places": places, "not_looked_at": self.unseen}
