"""Where values stand on pages, and how surely."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractions.evidence.grounding import ground
from extractions.result.leaves import Leaf
from tests.evidence.making import found, line_of, page

INVOICE = page(
    """
Rechnungsnummer   RE-2026-0042          Rechnungsdatum   3. November 2026
Käufer: Müller & Söhne KG               Fällig am        03.12.2026
Sonnenallee 4
12045 Berlin
Beschreibung           Menge    Einzelpreis      Betrag
Schrauben, verzinkt       10          4,50       45,00
Unterlegscheiben          45          1,00       45,00
Zwischensumme                                    90,00
MwSt 19 %                                        17,10
Gesamtbetrag                                  1 107,10 €
IBAN: DE89 3704 0044 0532 0130 00
"""
)


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        ("RE-2026-0042", "exact", "RE-2026-0042"),
        ("re 2026/0042", "normalised", "RE-2026-0042"),
        (1107.1, "normalised", "1 107,10"),
        (10, "exact", "10"),
        ("2026-11-03", "normalised", "3. November 2026"),
        ("2026-12-03", "normalised", "03.12.2026"),
        ("DE89370400440532013000", "normalised", "DE89 3704 0044 0532 0130 00"),
        ("Muller & Sohne KG", "normalised", "Müller & Söhne KG"),
        ("Schneider Maschinenbau", "missing", ""),
        (1170.1, "missing", ""),
        ("2026-11-04", "missing", ""),
        ("RE-2026-0043", "missing", ""),
        ("", "none", ""),
        (None, "none", ""),
        (0.0, "none", ""),
    ],
)
def test_a_value_is_known_by_what_is_printed(value, kind, text):
    one = found({"x": value}, INVOICE)["x"]

    assert (one.kind, one.text) == (kind, text)
    assert bool(one.boxes) == (kind in {"exact", "normalised"})


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1234.5, "1 234,50 €"),
        (1234.5, "EUR 1.234,50"),
        (1234.5, "1'234.50"),
        (-20.48, "20,48-"),
        (-20.48, "(20.48)"),
        (0.2, "20 %"),
        (33.333333, "33.33"),
        ("2026-11-03", "3 nov. 2026"),
        ("2026-11-03", "Nov 3rd, 2026"),
        ("2026-11-03", "20261103"),
        ("2026-11-03", "03/11/26"),
        ("2026-11-03", "03.11.202614:05"),
        ("2026-03-01", "1er mars 2026"),
        ("EUR", "€"),
        ("FR", "Frankreich"),
        ("efficient office", "ef\ufb01cient of\ufb01ce"),
    ],
)
def test_a_value_may_be_written_otherwise(value, text):
    schema = {"properties": {"country": {"type": "string"}, "currency": {"type": "string"}}}
    name = {"EUR": "currency", "FR": "country"}.get(value, "x")

    one = found({name: value}, page(f"Before {text} after"), schema=schema)[name]

    assert one.kind in {"exact", "normalised"}


@pytest.mark.parametrize(
    ("value", "text"),
    [(5, "in 2025"), (12, "12,50"), ("50", "5 0"), (1284.5, "1 248,50"), ("FR", "www.moulin.fr"), (0, "tel 05500")],
)
def test_a_part_of_something_else_is_no_evidence(value, text):
    assert found({"country": value}, page(text))["country"].kind in {"missing", "none"}


def test_days_come_before_months_unless_the_document_says_otherwise():
    european = found({"d": "2026-11-03"}, page("03/11/2026   25/12/2026"))["d"]
    american = found({"d": "2026-11-03"}, page("11/03/2026   12/25/2026   03/11/2026"))["d"]

    assert european.text == "03/11/2026"
    assert american.text == "11/03/2026"


def test_of_equal_numbers_the_labelled_one_is_meant():
    data = {"subtotal": 90.0, "amount_due": 90.0}
    paper = page("Subtotal    90.00\nTax          0.00\nAmount due  90.00")

    places = found(data, paper)

    assert (line_of(places["subtotal"]), line_of(places["amount_due"])) == (0, 2)


def test_cells_are_taken_from_their_own_row():
    rows = [
        {"description": "Schrauben, verzinkt", "quantity": 10, "unit_price": 4.5, "amount": 45.0},
        {"description": "Unterlegscheiben", "quantity": 45, "unit_price": 1.0, "amount": 45.0},
    ]

    places = found({"lines": rows}, INVOICE)

    assert [line_of(places[f"lines[{row}].{name}"]) for row in (0, 1) for name in rows[0]] == [5] * 4 + [6] * 4
    assert places["lines[1].quantity"].boxes[0][0] < places["lines[1].amount"].boxes[0][0]


def test_rows_that_are_the_same_keep_their_order():
    line = {"item": "Kaffee", "price": 2.5}

    places = found({"lines": [line, line, line]}, page("Kaffee   2,50\nKaffee   2,50\nKaffee   2,50"))

    assert [line_of(places[f"lines[{row}].price"]) for row in range(3)] == [0, 1, 2]


def test_an_address_over_several_lines_has_a_box_for_each():
    one = found({"address": "Sonnenallee 4, 12045 Berlin"}, INVOICE)["address"]

    assert one.kind == "normalised"
    assert len(one.boxes) == 2


def test_a_text_in_a_column_is_found_though_others_stand_between():
    paper = page("Large blue     3   9.00\nmetal bucket\n")

    assert found({"x": "Large blue metal bucket"}, paper)["x"].kind == "normalised"


def test_what_recognition_misread_is_something_similar():
    misread = page("Invoice  INV-2O26-O17   Total  1 2S4.50", recognised=True)

    places = found({"number": "INV-2026-017", "total": 1254.5}, misread)

    assert {one.kind for one in places.values()} == {"fuzzy"}
    assert places["number"].text == "INV-2O26-O17"


def test_a_documents_own_text_is_never_misread():
    assert found({"number": "INV-2026-017"}, page("Invoice INV-2O26-O17"))["number"].kind == "missing"


def test_what_is_not_found_may_stand_on_a_page_that_nobody_could_read():
    assert found({"x": "Elsewhere"}, INVOICE, all_read=False)["x"].kind == ""


def test_the_services_place_is_kept_where_the_value_stands_there():
    paper = page("Total  90.00\nDue    90.00")
    box = [0.05, 0.072, 0.14, 0.088]

    one = found({"total": 90.0}, paper, locations={"total": [{"page": 1, "bbox": box}]})["total"]

    assert (one.boxes, one.kind, one.text) == ([box], "exact", "90.00")


def test_a_place_of_the_service_where_something_else_stands_is_not_believed():
    told = {"number": [{"page": 1, "bbox": [0.7, 0.7, 0.9, 0.72]}]}

    one = found({"number": "RE-2026-0042"}, INVOICE, locations=told)["number"]

    assert line_of(one) == 0


def test_a_yes_is_looked_for_at_its_label():
    schema = {"properties": {"reverse_charge": {"type": "boolean"}}}

    one = found({"reverse_charge": True}, page("[x]  Reverse charge applies"), schema=schema)["reverse_charge"]

    assert (one.kind, one.text) == ("fuzzy", "Reverse charge")


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30)
words = st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.text(max_size=12))


@given(st.lists(scalars, max_size=8), st.lists(words, max_size=12), st.booleans())
def test_no_value_and_no_page_is_too_strange(values, placed, recognised):
    from extractions.evidence.pages import PageOfWords

    asked = [Leaf(f"rows[{number}].x", value) for number, value in enumerate(values)]

    answers = ground(asked, [PageOfWords(1, placed, recognised)], {"properties": []})

    assert [one.path for one in answers] == [leaf.path for leaf in asked]
    assert all(0 <= edge <= 1 for one in answers for box in one.boxes for edge in box)


def test_a_choice_is_found_by_what_documents_of_its_kind_are_called():
    said = page("""
        ACME GmbH
        Kontoauszug
        Saldo  12,00
    """)
    schema = {"type": "object", "properties": {"kind": {"type": "string", "enum": ["bank_statement", "invoice"]}}}

    one = found({"kind": "bank_statement"}, said, schema=schema)["kind"]

    assert (one.kind, one.text) == ("normalised", "Kontoauszug")


def test_a_value_stands_beside_the_label_that_documents_have_for_it():
    said = page("""
        Lieferung  471,00
        Noch zu begleichen  200,00
        Maatstaf  471,00
        Gutschein  471,00
    """)

    one = found({"total_without_vat": 471.0}, said)["total_without_vat"]

    assert line_of(one) == 2
