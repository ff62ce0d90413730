"""The pages of a document for the viewer, with the places of values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from extractions.models import Extraction, PageImage

Fractions = tuple[float, float, float, float]
FLAGGED = frozenset({"need", "broke"})
A4 = (1400, 1980)
FINE = 600  # pixels of width from which on coordinates are rounded to whole pixels


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands. `state` is empty, `ok`, `need` or `broke`; `anchor` is the HTML id of its field."""

    path: str
    label: str
    page: int
    boxes: tuple[Fractions, ...]
    state: str = ""
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels of the page image, as text for SVG attributes."""

    x: str
    y: str
    width: str
    height: str


@dataclass(slots=True)
class PageView:
    """One page; without an image until the worker has rendered it."""

    number: int
    width: int
    height: int
    image: PageImage | None = None
    places: list[tuple[Place, list[Box]]] = field(default_factory=list)

    @property
    def flagged(self) -> int:
        """How many values on it need attention."""
        return sum(place.state in FLAGGED for place, _boxes in self.places)


def page_views_of(extraction: Extraction, places: Iterable[Place] = ()) -> list[PageView]:
    """All requested pages; none until the first one is rendered."""
    images = {image.number: image for image in extraction.pages.all()}
    if not images:
        return []
    by_page: defaultdict[int, list[Place]] = defaultdict(list)
    for place in places:
        by_page[place.page].append(place)
    fallback = next(iter(images.values()))
    first, last = extraction.pdf_page_start or 1, extraction.pdf_page_end or extraction.page_count
    return [
        _page_view(number, images.get(number), fallback, by_page[number])
        for number in sorted({*range(first, last + 1), *images})
    ]


def _page_view(number: int, image: PageImage | None, fallback: PageImage, places: Sequence[Place]) -> PageView:
    size = image or fallback
    width, height = (size.width, size.height) if size.width and size.height else A4
    drawn_places = [(place, drawn(place.boxes, width, height)) for place in places]
    return PageView(number, width, height, image, drawn_places)


def drawn(boxes: Iterable[Fractions], width: int, height: int) -> list[Box]:
    """Boxes in pixels of the page image, with a small margin. As text, for localized templates would write "0,5"."""
    room = width / 400
    decimals = 0 if width >= FINE else 1  # a long document has thousands of boxes
    edges = [
        (x0 * width - room, y0 * height - room, (x1 - x0) * width + 2 * room, (y1 - y0) * height + 2 * room)
        for x0, y0, x1, y1 in boxes
    ]
    return [Box(*(f"{edge:.{decimals}f}" for edge in item)) for item in edges]
