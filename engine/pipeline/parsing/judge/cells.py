"""How likely each cell of a list is right: by its column's head, by the rows beside it, and by what they add up to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from typing import TypeGuard

import numpy as np
from rapidfuzz import fuzz

from ..candidates import Candidate
from ..concepts import column_of, likeliest
from ..field_queries import ListRead
from ..fields import Field
from ..money import close
from ..schema_extractor import typed
from ..tables.headers import Column
from ..text_grid import Span, words_of_name
from .options import Surveyed, key_of
from .pair_features import TYPES
from .surroundings import Floats

CONCEPTS = (
    "position", "description", "article_number", "quantity", "unit", "unit_price", "net_amount", "gross_amount",
    "vat_rate", "vat_amount", "taxable_amount", "discount", "date", "debit", "credit", "balance",
)  # fmt: skip
_QUANTITY, _PRICE = "quantity", "unit_price"
_AMOUNTS = ("net_amount", "gross_amount")
NAMES = (
    "score", *(f"type_{one}" for one in TYPES), *(f"is_{one}" for one in CONCEPTS), "sureness", "rows", "row", "first",
    "last", "row_filled", "row_filled_lead", "column_filled", "columns", "product", "product_share", "sum",
    "head_found", "head_concept", "head_alike", "shared_place", "same_in_row", "confidence",
    "recognised", "is_receipt", "in_items",
    "edge", "gap", "digits", "letters", "words", "spans", "places_usual", "repeats", "labelled", "like_head", "scalar",
    "size",
)  # fmt: skip


@dataclass(eq=False, slots=True)
class ListCell:
    """One cell of a list: its path, its value in the wanted type, and the features for the model."""

    path: str
    name: str
    index: int
    value: object
    spans: tuple[Span, ...]
    row: Floats
    probability: float = 0.0


class ListCells:
    """All cells of one list, with what its columns have in common."""

    def __init__(self, read: ListRead, survey: Surveyed) -> None:
        self._read, self._survey = read, survey
        self._rows = read.rows
        item = read.field.items or read.field
        self._fields = {child.name: child for child in item.children} or {"": item}
        self._concepts = {name: likeliest(column_of(field)) for name, field in self._fields.items()}
        self._values = [
            {name: typed(self._fields[name], one) for name, one in row.items() if name in self._fields}
            for row in self._rows
        ]
        self._products = [self._product(values) for values in self._values]
        self._sum = self._sum_of_amounts()
        self._columns = {name: self._column(name) for name in self._fields}
        self._tops = [_top(row) for row in self._rows]

    def cells(self) -> list[ListCell]:
        found = []
        for index, row in enumerate(self._rows):
            for name, one in row.items():
                value = self._values[index].get(name)
                if value is None:
                    continue
                path = f"{self._read.path}[{index}].{name}" if name else f"{self._read.path}[{index}]"
                found.append(ListCell(path, name, index, value, one.spans, self._features(index, name, one)))
        return found

    def _product(self, values: Mapping[str, object]) -> int:
        """1 if quantity times price is the amount of a row, -1 if it is not, 0 if that cannot be said."""
        by_concept = {self._concepts[name]: float(value) for name, value in values.items() if _is_number(value)}
        amount = next((by_concept[name] for name in _AMOUNTS if name in by_concept), None)
        if amount is None or _QUANTITY not in by_concept or _PRICE not in by_concept:
            return 0
        whole = by_concept[_QUANTITY] * by_concept[_PRICE]
        discounted = whole * (1 - by_concept.get("discount", 0) / 100)
        return 1 if close(whole, amount, 0.011) or close(discounted, amount, 0.011) else -1

    def _sum_of_amounts(self) -> int:
        for name, concept in self._concepts.items():
            if concept in _AMOUNTS:
                given = [values.get(name) for values in self._values]
                amounts = [float(value) for value in given if _is_number(value)]
                if not amounts or not self._survey.totals:
                    return 0
                return 1 if any(close(sum(amounts), total, 0.02) for total in self._survey.totals) else -1
        return 0

    def _column(self, name: str) -> tuple[float, float, float, str]:
        """What a column has in common: the share of rows that have it, its edges, and its usual decimals."""
        cells = [row[name] for row in self._rows if name in row and row[name].spans]
        if not cells:
            return 0.0, 0.0, 0.0, ""
        boxes = [cell.spans[0].box for cell in cells]
        shapes = [_shape(cell.spans[0].text) for cell in cells]
        return (
            len(cells) / len(self._rows), median(box.x0 for box in boxes), median(box.x1 for box in boxes),
            max(set(shapes), key=lambda shape: (shapes.count(shape), shape)),
        )  # fmt: skip

    def _features(self, index: int, name: str, one: Candidate) -> Floats:
        field, concept = self._fields[name], self._concepts[name]
        options = column_of(field)
        filled = [len(row) / max(1, len(self._fields)) for row in self._rows]
        checked = [product for product in self._products if product]
        count = len(self._rows)
        return np.array(
            [
                one.score, *(field.type is kind for kind in TYPES), *(concept == other for other in CONCEPTS),
                options.get(concept, 0.0), min(count, 40), min(index, 40), index == 0, index == count - 1,
                filled[index], filled[index] - max(filled), self._columns[name][0], len(self._fields),
                self._products[index], sum(one > 0 for one in checked) / len(checked) if checked else 0, self._sum,
                *self._head(name, one), *self._place(index, name, one), *self._text(index, name, one),
            ],
            np.float32,
        )  # fmt: skip

    def _head(self, name: str, one: Candidate) -> tuple[float, float, float]:
        """How well the head above a cell says what its field is."""
        column = self._column_above(one.spans[0]) if one.spans else None
        if column is None:
            return 0.0, 0.0, 0.0
        concept = self._concepts[name]
        means = 1.0 if column.concept and column.concept == concept else column.options.get(concept, 0.0)
        return 1.0, means, _alike(self._fields[name], column.text)

    def _column_above(self, span: Span) -> Column | None:
        box = span.box
        for header in reversed(self._survey.headers):
            if header.page > span.page or (header.page == span.page and header.last_row >= span.cell.row):
                continue
            shared = [(min(box.x1, one.box.x1) - max(box.x0, one.box.x0), one) for one in header.columns]
            best = max(shared, key=lambda pair: pair[0], default=None)
            return best[1] if best is not None and best[0] > 0 else None
        return None

    def _place(self, index: int, name: str, one: Candidate) -> list[float]:
        survey = self._survey
        if not one.spans:
            return [0, 0, 0, survey.recognised, survey.is_receipt, 0, 0, 0]
        span, box = one.spans[0], one.spans[0].box
        others = [cell for other, cell in self._rows[index].items() if other != name and cell.spans]
        shared = any(
            span.cell is part.cell and span.start < part.end and part.start < span.end
            for cell in others
            for part in cell.spans
        )
        same = sum(key_of(cell.value) == key_of(one.value) for cell in others)
        _, x0, x1, _ = self._columns[name]
        gaps = [below - above for above, below in zip(self._tops, self._tops[1:], strict=False) if below > above]
        gap = self._tops[index] - self._tops[index - 1] if index else 0.0
        sure = min(word.confidence for span in one.spans for word in span.cell.words)
        return [
            shared, same, sure, survey.recognised, survey.is_receipt, span.cell in survey.finder.banned,
            min(abs(box.x0 - x0), abs(box.x1 - x1)), gap / median(gaps) if gaps and gap > 0 else 1.0,
        ]  # fmt: skip

    def _text(self, index: int, name: str, one: Candidate) -> list[float]:
        text = " ".join(span.text for span in one.spans)
        size = max(1, len(text))
        key = key_of(one.value)
        repeats = sum(name in row and key_of(row[name].value) == key for row in self._rows)
        usual = self._columns[name][3]
        value = self._values[index].get(name)
        return [
            sum(char.isdigit() for char in text) / size, sum(char.isalpha() for char in text) / size,
            min(len(text.split()), 30), len(one.spans), bool(one.spans) and _shape(one.spans[0].text) == usual,
            repeats / len(self._rows), one.label is not None, _alike(self._fields[name], text), not name,
            float(np.log1p(min(abs(float(value)), 1e9))) if _is_number(value) else size / 100,
        ]  # fmt: skip


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _top(row: Mapping[str, Candidate]) -> float:
    tops = [one.spans[0].page + one.spans[0].box.y0 for one in row.values() if one.spans]
    return min(tops, default=0.0)


def _shape(text: str) -> str:
    """Figures and letters as 9 and a, repeated ones once: the decimals of a column are alike."""
    kinds = ["9" if char.isdigit() else "a" if char.isalpha() else char for char in text]
    return "".join(kind for at, kind in enumerate(kinds) if at == 0 or kind != kinds[at - 1])


def _alike(field: Field, text: str) -> float:
    words = " ".join(words_of_name(text))
    names = [" ".join(words_of_name(name)) for name in (field.name, field.title) if name]
    return max((fuzz.token_set_ratio(name, words) for name in names), default=0.0) / 100
