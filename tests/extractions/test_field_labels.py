"""What people read of a field: title, help and unit."""

from __future__ import annotations

import pytest
from django.utils import translation

from extractions.forms.schema_rows import read_rows
from extractions.presentation.document.fields import outline
from extractions.presentation.document.wording import description_of
from extractions.schemas.fields import form_of, json_of
from tests.extractions.test_schema_studio import submitted


def test_descriptions_by_language_are_shown_and_survive_the_form():
    node = {"type": "number", "description": "Monthly rent.", "context:help": {"fr": "Loyer mensuel."}}
    root = form_of({"type": "object", "properties": {"rent": node}})
    data = submitted(root)
    data.setlist("language-0", ["fr", "de"])
    data.setlist("translation-0", ["", ""])
    data.setlist("help-0", ["Loyer mensuel, hors charges.", ""])

    changed = json_of(read_rows(data).root)["properties"]["rent"]

    assert changed == node | {"context:help": {"fr": "Loyer mensuel, hors charges."}}
    with translation.override("fr"):
        assert description_of(changed) == "Loyer mensuel, hors charges."
    with translation.override("en"):
        assert description_of(changed) == "Monthly rent."


@pytest.mark.parametrize(
    ("name", "value", "description", "unit"),
    [
        ("tax_rate", 20, "", "%"),
        ("vat_rate", 5.5, "", "%"),
        ("taux_de_tva", 20, "", "%"),
        ("discount", 3, "In per cent of the price.", "%"),
        ("tax_rate", 0.2, "", ""),
        ("tax_rate", "20", "", ""),
        ("tax_rate", True, "", ""),
        ("exchange_rate", 7, "", ""),
        ("tax_amount", 20, "Total of VAT.", ""),
    ],
)
def test_a_rate_has_its_per_cent_sign_unless_it_may_be_a_share(name, value, description, unit):
    schema = {"type": "object", "properties": {name: {"type": "number", "description": description}}}

    [field] = outline({name: value}, schema, []).fields

    assert field.unit == unit
