"""Days that an invoice names: which of them is asked for, and in which form."""

import pytest

from tests.pipeline.making import INVOICE, STRING, ask, make_page


def test_the_due_date_is_never_before_the_invoice():
    page = make_page("Invoice date: 10.03.2024", "Due date: 09.03.2023")

    assert ask(page, due_date=STRING) == {"due_date": None}


@pytest.mark.parametrize("paid", ["Amount paid on 15/03/2024 by credit card", "Réglé le 15/03/2024 par carte, merci"])
def test_the_day_on_which_an_invoice_was_paid_is_not_when_it_is_due(paid):
    page = make_page(*[row for row in INVOICE if "Due date" not in row], paid)

    assert ask(page, due_date=STRING) == {"due_date": None}


def test_the_day_by_which_it_must_be_paid_is_when_it_is_due():
    page = make_page(*[row for row in INVOICE if "Due date" not in row], "This amount must be paid by 15/03/2024")

    assert ask(page, due_date=STRING) == {"due_date": "2024-03-15"}


def test_a_date_may_be_wanted_in_another_form():
    page = make_page("Invoice date: 3 May 2024")

    assert ask(page, date={"type": "string", "description": "Invoice date as DD/MM/YYYY"}) == {"date": "03/05/2024"}
