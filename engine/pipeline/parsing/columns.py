"""What each column of a table holds, decided for all columns together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice, product

from ..values import Style, find_numbers
from .headers import NUMERIC, Column
from .sheet import Span

_MOST = 4000


def assign(columns: Sequence[Column], lines: Sequence[Mapping[Column, Sequence[Span]]], style: Style) -> None:
    """Set the concept of each column: by its name, by what stands in it, and by quantity x price = amount."""
    figures = {column: [_number(line.get(column), style) for line in lines] for column in columns}
    bare = {column: all(_bare(line.get(column)) for line in lines) for column in columns}
    options = [_options(column, figures[column], bare[column]) for column in columns]
    best_score, best_choice = -1.0, tuple("" for _ in columns)
    for choice in islice(product(*options), _MOST):
        named = [concept for concept, _ in choice if concept]
        if len(set(named)) < len(named):
            continue
        score = sum(quality for _, quality in choice) + _arithmetic(columns, choice, figures) + _order(choice)
        if score > best_score:
            best_score, best_choice = score, tuple(concept for concept, _ in choice)
    for column, concept in zip(columns, best_choice, strict=True):
        column.concept = concept


def _bare(spans: Sequence[Span] | None) -> bool:
    return not any(char.isalpha() for span in spans or () for char in span.text)


def _options(column: Column, figures: Sequence[float | None], bare: bool) -> list[tuple[str, float]]:
    """The likeliest meanings of one column; figures without a fitting name may still be quantities."""
    share = sum(number is not None for number in figures) / max(1, len(figures))
    found = []
    for concept, quality in column.options.items():
        fits = 1.0 if concept not in NUMERIC or share > 0 else 0.3
        if concept in ("description",) and share > 0.7:
            fits = 0.5
        found.append((concept, quality * fits))
    if bare and _counts(figures) and not NUMERIC & set(column.options):
        return [("position", 1.2)]
    if share >= 0.3 and "quantity" not in column.options and not {"net_amount", "unit_price"} & set(column.options):
        found.append(("quantity", 0.1))
    found.sort(key=lambda pair: -pair[1])
    return [*found[:4], ("", 0.0)]


def _arithmetic(
    columns: Sequence[Column], choice: Sequence[tuple[str, float]], figures: Mapping[Column, Sequence[float | None]]
) -> float:
    at = {concept: columns[index] for index, (concept, _) in enumerate(choice) if concept}
    amount = at.get("net_amount") or at.get("gross_amount")
    if not ("quantity" in at and "unit_price" in at and amount is not None):
        return 0.0
    rows = zip(figures[at["quantity"]], figures[at["unit_price"]], figures[amount], strict=True)
    full = [(q, p, a) for q, p, a in rows if q is not None and p is not None and a is not None]
    right = sum(abs(q * p - a) <= 0.02 + 0.001 * abs(a) for q, p, a in full)
    return 1.5 * right / len(full) if full else 0.0


def _order(choice: Sequence[tuple[str, float]]) -> float:
    """The amount of a line commonly stands to the right of its price."""
    names = [concept for concept, _ in choice]
    if "unit_price" in names and "net_amount" in names:
        return 0.2 if names.index("net_amount") > names.index("unit_price") else -0.2
    return 0.0


def _number(spans: Sequence[Span] | None, style: Style) -> float | None:
    found = (number for span in spans or () for number in find_numbers(span.text, style))
    number = next(found, None)
    return number.value if number else None


def _counts(figures: Sequence[float | None]) -> bool:
    """Whether the figures of a column do nothing but count the rows."""
    numbers = [number for number in figures if number is not None]
    return bool(numbers) and numbers == [float(order) for order in range(1, len(numbers) + 1)]
