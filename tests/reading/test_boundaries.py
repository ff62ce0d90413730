"""Where one document of a stack ends and the next begins."""

import json

import pytest

from reading.boundaries.facts import PageFacts, facts_of
from reading.boundaries.features import NAMES, features_of
from reading.boundaries.proposal import learned_weights, propose

A4 = (595.0, 842.0)


def page(*lines, size=A4, recognised=False, letters=0.012):
    """A page with lines of (x, y, text), or of text from top to bottom."""
    words = []
    for number, line in enumerate(lines):
        x, y, text = line if isinstance(line, tuple) else (0.1, 0.05 + number * 0.04, line)
        for word in text.split():
            width = 0.009 * len(word)
            words.append((x, y, x + width, y + letters, word))
            x += width + 0.008
    return facts_of(words, size, recognised=recognised)


def invoice(number, *, supplier="Larkspur Instruments"):
    return page(
        f"{supplier} 12 Harbour Road",
        (0.1, 0.2, "Invoice"),
        (0.1, 0.25, f"Invoice no. {number}"),
        (0.1, 0.3, "Invoice date 12.03.2026"),
        (0.1, 0.34, "Bill to Bramley & Pike"),
        (0.1, 0.5, "Compass repair 120.00"),
        (0.1, 0.6, "Total 120.00"),
        (0.1, 0.92, f"{supplier} IBAN GB29NWBK60161331926819"),
    )


def cuts(*pages):
    return [cut.page for cut in propose(pages).cuts]


@pytest.mark.parametrize(
    ("line", "mark"),
    [
        ("Page 2 of 3", ("of", 2, 3)),
        ("Seite 2 von 3", ("of", 2, 3)),
        ("Page 2 sur 3", ("of", 2, 3)),
        ("Página 2 de 3", ("of", 2, 3)),
        ("Pagina 2 di 3", ("of", 2, 3)),
        ("2/3", ("of", 2, 3)),
        ("- 2 -", ("bare", 2, 0)),
        ("Blatt 2", ("word", 2, 0)),
        ("3 of 2", None),
    ],
)
def test_the_number_of_a_page_is_read_as_it_is_printed(line, mark):
    found = page((0.1, 0.4, "Some words of the text"), (0.45, 0.95, line))

    assert found.marks == ((mark,) if mark else ())


def test_a_reference_to_a_page_in_the_text_is_not_its_number():
    assert page((0.1, 0.4, "as is told in the instructions on page 3 of this form")).marks == ()


def test_a_cell_of_a_table_is_no_page_number():
    row = [(0.1, 0.9, "2"), (0.3, 0.9, "Brake"), (0.5, 0.9, "12.00"), (0.7, 0.9, "24.00")]

    assert page(*row).marks == ()


@pytest.mark.parametrize(
    "lines",
    [
        ["Invoice no. INV-2077"],
        ["Rechnungsnummer: INV-2077"],
        ["Facture n° INV-2077"],
        [(0.1, 0.2, "Rechnung Nr."), (0.4, 0.2, "INV-2077")],
        [(0.1, 0.2, "Invoice number"), (0.1, 0.22, "INV-2077")],
    ],
)
def test_the_number_of_a_document_is_found_behind_beside_or_below_its_label(lines):
    (number,) = page(*lines).numbers

    assert number.split()[1] == page("Invoice no. INV-2077").numbers[0].split()[1]


def test_dates_and_amounts_are_no_document_numbers():
    assert page("Invoice 12.03.2026", "Order 1,200.00").numbers == ()


def test_two_invoices_of_one_supplier_in_a_row_are_cut():
    assert cuts(invoice("INV-1041"), invoice("INV-1042")) == [2]


def test_pages_that_count_on_stay_together():
    first, second = (page("Invoice no. INV-1041", (0.1, 0.95, f"Page {number} of 2")) for number in (1, 2))

    assert cuts(first, second, invoice("INV-2000", supplier="Quayside Bindery")) == [3]


def test_a_page_that_completes_the_one_before_stays_with_it():
    head = page("Larkspur Instruments", (0.1, 0.2, "Invoice"), (0.1, 0.25, "Invoice no. INV-1041"), "Compass 12.00")
    rest = page("Sextant 40.00 40.00", "Chart table 12.00 24.00", "Total 76.00", "Thank you")

    assert cuts(head, rest) == []


def test_separators_and_blank_pages_are_told_and_belong_to_no_document():
    found = propose([invoice("INV-11"), page("Trennblatt"), invoice("INV-12"), page(), invoice("INV-13")])

    assert [cut.page for cut in found.cuts] == [3, 5]
    assert found.cuts[0].reasons == ("separator",)
    assert found.empty == (2, 4)


def test_of_unread_pages_nothing_is_proposed():
    found = propose([invoice("INV-1"), None, invoice("INV-2")])

    assert found.cuts == ()
    assert found.empty == ()


def test_a_cut_says_why():
    (cut,) = propose([invoice("INV-1041"), invoice("INV-1042")]).cuts

    assert "number" in cut.reasons
    assert 0.5 <= cut.probability <= 1


def test_facts_survive_being_stored():
    facts = page("Invoice no. INV-1041", (0.1, 0.95, "Page 1 of 2"))

    assert PageFacts.from_json(json.loads(json.dumps(facts.as_json()))) == facts


def test_every_feature_has_a_weight():
    features = features_of([invoice("INV-1")], invoice("INV-2"), blank_between=False)

    assert set(features) == set(NAMES) == set(learned_weights().of)
