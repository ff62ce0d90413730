"""Invoices of suppliers with layouts and words of their own."""

import pytest

from engine.pipeline.parsing import parse

from .making import LINES, STRING, ask, make_line, make_page

PARTY = {"type": "object", "properties": {"nom": STRING, "rue": STRING, "ville": STRING, "code_postal": STRING}}


def right_aligned(*rows, edge=0.92, top=0.05):
    """Lines that end at one edge."""
    return [make_line(row, edge - 0.008 * len(row), top + 0.018 * order) for order, row in enumerate(rows)]


@pytest.mark.parametrize(
    ("label", "name", "value"),
    [
        ("Uiterlijk te betalen op: 24-03-2024", "due_date", "2024-03-24"),
        ("À régler au plus tard le : 24/03/2024", "date_echeance", "2024-03-24"),
        ("Debiteurnummer: 50127", "customer_number", "50127"),
        ("Re.-Nr.: 2024-118", "invoice_number", "2024-118"),
        ("Inkoopordernummer: 4500871", "order_number", "4500871"),
    ],
)
def test_a_label_in_a_suppliers_own_words_is_known(label, name, value):
    page = make_page("Faktura", "", label)

    assert ask(page, **{name: STRING})[name] == value


def test_the_nom_of_a_seller_is_its_name_and_no_surname():
    page = make_page("Fournisseur :", "Durand & Fils", "8 bis avenue de la Gare", "35000 Rennes")

    assert ask(page, fournisseur=PARTY)["fournisseur"]["nom"] == "Durand & Fils"


def test_the_number_of_a_house_is_no_postal_code():
    page = make_page("Bill to:", "BlueKite Hosting", "1180 Maple Avenue", "Chicago, IL 60614")

    found = ask(page, buyer=PARTY)["buyer"]

    assert (found["rue"], found["ville"], found["code_postal"]) == ("1180 Maple Avenue", "Chicago", "60614")


def test_a_senders_line_with_bullets_is_parted_at_the_bullets_only():
    line = "Harrow & Finch Ltd · Unit 7, Station Road · Portland, OR 97205"
    page = make_page(line, "", "Bill to:", "BlueKite Hosting", "12 Mill Lane", "Leeds LS1 4DY")

    found = ask(page, seller=PARTY)["seller"]

    assert found == {
        "nom": "Harrow & Finch Ltd",
        "rue": "Unit 7, Station Road",
        "ville": "Portland",
        "code_postal": "97205",
    }


def test_a_block_at_the_right_margin_is_read_by_its_right_edge():
    page = make_page("Durand & Fils", "22 chemin de la Source", "13100 Aix-en-Provence", "", "FACTURE", top=0.2)
    letterhead = right_aligned("Atelier du Vieux Port SARL", "8 bis avenue de la Gare", "35000 Rennes")
    page = type(page)(1, page.width, page.height, (*letterhead, *page.lines))

    found = parse([page], {"type": "object", "properties": {"vendeur": PARTY, "acheteur": PARTY}}).data

    assert found["vendeur"]["nom"] == "Atelier du Vieux Port SARL"
    assert found["acheteur"]["nom"] == "Durand & Fils"


def test_a_heading_with_lines_below_it_says_nothing_of_the_block_beside():
    page = make_page(
        "Hostmeester",
        "Keizersgracht 241",
        "1016 EA Amsterdam",
        "",
        "Bezorgadres                   Kuiper B.V.",
        "Webbouw Noord BV              Molenlaan 60",
        "Stationsplein 4               2514 AB Den Haag",
        "3511 ED Utrecht",
    )

    assert ask(page, acheteur=PARTY)["acheteur"]["nom"] == "Kuiper B.V."


def test_a_qualifier_belongs_to_the_name_of_the_column_before_it():
    page = make_page(
        "Désignation            Qté    Prix U. HT    Total net HT",
        "Peinture                 2         10,00           20,00",
        "Pinceau                  3          5,50           16,50",
    )

    rows = ask(page, lignes=LINES)["lignes"]

    assert [(row["unit_price"], row["amount"]) for row in rows] == [(10.0, 20.0), (5.5, 16.5)]


def test_a_remark_with_a_sign_in_its_label_is_no_part_of_the_description():
    page = make_page(
        "Désignation            Quantité    Prix unitaire    Montant HT",
        "Peinture                      2            10,00         20,00",
        "N° de série : 83646",
        "Pinceau                       3             5,50         16,50",
    )

    assert [row["description"] for row in ask(page, lignes=LINES)["lignes"]] == ["Peinture", "Pinceau"]
