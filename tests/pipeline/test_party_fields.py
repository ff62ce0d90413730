"""Fields whose names say a party and little more."""

import pytest

from tests.pipeline.making import INVOICE, STRING, ask, make_page


@pytest.mark.parametrize(
    ("name", "description"), [("client", "Client"), ("customer", "The customer"), ("klant", "Klant")]
)
def test_a_customer_described_as_such_is_a_name_and_no_number(name, description):
    rows = list(INVOICE)
    rows[3] += "                Customer: 31011"

    data = ask(make_page(*rows), **{name: STRING | {"description": description}})

    assert data[name] == "Jane Miller GmbH"


def test_an_issuer_is_no_date_of_issue():
    data = ask(make_page(*INVOICE), issuer=STRING | {"description": "Issuer"})

    assert data["issuer"] == "ACME Tools Ltd"


def test_the_customers_vat_id_is_not_the_sellers():
    rows = [*INVOICE[:2], INVOICE[2], "VAT ID: ATU12345675", *INVOICE[5:]]

    data = ask(make_page(*rows), seller_vat_id=STRING, customer_vat_id=STRING)

    assert data == {"seller_vat_id": "ATU12345675", "customer_vat_id": None}
