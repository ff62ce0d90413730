"""What identifies an invoice, and when two are the same."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from extractions.evidence.invoice_identity import (
    InvoiceIdentity,
    identity_of,
    may_identify,
    normalised_name,
    normalised_number,
)
from extractions.evidence.same_invoice import Sameness, Tolerance, compare

NESTED = {
    "document": {"number": "RE-0017", "date": "2026-03-04", "orderNumber": "B-9"},
    "parties": {
        "seller": {"name": "Müller & Söhne GmbH", "vatId": "DE 123 456 789", "city": "Ulm"},
        "buyer": {"name": "Kundin AG", "vatId": "DE999999999"},
    },
    "totals": {"net": 100.0, "tax": 19.0, "total": 119.0, "currency": "EUR"},
}
FLAT = {
    "Rechnungsnummer": "RE 17", "Rechnungsdatum": "04.03.2026", "Lieferant": "MULLER SOHNE", "Bruttobetrag": "119,00 €",
    "Kunde": "Kundin AG", "Bestellnummer": "B-9", "Lieferdatum": "2026-02-01", "Faelligkeitsdatum": "2026-04-04",
}  # fmt: skip
FRENCH = {
    "numero_facture": "Facture n° RE-17", "date_facture": "2026-03-04", "fournisseur": {"nom": "Muller et Sohne"},
    "montant_ttc": 119, "montant_ht": 100, "siret_fournisseur": "732 829 320 00074",
}  # fmt: skip
BASE = InvoiceIdentity("17", Decimal("119.00"), "EUR", date(2026, 3, 4), "muller sohne", ("0c123456789",))


def identified(data, **how):
    return identity_of(dict(paths(data)), None, **how)


def paths(data, above=""):
    for name, value in data.items():
        if isinstance(value, dict):
            yield from paths(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


def like(**changes):
    names = InvoiceIdentity.__dataclass_fields__
    return InvoiceIdentity(**{name: changes.get(name, getattr(BASE, name)) for name in names})


@pytest.mark.parametrize("data", [NESTED, FLAT, FRENCH])
def test_the_parts_are_found_by_what_schemas_call_them_in_their_languages(data):
    found = identified(data)

    assert (found.number, found.amount, found.issued_on) == ("17", Decimal("119.00"), date(2026, 3, 4))
    assert found.supplier.startswith("muller")


def test_a_title_names_a_field_whose_name_says_nothing():
    titles = {"a": "Invoice number", "b": "Total incl. VAT", "c": "Supplier", "d": "Invoice date"}
    properties = {name: {"type": "string", "title": title} for name, title in titles.items()}
    schema = {"type": "object", "properties": properties}

    found = identity_of({"a": "77", "b": 12.5, "c": "Kerbrune", "d": "2026-01-02"}, schema)

    assert (found.number, found.amount, found.supplier, found.issued_on) == (
        "77", Decimal("12.50"), "kerbrune", date(2026, 1, 2),
    )  # fmt: skip


def test_the_buyer_the_order_and_the_due_date_do_not_identify():
    found = identified(NESTED | {"due_date": "2026-04-01"})

    assert found.supplier_ids == ("0c123456789",)
    assert not may_identify("parties.buyer.name", None)
    assert not may_identify("due_date", None)
    assert not may_identify("lines[0].amount", None)
    assert may_identify("parties.seller.name", None)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("INV-00012", "Invoice No. INV-OOO12"),
        ("F 2026/0044", "F2026-0044"),
        ("RE-2026-117", "lNVOlCE 2026 ll7"),
        ("IN000130", "1N-130"),
        ("AB-58", "A8-S8"),
        ("00471", "471"),
        ("Rechnung Nr. 4711", "4711"),
    ],
)
def test_readings_of_one_number_agree(one, other):
    assert normalised_number(one) == normalised_number(other)


@pytest.mark.parametrize(("one", "other"), [("INV-12", "INV-13"), ("2026-17", "2026-18"), ("A-1", "B-1"), ("7", "8")])
def test_different_numbers_stay_apart(one, other):
    assert normalised_number(one) != normalised_number(other)


def test_what_has_no_digit_is_no_number():
    assert normalised_number("n/a") == normalised_number("unknown") == ""


def test_a_name_is_compared_without_its_legal_form():
    assert normalised_name("Müller & Söhne GmbH & Co. KG") == normalised_name("MULLER SOHNE") == "muller sohne"
    assert normalised_name("Dupont S.A.R.L.") == normalised_name("SARL Dupont") == "dupont"
    assert normalised_name("AG") == "ag"


@pytest.mark.parametrize(
    ("how", "data"),
    [
        ({"kind": "Credit note"}, NESTED),
        ({"kind": "Gutschrift"}, NESTED),
        ({"text": "# Atelier\n\nAVOIR N° 17\n"}, NESTED),
        ({}, NESTED | {"document_type": "Avoir"}),
        ({}, NESTED | {"totals": {"total": -119.0}}),
    ],
)
def test_a_credit_note_is_told_by_its_class_its_heading_a_field_or_its_sign(how, data):
    assert identified(data, **how).is_credit
    assert identified(data, **how).amount == Decimal("119.00")


def test_an_invoice_that_mentions_refunds_is_none():
    text = "# Invoice 17\n\nOur policy on refunds and every credit note is printed on the back of this page."

    assert not identified(NESTED, kind="Invoice", text=text).is_credit
    assert not identified(NESTED, text=text).is_credit


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({}, Sameness.SAME),
        ({"amount": Decimal("119.80")}, Sameness.SAME),
        ({"amount": Decimal("121.00")}, None),
        ({"issued_on": date(2026, 3, 6)}, Sameness.SAME),
        ({"issued_on": date(2026, 4, 3)}, Sameness.SAME),  # 04/03 read as 03/04
        ({"issued_on": date(2026, 4, 4)}, None),
        ({"issued_on": None}, Sameness.SAME),
        ({"amount": None}, Sameness.POSSIBLE),
        ({"amount": None, "issued_on": None}, None),
        ({"supplier": "muler sohne", "supplier_ids": ()}, Sameness.SAME),
        ({"supplier": "kerbrune", "supplier_ids": ()}, None),
        ({"supplier": "", "supplier_ids": ()}, Sameness.POSSIBLE),
        ({"supplier": "kerbrune", "supplier_ids": ("0c123456780",)}, Sameness.SAME),  # one digit misread
        ({"number": "f202617"}, None),
        ({"number": "re2026017"}, Sameness.SAME),
        ({"number": "18"}, None),
        ({"number": ""}, Sameness.POSSIBLE),
        ({"number": "", "amount": Decimal("119.01")}, None),
        ({"number": "", "issued_on": date(2026, 3, 5)}, None),
        ({"number": "", "supplier": "muller", "supplier_ids": ()}, Sameness.POSSIBLE),
        ({"number": "", "supplier": "mueller soehne maler", "supplier_ids": ()}, None),
        ({"is_credit": True}, None),
        ({"currency": "USD"}, None),
        ({"currency": ""}, Sameness.SAME),
    ],
)
def test_two_documents_are_the_same_invoice_only_if_everything_that_is_known_agrees(changes, verdict):
    base = like(number="2026017") if changes.get("number") == "re2026017" else BASE
    other = like(**changes)

    assert compare(base, other, Tolerance()) == compare(other, base, Tolerance()) == verdict


def test_monthly_bills_of_one_sum_are_different_invoices():
    bills = [like(number=f"2026{month:02}", issued_on=date(2026, month, 1)) for month in range(1, 13)]

    assert not [
        (one, other) for one in bills for other in bills if one is not other and compare(one, other, Tolerance())
    ]
