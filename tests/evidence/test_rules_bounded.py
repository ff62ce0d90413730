"""What rules and patterns may cost, whoever wrote them. Tests here end, or the suite's patience does."""

from __future__ import annotations

from datetime import date

import pytest

from extractions.evidence.rules.budget import STEPS_OF_DOCUMENT, Budget, Exhausted
from extractions.evidence.rules.check import check, unjudged
from extractions.evidence.rules.own import OwnRule, Verdict, judge, verdict
from extractions.evidence.rules.pattern import LONGEST_TEXT, checked_pattern, contains, matches

TODAY = date(2026, 11, 5)
BOMBS = [r"(.|.){1,300}~", "(a|a)*$", "(a?){100}a{100}", "(.*a){20}", r"(\w+\s?)+!", "(x+x+)+y", "(((a*)*)*)*b"]


def rows(count: int, **cells: object) -> dict[str, object]:
    return {f"lines[{number}].{name}": value for number in range(count) for name, value in cells.items()}


@pytest.mark.parametrize("pattern", BOMBS)
def test_no_pattern_keeps_the_matcher_busy(pattern):
    assert checked_pattern(pattern) == ""
    for text in ("a" * LONGEST_TEXT, "x" * (LONGEST_TEXT - 1) + "!", "ab " * 3000):
        matches(pattern, text)
        contains(pattern, text)


@pytest.mark.parametrize("pattern", BOMBS)
def test_a_schema_whose_pattern_is_a_bomb_is_judged(pattern):
    schema = {"properties": {"name": {"type": "string", "pattern": pattern}}}

    assert isinstance(check({"name": "a" * 5000 + "?"}, schema), list)


def test_patterns_mean_what_people_are_used_to():
    assert matches(r"\w+ \w+", "Société Générale")
    assert matches(r"\w+\s\w+", "Société\u00a0Générale")
    assert matches(r"[\w-]+", "Saint-Étienne")
    assert matches(r"\S+\W\S+", "été/hiver")
    assert matches(r"[]x]+\Z", "]x")
    assert matches(r"\u00e9+", "éé")
    assert matches(r"INV-\d{4}", "INV-2026")
    assert not matches(r"INV-\d{4}", "INV-20261")
    assert contains("^INV", "INV-1")
    assert matches(r"\d+", "\ud800") is False


def test_a_text_that_is_too_long_is_not_judged_by_its_beginning():
    assert matches("a*", "a" * LONGEST_TEXT)
    assert matches("a*", "a" * LONGEST_TEXT + "b") is None


def test_a_sum_in_each_of_many_rows_is_worked_out_once():
    values = rows(10_000, amount=1.0, share=5.0)

    found = list(judge([OwnRule("lines[].share <= sum(lines[].amount) - 9999")], values, TODAY))

    assert {finding.rule for finding in found} == {"own"}
    assert len(found) == 2000
    assert max(len(finding.paths) for finding in found) <= 51


def test_a_rule_that_costs_too_much_is_named_and_the_others_are_judged():
    expensive = OwnRule(" or ".join(["lines[].amount > 1"] * 25))
    values = rows(8_000, amount=0.5) | {"total": 5}

    found = list(judge([expensive, OwnRule("total > 10")], values, TODAY))

    assert [finding.params["text"] for finding in found if finding.rule == "unjudged"] == [expensive.text]
    assert [finding.blamed for finding in found if finding.params["text"] == "total > 10"] == ["total"]


def test_many_costly_rules_share_the_budget_of_the_document():
    rules = [OwnRule(f"lines[].amount > {number}") for number in range(100)]

    found = list(judge(rules, rows(9_000, amount=0.5), TODAY))

    assert {entry["code"] for entry in unjudged(found)} == {"heavy"}
    assert len(unjudged(found)) > 80


def test_large_patterns_are_paid_for_by_their_size():
    budget = Budget()

    rules = [OwnRule(rf"supplier matches \w{{1,20}}{number}") for number in range(50)]
    found = list(judge(rules, {"supplier": "a"}, TODAY, budget))

    assert len(found) == 50
    assert budget.left < STEPS_OF_DOCUMENT - 50 * 1000


def test_budgets_end():
    budget = Budget(left=10)
    budget.next_rule()
    budget.spend(10)
    with pytest.raises(Exhausted):
        budget.spend()


def test_what_is_kept_and_cannot_be_understood_any_more_is_named_with_its_reason():
    found = check({"x": "a"}, {}, own=[OwnRule("x matches (?=a)a"), OwnRule("x matches b")], today=TODAY)

    assert unjudged(found) == [{"text": "x matches (?=a)a", "code": "lookaround", "part": "(?=a)a"}]
    assert [finding.params["text"] for finding in found if finding.rule == "own"] == ["x matches b"]


def test_one_pattern_of_a_schema_that_cannot_be_judged_hides_nothing_else():
    schema = {
        "properties": {
            "name": {"type": "string", "pattern": "(?!x).*"},
            "code": {"type": "string", "pattern": "[A-Z]+"},
            "kind": {"type": "enum", "enum": ["a"], "pattern": 5, "multipleOf": 0, "minimum": "x"},
        }
    }
    found = check({"name": "y", "code": "1", "kind": "b"}, schema)

    assert unjudged(found) == [{"text": "name", "code": "lookaround", "part": "(?!x).*"}]
    assert {finding.blamed for finding in found if finding.rule != "unjudged"} == {"code", "kind"}


def test_a_row_without_a_cell_is_not_judged_by_the_cell_of_another_row():
    values = {"lines[0].amount": 5, "lines[1].label": "x", "lines[10].amount": -1, "total": 5}

    found = list(judge([OwnRule("lines[].amount > 0")], values, TODAY))

    assert [finding.blamed for finding in found] == ["lines[10].amount"]
    assert verdict(OwnRule("lines[].amount <= total"), values, TODAY) == Verdict.HOLDS
