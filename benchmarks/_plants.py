"""Mistakes as engines make them, planted into right results: what stands elsewhere on the page, rows doubled and split,
letters confused, values cut, swapped and invented."""

from __future__ import annotations

import copy
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from extractions.evidence.finding import Finder
from extractions.evidence.pages import Index, PageOfWords, indexed
from extractions.result.leaves import ISO_DATE, leaves, named

CONFUSED = ("0O", "1lI", "5S", "8B", "6G", "2Z", "17", "38", "69", "cq", "nu", "ec", "ij", ",.")
MOST_DAYS = (-31, -9, -1, 1, 10, 28, 365)
CELL_LETTERS = 60


@dataclass(frozen=True, slots=True)
class Plant:
    """One mistake: its kind, where, and what is given instead; None drops the value."""

    kind: str
    path: str
    value: Any


class Page:
    """What the pages of a document offer to a mistaken engine."""

    def __init__(self, pages: Sequence[PageOfWords], chance: random.Random) -> None:
        self.index: Index = indexed(pages)
        self.chance = chance
        self.finder = Finder(self.index)

    @cached_property
    def texts(self) -> list[str]:
        cells = (self.index.text(cell.first, cell.last) for cell in self.index.segments)
        return [text for text in cells if any(char.isalpha() for char in text) and len(text) <= CELL_LETTERS]

    @cached_property
    def numbers(self) -> list[float]:
        return [float(number) for number in self.finder.numbers if abs(number) < 10**9]

    @cached_property
    def dates(self) -> list[str]:
        return [day.isoformat() for day in self.finder.dates]

    def beside(self, text: str) -> list[str]:
        """The cells left of the text, above it and below it, and those with its own label."""
        found = []
        for number, cell in enumerate(self.index.segments):
            printed = self.index.text(cell.first, cell.last)
            if text and text in printed:
                around = [n for n in (number - 1, number + 1) if 0 <= n < len(self.index.segments)]
                near = [self.index.segments[n] for n in around]
                found += [self.index.text(one.first, one.last) for one in near]
                found += [printed, printed.partition(text)[0].strip()]
        return [one for one in found if one and one != text]


Mistake = Callable[[Any, Page, dict[str, Any]], Any]


def _other_text(value: Any, page: Page, others: dict[str, Any]) -> Any:
    return page.chance.choice(page.texts) if page.texts and isinstance(value, str) else None


def _neighbour(value: Any, page: Page, others: dict[str, Any]) -> Any:
    near = page.beside(value) if isinstance(value, str) else []
    return page.chance.choice(near) if near else None


def _other_printed(value: Any, page: Page, others: dict[str, Any]) -> Any:
    printed: list[Any] = page.numbers if _is_number(value) else page.dates if _is_date(value) else []
    return page.chance.choice(printed) if printed else None


def _other_field(value: Any, page: Page, others: dict[str, Any]) -> Any:
    alike = [other for other in others.values() if type(other) is type(value) and _is_date(other) == _is_date(value)]
    return page.chance.choice(alike) if alike else None


def _confused(value: Any, page: Page, others: dict[str, Any]) -> Any:
    """One letter taken for another that looks like it."""
    text = f"{value:.2f}" if isinstance(value, float) else str(value)
    if isinstance(value, bool) or _is_date(value):
        return None
    places = [at for at, char in enumerate(text) if any(char in signs for signs in CONFUSED)]
    if not places:
        return None
    at = page.chance.choice(places)
    signs = [other for group in CONFUSED if text[at] in group for other in group if other != text[at]]
    other = text[:at] + page.chance.choice(signs) + text[at + 1 :]
    return other if isinstance(value, str) else _number(other)


def _cut(value: Any, page: Page, others: dict[str, Any]) -> Any:
    words = value.split() if isinstance(value, str) else []
    if len(words) < 2:
        return None
    at = page.chance.randrange(1, len(words))
    return " ".join(words[:at] if page.chance.random() < 0.7 else words[at:])


def _joined(value: Any, page: Page, others: dict[str, Any]) -> Any:
    """With the cell beside it."""
    near = page.beside(value) if isinstance(value, str) else []
    if not near:
        return None
    other = page.chance.choice(near)
    return other if value in other else " ".join(page.chance.sample([value, other], 2))


def _slipped(value: Any, page: Page, others: dict[str, Any]) -> Any:
    """A number or day that stands nowhere."""
    if _is_date(value):
        return (date.fromisoformat(value[:10]) + timedelta(days=page.chance.choice(MOST_DAYS))).isoformat()
    if not _is_number(value) or not value:
        return None
    return page.chance.choice((round(value * 100, 2), round(value / 100, 2), -value, round(value * 1.2, 2), value + 1))


def _swapped_day(value: Any, page: Page, others: dict[str, Any]) -> Any:
    """Day and month the other way round."""
    if not _is_date(value):
        return None
    day = date.fromisoformat(value[:10])
    return day.replace(month=day.day, day=day.month).isoformat() if day.day <= 12 and day.day != day.month else None


def _flipped(value: Any, page: Page, others: dict[str, Any]) -> Any:
    return not value if isinstance(value, bool) else None


MISTAKES: dict[str, Mistake] = {
    "other text": _other_text,
    "neighbour": _neighbour,
    "other printed": _other_printed,
    "other field": _other_field,
    "confused letter": _confused,
    "cut": _cut,
    "joined": _joined,
    "slipped": _slipped,
    "day and month": _swapped_day,
    "flipped": _flipped,
}


def plants(data: dict[str, Any], page: Page, kinds: Sequence[str] = tuple(MISTAKES)) -> Iterator[Plant]:
    """One mistake of each possible kind for each value."""
    known = {leaf.path: leaf.value for leaf in leaves(data) if leaf.value not in (None, "")}
    for path, value in known.items():
        for kind in kinds:
            other = MISTAKES[kind](value, page, {name: item for name, item in known.items() if name != path})
            if other is not None and other != value:
                yield Plant(kind, path, other)


def planted(data: dict[str, Any], page: Page, share: float) -> dict[str, Any]:
    """The result with a share of its values mistaken, and now and then a row doubled, split, shifted or dropped."""
    changed = copy.deepcopy(data)
    possible: dict[str, list[Plant]] = {}
    for plant in plants(data, page):
        possible.setdefault(plant.path, []).append(plant)
    for path, options in possible.items():
        if page.chance.random() < share:
            set_at(changed, path, page.chance.choice(options).value)
    for name, rows in changed.items():
        table = isinstance(rows, list) and rows and all(isinstance(row, dict) for row in rows)
        if table and page.chance.random() < 2 * share:
            changed[name] = _with_rows_mistaken(rows, page)
    return changed


def _with_rows_mistaken(rows: list[dict[str, Any]], page: Page) -> list[dict[str, Any]]:
    at = page.chance.randrange(len(rows))
    row, names = rows[at], list(rows[at])
    texts = [name for name in names if isinstance(row[name], str) and len(row[name].split()) > 1]
    match page.chance.choice(("doubled", "split", "dropped", "shifted", "surplus")):
        case "doubled":
            return [*rows[: at + 1], copy.deepcopy(row), *rows[at + 1 :]]
        case "split" if texts:
            name = page.chance.choice(texts)
            words = row[name].split()
            middle = page.chance.randrange(1, len(words))
            first = row | {name: " ".join(words[:middle])}
            return [*rows[:at], first, {name: " ".join(words[middle:])}, *rows[at + 1 :]]
        case "dropped":
            return [*rows[:at], *rows[at + 1 :]] or rows
        case "shifted" if len(rows) > 1:
            name = page.chance.choice(names)
            column = [one.get(name) for one in rows]
            return [one | {name: other} for one, other in zip(rows, [*column[1:], column[0]], strict=True)]
    texts_here = {name: page.chance.choice(page.texts) for name in texts if page.texts}
    numbers = {n: page.chance.choice(page.numbers) for n in names if _is_number(row[n]) and page.numbers}
    return [*rows, texts_here | numbers] if texts_here or numbers else rows


def set_at(data: dict[str, Any], path: str, value: Any) -> None:
    *above, last = next(steps for known, steps, _value in named(data) if known == path)
    holder: Any = data
    for step in above:
        holder = holder[step]
    holder[last] = value


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_date(value: object) -> bool:
    return isinstance(value, str) and ISO_DATE.match(value) is not None


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"-?\d+(\.\d+)?", text) else None
