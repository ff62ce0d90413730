"""Headings of addresses on the line of the name, and addresses apart from their names."""

import pytest

from engine.pipeline.parsing.headings import behind_heading, is_party_heading
from engine.pipeline.parsing.text_grid import TextGrid
from tests.pipeline.making import STRING, ask, make_page

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
