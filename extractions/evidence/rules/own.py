"""Rules that people wrote for a schema, judged on one result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from extractions.evidence.rules import language
from extractions.evidence.rules.budget import Budget, Exhausted
from extractions.evidence.rules.evaluation import Evaluation, Record
from extractions.evidence.rules.language import (
    Both,
    Comparison,
    Condition,
    Given,
    Matches,
    OneOf,
    Path,
    RuleError,
    Sum,
    Term,
)
from extractions.evidence.rules.pattern import PatternError, cost
from extractions.evidence.rules.record import UNJUDGED, Finding
from extractions.result.paths import without_rows
from extractions.result.schema import leaf_paths

MOST_RULES = 100
"""Of one team for one schema."""
MOST_FINDINGS = 2_000


@dataclass(frozen=True, slots=True)
class OwnRule:
    text: str
    message: str = ""


class Verdict(StrEnum):
    HOLDS = "holds"
    BROKEN = "broken"
    SILENT = "silent"
    """A value that the rule speaks of is empty."""
    UNJUDGED = "unjudged"
    """It takes too long on this result."""


def judge(
    rules: Sequence[OwnRule], values: Mapping[str, object], today: date, budget: Budget | None = None
) -> Iterator[Finding]:
    """What does not hold, and what cannot be judged. A rule that speaks of an empty value says nothing."""
    record, budget, found = Record(values), budget or Budget(), 0
    for rule in rules[:MOST_RULES]:
        budget.next_rule()
        try:
            for finding in _broken(rule, record, today, budget):
                if found < MOST_FINDINGS:
                    yield finding
                found += 1
        except RuleError as error:
            yield unjudged(rule.text, error.code, error.part)
        except Exhausted:
            yield unjudged(rule.text, "heavy")


def unjudged(text: str, code: str, part: str = "") -> Finding:
    """No value is to blame when a rule cannot be judged."""
    return Finding(UNJUDGED, (), "", {"text": text, "code": code, "part": part})


def verdict(rule: OwnRule, values: Mapping[str, object], today: date, budget: Budget | None = None) -> Verdict:
    """What the rule says of one result; raises `RuleError` if it is none."""
    tree, record, budget = language.parsed(rule.text), Record(values), budget or Budget()
    budget.next_rule()
    said: set[bool | None] = set()
    try:
        _pay_for_patterns(tree, budget)
        for row in _rows(tree, record):
            said.add(Evaluation(record, row, today, budget).holds(tree))
            if False in said:
                return Verdict.BROKEN
    except Exhausted:
        return Verdict.UNJUDGED
    return Verdict.HOLDS if True in said else Verdict.SILENT


def unknown_paths(tree: Condition, schema: object) -> list[str]:
    """Paths of the rule that the schema does not announce; none for a schema that says nothing."""
    known = {without_rows(path) for path in leaf_paths(schema)}
    return [path for path in dict.fromkeys(language.paths_in(tree)) if known and without_rows(path) not in known]


def _broken(rule: OwnRule, record: Record, today: date, budget: Budget) -> Iterator[Finding]:
    tree = language.parsed(rule.text)
    _pay_for_patterns(tree, budget)
    for row in _rows(tree, record):
        judged = Evaluation(record, row, today, budget)
        if judged.holds(tree) is False and judged.used:
            params = {"text": rule.text, "message": rule.message} | judged.expected(tree)
            blamed = _result(tree, judged)
            yield Finding("own", tuple(dict.fromkeys([*judged.used, blamed])), blamed, params)


def _pay_for_patterns(tree: Condition, budget: Budget) -> None:
    """Compiling costs more than matching."""
    for pattern in _patterns_in(tree):
        try:
            budget.spend(cost(pattern))
        except PatternError as error:
            raise RuleError(error.code, pattern) from error


def _patterns_in(tree: Condition) -> Iterator[str]:
    match tree:
        case Both(_, left, right):
            yield from _patterns_in(left)
            yield from _patterns_in(right)
        case Matches(_, pattern):
            yield pattern


def _rows(tree: Condition, record: Record) -> list[str]:
    """The beginnings of the paths of each row that a rule is judged in; one empty one for a rule without rows."""
    lists = {path.partition("[]")[0] for path in _single_paths(tree) if "[]" in path}
    return list(record.rows.get(min(lists), ())) if lists else [""]


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


def _result(tree: Condition, judged: Evaluation) -> str:
    """The value that the rule is about: what stands alone on its left."""
    match tree:
        case Both("then", _, right):
            return _result(right, judged)
        case Comparison(_, Path(name), _) | OneOf(Path(name), _) | Matches(Path(name), _) | Given(Path(name), _):
            return judged.look_up(name)
        case Comparison(_, _, Path(name)):
            return judged.look_up(name)
    return next(iter(judged.used))
