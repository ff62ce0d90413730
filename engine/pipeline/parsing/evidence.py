"""Checks values that were not read by the rules: each must be of its type, and stand on the pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from reading.document import Page
from reading.literals.dates import find_dates
from reading.turning import upright

from . import Parsed
from .fields import Field, Type, read_schema
from .readers import find_figures
from .text_grid import Span, TextGrid, joined, tokenise

_FURTHEST = 60
"""Words of a value, at most; more is no value but a text."""
_HALF = 0.5
_SHOWN, _UNSEEN = 0.6, 0.3
"""Confidence of what a language model says, where the page shows it and where it does not; estimated, not measured."""


class Evidence:
    """The pages as a witness; `notes` says what was taken that the pages do not show."""

    def __init__(self, pages: Sequence[Page], schema: Mapping[str, Any], parsed: Parsed) -> None:
        self.grid = TextGrid([upright(page) for page in pages])
        self.root = read_schema(schema)
        self.parsed = parsed
        self.places = {path: list(spans) for path, spans in parsed.places.items()}
        self.confidence = dict(parsed.confidence)
        self.notes: list[str] = []
        self._words = [
            (token.text, Span(cell, token.start, token.end)) for cell in self.grid.cells for token in cell.tokens
        ]

    def merged(self, answer: Mapping[str, object]) -> Parsed:
        data = self._object(self.root, answer, self.parsed.data, "")
        return Parsed(data, self.places, self.confidence)

    def _object(self, field: Field, answer: Any, known: Any, path: str) -> dict[str, Any]:
        answer = answer if isinstance(answer, Mapping) else {}
        known = known if isinstance(known, Mapping) else {}
        merged = {}
        for child in field.children:
            below = f"{path}.{child.name}" if path else child.name
            merged[child.name] = self._any(child, answer.get(child.name), known.get(child.name), below)
        return merged

    def _any(self, field: Field, answer: object, known: object, path: str) -> object:
        if field.type is Type.OBJECT:
            return self._object(field, answer, known, path)
        if field.type is Type.ARRAY:
            return self._array(field, answer, known if isinstance(known, list) else [], path)
        return self._value(field, answer, known, path)

    def _value(self, field: Field, answer: object, known: object, path: str) -> object:
        """The rules' value stays, unless the pages show another that the model gave."""
        value = fitting(field, answer)
        if value is None or value == known:
            return known
        spans = self.locate(field, value)
        if spans:
            self.places[path] = spans
            self.confidence[path] = _SHOWN
            return value
        if known is not None:
            return known
        self.places[path] = []
        self.confidence[path] = _UNSEEN
        self.notes.append(f"PARSING: {path} was given by the language model and is not found on the pages.")
        return value

    def _array(self, field: Field, answer: object, known: list[object], path: str) -> list[object]:
        """A list is taken whole or not at all, when more of it stands on the pages than of the rules' own."""
        item = field.items
        if item is None or not isinstance(answer, list) or not answer:
            return known
        located, given = self._count(item, answer)
        if located <= sum(path_.startswith(f"{path}[") for path_ in self.places) or located < _HALF * given:
            return known
        self.places = {name: spans for name, spans in self.places.items() if not name.startswith(f"{path}[")}
        self.confidence = {name: said for name, said in self.confidence.items() if not name.startswith(f"{path}[")}
        return [self._any(item, one, None, f"{path}[{index}]") for index, one in enumerate(answer)]

    def _count(self, item: Field, rows: Sequence[Any]) -> tuple[int, int]:
        pairs = [pair for row in rows for pair in _leaves(item, row)]
        return sum(bool(self.locate(field, value)) for field, value in pairs), len(pairs)

    def locate(self, field: Field, value: object) -> list[Span]:
        """The words that say this value; nothing for what is said by no words, such as yes and no."""
        if isinstance(value, bool):
            return []
        if isinstance(value, int | float):
            return next(self._numbers(float(value)), [])
        if field.is_date and (found := next(self._dates(str(value)), [])):
            return found
        return self._text(str(value))

    def _numbers(self, value: float) -> Iterator[list[Span]]:
        for cell in self.grid.cells:
            for span, number in find_figures(cell.span, self.grid.style):
                if abs(number.value - value) < 1e-6:
                    yield [span]

    def _dates(self, value: str) -> Iterator[list[Span]]:
        for cell in self.grid.cells:
            for day in find_dates(cell.text, self.grid.style):
                if day.value.isoformat() == value[:10]:
                    yield [Span(cell, day.start, day.end)]

    def _text(self, value: str) -> list[Span]:
        wanted = [token.text for token in tokenise(value)]
        if not 0 < len(wanted) <= _FURTHEST:
            return []
        for start in range(len(self._words) - len(wanted) + 1):
            if all(self._words[start + n][0] == word for n, word in enumerate(wanted)):
                return joined(stretch for _, stretch in self._words[start : start + len(wanted)])
        return []


def _leaves(field: Field, value: Any) -> Iterator[tuple[Field, Any]]:
    if field.type is Type.OBJECT:
        for child in field.children if isinstance(value, Mapping) else ():
            yield from _leaves(child, value.get(child.name))
    elif (fits := fitting(field, value)) is not None:
        yield field, fits


def fitting(field: Field, value: object) -> object:
    """The value if it is of the field's type, else None. An empty text is no value."""
    if field.options:
        return value if any(option.value == value for option in field.options) else None
    match field.type:
        case Type.BOOLEAN:
            return value if isinstance(value, bool) else None
        case Type.NUMBER | Type.INTEGER:
            return _number(field, value)
        case Type.STRING:
            return _string(field, value)
    return None


def _number(field: Field, value: Any) -> float | int | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value or abs(value) == float("inf"):
        return None
    if field.type is Type.INTEGER:
        return int(value) if value == int(value) else None
    return value


def _string(field: Field, value: object) -> str | None:
    if not isinstance(value, str) or not value.strip():
        return None
    if field.format == "date":
        try:
            date.fromisoformat(value.strip())
        except ValueError:
            return None
    return value.strip()
