"""Who sells and who buys: blocks of lines, and their headings."""

import pytest

from tests.pipeline.making import INVOICE, PARTY, STRING, ask, make_page


def test_parties_are_told_apart():
    party = {"type": "object", "properties": {"name": STRING, "street": STRING, "postal_code": STRING, "city": STRING}}

    data = ask(make_page(*INVOICE), supplier=party, customer=party)

    assert data["supplier"] == {
        "name": "ACME Tools Ltd",
        "street": "12 Mill Lane",
        "postal_code": "90402",
        "city": "Springfield",
    }
    assert data["customer"] == {
        "name": "Jane Miller GmbH",
        "street": "Hafenstraße 7",
        "postal_code": "20457",
        "city": "Hamburg",
    }


COLUMNS = (
    "From                      Bill to                     Deliver to",
    "Copper Kettle Ltd         Slate & Sons                Slate & Sons",
    "4 Quarry Road             Accounts                    Gate 3",
    "Thornby                   9 Harbour Street            9 Harbour Street",
    "ZX4 7LP                   Dunmoor                     Dunmoor",
    "United Kingdom            ZX11 3HT                    ZX11 3HT",
    "VAT no GB 123 4567 89",
)


def test_parties_side_by_side_are_read_by_column():
    data = ask(make_page(*COLUMNS), supplier=PARTY, customer=PARTY)

    assert data["supplier"] == {
        "name": "Copper Kettle Ltd",
        "address": "4 Quarry Road, Thornby, ZX4 7LP, United Kingdom",
        "tax_id": "GB123456789",
    }
    assert data["customer"] == {
        "name": "Slate & Sons",
        "address": "Accounts, 9 Harbour Street, Dunmoor, ZX11 3HT",
        "tax_id": None,
    }


@pytest.mark.parametrize(
    ("seller", "buyer", "ship_to"),
    [("Von", "An", "Lieferung an"), ("Émetteur", "Client", "Livré à"), ("Facturé par", "Facturé à", "Livré à")],
)
def test_headings_of_parties_are_known_in_several_languages(seller, buyer, ship_to):
    page = make_page(
        f"{seller:<24}  {buyer:<24}  {ship_to}",
        "Maison Ambre              Gasthof Linde             Lager Nord",
        "7 rue du Puits            Dorfplatz 3               Tor 2",
    )

    data = ask(page, supplier=PARTY, customer=PARTY)

    assert data["supplier"]["name"] == "Maison Ambre"
    assert data["customer"]["name"] == "Gasthof Linde"


def test_a_remark_in_brackets_is_no_name_of_a_seller():
    page = make_page("Service provider:", "(No payments to this address)", "Acme Cloud, Inc.", "410 Mill Lane",
                     "Portland, OR 97205")  # fmt: skip

    assert ask(page, seller={"type": "object", "properties": {"name": STRING}})["seller"]["name"] == "Acme Cloud, Inc."


def test_a_number_of_the_customer_is_no_heading_of_an_address():
    rows = (
        "Pia Berg                                    INVOICE",
        "Hafenstraße 7",
        "20457 Hamburg",
        "",
        "Customer PO:",
        "Dear Sir or Madam, we charge as follows.",
        "Description      Amount",
        "Blue paint        20.00",
    )

    assert (
        ask(make_page(*rows, top=0.15), buyer={"type": "object", "properties": {"name": STRING}})["buyer"]["name"]
        == "Pia Berg"
    )
