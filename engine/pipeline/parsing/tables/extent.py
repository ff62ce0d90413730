"""Which lines below a head are rows, and where the table ends: by their form, and by what their amounts add up to."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from reading.literals.numbers import find_numbers
from reading.normalization import fold

from ..labels import LabelMap
from ..money import GROSS, NET, TAX, close
from ..readers import find_figures
from ..records.labelled import ACCOUNT_PHRASES
from ..text_grid import Cell, TextGrid
from .columns import agrees
from .headers import NUMERIC, Column
from .lines import Line

_CARRIED = re.compile(
    r"\W*(?:(?:sub-?total|zwischensumme|sous-total|subtotaal)\W+)?(?:continued|carried (?:forward|over)|brought forward"
    r"|suite|a suivre|a reporter|report (?:a|de la page|page)\b|report\W*$|fortsetzung|ubertrag|vervolg"
    r"|te transporteren|transport(?:\W*$| vorige))"
)
OF_TOTALS = frozenset((NET, TAX, GROSS, "line_total", "amount_due", "prepaid_amount")) | {
    "charge_total",
    "allowance_total",
    "rounding",
    "vat_rate",
    "cash",
    "change",
    "count",
}
_OF_PAY = frozenset(("gross_pay", "net_pay", "net_before_tax", "net_taxable", "deductions"))
"""What the totals of a payslip are called."""
_AMOUNT = re.compile(r"\W*(?:[^\W\d_]{1,4}\W*)?\d[\d.,'’\s]*[^\w%]*(?:[^\W\d_]{1,4})?[^\w%]*")
"""A figure and perhaps its currency."""
_COVERED = 0.5
"""Of a cell: what is named after a total besides has a longer name ('Balance bike')."""
_PROVED, _ADDED_UP, _ALONE = 1.5, 2.0, 0.8
_NAMED_A_TOTAL, _NAMED_BUT_FULL = -1.5, -0.5
_NEXT = 0.6
"""More where the very next amount is the sum."""
_SUMMED_UP = -1.5
_FAR, _DISTANT = 2.0, -1.0
_APART, _NAMELESS, _OVER, _KEYLESS, _PASSED = -1.5, -1.0, -1.0, -0.3, -0.4
_STRICT, _LENIENT = 0.0, -1.2
_NEVER = frozenset((NET, TAX, GROSS, "line_total", "amount_due", "prepaid_amount", "vat_rate"))
"""Names of sums; charges may stand as the last row."""
_MANY_FIGURES = 3
_LOOKED_AT = 60
"""Amounts below a row that may be the sum of the rows up to it."""


@dataclass(frozen=True, slots=True)
class Extent:
    """The lines that hold the figures of a row each, the last line of the table, and whether the sum was found."""

    anchors: tuple[int, ...]
    last: int
    added_up: bool = False


@dataclass(frozen=True, slots=True)
class _Choice:
    score: float
    extent: Extent


class RowScorer:
    """How much each line of a body looks like the first line of a row."""

    def __init__(self, grid: TextGrid, labels: LabelMap, columns: Sequence[Column], sample: Sequence[Line]) -> None:
        self._labels = labels
        self._style = grid.style
        self._at = {column.concept: column for column in columns if column.concept}
        amounts = [self._at[concept] for concept in ("net_amount", "gross_amount") if concept in self._at]
        self.amount = amounts[0] if amounts else None
        numeric = {column for column in columns if column.numeric and column.concept != "discount"}
        self.keys = set(amounts) or numeric
        self._usual = self._figures_of_most(sample)

    def _figures_of_most(self, sample: Sequence[Line]) -> frozenset[Column]:
        sets = Counter(frozenset(line.numeric()) for line in sample if line.numeric() & self.keys)
        return max(sets, key=lambda figures: (sets[figures] * len(figures), len(figures)), default=frozenset())

    def score(self, line: Line) -> float | None:
        """None for a line that has not the figures of a row."""
        figures = line.numeric()
        usual = figures & self._usual
        if not (figures & self.keys) and len(usual) < 2:
            return None
        proved = self._proves(line)
        score = 2 * len(usual) / max(1, len(self._usual)) - 1
        score += (_PROVED if proved else 0.0) + (0.0 if figures & self.keys else _KEYLESS)
        if names_a_total(line.cells, self._labels):
            doubtful = proved or len(figures) >= _MANY_FIGURES or not names_a_total(line.cells, self._labels, _NEVER)
            score += _NAMED_BUT_FULL if doubtful else _NAMED_A_TOTAL
        if stands_apart(line):
            score += _APART
        if figures == figures & self.keys and not _words_beside(line):
            score += _NAMELESS
        if is_carried(line.cells) and len(figures) < 2:
            score += _OVER
        return score

    def value(self, line: Line, concept: str) -> float | None:
        column = self._at.get(concept)
        spans = line.parts.get(column, ()) if column is not None else ()
        return next((number.value for span in spans for _, number in find_figures(span, self._style)), None)

    def amount_of(self, line: Line) -> float | None:
        return self.value(line, self.amount.concept) if self.amount is not None else None

    def _proves(self, line: Line) -> bool:
        quantity, price = self.value(line, "quantity"), self.value(line, "unit_price")
        amount = self.amount_of(line)
        if quantity is None or price is None or not amount:
            return False
        return agrees(quantity * price, amount, self.value(line, "discount"))


def find_extent(grid: TextGrid, labels: LabelMap, lines: Sequence[Line], scorer: RowScorer) -> Extent:
    """The stretch of lines whose rows look most like rows, and best add up to an amount that is printed below."""
    scores = {index: score for index, line in enumerate(lines) if (score := scorer.score(line)) is not None}
    amounts = {index: scorer.amount_of(lines[index]) or 0.0 for index in scores}
    sums = {index for index in scores if names_a_total(lines[index].cells, labels, _NEVER)}
    for index in scores:
        scores[index] += _DISTANT if _is_far(lines, index) else 0.0
    named = {index: min(score, _LENIENT) if index in sums and score <= 0 else score for index, score in scores.items()}
    below = {end: _below(grid, lines[end].row) if scorer.amount else [] for end in scores}
    choices = [
        _choice(end, least, named, amounts, below[end])
        for end in scores
        for least in (_STRICT, _LENIENT)
        if named[end] > least
    ]
    best = max(choices, key=lambda choice: choice.score, default=None)
    return best.extent if best is not None else Extent((), -1)


def _is_sum(index: int, rows: Sequence[int], amounts: Mapping[int, float]) -> bool:
    """Whether a line that was passed over has the sum of the rows above it."""
    above = [amounts[row] for row in rows if row < index]
    return len(above) > 1 and close(sum(above), amounts[index])


def _is_far(lines: Sequence[Line], index: int) -> bool:
    """Whether a line stands further from the one above than any two lines before it, and further than rows do."""
    line = lines[index]
    gaps = [other.top - one.bottom for one, other in pairwise(lines[: index + 1]) if one.page == other.page]
    if len(gaps) < 2 or line.page != lines[index - 1].page:
        return False
    return gaps[-1] > max(_FAR * line.height, 1.5 * max(gaps[:-1]))


def _choice(
    end: int, least: float, scores: Mapping[int, float], amounts: Mapping[int, float], below: Sequence[float]
) -> _Choice:
    rows = tuple(index for index, score in scores.items() if index <= end and score > least)
    score = sum(scores[index] for index in rows)
    score += _PASSED * (sum(index <= end for index in scores) - len(rows))
    score -= sum(max(0.0, value) for index, value in scores.items() if index > end)
    score += _SUMMED_UP * sum(_is_sum(index, rows, amounts) for index in scores if index <= end and index not in rows)
    whole = round(sum(amounts[index] for index in rows), 2)
    added_up = bool(whole) and any(close(whole, amount, 0.02) for amount in below)
    if added_up:
        score += _ADDED_UP if len(rows) > 1 else _ALONE
        score += _NEXT if close(whole, below[0], 0.02) else 0.0
    return _Choice(score, Extent(rows, end, added_up))


def _below(grid: TextGrid, row: int) -> list[float]:
    found: list[float] = []
    for cells in grid.rows[row + 1 :]:
        found += [n.value for cell in cells for n in find_numbers(cell.text, grid.style) if n.places >= 2 or n.currency]
        if len(found) > _LOOKED_AT:
            break
    return found


def is_carried(row: Sequence[Cell]) -> bool:
    return _CARRIED.match(fold(row[0].text)) is not None


def names_a_total(row: Sequence[Cell], labels: LabelMap, names: frozenset[str] = OF_TOTALS) -> bool:
    """Whether the first words of a line, or those right before its last figure, are the name of a total."""
    wordy = [cell for cell in row if any(char.isalpha() for char in cell.text) and not _AMOUNT.fullmatch(cell.text)]
    return any(_is_label_of(cell, labels, names) for cell in (*wordy[:1], *wordy[-1:]))


def _is_label_of(cell: Cell, labels: LabelMap, names: frozenset[str]) -> bool:
    for label in labels.by_cell[cell][:1]:
        covers = (label.end - label.start) >= _COVERED * len(cell.text.rstrip(" :€0123456789.,%()"))
        if names & set(label.concepts) and label.start <= 2 and covers:
            return True
    return bool(_OF_PAY & set(ACCOUNT_PHRASES.exact([token.text for token in cell.tokens])))


def stands_apart(line: Line) -> bool:
    """A line whose only words stand in columns of figures is a total, whatever it is called."""
    wordy = [c for c, spans in line.parts.items() if any(len(re.findall(r"[^\W\d_]", s.text)) > 3 for s in spans)]
    return bool(wordy) and len(line.figures()) <= 2 and all(_surely_numeric(column) for column in wordy)


def _surely_numeric(column: Column) -> bool:
    return bool(column.options) and set(column.options) <= NUMERIC


def _words_beside(line: Line) -> bool:
    """Whether something is named in a column that is not one of figures."""
    spans = [span for column, spans in line.parts.items() if not column.numeric for span in spans]
    return any(char.isalnum() for span in spans for char in span.text)
