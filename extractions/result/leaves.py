"""The leaves of extracted data: scalar values with their paths, and where on the pages the service saw them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Context, Decimal
from typing import Any

from extractions.result.json_text import to_text, unpacked
from extractions.result.numbers import decimal_of, storable_number
from extractions.result.paths import MAX_DEPTH, MAX_LENGTH, Step, join

MAX_LEAVES = 20_000
# The range of the database column: 30 digits, 10 of them decimal.
BIGGEST = Decimal(10) ** 20
SMALLEST = Decimal(10) ** -10
COLUMN = Context(prec=30)
ISO_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ].*)?$")

Box = list[float]


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value. `boxes` are [x0, y0, x1, y1] as fractions of `page`, which counts from 1."""

    path: str
    value: Any
    page: int | None = None
    boxes: list[Box] = field(default_factory=list)

    @property
    def text(self) -> str:
        match self.value:
            case None:
                return ""
            case bool():
                return "true" if self.value else "false"
            case str():
                return self.value
        if isinstance(self.value, int | float):
            return str(storable_number(self.value))
        return to_text(self.value)

    @property
    def number(self) -> Decimal | None:
        number = None if isinstance(self.value, str) else decimal_of(self.value)
        return number.quantize(SMALLEST, context=COLUMN) if number is not None and abs(number) < BIGGEST else None

    @property
    def date(self) -> date | None:
        found = ISO_DATE.match(self.value) if isinstance(self.value, str) else None
        try:
            return date.fromisoformat(found.group(1)) if found else None
        except ValueError:
            return None


def leaves(data: object, locations: object = None) -> Iterator[Leaf]:
    """The values in the order of the data, at most MAX_LEAVES. A value that is nothing but a scalar has path "".

    Anything nested too deep is one value; values that no path can name are left out.
    """
    places = locations if isinstance(locations, dict) else {}
    for number, (path, _steps, value) in enumerate(named(unpacked(data))):
        if number == MAX_LEAVES:
            return
        page, boxes = read_places(places.get(path))
        yield Leaf(path, value, page, boxes)


def read_places(places: object) -> tuple[int | None, list[Box]]:
    """The first page among the places, and the valid boxes on it."""
    page: int | None = None
    boxes: list[Box] = []
    for place in places if isinstance(places, list) else [places]:
        if not isinstance(place, dict):
            continue
        number, box = place.get("page"), _box(place.get("bbox"))
        if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number <= 100_000:
            continue
        page = number if page is None else page
        if box is not None and number == page:
            boxes.append(box)
    return page, boxes


def named(data: object) -> Iterator[tuple[str, tuple[Step, ...], object]]:
    """Each value with its path, as text and as steps. Empty and overlong names are skipped, and of two values with the
    same path (names may contain dots) the first counts.
    """
    seen: set[str] = set()
    for path, steps, value in _walk(data):
        if path not in seen:
            seen.add(path)
            yield path, steps, value


def _walk(data: object) -> Iterator[tuple[str, tuple[Step, ...], object]]:
    # Iterative: responses may be nested deeper than the recursion limit.
    stack: list[tuple[str, tuple[Step, ...], object]] = [("", (), data)]
    while stack:
        path, steps, value = stack.pop()
        inner: list[tuple[str, Step, object]] = []
        match value:
            case dict() if len(steps) < MAX_DEPTH:
                inner = [(join(path, str(name)), str(name), below) for name, below in value.items() if name]
            case list() if len(steps) < MAX_DEPTH:
                inner = [(f"{path}[{index}]", index, below) for index, below in enumerate(value)]
            case None if not path:
                pass
            case _:
                yield path, steps, value
        stack.extend(
            (below, (*steps, step), found) for below, step, found in reversed(inner) if len(below) <= MAX_LENGTH
        )


def _box(value: object) -> Box | None:
    if not isinstance(value, list | tuple) or len(value) != 4:
        return None
    if not all(isinstance(edge, int | float) and not isinstance(edge, bool) and math.isfinite(edge) for edge in value):
        return None
    x0, y0, x1, y1 = (min(1.0, max(0.0, float(edge))) for edge in value)
    return [x0, y0, x1, y1] if x0 < x1 and y0 < y1 else None
