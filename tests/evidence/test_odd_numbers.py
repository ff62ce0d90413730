"""Values that call themselves numbers and are none, or none that anybody can compute with: nothing raises."""

from __future__ import annotations

import json
import math
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractions.evidence.grounding import ground
from extractions.evidence.pages import PageOfWords
from extractions.evidence.rules.check import by_path, check
from extractions.evidence.rules.own import OwnRule, judge, verdict
from extractions.result.leaves import leaves
from extractions.result.numbers import bounded, decimal_of, dump_json, is_usable, parse_json

ODD_TEXTS = [
    "nan",
    "NaN",
    "sNaN",
    "-inf",
    "Infinity",
    "1e9999999",
    "-1e-9999999",
    "1e400",
    "9" * 5000,
    "٣",
    "²",
    "0x10",
    "1_000",
]
ODD_NUMBERS = [math.nan, math.inf, -math.inf, 1e308, 5e-324, -0.0, 10**400, -(10**4000), 2**63, True]
ODD_DAYS = ["0000-01-01", "99999-12-31", "2026-13-45", "0001-01-01", "9999-12-31"]
PATHS = [
    "total", "subtotal", "vat_amount", "vat_rate", "prepaid", "amount_due", "invoice_date", "due_date", "iban", "siret",
    "vat_id", "currency", "country", "email", "bic", "lines[0].quantity", "lines[0].unit_price", "lines[0].amount",
    "lines[0].discount", "lines[1].amount", "lines[1].vat_rate", "taxes[0].rate", "taxes[0].base", "taxes[0].tax",
]  # fmt: skip
RULES = [
    "total = subtotal + vat_amount", "total > 5", "5 < total", "due_date <= invoice_date + total", "today > due_date",
    "sum(lines[].amount) = total", "count(lines[].amount) > 1", "lines[].amount = lines[].quantity * total",
    "total / subtotal > 0.1", "total * total * total * total > 1", "total in 1, 2", "total matches [0-9.]+",
    "currency = 1", "if total > 1 then iban is given", "lines[].amount - total * 999999999999999999999999999999 < 1",
]  # fmt: skip
ALL = st.one_of(
    st.sampled_from([*ODD_TEXTS, *ODD_NUMBERS, *ODD_DAYS, None, ""]),
    st.floats(),
    st.integers(),
    st.text(max_size=30),
    st.decimals().map(str),
    st.from_regex(r"[-+]?[0-9]{0,40}[.,]?[0-9]{0,40}([eE][-+]?[0-9]{1,9})?", fullmatch=True),
)
SCHEMA = {
    "properties": {
        "total": {"type": "number", "minimum": 0, "maximum": 1e308, "multipleOf": 0.01},
        "subtotal": {"type": "integer", "multipleOf": 0},
        "vat_amount": {"type": ["number", "null"], "minimum": math.nan, "multipleOf": 5e-324},
        "invoice_date": {"type": "string", "format": "date", "minLength": 10**400},
        "iban": {"type": "string", "enum": [math.nan, 10**400]},
    }
}
PAGE = PageOfWords(1, [[0.1, 0.1, 0.2, 0.12, "Total"], [0.3, 0.1, 0.4, 0.12, "1e400"], [0.5, 0.1, 0.6, 0.12, "nan"]])


@given(st.dictionaries(st.sampled_from(PATHS), ALL))
def test_no_value_makes_a_rule_raise(values):
    own = [OwnRule(text) for text in RULES]

    found = check(values, SCHEMA, own=own, today=date(2026, 11, 5), required=["total"])

    json.dumps(by_path(found), allow_nan=False)
    for rule in own:
        verdict(rule, values, date(2026, 11, 5))


@given(st.dictionaries(st.sampled_from(PATHS), ALL, max_size=4))
def test_no_value_makes_looking_for_it_raise(values):
    found = ground(
        list(leaves({path.replace("[", "").replace("]", ""): value for path, value in values.items()})), [PAGE], {}
    )

    assert len(found) == len(values)


@given(ALL)
def test_a_leaf_has_a_text_and_a_number_that_its_column_takes(value):
    for leaf in leaves({"total": value}):
        assert isinstance(leaf.text, str)
        assert leaf.number is None or (leaf.number.is_finite() and abs(leaf.number) < 10**20)
        assert leaf.date is None or 1 <= leaf.date.year <= 9999


@given(
    st.recursive(
        ALL, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    )
)
def test_what_is_dumped_is_json_and_comes_back(value):
    text = dump_json(value)

    json.loads(text, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
    assert dump_json(parse_json(text)) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("NaN", "NaN"), ("-Infinity", "-Infinity"), ("1e400", "1e400"), ("-1e+99", -1e99), ("9" * 5000, "9" * 5000),
        ("1e300", 1e300), ("1.50", 1.5), ("12345678901234567890", 12345678901234567890), ("1e-400", 0.0),
    ],
)  # fmt: skip
def test_numbers_that_are_none_stay_what_they_were_in_the_answer(text, value):
    assert parse_json(f'{{"total": {text}}}') == {"total": value}
    assert parse_json(f"[{text}]".encode()) == [value]


@pytest.mark.parametrize("value", [math.nan, -math.inf, 10**400])
def test_a_number_that_is_none_is_flagged(value):
    assert [(one.rule, one.params["kind"]) for one in check({"total": value}, {})] == [("type", "number")]


@pytest.mark.parametrize("text", ["NaN", "1e400", "9" * 5000])
def test_its_text_is_flagged_where_the_schema_wants_a_number(text):
    schema = {"properties": {"total": {"type": "number"}}}
    assert [one.rule for one in check({"total": text}, schema)] == ["type"]


def test_rules_compare_numbers_in_texts_within_bounds():
    def broken(text):
        return [one.blamed for one in judge([OwnRule("total > 5")], {"total": text}, date(2026, 11, 5))]

    assert broken("4") == ["total"]
    assert broken("6") == broken("nan") == broken("1e9999999") == []


@given(ALL)
def test_decimals_are_bounded(value):
    number = decimal_of(value)
    assert number is None or (number.is_finite() and len(f"{number:f}") < 500)
    assert bounded(Decimal("sNaN")) is None
    assert is_usable(value) in {True, False}
