"""One rule on one result: what its terms evaluate to, and whether it holds. Every step is paid for out of a budget."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, DecimalException
from typing import Any

from extractions.evidence.rules.budget import Budget
from extractions.evidence.rules.language import (
    Both,
    Comparison,
    Condition,
    Constant,
    Given,
    Matches,
    OneOf,
    Path,
    Sum,
    Term,
    Today,
    Total,
)
from extractions.evidence.rules.pattern import matches
from extractions.evidence.rules.record import EMPTY, day_of
from extractions.result.numbers import bounded, decimal_of
from extractions.result.paths import without_rows
from extractions.result.rows import rows_of

HALF_A_CENT = Decimal("0.005")
MOST_PATHS = 50
LETTERS_PER_STEP = 500
Known = Decimal | date | str


def row_of(path: str) -> str:
    """The row of the outermost list that the path goes through: `lines[2]`; empty for a single value."""
    return next(rows_of(path), "")


@dataclass(slots=True)
class Record:
    """The values of one result as rules look them up; sums are worked out once, however many rows ask for them."""

    values: Mapping[str, object]
    paths: dict[str, list[str]] = field(default_factory=dict)
    """Path without rows to all paths."""
    in_row: dict[tuple[str, str], str] = field(default_factory=dict)
    rows: dict[str, dict[str, None]] = field(default_factory=dict)
    """The rows of each outermost list, in their order."""
    totals: dict[tuple[str, str], Decimal | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for path in self.values:
            name, row = without_rows(path), row_of(path)
            self.paths.setdefault(name, []).append(path)
            self.in_row.setdefault((name, row), path)
            if row:
                self.rows.setdefault(row[: row.rindex("[")], {})[row] = None

    def path(self, name: str, row: str) -> str:
        """As it is in the values: in the row that is judged, or the only one of that name."""
        plain = without_rows(name)
        found = self.in_row.get((plain, row))
        if found is not None:
            return found
        there = self.paths.get(plain)
        if not there:
            return name
        of_list = row[: row.rindex("[")] if row else ""
        if row and row_of(there[0]).startswith(f"{of_list}["):
            return name.replace(f"{of_list}[]", row, 1)  # other rows have it, this one does not
        return there[0]


class Evaluation:
    """One rule in one row. `used` are the paths that were looked at, as many as a person can take in."""

    def __init__(self, record: Record, row: str, today: date, budget: Budget) -> None:
        self.record, self.row, self.today, self.budget = record, row, today, budget
        self.used: dict[str, None] = {}

    def holds(self, tree: Condition) -> bool | None:
        """None where it cannot be told."""
        self.budget.spend()
        match tree:
            case Both(how, left, right):
                return self._both(how, self.holds(left), right)
            case Given(path, wanted):
                return (self.record.values.get(self.look_up(path.name)) not in EMPTY) is wanted
            case OneOf(left, choices):
                value = self.value(left)
                self.budget.spend(len(choices) // 10)
                return None if value is None else text_of(value).casefold() in {choice.casefold() for choice in choices}
            case Matches(left, pattern):
                value = self.value(left)
                return None if value is None else self._matches(pattern, text_of(value))
            case Comparison(sign, left, right):
                return compared(sign, self.value(left), self.value(right))

    def value(self, term: Term) -> Known | None:
        self.budget.spend()
        match term:
            case Constant(value):
                return value
            case Today():
                return self.today
            case Path(name):
                return _known(self.record.values.get(self.look_up(name)))
            case Total(how, path):
                return self._total(how, path.name)
            case Sum(sign, left, right):
                return _joined(sign, self.value(left), self.value(right))

    def look_up(self, name: str) -> str:
        path = self.record.path(name, self.row)
        self._note((path,))
        return path

    def expected(self, tree: Condition) -> dict[str, object]:
        """What a value would have to be for an equation to hold."""
        match tree:
            case Comparison("=", Path(), right):
                wanted = self.value(right)
                if isinstance(wanted, Decimal):
                    return {"expected": float(wanted)}
                return {"expected": str(wanted)} if wanted is not None else {}
        return {}

    def _both(self, how: str, left: bool | None, right: Condition) -> bool | None:
        if how == "then":
            return self.holds(right) if left else None
        other = self.holds(right)
        if left is None or other is None:
            return other if left is None else left
        return left and other if how == "and" else left or other

    def _matches(self, pattern: str, text: str) -> bool | None:
        self.budget.spend(1 + len(text) // LETTERS_PER_STEP)
        return matches(pattern, text)

    def _total(self, how: str, name: str) -> Decimal | None:
        paths = self.record.paths.get(without_rows(name), [])
        self._note(paths if how == "sum" else ())
        key = (how, without_rows(name))
        if key not in self.record.totals:
            self.budget.spend(len(paths))
            self.record.totals[key] = _total(how, [self.record.values[path] for path in paths])
        return self.record.totals[key]

    def _note(self, paths: Iterable[str]) -> None:
        for path in paths:
            if len(self.used) >= MOST_PATHS:
                return
            self.used[path] = None


def compared(sign: str, left: Known | None, right: Known | None) -> bool | None:
    left, right = _alike(left, right)
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        return _ordered(sign, left, right, same=abs(left - right) <= HALF_A_CENT)
    if isinstance(left, str) and isinstance(right, str):
        left, right = left.strip().casefold(), right.strip().casefold()
        return _ordered(sign, left, right, same=left == right)
    if isinstance(left, date) and isinstance(right, date):
        return _ordered(sign, left, right, same=left == right)
    return None


def text_of(value: Known) -> str:
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


def _ordered(sign: str, left: Any, right: Any, *, same: bool) -> bool:
    match sign:
        case "=":
            return same
        case "!=":
            return not same
        case "<":
            return bool(left < right) and not same
        case ">":
            return bool(left > right) and not same
        case "<=":
            return bool(left < right) or same
    return bool(left > right) or same


def _known(value: object) -> Known | None:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value in EMPTY:
        return None
    if isinstance(value, int | float):
        return decimal_of(value)
    return day_of(value) or str(value)


def _total(how: str, values: list[object]) -> Decimal | None:
    if how == "count":
        return Decimal(sum(value not in EMPTY for value in values))
    numbers = [decimal_of(value) for value in values if isinstance(value, int | float)]
    known = [number for number in numbers if number is not None]
    return bounded(sum(known, Decimal(0))) if known else None


def _alike(left: Known | None, right: Known | None) -> tuple[Known | None, Known | None]:
    """A number that the schema calls a text is compared as a number where the other side is one."""
    if isinstance(left, str) and isinstance(right, Decimal):
        return decimal_of(left.replace(" ", "")), right
    if isinstance(right, str) and isinstance(left, Decimal):
        return left, decimal_of(right.replace(" ", ""))
    return left, right


def _joined(sign: str, left: Known | None, right: Known | None) -> Known | None:
    try:
        if isinstance(left, date) and isinstance(right, Decimal) and sign in "+-":
            return left + timedelta(days=int(right if sign == "+" else -right))
        if isinstance(left, date) and isinstance(right, date) and sign == "-":
            return Decimal((left - right).days)
        if not isinstance(left, Decimal) or not isinstance(right, Decimal):
            return None
        return bounded(_calculated(sign, left, right))
    except (DecimalException, OverflowError):
        return None


def _calculated(sign: str, left: Decimal, right: Decimal) -> Decimal:
    match sign:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
    return left / right
