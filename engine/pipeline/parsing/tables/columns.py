"""What each column of a table holds, decided for all columns together."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from heapq import nlargest
from itertools import pairwise

from reading.literals.numbers import find_numbers
from reading.literals.style import Style

from ..text_grid import Span
from .headers import NUMERIC, Column

_MOST = 400
"""Ways of naming the columns that are kept while one column after the other is named."""
_FIGURES = ("quantity", "unit_price", "net_amount", "vat_rate", "discount")
_NAMED = 0.6
_BY_CONTENT = 0.15
"""What stands in a column says less of it than any name, and counts only below what is surely a head."""

_UNIT_LETTERS = 8
_BY_PROOF = 0.02
"""What any figure may be if the arithmetic of the rows proves it."""
_CODE = re.compile(r"\S*\d\S*|[A-Z][A-Z0-9./_-]+")
"""A word with a digit, or one in capitals."""

TIMES = re.compile(r"^(?P<count>\d{1,4}(?:[.,]\d{1,3})?)\s?[x×]$", re.IGNORECASE)
"""How many of a thing: '2x'."""

Lines = Sequence[Mapping[Column, Sequence[Span]]]
Choice = tuple[tuple[str, float], ...]


def assign(columns: Sequence[Column], lines: Lines, style: Style) -> None:
    """Set the concept of each column: by its name, by what stands in it, and by quantity x price = amount."""
    figures = {column: [_number(line.get(column), style) for line in lines] for column in columns}
    choices: list[Choice] = [()]
    is_head = sum(max(column.options.values(), default=0.0) >= _NAMED for column in columns) > 1 and len(columns) > 2
    for column in columns:
        options = _options(column, figures[column], lines, is_head)
        longer = [(*choice, option) for choice in choices for option in options if _is_free(option, choice)]
        choices = nlargest(_MOST, longer, key=lambda choice: sum(quality for _, quality in choice))
    best = max(choices, key=lambda choice: _score(choice, columns, figures))
    for column, (concept, _) in zip(columns, best, strict=True):
        column.concept = concept


def _is_free(option: tuple[str, float], choice: Choice) -> bool:
    return not option[0] or all(option[0] != concept for concept, _ in choice)


def _score(choice: Choice, columns: Sequence[Column], figures: Mapping[Column, Sequence[float | None]]) -> float:
    return sum(quality for _, quality in choice) + _arithmetic(columns, choice, figures) + _order(choice)


def _options(column: Column, figures: Sequence[float | None], lines: Lines, is_head: bool) -> list[tuple[str, float]]:
    """The likeliest meanings of one column; without a fitting name, what stands in it decides."""
    share = sum(number is not None for number in figures) / max(1, len(figures))
    texts = [span.text for line in lines for span in line.get(column, ())]
    found = {}
    for concept, quality in column.options.items():
        fits = 1.0 if concept not in NUMERIC or share > 0 else 0.3
        if concept in ("description",) and share > 0.7:
            fits = 0.5
        if concept == "position" and texts and not _ascends(figures, texts):
            fits = 0.4
        found[concept] = quality * fits
    if texts and all(TIMES.fullmatch(text) for text in texts):
        return [("quantity", 1.0), ("", 0.0)]
    if found.get("description") and _are_codes(texts):
        found["article_number"] = max(found.get("article_number", 0.0), 0.7 * found["description"])
    bare = not any(char.isalpha() for text in texts for char in text)
    if bare and _counts(figures) and not NUMERIC & set(column.options):
        return [("position", 1.2), ("", 0.0)]
    _add_unnamed(found, column, texts, share, is_head)
    ranked = sorted(found.items(), key=lambda pair: -pair[1])
    return [*ranked[:8], ("", 0.0)]


def _add_unnamed(found: dict[str, float], column: Column, texts: Sequence[str], share: float, is_head: bool) -> None:
    """What the column may hold besides, whatever it is called, by its cells."""
    shares = sum("%" in text for text in texts) > 0.5 * len(texts)
    if share >= 0.6 and is_head and not shares:
        for concept in ("quantity", "unit_price", "net_amount"):
            found.setdefault(concept, _BY_PROOF)
    if (
        share >= 0.3
        and found.get("quantity", 0.0) <= _BY_PROOF
        and not {"net_amount", "unit_price"} & set(column.options)
    ):
        found["quantity"] = 0.1
    if is_head and max(column.options.values(), default=0.0) < 0.75:
        for concept, quality in _by_content(texts, share).items():
            found[concept] = max(found.get(concept, 0.0), quality)


def _by_content(texts: Sequence[str], share: float) -> dict[str, float]:
    """What a column without a known name may be, by its cells: names of things, codes, units, amounts."""
    if not texts:
        return {}
    if share >= 0.6:
        return dict.fromkeys(_FIGURES, _BY_CONTENT)
    wordy = sum(len(re.findall(r"[^\W\d_]{2,}", text)) > 1 for text in texts) / len(texts)
    longest = max(len(text) for text in texts)
    if _are_codes(texts):
        return {"article_number": 2 * _BY_CONTENT}
    if wordy < 0.3 and longest <= 10:
        return {"unit": 2 * _BY_CONTENT}
    return {"description": 2 * _BY_CONTENT + 0.1 * wordy}


def _are_codes(texts: Sequence[str]) -> bool:
    return sum(bool(_CODE.fullmatch(text)) for text in texts) > 0.7 * len(texts)


def _arithmetic(columns: Sequence[Column], choice: Choice, figures: Mapping[Column, Sequence[float | None]]) -> float:
    """How many lines agree with quantity x price = amount, less a discount in percent."""
    at = {concept: figures[columns[index]] for index, (concept, _) in enumerate(choice) if concept}
    amounts = at.get("net_amount") or at.get("gross_amount")
    if not ("quantity" in at and "unit_price" in at and amounts is not None):
        return 0.0
    discounts = at.get("discount") or [None] * len(amounts)
    rows = zip(at["quantity"], at["unit_price"], amounts, discounts, strict=True)
    full = [(q, p, a, d) for q, p, a, d in rows if q is not None and p is not None and a is not None]
    right = sum(agrees(quantity * price, amount, discount) for quantity, price, amount, discount in full)
    return 1.5 * right / len(full) if full else 0.0


def agrees(whole: float, amount: float, discount: float | None) -> bool:
    tolerance = 0.02 + 0.001 * abs(amount)
    less = whole * (1 - discount / 100) if discount is not None and 0 < discount < 100 else whole
    return abs(whole - amount) <= tolerance or abs(less - amount) <= tolerance


def _order(choice: Choice) -> float:
    """The amount of a line commonly stands to the right of its price, and always of the name of the thing."""
    names = [concept for concept, _ in choice]
    score = 0.0
    if "unit_price" in names and "net_amount" in names:
        score += 0.2 if names.index("net_amount") > names.index("unit_price") else -0.2
    if "unit_price" in names and not {"quantity", "net_amount", "gross_amount"} & set(names):
        score -= 0.3  # the only amount of a line is that of the line
    if "description" in names and "net_amount" in names and names.index("net_amount") < names.index("description"):
        score -= 0.5
    return score


def _number(spans: Sequence[Span] | None, style: Style) -> float | None:
    bare = (TIMES.sub(r"\g<count>", span.text) for span in spans or () if _is_bare(span.text))
    found = (number for text in bare for number in find_numbers(text, style))
    number = next(found, None)
    return number.value if number else None


def _is_bare(text: str) -> bool:
    """A figure with its unit or currency, and no name that happens to hold one."""
    letters = sum(char.isalpha() for char in text)
    return letters <= _UNIT_LETTERS or letters <= sum(char.isdigit() for char in text)


def _ascends(figures: Sequence[float | None], texts: Sequence[str]) -> bool:
    """Whether the cells are nothing but the numbers of the rows, in their order."""
    numbers = [number for number in figures if number is not None]
    bare = all(re.fullmatch(r"\W*\d{1,4}(?:\.\d{1,2})?\W*", text) for text in texts)
    return bare and all(one < other for one, other in pairwise(numbers))


def _counts(figures: Sequence[float | None]) -> bool:
    """Whether the figures of a column do nothing but count the rows."""
    numbers = [number for number in figures if number is not None]
    return bool(numbers) and numbers == [float(order) for order in range(1, len(numbers) + 1)]
