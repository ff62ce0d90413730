"""The document as the viewer shows it: its pages as pictures, with the places of values drawn on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from extractions.models import Extraction, PageImage

Fractions = tuple[float, float, float, float]
FLAGGED = frozenset({"need", "broke"})
A4 = (1400, 1980)
FINE = 600  # pixels: on pictures as wide a whole pixel is near enough


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands. `state` is empty, `ok`, `need` or `broke`; `anchor` is the id of its field on the page."""

    path: str
    label: str
    page: int
    boxes: tuple[Fractions, ...]
    state: str = ""
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in the pixels of the page image, as text for SVG attributes."""

    x: str
    y: str
    width: str
    height: str


@dataclass(slots=True)
class Sheet:
    """One page; without an image while the worker has not drawn it."""

    number: int
    width: int
    height: int
    image: PageImage | None = None
    places: list[tuple[Place, list[Box]]] = field(default_factory=list)

    @property
    def flagged(self) -> int:
        """How many values on it need somebody."""
        return sum(place.state in FLAGGED for place, _boxes in self.places)


def sheets_of(extraction: Extraction, places: Iterable[Place] = ()) -> list[Sheet]:
    """Every page that was asked for, as soon as the first one is drawn; until then there are none."""
    images = {image.number: image for image in extraction.pages.all()}
    if not images:
        return []
    by_page: defaultdict[int, list[Place]] = defaultdict(list)
    for place in places:
        by_page[place.page].append(place)
    likely = next(iter(images.values()))
    first, last = extraction.pdf_page_start or 1, extraction.pdf_page_end or extraction.page_count
    return [
        _sheet(number, images.get(number), likely, by_page[number])
        for number in sorted({*range(first, last + 1), *images})
    ]


def _sheet(number: int, image: PageImage | None, likely: PageImage, places: Sequence[Place]) -> Sheet:
    size = image or likely
    width, height = (size.width, size.height) if size.width and size.height else A4
    drawn_places = [(place, drawn(place.boxes, width, height)) for place in places]
    return Sheet(number, width, height, image, drawn_places)


def drawn(boxes: Iterable[Fractions], width: int, height: int) -> list[Box]:
    """Boxes in pixels of the page image, with a little room around the words. Text, for locales write "0,5"."""
    room = width / 400
    decimals = 0 if width >= FINE else 1  # a long document has thousands of boxes
    edges = [
        (x0 * width - room, y0 * height - room, (x1 - x0) * width + 2 * room, (y1 - y0) * height + 2 * room)
        for x0, y0, x1, y1 in boxes
    ]
    return [Box(*(f"{edge:.{decimals}f}" for edge in one)) for one in edges]
