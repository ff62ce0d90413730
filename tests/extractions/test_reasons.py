"""Broken rules in sentences."""

import re

import pytest
from django.utils import translation

from extractions.evidence.rules.check import check
from extractions.evidence.rules.language import RuleError, parsed
from extractions.evidence.rules.own import OwnRule
from extractions.forms.rule_form import refusal
from extractions.presentation.review.reasons import SUMS, VALUES, sentence
from extractions.presentation.review.rule_examples import examples
from extractions.result.leaves import leaves
from tests.running import ROOT

SCHEMA = {
    "properties": {
        "kind": {"enum": ["invoice", "receipt"]},
        "count": {"type": "integer"},
        "share": {"type": "number", "maximum": 1},
    }
}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (
            {"subtotal": 1000.0, "tax": 200.0, "total": 1020.0},
            "Subtotal and Tax make 1,200.00, but Total is 1,020.00: a difference of 180.00.",
        ),
        (
            {"lines": [{"quantity": 3, "unit_price": 5.0, "amount": 51.0}]},
            "Quantity (row 1) times Unit price (row 1) makes 15.00, but Amount (row 1) is 51.00: "
            "a difference of 36.00.",
        ),
        (
            {"lines": [{"amount": 5.0}, {"amount": 6.0}], "subtotal": 12.0},
            "The 2 rows make 11.00 together, but Subtotal is 12.00: a difference of 1.00.",
        ),
        ({"invoice_date": "2026-11-03", "due_date": "2026-11-02"}, "Due date is 1 day before Invoice date."),
        ({"iban": "DE88"}, "The check digits of IBAN do not fit: a character is wrong or missing."),
        ({"kind": "letter"}, "Kind is not one of the schema's choices: invoice, receipt."),
        ({"count": "many"}, "The schema wants Count to be a whole number."),
        ({"share": 1.5}, "Share is above 1, the most that the schema allows."),
    ],
)
def test_a_broken_rule_names_the_fields_and_the_difference(data, said):
    (one,) = check({leaf.path: leaf.value for leaf in leaves(data)}, SCHEMA)

    assert sentence(one.as_json()) == said


def test_the_words_of_the_rules_author_come_first():
    values = {"total": 5.0}
    (plain,) = check(values, {}, own=[OwnRule("total > 10")])
    (told,) = check(values, {}, own=[OwnRule("total > 10", "Ask Carla.")])

    assert sentence(plain.as_json()) == "The rule “total > 10” does not hold."
    assert sentence(told.as_json()) == "Ask Carla."


def test_fields_have_the_names_that_the_page_gives_them():
    broken = {"rule": "order", "paths": ["a", "b"], "params": {"days": 2}}

    assert sentence(broken, {"a": "Written", "b": "Payable"}) == "Payable is 2 days before Written."


@pytest.mark.parametrize("broken", [{}, {"rule": "new"}, {"rule": "total", "paths": ["a", "b", "c"], "params": None}])
def test_a_rule_of_another_version_is_no_trouble(broken):
    assert sentence(broken)


def test_numbers_are_written_as_the_reader_writes_them():
    broken = {
        "rule": "total",
        "paths": ["a", "b", "c"],
        "params": {"wanted": "1200", "value": "1020", "difference": "180"},
    }

    with translation.override("fr"):
        assert "1\u202f200,00" in sentence(broken).replace("\xa0", "\u202f")


def test_every_rule_has_a_sentence():
    sources = [path.read_text() for path in (ROOT / "extractions/evidence/rules").glob("*.py")]
    found = [match for text in sources for match in re.findall(r'Finding\("(\w+)"|holds, "(\w+)"', text)]
    named = {name for match in found for name in match if name}

    assert {"own", "required", "total", "line"} <= named
    assert named <= set(SUMS) | set(VALUES)


@pytest.mark.parametrize("text", ["", "total", "total >", "total = (1", "total ? 1", "d = 2026-13-01", "x matches ("])
def test_every_refusal_is_a_sentence_of_its_own(text):
    with pytest.raises(RuleError) as refused:
        parsed(text)

    assert refusal(refused.value).endswith((".", "digits."))


def test_examples_use_the_names_of_the_schema():
    schema = {"properties": {"grand_total": {}, "net_total": {}, "vat_amount": {}, "rows": {"items": {}}}}

    assert examples(schema)[0] == ("Sums", ["grand_total = net_total + vat_amount"])
    assert [label for label, _rules in examples(None)][-1] == "Conditions"
