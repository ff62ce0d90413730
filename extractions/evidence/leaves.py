"""Extracted data as single values with their paths, and where on the pages the service saw them."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

LONGEST_PATH = 1000
MOST_LEAVES = 20_000
# What a column of 30 digits, 10 of them decimal, takes.
BIGGEST = Decimal(10) ** 20
SMALLEST = Decimal(10) ** -10
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
        return json.dumps(self.value)

    @property
    def number(self) -> Decimal | None:
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            return None
        try:
            number = Decimal(str(self.value))
            return number.quantize(SMALLEST) if abs(number) < BIGGEST else None
        except (InvalidOperation, ValueError):
            return None

    @property
    def date(self) -> date | None:
        found = ISO_DATE.match(self.value) if isinstance(self.value, str) else None
        try:
            return date.fromisoformat(found.group(1)) if found else None
        except ValueError:
            return None


def leaves(data: Any, locations: Any = None) -> Iterator[Leaf]:
    """The values in the order of the data, at most MOST_LEAVES. A value that is nothing but a scalar has path ""."""
    places = locations if isinstance(locations, dict) else {}
    for number, (path, value) in enumerate(_walk(data, "")):
        if number == MOST_LEAVES:
            return
        page, boxes = read_places(places.get(path))
        yield Leaf(path[:LONGEST_PATH], value, page, boxes)


def join(path: str, name: str) -> str:
    """`lines[0].amount`: names as they are, as the embedded engine and the pages write them."""
    return f"{path}.{name}" if path else name


def read_places(places: Any) -> tuple[int | None, list[Box]]:
    """The first page that is told, and the boxes on it; whatever is no box is left out."""
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


def _walk(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    # A stack of our own: how deep an answer is nested is not ours to choose.
    stack: list[tuple[str, Any]] = [(path, value)]
    while stack:
        path, value = stack.pop()
        match value:
            case dict():
                stack.extend((join(path, str(name)), inner) for name, inner in reversed(value.items()))
            case list():
                stack.extend((f"{path}[{index}]", inner) for index, inner in reversed(list(enumerate(value))))
            case None if not path:
                pass
            case _:
                yield path, value


def _box(value: Any) -> Box | None:
    if not isinstance(value, list | tuple) or len(value) != 4:
        return None
    if not all(isinstance(edge, int | float) and not isinstance(edge, bool) and math.isfinite(edge) for edge in value):
        return None
    x0, y0, x1, y1 = (min(1.0, max(0.0, float(edge))) for edge in value)
    return [x0, y0, x1, y1] if x0 < x1 and y0 < y1 else None
