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


def test_a_senders_line_may_have_been_read_in_parts():
    parts = ("Harrow & Finch Ltd", 0.05), ("•", 0.22), ("Unit 7", 0.25), ("•", 0.33), ("Station Road", 0.36)
    line = [make_line(text, x, 0.05) for text, x in (*parts, ("•", 0.49), ("90402 Springfield", 0.52))]
    page = make_page("INVOICE", "Bill to", "Jane Miller GmbH", "Hafenstraße 7", "20457 Hamburg", top=0.3)
    page = type(page)(1, page.width, page.height, (*line, *page.lines))

    found = ask(page, seller=PARTY)["seller"]

    assert (found["nom"], found["rue"]) == ("Harrow & Finch Ltd", "Unit 7, Station Road")


def test_a_block_at_the_right_margin_is_read_by_its_right_edge():
    page = make_page("Durand & Fils", "22 chemin de la Source", "13100 Aix-en-Provence", "", "FACTURE", top=0.2)
    letterhead = right_aligned("Atelier du Vieux Port SARL", "8 bis avenue de la Gare", "35000 Rennes")
    page = type(page)(1, page.width, page.height, (*letterhead, *page.lines))

    found = parse([page], {"type": "object", "properties": {"vendeur": PARTY, "acheteur": PARTY}}).data

    assert found["vendeur"]["nom"] == "Atelier du Vieux Port SARL"
    assert found["acheteur"]["nom"] == "Durand & Fils"


def test_large_print_above_an_address_is_not_its_name():
    page = make_page("Pia Berg", "Hafenstraat 7", "3511 ED Utrecht", top=0.12)
    page = type(page)(1, page.width, page.height, (make_line("You pay what we say", 0.05, 0.08, size=1.6), *page.lines))

    assert ask(page, acheteur=PARTY)["acheteur"]["nom"] == "Pia Berg"


@pytest.mark.parametrize(("top", "role"), [(0.06, "supplier"), (0.2, "customer")])
def test_the_only_address_is_the_senders_in_a_letterhead_and_the_buyers_in_a_window(top, role):
    page = make_page("Shop Ltd", "12 High Street", "London SW1A 1AA", "", "Invoice number: A-17", top=top)
    party = {"type": "object", "properties": {"street": STRING, "city": STRING}}

    data = ask(page, supplier=party, customer=party)

    assert data.pop(role) == {"street": "12 High Street", "city": "London"}
    assert list(data.values()) == [{"street": None, "city": None}]


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


def test_the_total_of_a_group_does_not_end_the_table_and_is_no_item():
    page = make_page(
        "Omschrijving           Aantal        Prijs          Bedrag",
        "Verf                        2        10,00           20,00",
        "Subtotaal materialen                                 20,00",
        "Advies                      3        50,00          150,00",
        "Subtotaal diensten                                  170,00",
        "",
        "                                     Totaal         170,00",
    )

    assert [row["description"] for row in ask(page, lines=LINES)["lines"]] == ["Verf", "Advies"]


def test_a_line_whose_words_stand_below_figures_is_a_total_whatever_its_name():
    page = make_page(
        "Beschreibung            Menge    Einzelpreis      Betrag",
        "Farbe                       2          10,00       20,00",
        "Pinsel                      3           5,00       15,00",
        "                     Warenkorbwert                 35,00",
    )

    assert [row["amount"] for row in ask(page, lines=LINES)["lines"]] == [20.0, 15.0]


def test_a_count_and_its_unit_close_together_are_two_cells():
    row = {"type": "object", "properties": {"description": STRING, "quantity": {"type": "number"}, "unit": STRING}}
    page = make_page(
        "Beschreibung            Menge Einheit        Einzelpreis      Betrag",
        "Beratung                    8 Stunden              10,00       80,00",
        "Fahrt                       1 Pauschale            35,00       35,00",
    )

    rows = ask(page, positionen={"type": "array", "items": row})["positionen"]

    assert [(row["quantity"], row["unit"]) for row in rows] == [(8.0, "Stunden"), (1.0, "Pauschale")]


def test_a_unit_behind_the_count_is_found_without_a_column_of_its_own():
    row = {"type": "object", "properties": {"description": STRING, "quantity": {"type": "number"}, "unit": STRING}}
    page = make_page(
        "Beschreibung              Menge        Einzelpreis      Betrag",
        "Beratung              8 Stunden              10,00       80,00",
    )

    found = ask(page, positionen={"type": "array", "items": row})["positionen"]

    assert found == [{"description": "Beratung", "quantity": 8.0, "unit": "Stunden"}]


def test_columns_without_a_known_name_are_told_by_what_stands_in_them():
    page = make_page(
        "Menge    Wortlaut                          Tagewerk      Netto",
        "2        Blaue Farbe für innen              10,00        20,00",
        "3        Breiter Pinsel mit Griff            5,50        16,50",
    )

    rows = ask(page, lines=LINES)["lines"]

    assert [(row["description"], row["unit_price"]) for row in rows] == [
        ("Blaue Farbe für innen", 10.0),
        ("Breiter Pinsel mit Griff", 5.5),
    ]


def test_taxes_printed_per_rate_only_are_added_up():
    page = make_page(
        "                                              Subtotal:          1.000,00",
        "                                              VAT 20%:             100,00",
        "                                              VAT 5%:               25,00",
        "                                              Total:             1.125,00",
    )

    assert ask(page, total_vat={"type": "number"})["total_vat"] == 125.0


@pytest.mark.parametrize(
    "sentence",
    [
        "Wij verzoeken u het bedrag vóór 04-04-2024 over te maken.",
        "Der Rechnungsbetrag ist bis spätestens 04.04.2024 zu begleichen.",
        "Merci de régler cette facture avant le 04/04/2024.",
        "Payable within 30 days, due 04/04/2024, 2% discount until 14/03/2024.",
    ],
)
def test_the_day_of_payment_is_found_in_a_sentence(sentence):
    page = make_page("Invoice 17", "Invoice date: 05/03/2024", "", sentence)

    assert ask(page, due_date=STRING)["due_date"] == "2024-04-04"
