"""Headings of addresses on the line of the name, and addresses apart from their names."""

import pytest

from engine.pipeline.parsing.headings import behind_heading, is_party_heading
from engine.pipeline.parsing.text_grid import TextGrid
from reading.document import Page
from tests.pipeline.making import STRING, ask, make_line, make_page

ADDRESS = {
    "type": "object",
    "properties": {"name": STRING, "street": STRING, "postal_code": STRING, "city": STRING},
}


def cell_of(text):
    return TextGrid([make_page(text)]).cells[0]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("Bill to: Slate & Sons", "Slate & Sons"),
        ("Prepared for: Slate & Sons", "Slate & Sons"),
        ("Bill to Slate & Sons Ltd", "Slate & Sons Ltd"),
        ("Mandataire Transports du Lac SA", "Transports du Lac SA"),
        ("Adresse de facturation Maison Ambre SARL", "Maison Ambre SARL"),
        ("Auftraggeber Gasthof Linde GmbH", "Gasthof Linde GmbH"),
        ("Opdrachtgever De Linde B.V.", "De Linde B.V."),
        ("Committente Bottega Verde S.r.l.", "Bottega Verde S.r.l."),
        ("Destinatario Casa Verde S.L.", "Casa Verde S.L."),
        ("De: Maison Ambre", "Maison Ambre"),
        ("Von: Gasthof Linde", "Gasthof Linde"),
    ],
)
def test_a_heading_in_front_of_a_name_is_no_part_of_it(line, name):
    assert behind_heading(cell_of(line)).text == name


@pytest.mark.parametrize(
    "name",
    [
        "Client Earth Ltd",
        "Kunden AG Mitte",
        "Lieferant GmbH",
        "Hotel Adler GmbH",
        "Ditta Bianchi S.r.l.",
        "Firma Adler OG",
    ],
)
def test_a_name_may_begin_with_a_word_for_a_party(name):
    assert behind_heading(cell_of(name)).text == name


@pytest.mark.parametrize("heading", ["CLIENT(E)", "Client(e) :", "Kunde/in", "Kunde:in", "Adressé à"])
def test_a_heading_may_have_the_forms_of_both_genders(heading):
    assert is_party_heading(cell_of(heading))


def test_headings_may_share_the_lines_of_both_names():
    page = make_page(
        "                             Rechnung 1357",
        "  Auftragnehmer Dachdeckerei Ambre AG, Seestrasse 43, 7000 Chur",
        "  Auftraggeber Gasthof Linde",
        "               Klausnerweg 6",
        "               6020 Innsbruck",
    )

    data = ask(page, supplier=ADDRESS, customer=ADDRESS)

    assert data["supplier"]["name"] == "Dachdeckerei Ambre AG"
    assert data["customer"] == {
        "name": "Gasthof Linde",
        "street": "Klausnerweg 6",
        "postal_code": "6020",
        "city": "Innsbruck",
    }


@pytest.mark.parametrize(("buyer", "seller"), [("Client", "De"), ("Kunde", "Von"), ("Prepared for", "From")])
def test_names_may_stand_above_addresses_that_have_none(buyer, seller):
    page = make_page(
        f"Reference: QU-3130                {buyer}: Slate & Sons",
        f"Date: 19.08.2025                  {seller}: Copper Kettle Ltd",
        "",
        "Bill to                           Ship to",
        "147 Harbour Street                173 Quarry Street",
        "London EC2A 4NE                   Edinburgh EH2 2ER",
    )

    data = ask(page, supplier=ADDRESS, customer=ADDRESS)

    assert data["supplier"]["name"] == "Copper Kettle Ltd"
    assert data["customer"] == {
        "name": "Slate & Sons",
        "street": "147 Harbour Street",
        "postal_code": "EC2A 4NE",
        "city": "London",
    }


@pytest.mark.parametrize("label", ["Siège:", "Address:", "Anschrift:", "Sede legale:"])
def test_a_label_may_part_a_name_from_its_address(label):
    page = make_page(
        "Maison Ambre SARL                  FACTURE",
        "",
        label,
        "rue du Moulin 6, 4000 Liège          Numéro: 2535",
        "",
        "CLIENT(E)",
        "Gasthof Linde GmbH",
        "Hafenstraße 7",
        "20457 Hamburg",
    )

    data = ask(page, supplier=ADDRESS, customer=ADDRESS)

    assert data["supplier"] == {
        "name": "Maison Ambre SARL",
        "street": "rue du Moulin 6",
        "postal_code": "4000",
        "city": "Liège",
    }
    assert data["customer"]["name"] == "Gasthof Linde GmbH"


def test_an_address_of_one_line_may_stand_below_its_name():
    page = make_page(
        "Issued by:",
        "Copper Kettle Limited",
        "VAT No.: GB593595388",
        "contact@copper-kettle.example",
        "Flat 52W Walker Inlet, Cardiff, CF10 1EP, United Kingdom",
        "Customer:",
        "Slate & Sons LLP",
        "Flat 04 Kenneth Parkways, York, YO1 7HH, United Kingdom",
    )

    data = ask(page, supplier=ADDRESS, customer=ADDRESS)

    assert data["supplier"] == {
        "name": "Copper Kettle Limited",
        "street": "Flat 52W Walker Inlet",
        "postal_code": "CF10 1EP",
        "city": "Cardiff",
    }
    assert data["customer"]["name"] == "Slate & Sons LLP"
    assert data["customer"]["city"] == "York"


def test_a_kind_of_business_above_the_name_is_no_name():
    page = make_page(
        "Sales receipt                                    Receipt number 1987",
        "",
        "Restaurant",
        "Slate & Sons",
        "92 Harbour Street",
        "Springfield, IL 62704",
        "",
        "2x  Caesar salad                                              30.18",
        "Total                                                         30.18",
    )

    assert ask(page, merchant_name=STRING) == {"merchant_name": "Slate & Sons"}


def test_the_number_of_an_invoice_is_no_tax_number():
    page = make_page(
        "Copper Kettle Ltd                             INVOICE",
        "4 Quarry Road                                 Invoice number: SI20254247",
        "London EC2A 4NE",
        "Total 20.00",
    )

    assert ask(page, supplier_vat_number=STRING, invoice_number=STRING) == {
        "supplier_vat_number": None,
        "invoice_number": "SI20254247",
    }


def test_a_name_may_stand_beside_an_address_between_its_lines():
    lines = [
        make_line("632, avenue du Port", 0.73, 0.082),
        make_line("56100 Lorient", 0.778, 0.101),
        make_line("Maison Ambre", 0.12, 0.096, size=1.4),
        make_line("Reçu n° R-01522", 0.71, 0.208),
    ]

    data = ask(Page(1, 595, 842, tuple(lines)), haendler=STRING, anschrift=STRING)

    assert data == {"haendler": "Maison Ambre", "anschrift": "632, avenue du Port, 56100 Lorient"}


def test_a_legal_form_may_stand_below_the_name():
    page = make_page("Copper Kettle", "Limited", "", "INVOICE 42", "", "Total 20.00")

    assert ask(page, seller_name=STRING) == {"seller_name": "Copper Kettle Limited"}


def test_part_of_a_building_is_no_name():
    page = make_page(
        "Copper Kettle Ltd             Studio 09 Quarry Walks",
        "VAT No.: GB593595388          Nottingham NG1 5FW",
        "",
        "Bill to",
        "Slate & Sons",
        "57 Harbour Passage",
        "York YO1 7HH",
    )

    assert ask(page, supplier=ADDRESS)["supplier"] == {
        "name": "Copper Kettle Ltd",
        "street": "Studio 09 Quarry Walks",
        "postal_code": "NG1 5FW",
        "city": "Nottingham",
    }


def test_a_flat_of_an_american_house_is_no_town():
    page = make_page(
        "Copper Kettle LLC",
        "160 Tina Ways",
        "Phoenix, AZ 85004",
        "",
        "Bill to",
        "Slate & Sons",
        "2290 Quarry Spring Apt. 507",
        "Miami, FL 33132",
    )

    assert ask(page, customer=ADDRESS)["customer"] == {
        "name": "Slate & Sons",
        "street": "2290 Quarry Spring Apt. 507",
        "postal_code": "33132",
        "city": "Miami",
    }


@pytest.mark.parametrize("behind", ["— N° TVA FR13646464131", "— SIRET 012 842 597 00029", "—"])
def test_what_identifies_a_party_behind_its_name_is_no_part_of_it(behind):
    page = make_page(
        "Roux Médical EURL",
        "651, boulevard du Port, 31000 Toulouse",
        "",
        f"Client :       Maison Ambre EURL {behind}",
        "Adresse :      350, chemin du Lac, 38000 Grenoble, France",
    )

    data = ask(page, supplier=ADDRESS, customer=ADDRESS)

    assert data["supplier"]["name"] == "Roux Médical EURL"
    assert data["customer"] == {
        "name": "Maison Ambre EURL",
        "street": "350, chemin du Lac",
        "postal_code": "38000",
        "city": "Grenoble",
    }


@pytest.mark.parametrize(
    ("line", "bank"),
    [
        ("Bankverbindung: Erste Bank", "Erste Bank"),
        ("Banker: Harbour Bank", "Harbour Bank"),
        ("Bank: Bank of Dunmoor", "Bank of Dunmoor"),
        ("Coordonnées bancaires: Caisse du Lac", "Caisse du Lac"),
        ("Établissement : Caisse du Lac", "Caisse du Lac"),
    ],
)
def test_banks_are_named_behind_the_headings_of_their_details(line, bank):
    page = make_page(*COMPANY, "", line, "IBAN: AT73 9191 3717 3637 6676")

    assert ask(page, bank_name=STRING)["bank_name"] == bank


COMPANY = ("Gasthof Linde GmbH", "Hafenstraße 7", "20457 Hamburg")


def test_the_employer_is_not_the_employee():
    page = make_page(
        "                                              Salary slip April 2025",
        "Employee              E3163                Start Date           04-01-2025",
        "Company               Slate & Sons         End Date             04-30-2025",
        "Employee Name         Emily Ambre          Payment date         04-28-2025",
        "Department            IT",
    )

    data = ask(page, employer=STRING | {"description": "Employer"}, employee_name=STRING | {"description": "Employee"})

    assert data["employer"] in ("Slate & Sons", None)
    assert data["employee_name"] == "Emily Ambre"


def test_a_tax_number_is_no_number_of_a_customer():
    page = make_page(
        *COMPANY, "", "Client", "Maison Ambre SARL", "350, chemin du Lac", "38000 Grenoble", "Num. TVA: FR13646464131"
    )
    customer = {"type": "object", "properties": {"nom": STRING, "numero": STRING}}

    assert ask(page, client=customer)["client"] == {"nom": "Maison Ambre SARL", "numero": None}


def test_the_heads_of_a_row_are_no_values_of_one_another():
    page = make_page(
        "Reference           Date              Zahlungsmethode     Summe",
        "#N/2024/4703        22.07.24          Lastschrift         0,38 EUR",
    )

    assert ask(page, zahlungsart=STRING) == {"zahlungsart": "Lastschrift"}


def test_a_label_in_small_print_may_stand_above_its_value():
    lines = [
        make_line("MOYEN DE PAIEMENT", 0.51, 0.526, size=0.9),
        make_line("Virement bancaire", 0.53, 0.561, size=1.6),
    ]

    assert ask(Page(1, 595, 842, tuple(lines)), mode_paiement=STRING) == {"mode_paiement": "Virement bancaire"}


def test_a_name_is_no_misprint_of_a_label():
    page = make_page(
        "Opdrachtnemer: Bakker Techniek B.V.          FACTUUR 2025-11",
        "Merelpad 12, 9711 NP Groningen",
        "",
        "Opdrachtgever: Jansen Bouw B.V.",
        "Lanalaan 4",
        "3011 CD Rotterdam",
    )

    data = ask(page, supplier=ADDRESS, customer=ADDRESS)

    assert data["supplier"] == {
        "name": "Bakker Techniek B.V.",
        "street": "Merelpad 12",
        "postal_code": "9711 NP",
        "city": "Groningen",
    }
    assert data["customer"]["name"] == "Jansen Bouw B.V."
