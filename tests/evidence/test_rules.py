"""What has to hold between values, without set-up and by rules that people write."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from extractions.evidence.rules.check import by_path, check
from extractions.evidence.rules.language import RuleError, parsed
from extractions.evidence.rules.own import OwnRule, unknown_paths
from extractions.result.leaves import leaves
from extractions.result.schema import leaf_paths

RIGHT = {
    "invoice_date": "2026-11-03",
    "due_date": "2026-12-03",
    "iban": "DE89370400440532013000",
    "currency": "EUR",
    "subtotal": 90.0,
    "vat_rate": 19,
    "vat_amount": 17.1,
    "total": 107.1,
    "prepaid": 7.1,
    "amount_due": 100.0,
    "lines": [
        {"quantity": 10, "unit_price": 4.5, "amount": 45.0},
        {"quantity": 45, "unit_price": 1.0, "amount": 45.0},
    ],
}


def judged(data, schema=None, **more):
    return check({leaf.path: leaf.value for leaf in leaves(data)}, schema or {}, **more)


def rules(data, schema=None, **more):
    return {(one.rule, one.blamed) for one in judged(data, schema, **more)}


def own(text, data=RIGHT):
    return [one for one in judged(data, own=[OwnRule(text)], today=date(2026, 11, 5)) if one.rule == "own"]


def test_what_is_right_breaks_nothing():
    assert judged(RIGHT) == []


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        ({"total": 170.1}, {("total", "total"), ("due", "total")}),
        ({"vat_amount": 71.1}, {("total", "vat_amount"), ("rate", "vat_amount")}),
        ({"amount_due": 10.0}, {("due", "amount_due")}),
        ({"due_date": "2026-10-03"}, {("order", "due_date")}),
        ({"iban": "DE88370400440532013000"}, {("iban", "iban")}),
        ({"currency": "EUX"}, {("currency", "currency")}),
        ({"vat_id": "DE136695977"}, {("vat_id", "vat_id")}),
        ({"siret": "73282932000075"}, {("siret", "siret")}),
        ({"email": "nobody at example"}, {("email", "email")}),
        ({"country": "XQ"}, {("country", "country")}),
    ],
)
def test_one_wrong_value_is_the_one_to_blame(change, broken):
    assert rules(RIGHT | change) == broken


def test_a_wrong_line_is_told_from_a_wrong_subtotal():
    lines = [RIGHT["lines"][0] | {"amount": 54.0}, RIGHT["lines"][1]]

    assert rules(RIGHT | {"lines": lines}) == {("line", "lines[0].amount"), ("lines", "lines[0].amount")}
    assert rules(RIGHT | {"subtotal": 99.0}) == {("lines", "subtotal"), ("total", "subtotal"), ("rate", "subtotal")}


def test_a_printed_discount_without_a_field_of_its_own_breaks_no_line():
    line = {"quantity": 50, "unit_price": 4.55, "amount": 204.75}  # less 10 %
    data = {"subtotal": 204.75, "lines": [line]}
    credit = {"subtotal": -204.75, "lines": [line | {"amount": -204.75}]}
    broken = {("line", "lines[0].quantity")}

    def after(data, **kinds):
        return rules(
            data, evidence={leaf.path: kinds.get(leaf.path.rpartition(".")[2], "exact") for leaf in leaves(data)}
        )

    assert after(data) == after(credit) == set()
    assert after(data, quantity="missing") == broken
    assert "line" in dict(after(data | {"subtotal": 230.0})), "lines that do not add up are not explained"
    odd = line | {"amount": 203.01}
    assert after({"subtotal": 203.01, "lines": [odd]}) == broken, "no whole percentage"
    least = line | {"amount": 68.25}
    assert after({"subtotal": 68.25, "lines": [least]}) == broken, "nobody grants 70 %"
    assert rules(data) == broken, "nothing is known of the document"


def test_lines_before_tax_may_lead_to_the_total_where_no_subtotal_is_known():
    data = {"tax": 17.1, "total": 107.1, "lines": RIGHT["lines"]}

    assert rules(data) == set()
    assert ("lines", "total") in rules(data | {"total": 108.1})
    assert "lines" in dict(rules(data | {"tax": 16.1})), "lines, tax and total disagree"


def test_lines_before_tax_are_not_held_against_a_total_whose_tax_nobody_knows():
    lines = RIGHT["lines"]

    assert rules({"total": 107.1, "lines": lines}) == set()  # 19 %
    assert "lines" in dict(rules({"total": 88.0, "lines": lines})), "no tax makes less"
    assert "lines" in dict(rules({"total": 107.14, "lines": lines})), "no such rate is known"
    assert "lines" in dict(rules({"subtotal": 107.1, "lines": lines})), "no tax leads to a subtotal"


@pytest.mark.parametrize("name", ["tax_lines", "ventilation_tva", "Steuern", "desglose_iva"])
def test_a_table_of_taxes_by_rates_is_no_table_of_lines(name):
    data = {"total": 107.1, "lines": RIGHT["lines"], name: [{"rate": 19, "amount": 10.0}, {"rate": 7, "amount": 7.1}]}

    assert rules(data) == set()
    assert rules(data | {"tax": 17.1}) == set()
    assert "taxes" in dict(rules(data | {"tax": 18.1, "total": 108.1}))
    assert "lines" in dict(rules(data | {"total": 109.1}))


def test_a_discount_on_the_whole_document_without_a_field_of_its_own_breaks_nothing():
    data = {"subtotal": 81.0, "vat_amount": 15.39, "total": 96.39, "lines": RIGHT["lines"]}  # 90 less 10 %
    shown = dict.fromkeys(("subtotal", "total"), "exact")

    assert rules(data, evidence=shown) == set()
    assert "lines" in dict(rules(data)), "nothing is known of the document"
    assert "lines" in dict(rules(data | {"subtotal": 81.37, "total": 96.76}, evidence=shown)), "no whole percentage"
    assert "lines" in dict(rules(data | {"subtotal": 81.0, "total": 99.0}, evidence=shown)), "no sum speaks for it"
    assert "lines" in dict(rules(data | {"subtotal": 18.0, "total": 33.39}, evidence=shown)), "nobody grants 80 %"


def test_what_the_document_does_not_show_is_suspected_first():
    data = {"subtotal": 90.0, "vat_amount": 17.1, "total": 170.1}

    assert rules(data) == {("total", "total")}
    assert rules(data, evidence={"subtotal": "missing", "total": "exact"}) == {("total", "subtotal")}


def test_a_broken_sum_names_its_values_and_the_difference():
    (one,) = judged({"subtotal": 90.0, "vat_amount": 17.1, "total": 170.1})

    assert one.paths == ("subtotal", "vat_amount", "total")
    assert (one.params["wanted"], one.params["difference"]) == ("107.1", "63.0")
    assert by_path([one])["total"][0]["params"]["expected"] == 107.1


@pytest.mark.parametrize(
    "data",
    [
        {"subtotal": 100.0, "tax": 20.0, "discount": 10.0, "total": 110.0},
        {"subtotal": 100.0, "tax": 20.0, "shipping": 5.0, "total": 125.0},
        {"subtotal": 33.33, "tax": 6.67, "total": 40.01},
        {"total": 100.0, "total_weight": 3, "subtotal": 80.0, "tax": 20.0},
        {"lines": [{"quantity": 1000, "unit_price": 12.0, "amount": 12.0}], "total": 12.0},
        {"lines": [{"quantity": 2, "unit_price": 10.0, "discount": 10, "amount": 18.0}]},
        {"lines": [{"quantity": 3, "unit_price": 0.333, "amount": 1.0}]},
        {"lines": [{"amount": 5.0}, {"amount": None}], "total": 10.0},
        {"invoice_date": "", "due_date": "2026-10-03"},
        {"iban": None, "currency": "€"},
        {"tax_number": 12345, "vat_id": "XX123"},
    ],
)
def test_what_can_be_explained_is_not_blamed(data):
    assert judged(data) == []


def test_the_schemas_own_demands_are_rules():
    schema = {
        "properties": {
            "kind": {"type": "string", "enum": ["invoice", "receipt"]},
            "count": {"type": "integer"},
            "day": {"type": ["string", "null"], "format": "date"},
            "share": {"type": "number", "maximum": 1},
            "odd": {"type": "string", "pattern": "("},
        }
    }
    data = {"kind": "letter", "count": "many", "day": "tomorrow", "share": 1.5, "odd": "x"}

    broken = {("choice", "kind"), ("type", "count"), ("date", "day"), ("schema", "share")}
    assert rules(data, schema) == broken | {("unjudged", "")}
    assert rules({"count": None, "kind": ""}, schema, required=["kind"]) == {("required", "kind")}


@pytest.mark.parametrize(
    "text",
    [
        "total = subtotal + vat_amount",
        "total ≥ subtotal and total > 0",
        "due_date >= invoice_date",
        "due_date - invoice_date <= 60",
        "due_date = invoice_date + 30",
        "invoice_date <= today",
        "invoice_date > 2025-12-31",
        "currency in EUR, USD",
        "currency in ('eur', 'usd')",
        r"iban matches DE\d{20}",
        "sum(lines[].amount) = subtotal",
        "count(lines.amount) = 2",
        "lines[].amount = lines[].quantity * lines[].unit_price",
        "if total > 100 then vat_amount is given",
        "nothing_of_the_kind > 5",
        "note is empty or total = 0",
        "-total < 0",
        "total * (1 + 0) = total / 1",
        "iban > 5",
        "total / 0 = 1",
    ],
)
def test_rules_that_hold_or_cannot_be_told_say_nothing(text):
    assert own(text) == []


@pytest.mark.parametrize(
    ("text", "blamed"),
    [
        ("total = subtotal", ["total"]),
        ("subtotal + vat_amount = amount_due", ["amount_due"]),
        ("due_date - invoice_date <= 14", ["due_date"]),
        ("currency in USD, GBP", ["currency"]),
        ("iban matches 'FR.*'", ["iban"]),
        ("lines[].quantity <= 20", ["lines[1].quantity"]),
        ("if total > 100 then note is given", ["note"]),
        ("sum(lines[].amount) > 1000", ["lines[0].amount"]),
    ],
)
def test_rules_that_do_not_hold_blame_a_value(text, blamed):
    assert [one.blamed for one in own(text)] == blamed


def test_an_equation_tells_what_it_expects():
    (one,) = own("total = subtotal + 20")

    assert one.params == {"text": "total = subtotal + 20", "message": "", "expected": 110.0}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        ("total", "nothing_said"),
        ("total >", "unfinished"),
        ("total = (1 + 2", "expected"),
        ("total = 1 2", "unexpected"),
        ("total ? 5", "unexpected"),
        ("__import__('os').system('x')", "unexpected"),
        ("due = 2026-13-01", "day"),
        ("x matches (", "pattern"),
        ("x matches (?=a)b", "lookaround"),
        ("x matches a(?<!b)", "lookaround"),
        ("x matches a{1,2000}", "repeats"),
        ("x matches ((a{100}){100}){100}", "repeats"),
        ("x matches " + "a" * 300, "pattern_long"),
        ("x = " + "9" * 100, "number"),
        (r"x matches (a)\1", "backreference"),
        ("x = " + "(" * 300, "long"),
        ("1" * 600, "long"),
    ],
)
def test_what_is_no_rule_is_refused_with_a_reason(text, code):
    with pytest.raises(RuleError) as refused:
        parsed(text)

    assert refused.value.code == code


def test_names_that_the_schema_does_not_know_are_reported():
    schema = {"properties": {"total": {}, "lines": {"items": {"properties": {"amount": {}}}}}}

    assert list(leaf_paths(schema)) == ["total", "lines[].amount"]
    assert unknown_paths(parsed("total = sum(lines.amount) + tip"), schema) == ["tip"]


@given(st.text(alphabet="totalx .[]()=<>+-*/'\"0123456789-matchesinis\\d{}+*", max_size=60))
def test_no_text_does_more_than_be_refused(text):
    try:
        parsed(text)
    except RuleError:
        return
    own(text)


@given(
    st.dictionaries(st.sampled_from([*RIGHT, "lines[0].amount", "x"]), st.none() | st.floats() | st.text(max_size=9))
)
@example({"subtotal": 9e19, "tax_rate": 9e19, "tax": 1.0, "tax_amount": 1.0, "rate": 9e19})
def test_no_result_is_too_strange(values):
    check(values, {"properties": {"total": {"type": 5}}})
