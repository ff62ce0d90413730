"""What the pipeline is asked, and what it answers while it goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reading.reader import Mode


class Step(StrEnum):
    """The steps of the API, in the order in which they run."""

    OCR = "OCR"
    CLASSIFICATION = "CLASSIFICATION"
    IMAGES = "IMAGES"
    PARSING = "PARSING"
    LOCATION = "LOCATION"


@dataclass(frozen=True, slots=True)
class Category:
    """One answer that a classifier may give, with corrected examples (page text) where there are any."""

    name: str
    description: str = ""
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """One document and what is wanted of it. Pages count from 1, both ends included; None means the end."""

    path: Path
    page_start: int | None = None
    page_end: int | None = None
    schema: Mapping[str, Any] | None = None
    schema_context: str = ""
    """The name, description and additional information of the schema, as plain text."""
    categories: Sequence[Category] = ()
    max_pages: int = 500
    mode: Mode = "accurate"
    """How scanned pages are read."""
    propose: bool = False
    """Whether fields for a schema are proposed; without a schema only."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture cut out of a page: its name as referred to in `content`, and its JPEG bytes."""

    name: str
    jpeg: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class StepStarted:
    step: Step


@dataclass(frozen=True, slots=True)
class StepDone:
    """A step has ended; `result` has the API's fields that it fills, by name.

    OCR: content (str), pages (int, pages read). CLASSIFICATION: classifier_result (str or None),
    classifier_confidence (float or None). IMAGES: pictures (list of Picture).
    PARSING: extracted_data (Any), or x_proposal, what `proposing.propose` says.
    LOCATION: x_locations, a dict from the path of a value ("total", "lines[0].amount") to a list of
    {"page": int from 1, "bbox": [x0, y0, x1, y1] as fractions of the page, origin top left}; the list is empty for
    a value that is not found on the pages; x_confidence, a dict from the path of every value that is given to the
    probability (0 to 1) that it is right. `notes` says what did not go as it should.
    """

    step: Step
    result: dict[str, Any]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PageRead:
    """One more page has been read, within the first step."""

    number: int


Event = StepStarted | StepDone | PageRead
