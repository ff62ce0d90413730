"""Address blocks: which line is the name, the street, the town; whose block it is; what stands with it."""

import pytest

from reading.document import Page
from tests.pipeline.making import STRING, ask, make_line, make_page

WHOLE = {
    "type": "object",
    "properties": {
        "name": STRING, "street": STRING, "postal_code": STRING, "city": STRING, "state": STRING, "country": STRING,
        "address": STRING, "phone": STRING, "email": STRING, "vat_id": STRING,
    },
}  # fmt: skip
TABLE = (
    "",
    "Description                         Quantity     Unit price        Amount",
    "Blue paint                               2         10.00           20.00",
    "",
    "                                              Total:              20.00",
)

ACME = ("ACME Tools Ltd", "1 Mill Lane", "54321 Springfield", "")


def parties_of(*rows, top=0.05):
    data = ask(make_page(*rows, *TABLE, top=top), seller=WHOLE, buyer=WHOLE)
    return data["seller"], data["buyer"]


@pytest.mark.parametrize(
    ("lines", "name", "street"),
    [
        (("Attn: Accounts Payable", "Larch Dental Group", "77 Lake Avenue"), "Larch Dental Group", "77 Lake Avenue"),
        (("Larch Dental Group", "Attn. Jane Doe", "77 Lake Avenue"), "Larch Dental Group", "77 Lake Avenue"),
        (("Stadtwerke Ahlen GmbH", "z. Hd. Frau Kern", "Bahnhofplatz 3"), "Stadtwerke Ahlen GmbH", "Bahnhofplatz 3"),
        (("Herrn", "Max Kern", "Bahnhofplatz 3"), "Max Kern", "Bahnhofplatz 3"),
        (("Frisch Handels", "GmbH & Co. KG", "Hauptstraße 5a"), "Frisch Handels GmbH & Co. KG", "Hauptstraße 5a"),
        (("Boulangerie Petit et", "Fils SARL", "12, rue du Port"), "Boulangerie Petit et Fils SARL", "12, rue du Port"),
        (("Cars Bastin SRL", "TVA: BE0497850719", "place du Lion 71"), "Cars Bastin SRL", "place du Lion 71"),
        (("Larch Dental Group", "12 High Street", "Suite 300"), "Larch Dental Group", "12 High Street"),
        (("Larch Dental Group", "Smiles for everyone", "12 High Street"), "Larch Dental Group", "12 High Street"),
        (("Panadería Sol S.L.", "Calle Mayor 5"), "Panadería Sol S.L.", "Calle Mayor 5"),
        (("Spett.le Ditta Rossi", "Via Roma 12"), "Rossi", "Via Roma 12"),
    ],
)  # fmt: skip
def test_the_name_is_the_line_that_is_neither_contact_nor_street(lines, name, street):
    _, buyer = parties_of(
        "ACME Tools Ltd", "1 Mill Lane", "54321 Springfield", "", "Bill to", *lines, "70173 Stuttgart"
    )

    assert (buyer["name"], buyer["street"]) == (name, street)


@pytest.mark.parametrize(
    ("town", "code", "city", "state", "country"),
    [
        ("Tacoma, WA 98402", "98402", "Tacoma", "WA", "US"),
        ("Toronto, ON M5V 2T6", "M5V 2T6", "Toronto", "ON", "CA"),
        ("Richmond VIC 3121", "3121", "Richmond", "VIC", "AU"),
        ("Cork T12 W8KP", "T12 W8KP", "Cork", None, None),
        ("Exeter EX4 3LQ", "EX4 3LQ", "Exeter", None, None),
        ("Pune 411004", "411004", "Pune", None, None),
        ("1012 AB Amsterdam", "1012 AB", "Amsterdam", None, None),
        ("00-950 Warszawa", "00-950", "Warszawa", None, None),
        ("1250-096 Lisboa", "1250-096", "Lisboa", None, None),
        ("114 55 Stockholm", "114 55", "Stockholm", None, None),
        ("CH-8001 Zürich", "8001", "Zürich", None, "CH"),
        ("20121 Milano (MI)", "20121", "Milano", None, None),
    ],
)
def test_towns_are_read_as_countries_print_them(town, code, city, state, country):
    _, buyer = parties_of(
        "ACME Tools Ltd", "1 Mill Lane", "54321 Springfield", "", "Bill to", "Larch Group", "9 Lake Road", town
    )

    assert (buyer["postal_code"], buyer["city"], buyer["state"], buyer["country"]) == (code, city, state, country)
    assert buyer["address"] == f"9 Lake Road, {town}"


def test_a_name_may_stand_beside_its_address():
    seller, buyer = parties_of(
        "          Maple Auto Repair Limited          26 Jack Row",
        "          VAT No.: GB878037391               Edinburgh EH2 2ER",
        "          www.maple-auto.co.uk",
        "          billing@maple-auto.co.uk",
        "",
        "",
        "          Rhodes Motors Limited",
        "          6 Wood Street",
        "          Nottingham NG1 5FW",
    )

    assert (seller["name"], seller["street"], seller["city"]) == (
        "Maple Auto Repair Limited",
        "26 Jack Row",
        "Edinburgh",
    )
    assert (seller["email"], seller["vat_id"]) == ("billing@maple-auto.co.uk", "GB878037391")
    assert (buyer["name"], buyer["street"]) == ("Rhodes Motors Limited", "6 Wood Street")


def test_two_parties_may_live_in_one_town():
    seller, buyer = parties_of(
        "Grupo Trujillo S.L.", "Ronda Clotilde 23", "28013 Madrid", "NIF: B47214804", "+34 885 908 059", "",
        "Facturar a", "Servicios Báez S.A.", "Vial Pastora 41", "28013 Madrid",
    )  # fmt: skip

    assert (seller["name"], seller["street"], seller["phone"]) == (
        "Grupo Trujillo S.L.",
        "Ronda Clotilde 23",
        "+34 885 908 059",
    )
    assert (buyer["name"], buyer["street"], buyer["phone"]) == ("Servicios Báez S.A.", "Vial Pastora 41", None)


def test_mail_and_web_addresses_are_no_country_and_no_name():
    _, buyer = parties_of(
        "ACME Tools Ltd", "1 Mill Lane", "54321 Springfield", "", "Bill to", "Larch Group", "9 Lake Road",
        "Exeter EX4 3LQ", "info@larch.example | www.larch.it",
    )  # fmt: skip

    assert (buyer["country"], buyer["address"]) == (None, "9 Lake Road, Exeter EX4 3LQ")


def test_a_title_below_an_address_is_no_party():
    seller, buyer = parties_of(
        "Alder & Moss Ltd", "3 Quay Street", "Bristol BS1 4XY", "", "", "",
        "Moorland Foods Ltd", "18 High Street", "Exeter EX4 3LQ", "", "", "Credit note", "Credit note no: Q-5521",
    )  # fmt: skip

    assert (seller["name"], seller["address"]) == ("Alder & Moss Ltd", "3 Quay Street, Bristol BS1 4XY")
    assert (buyer["name"], buyer["address"]) == ("Moorland Foods Ltd", "18 High Street, Exeter EX4 3LQ")


@pytest.mark.parametrize(
    "sender",
    ["Kern Metallbau GmbH · Werkstraße 14 ·79108 Freiburg", "Kern Metallbau GmbH, Werkstraße 14, 79108 Freiburg",
     "Kern Metallbau GmbH • Werkstraße 14 • 79108 Freiburg", "Kern Metallbau GmbH | Werkstraße 14 | 79108 Freiburg"],
)  # fmt: skip
def test_the_line_of_the_sender_above_the_window_is_not_the_customer(sender):
    seller, buyer = parties_of(sender, "Stadtwerke Ahlen AG", "Einkauf", "Bahnhofplatz 3", "88400 Biberach", top=0.16)

    assert (seller["name"], seller["city"]) == ("Kern Metallbau GmbH", "Freiburg")
    assert (buyer["name"], buyer["street"], buyer["city"]) == ("Stadtwerke Ahlen AG", "Bahnhofplatz 3", "Biberach")


def test_who_writes_an_order_is_the_buyer():
    title = make_line("PURCHASE ORDER", 0.05, 0.33, size=2)
    page = make_page(
        "Comptoir Fouquet EURL                    ", "40, rue de l'Orme", "29200 Brest", "", "",
        "                                         Atelier Colas SAS",
        "                                         9, rue du Port",
        "                                         06000 Nice",
    )  # fmt: skip
    page = Page(1, 595, 842, (*page.lines, title))

    data = ask(page, supplier={"type": "object", "properties": {"name": STRING}},
               buyer={"type": "object", "properties": {"name": STRING}})  # fmt: skip

    assert data == {"supplier": {"name": "Atelier Colas SAS"}, "buyer": {"name": "Comptoir Fouquet EURL"}}


def test_a_number_of_the_customer_marks_the_customers_block():
    seller, buyer = parties_of(
        "Robin Foods Ltd                          Thorn Wholesale",
        "57 Moss Avenue                           6 Carpenter Row",
        "Manchester M2 5DB                        Edinburgh EH2 2ER",
        "Account No.: 31011                       info@thorn-wholesale.example",
    )

    assert (seller["name"], buyer["name"]) == ("Thorn Wholesale", "Robin Foods Ltd")


def test_of_a_delivery_the_consignee_is_the_recipient():
    data = ask(make_page("Delivery note", "", "Depot Supplies Ltd", "2 Depot Road", "Leeds LS10 1AB", "", "Ship to:",
                         "Moorland Foods Ltd", "18 High Street", "Exeter EX4 3LQ"),
               recipient={"type": "object", "properties": {"name": STRING}})  # fmt: skip

    assert data == {"recipient": {"name": "Moorland Foods Ltd"}}


def test_a_box_at_the_post_office_is_no_purchase_order():
    page = make_page("Beam Works Ltd", "P.O. Box 7734", "Austin, TX 78711", *TABLE)

    assert ask(page, purchase_order=STRING) == {"purchase_order": None}


def test_a_customer_has_a_number_of_its_own_and_not_that_of_the_invoice():
    customer = {"type": "object", "properties": {"number": STRING}}

    assert ask(make_page("Invoice No. INV-0042", "Customer no: K-77"), customer=customer)["customer"] == {
        "number": "K-77"
    }
    assert ask(make_page("Invoice No. INV-0042"), customer=customer)["customer"] == {"number": None}


@pytest.mark.parametrize(
    "lines",
    [
        ("KERN", "Metallbau seit 1950", "Kern Metallbau GmbH", "Werkstraße 14"),
        ("Kern Metallbau GmbH", "Metallbau seit 1950", "Werkstraße 14"),
        ("Max Kern", "Kern Metallbau GmbH", "Werkstraße 14"),
        ("Kern Metallbau", "GmbH", "Werkstraße 14"),
    ],
)
def test_the_line_with_the_legal_form_is_the_name(lines):
    _, buyer = parties_of(*ACME, "Bill to", *lines, "79108 Freiburg")

    assert (buyer["name"], buyer["street"]) == ("Kern Metallbau GmbH", "Werkstraße 14")


def test_a_heading_may_stand_on_the_line_of_the_name():
    seller, buyer = parties_of(
        "Bill to: Moorland Foods Ltd", "18 High Street", "Exeter EX4 3LQ", "",
        "From: Alder & Moss Ltd", "3 Quay Street", "Bristol BS1 4XY",
    )  # fmt: skip

    assert (buyer["name"], buyer["street"], buyer["city"]) == ("Moorland Foods Ltd", "18 High Street", "Exeter")
    assert (seller["name"], seller["street"], seller["city"]) == ("Alder & Moss Ltd", "3 Quay Street", "Bristol")


def test_street_and_town_may_share_a_line():
    _, buyer = parties_of(*ACME, "Bill to", "Moorland Foods Ltd", "18 High Street, Exeter EX4 3LQ")

    assert (buyer["name"], buyer["street"], buyer["city"]) == ("Moorland Foods Ltd", "18 High Street", "Exeter")


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("Handelsregister: HRB 67620 B", "HRB 67620 B"),
        ("SIRET: 392 809 137 00027", "39280913700027"),
        ("Firmenbuch: FN 123456a", "FN 123456a"),
        ("Company no: SC123456", "SC123456"),
        ("KvK-nummer: 58123929", "58123929"),
    ],
)
def test_a_number_of_a_register_is_whole(line, number):
    seller = {"type": "object", "properties": {"registration_number": STRING}}

    assert ask(make_page(*ACME[:3], line, *TABLE), seller=seller) == {"seller": {"registration_number": number}}


def test_a_receipt_may_name_its_customer_below_the_shop():
    page = make_page("KEDAI BUKU TIMUR", "LOT 27 JALAN BESAR", "43800 DENGKIL, SELANGOR", "TAX INVOICE",
                     "Bill To", "ALAM TRANSPORT", "NO 1 JALAN AMAN 2", "43800 DENGKIL", "Pen    1.00", "Total    1.00",
                     "Cash    2.00", "Change    1.00")  # fmt: skip

    assert ask(page, company=STRING, total=STRING)["company"] == "KEDAI BUKU TIMUR"


@pytest.mark.parametrize(
    ("lines", "code", "city", "country"),
    [
        (("Leipzig", "04109, Deutschland"), "04109", "Leipzig", "DE"),
        (("Leeds", "LS1 4AP, United Kingdom"), "LS1 4AP", "Leeds", "GB"),
        (("L-1009 Luxembourg",), "1009", "Luxembourg", "LU"),
    ],
)
def test_a_country_behind_a_code_is_no_town(lines, code, city, country):
    _, buyer = parties_of(*ACME, "Bill to", "Larch Dental Group", "Bahnhofplatz 3", *lines)

    assert (buyer["postal_code"], buyer["city"], buyer["country"]) == (code, city, country)


def test_a_heading_of_one_word_is_no_name():
    _, buyer = parties_of(*ACME, "Billing", "Jane Doe", "77 Lake Avenue", "Denver, CO 80205")

    assert buyer["name"] == "Jane Doe"


def test_commas_that_end_lines_are_not_printed_twice():
    _, buyer = parties_of(*ACME, "Bill to", "Larch Dental Group", "Bahnhofplatz 3,", "70173 Stuttgart")

    assert buyer["address"] == "Bahnhofplatz 3, 70173 Stuttgart"
