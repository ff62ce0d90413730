"""Rules that people wrote for a schema, judged on one result."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, DecimalException
from enum import StrEnum
from typing import Any

from extractions.evidence.rules import language
from extractions.evidence.rules.language import (
    Both,
    Comparison,
    Condition,
    Constant,
    Given,
    Matches,
    OneOf,
    Path,
    RuleError,
    Sum,
    Term,
    Today,
    Total,
)
from extractions.evidence.rules.pattern import matches
from extractions.evidence.rules.record import EMPTY, Finding, day_of, number_of

HALF_A_CENT = Decimal("0.005")
INDEX = re.compile(r"\[\d+\]")
Known = Decimal | date | str


@dataclass(frozen=True, slots=True)
class OwnRule:
    text: str
    message: str = ""


class Verdict(StrEnum):
    HOLDS = "holds"
    BROKEN = "broken"
    SILENT = "silent"
    """A value that the rule speaks of is empty."""


def judge(rules: Sequence[OwnRule], values: Mapping[str, Any], today: date) -> Iterator[Finding]:
    """What does not hold. A rule that speaks of an empty value says nothing, nor does one that nobody can read."""
    by_pattern = _by_pattern(values)
    for rule in rules:
        try:
            tree = language.parsed(rule.text)
        except RuleError:
            continue
        for row in _rows(tree, values):
            judged = _Judge(values, by_pattern, row, today)
            if judged.holds(tree) is False and judged.used:
                params = {"text": rule.text, "message": rule.message} | judged.expected(tree)
                yield Finding("own", tuple(dict.fromkeys(judged.used)), _result(tree, judged), params)


def verdict(rule: OwnRule, values: Mapping[str, Any], today: date) -> Verdict:
    """What the rule says of one result; raises `RuleError` if it is none."""
    tree, by_pattern = language.parsed(rule.text), _by_pattern(values)
    said = [_Judge(values, by_pattern, row, today).holds(tree) for row in _rows(tree, values)]
    if False in said:
        return Verdict.BROKEN
    return Verdict.HOLDS if True in said else Verdict.SILENT


def _by_pattern(values: Mapping[str, Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in values:
        found.setdefault(_bare(path), []).append(path)
    return found


def unknown_paths(tree: Condition, schema: Any) -> list[str]:
    """Paths of the rule that the schema does not announce; none for a schema that says nothing."""
    known = {_bare(path) for path in paths_of(schema)}
    return [path for path in dict.fromkeys(language.paths_in(tree)) if known and _bare(path) not in known]


def paths_of(schema: Any, path: str = "", depth: int = 0) -> Iterator[str]:
    """All values that a schema announces, as rules write them: `total`, `lines[].amount`."""
    if not isinstance(schema, Mapping) or depth > language.DEEPEST:
        return
    properties, items = schema.get("properties"), schema.get("items")
    if isinstance(properties, Mapping):
        for name, of in properties.items():
            yield from paths_of(of, f"{path}.{name}" if path else str(name), depth + 1)
    elif isinstance(items, Mapping):
        yield from paths_of(items, f"{path}[]", depth + 1)
    elif path:
        yield path


def _bare(path: str) -> str:
    """Without rows and brackets: `lines[2].amount`, `lines[].amount` and `lines.amount` are one."""
    return INDEX.sub("", path).replace("[]", "")


def _rows(tree: Condition, values: Mapping[str, Any]) -> list[str]:
    """The beginnings of the paths of each row that a rule is judged in; one empty one for a rule without rows."""
    lists = {path.partition("[]")[0] for path in _single_paths(tree) if "[]" in path}
    if not lists:
        return [""]
    name = min(lists)
    found = re.compile(rf"{re.escape(name)}\[\d+\]")
    return list(dict.fromkeys(match.group() for path in values if (match := found.match(path))))


def _single_paths(tree: Condition | Term) -> Iterator[str]:
    """Those that stand for one value, not for a sum."""
    match tree:
        case Path(name):
            yield name
        case Given(path, _):
            yield path.name
        case Sum(_, left, right) | Comparison(_, left, right) | Both(_, left, right):
            yield from _single_paths(left)
            yield from _single_paths(right)
        case OneOf(left, _) | Matches(left, _):
            yield from _single_paths(left)


def _result(tree: Condition, judged: _Judge) -> str:
    """The value that the rule is about: what stands alone on its left."""
    match tree:
        case Both("then", _, right):
            return _result(right, judged)
        case Comparison(_, Path(name), _) | OneOf(Path(name), _) | Matches(Path(name), _) | Given(Path(name), _):
            return judged.path(name)
        case Comparison(_, _, Path(name)):
            return judged.path(name)
    return judged.used[0]


class _Judge:
    """One rule in one row. `used` are the paths that were looked at."""

    def __init__(self, values: Mapping[str, Any], by_pattern: Mapping[str, list[str]], row: str, today: date) -> None:
        self.values, self.by_pattern, self.row, self.today = values, by_pattern, row, today
        self.used: list[str] = []

    def holds(self, tree: Condition) -> bool | None:
        """None where it cannot be told."""
        match tree:
            case Both(how, left, right):
                return self._both(how, self.holds(left), right)
            case Given(path, wanted):
                self.used.append(self.path(path.name))
                return (self.values.get(self.path(path.name)) not in EMPTY) is wanted
            case OneOf(left, choices):
                value = self.value(left)
                return None if value is None else _text(value).casefold() in {one.casefold() for one in choices}
            case Matches(left, pattern):
                value = self.value(left)
                return None if value is None else matches(pattern, _text(value))
            case Comparison(sign, left, right):
                return _compared(sign, self.value(left), self.value(right))

    def _both(self, how: str, left: bool | None, right: Condition) -> bool | None:
        if how == "then":
            return self.holds(right) if left else None
        other = self.holds(right)
        if left is None or other is None:
            return other if left is None else left
        return left and other if how == "and" else left or other

    def value(self, term: Term) -> Known | None:
        match term:
            case Constant(value):
                return value
            case Today():
                return self.today
            case Path(name):
                self.used.append(self.path(name))
                return _known(self.values.get(self.path(name)))
            case Total(how, path):
                return self._total(how, path.name)
            case Sum(sign, left, right):
                return _joined(sign, self.value(left), self.value(right))

    def path(self, name: str) -> str:
        """As it is in the values: in the row that is judged, or the only one of that name."""
        there = self.by_pattern.get(_bare(name), [])
        return next((path for path in there if not self.row or path.startswith(self.row)), there[0] if there else name)

    def _total(self, how: str, name: str) -> Decimal | None:
        paths = self.by_pattern.get(_bare(name), [])
        if how == "count":
            return Decimal(sum(self.values[path] not in EMPTY for path in paths))
        numbers = [number for path in paths if (number := number_of(self.values[path])) is not None]
        self.used.extend(paths)
        return sum(numbers, Decimal(0)) if numbers else None

    def expected(self, tree: Condition) -> dict[str, Any]:
        """What a value would have to be for an equation to hold."""
        match tree:
            case Comparison("=", Path(), right):
                wanted = self.value(right)
                if isinstance(wanted, Decimal):
                    return {"expected": float(wanted)}
                return {"expected": str(wanted)} if wanted is not None else {}
        return {}


def _known(value: Any) -> Known | None:
    if value in EMPTY and not isinstance(value, bool):
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    number = number_of(value)
    if number is not None:
        return number
    return day_of(value) or str(value)


def _text(value: Known) -> str:
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


def _compared(sign: str, left: Known | None, right: Known | None) -> bool | None:
    left, right = _alike(left, right)
    if left is None or right is None or type(left) is not type(right):
        return None
    if isinstance(left, str) and isinstance(right, str):
        left, right = left.strip().casefold(), right.strip().casefold()
    same = (
        abs(left - right) <= HALF_A_CENT if isinstance(left, Decimal) and isinstance(right, Decimal) else left == right
    )
    match sign:
        case "=":
            return same
        case "!=":
            return not same
        case "<":
            return bool(left < right) and not same  # type: ignore[operator]
        case ">":
            return bool(left > right) and not same  # type: ignore[operator]
        case "<=":
            return bool(left < right) or same  # type: ignore[operator]
    return bool(left > right) or same  # type: ignore[operator]


def _alike(left: Known | None, right: Known | None) -> tuple[Known | None, Known | None]:
    """A number that the schema calls a text is compared as a number where the other side is one, and dates likewise."""
    if isinstance(left, str) and isinstance(right, Decimal):
        return _as_number(left), right
    if isinstance(right, str) and isinstance(left, Decimal):
        return left, _as_number(right)
    return left, right


def _as_number(text: str) -> Decimal | None:
    try:
        return Decimal(text.replace(" ", ""))
    except DecimalException:
        return None


def _joined(sign: str, left: Known | None, right: Known | None) -> Known | None:
    if isinstance(left, date) and isinstance(right, Decimal) and sign in "+-":
        try:
            return left + timedelta(days=int(right if sign == "+" else -right))
        except OverflowError:
            return None
    if isinstance(left, date) and isinstance(right, date) and sign == "-":
        return Decimal((left - right).days)
    if not isinstance(left, Decimal) or not isinstance(right, Decimal):
        return None
    try:
        match sign:
            case "+":
                return left + right
            case "-":
                return left - right
            case "*":
                return left * right
        return left / right
    except DecimalException:
        return None
