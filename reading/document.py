"""What a document is made of once it has been read.

Every box is given as fractions of the page as a viewer shows it (rotation applied, crop box cut), with the origin at
the top left, even if the writing on it stands on its head (`Page.turned`, `reading.turning`). Pages count from 1. All
classes can be pickled, for they cross from one process to another.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, make_dataclass
from enum import StrEnum
from typing import Any, TypeVar

T = TypeVar("T")


def quickly_made(cls: type[T]) -> type[T]:
    """A frozen dataclass that only the type checker guards: what guards it at run time takes two thirds of the time of
    making one, and a page has a thousand."""
    made_of = [(item.name, Any, field(default=item.default)) for item in fields(cls)]  # type: ignore[arg-type]
    plain = make_dataclass(cls.__name__, made_of)
    cls.__init__ = plain.__init__  # type: ignore[method-assign, misc]
    del cls.__setattr__, cls.__delattr__
    return cls


class Kind(StrEnum):
    """The types of file that can be read; the value is the MIME type."""

    PDF = "application/pdf"
    PNG = "image/png"
    JPEG = "image/jpeg"


class Source(StrEnum):
    """Where a word comes from."""

    TEXT = "text"
    OCR = "ocr"


@quickly_made
@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle as fractions (0 to 1) of the page, origin top left."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        return self.y1 - self.y0

    @property
    def centre(self) -> tuple[float, float]:
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2

    def union(self, other: Box) -> Box:
        return Box(min(self.x0, other.x0), min(self.y0, other.y0), max(self.x1, other.x1), max(self.y1, other.y1))

    def overlap(self, other: Box) -> float:
        """The share of this box (0 to 1) that lies within the other."""
        width = min(self.x1, other.x1) - max(self.x0, other.x0)
        height = min(self.y1, other.y1) - max(self.y0, other.y0)
        area = self.width * self.height
        return width * height / area if width > 0 and height > 0 and area > 0 else 0.0


@quickly_made
@dataclass(frozen=True, slots=True)
class Word:
    """A run of characters without a blank, as printed."""

    text: str
    box: Box
    confidence: float = 1.0
    source: Source = Source.TEXT


@quickly_made
@dataclass(frozen=True, slots=True)
class Line:
    """Words that stand side by side and belong together (a table cell, a line of a column), left to right."""

    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)

    @property
    def box(self) -> Box:
        boxes = [word.box for word in self.words]
        if len(boxes) == 1:
            return boxes[0]
        return Box(
            min([box.x0 for box in boxes]),
            min([box.y0 for box in boxes]),
            max([box.x1 for box in boxes]),
            max([box.y1 for box in boxes]),
        )


class RegionKind(StrEnum):
    PICTURE = "Picture"
    TABLE = "Table"
    TITLE = "Title"
    HEADER = "Header"
    FOOTER = "Footer"


@dataclass(frozen=True, slots=True)
class Region:
    """A part of the page that a reader would point at."""

    kind: RegionKind
    box: Box
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Blank:
    """A place of a form that waits for words, and what was written there, if anything."""

    box: Box
    text: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """One page. Width and height are in points (1/72 inch) as seen; `lines` are in reading order."""

    number: int
    width: float
    height: float
    lines: tuple[Line, ...]
    regions: tuple[Region, ...] = ()
    source: Source = Source.TEXT
    markdown: str = ""
    blanks: tuple[Blank, ...] = ()
    """The fields of a form that can be filled in on a screen. Its check boxes are words: ☑ or ☐."""
    turned: int = 0
    """By how many degrees clockwise (0, 90, 180, 270) the writing lies on the page as seen."""
    frames: tuple[Box, ...] = ()
    """The rectangles that ruled lines enclose, the innermost only."""

    @property
    def words(self) -> tuple[Word, ...]:
        return tuple(word for line in self.lines for word in line.words)

    @property
    def text(self) -> str:
        return "\n".join(line.text for line in self.lines)


@dataclass(frozen=True, slots=True)
class Document:
    """The pages that were read, which may be a range of the file's."""

    kind: Kind
    pages: tuple[Page, ...]

    @property
    def markdown(self) -> str:
        return "\n\n".join(page.markdown for page in self.pages if page.markdown)


@dataclass(frozen=True, slots=True)
class Inspection:
    """What can be said of a file without reading it."""

    kind: Kind
    pages: int
    repaired: bool = False
    sizes: tuple[tuple[float, float], ...] = field(default=())
    """Width and height in points of the first pages (at most 2,000)."""
