"""LOCATION: where on the pages each value stands, from the very words it was read from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from reading.document import Page
from reading.turning import box_as_turned

from .parsing.text_grid import Span

Place = dict[str, object]


def locate(places: Mapping[str, Iterable[Span]], pages: Iterable[Page] = ()) -> dict[str, list[Place]]:
    """The boxes of each value by its path: one for each line that it is printed on, where a viewer shows it."""
    turns = {page.number: page.turned for page in pages}
    return {path: [_place(span, turns.get(span.page, 0)) for span in _unique(spans)] for path, spans in places.items()}


def _unique(spans: Iterable[Span]) -> list[Span]:
    found: list[Span] = []
    for span in spans:
        if span not in found:
            found.append(span)
    return found


def _place(span: Span, turned: int) -> Place:
    box = box_as_turned(span.place, turned)
    return {"page": span.page, "bbox": [_share(box.x0), _share(box.y0), _share(box.x1), _share(box.y1)]}


def _share(number: float) -> float:
    """A fraction of the page; boxes of letters may reach a hair over its edge."""
    return round(min(max(number, 0.0), 1.0), 5)
