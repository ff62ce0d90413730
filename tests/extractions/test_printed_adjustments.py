"""What the pages print of allowances and charges is kept with the document, and later edits are judged with it."""

from __future__ import annotations

import pytest

from extractions.models import Extraction, PageWords, Value
from extractions.verification.grounding import ground_values, reevaluate_rules
from tests.evidence.making import page
from tests.factories import make_extraction, make_person, make_schema, make_team

pytestmark = pytest.mark.django_db

TEXT = """
Copper cable       90.00
Fitting            30.50
Shipping           12.50
Total             133.00
"""
DATA = {"total": 133.0, "lines": [{"item": "Copper cable", "amount": 90.0}, {"item": "Fitting", "amount": 30.5}]}
SCHEMA = {
    "type": "object",
    "properties": {
        "total": {"type": "number"},
        "lines": {
            "type": "array",
            "items": {"type": "object", "properties": {"item": {"type": "string"}, "amount": {"type": "number"}}},
        },
    },
}


@pytest.fixture
def bill(db):
    extraction = make_extraction(
        owner=make_person(team=make_team()), state="EXTRACTED", schema=make_schema("Bill", schema=SCHEMA),
        extracted_data=DATA,
    )  # fmt: skip
    PageWords.objects.create(
        extraction=extraction, number=1, words=page(TEXT).words, source=PageWords.Source.TEXT_LAYER
    )
    paths = {"total": 133.0, "lines[0].amount": 90.0, "lines[1].amount": 30.5}
    Value.objects.bulk_create(
        Value(extraction=extraction, position=position, path=path, extracted=amount, text=str(amount), number=amount)
        for position, (path, amount) in enumerate(paths.items())
    )
    ground_values(extraction)
    return Extraction.objects.get(pk=extraction.pk)


def broken(extraction):
    return {value.path for value in extraction.values.all() if value.broken}


def test_a_printed_charge_without_a_field_explains_the_total(bill):
    assert bill.printed_adjustments == ["12.5"]
    assert broken(bill) == set()


def test_an_edit_is_judged_with_it(bill):
    bill.values.filter(path="total").update(typed=143.0, corrected=True, number=143)
    reevaluate_rules(bill)
    assert broken(bill) == {"total"}

    bill.values.filter(path="total").update(typed=133.0, number=133)
    reevaluate_rules(bill)
    assert broken(bill) == set()
