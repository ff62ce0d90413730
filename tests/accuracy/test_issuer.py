"""Which field of a schema names who issued the document."""

import pytest

from extractions.accuracy.issuer import issuer_of, issuer_paths


def schema(*paths):
    top = {"type": "object", "properties": {}}
    for path in paths:
        node = top
        *above, name = path.split(".")
        for step in above:
            node = node["properties"].setdefault(step, {"type": "object", "properties": {}})
        node["properties"][name] = {"type": "string"}
    return top


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (["invoice_number", "supplier"], ["supplier"]),
        (["buyer.name", "seller.name", "seller.address"], ["seller.name"]),
        (["customer_name", "vendor_name", "vendor_vat_number"], ["vendor_name"]),
        (["client.nom", "fournisseur.nom"], ["fournisseur.nom"]),
        (["merchant_name", "valid_from"], ["merchant_name"]),
        (["company_registration_number", "buyer"], []),
        (["invoice_number", "total"], []),
    ],
)
def test_the_issuer_is_the_field_that_names_the_seller(paths, expected):
    assert issuer_paths(schema(*paths)) == expected


def test_a_title_names_the_issuer_where_the_name_does_not():
    of = {"type": "object", "properties": {"f1": {"type": "string", "title": "Supplier name"}}}

    assert issuer_paths(of) == ["f1"]


def test_numbers_and_rows_are_no_issuers():
    rows = {"type": "array", "items": {"type": "object", "properties": {"supplier": {"type": "string"}}}}
    of = {"type": "object", "properties": {"supplier": {"type": "number"}, "lines": rows}}

    assert issuer_paths(of) == []


def test_blanks_in_a_name_are_one():
    assert issuer_of(["supplier", "vendor"], {"supplier": " ", "vendor": " Acme \n SAS"}) == "Acme SAS"
    assert issuer_of(["supplier"], {}) == ""
