"""What the schema asks for as a single value, and what the rules answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .candidates import Candidate
from .concepts import Meaning
from .fields import Field


@dataclass(frozen=True, slots=True)
class FieldQuery:
    """One single value of the schema, its meaning, the answer of the rules, and which of them gave it."""

    path: str
    field: Field
    meaning: Meaning
    answer: Candidate | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class ListRead:
    """A list of the schema, and the rows that were read for it; a list of single values has rows with one name, ""."""

    path: str
    field: Field
    rows: Sequence[Mapping[str, Candidate]]
