"""Totals: found by the sums they make, and never in running text."""

from .making import NUMBER, ask, make_page

TOTALS = {"subtotal": NUMBER, "tax_amount": NUMBER, "total_amount": NUMBER}


def test_a_net_total_of_another_name_is_found_by_its_tax_and_gross():
    page = make_page(
        "Positionswert:                     197,36 €",
        "MwSt. 19 %:                         37,50 €",
        "Endbetrag:                         234,86 €",
    )

    assert ask(page, **TOTALS) == {"subtotal": 197.36, "tax_amount": 37.5, "total_amount": 234.86}


def test_two_taxes_make_the_tax():
    page = make_page(
        "Taxable value                   125,000.00",
        "CGST 9%                          11,250.00",
        "SGST 9%                          11,250.00",
        "Grand Total                     147,500.00",
    )

    assert ask(page, **TOTALS) == {"subtotal": 125000.0, "tax_amount": 22500.0, "total_amount": 147500.0}


def test_things_that_were_bought_are_no_net_and_tax():
    page = make_page(
        "2 MENU MIDI                          39,80",
        "1 CAFE                                2,20",
        "TOTAL TTC                            42,00",
        "DONT TVA 10%                          3,82",
    )

    assert ask(page, tax_amount=NUMBER) == {"tax_amount": 3.82}


def test_days_of_a_sentence_are_no_amount_due():
    page = make_page(
        "Please pay within 30 days of the invoice date.",
        "Total                             1,416.00",
    )

    assert ask(page, amount_due=NUMBER) == {"amount_due": 1416.0}


def test_the_total_paid_on_a_receipt_is_its_total():
    page = make_page("Net                1.89", "VAT 6%             0.11", "TOTAL              2.00")

    assert ask(page, total={**NUMBER, "description": "Total paid"}) == {"total": 2.0}


def test_a_service_charge_is_a_tip():
    page = make_page("Subtotal           30.00", "Service 12.5%       3.75", "TOTAL              33.75")

    assert ask(page, tip=NUMBER, total_amount=NUMBER) == {"tip": 3.75, "total_amount": 33.75}
