"""Values that are chosen, not copied, and pages that only seem to say which."""

import pytest

from tests.pipeline.making import ask, make_page

BOOLEAN = {"type": "boolean"}
STATUS = {"type": "string", "enum": ["paid", "unpaid"], "description": "Whether the invoice has been paid"}
DECISION = {"type": "string", "enum": ["approved", "rejected"]}
METHOD = {"type": "string", "enum": ["cash", "card", "transfer", "other"], "description": "How it was paid."}


@pytest.mark.parametrize(
    "row",
    [
        "Total amount to be paid                    120.00",
        "Amount paid 12.00",
        "Paid                                        50.00",
        "Paid:",
        "Payment status: not paid",
        "Payment status: to be paid",
        "Payment status: open",
        "Invoices that are unpaid after 30 days bear interest.",
    ],
)
def test_an_option_that_other_text_happens_to_mention_is_not_chosen(row):
    page = make_page("Shop Ltd", "", "Invoice number: A-17", row, "", "Thank you for your order.")

    assert ask(page, payment_status=STATUS) == {"payment_status": None}


@pytest.mark.parametrize("row", ["PAID", "Paid 12.05.2024", "Status: PAID", "Payment status: paid"])
def test_an_option_that_stands_alone_or_behind_its_label_is_chosen(row):
    page = make_page("Shop Ltd", "", "Invoice number: A-17", row, "", "Invoices that are unpaid bear interest.")

    assert ask(page, payment_status=STATUS) == {"payment_status": "paid"}


def test_the_small_print_of_an_approval_rejects_nothing():
    letter = ("Decision letter", "", "We are glad to tell you that you may start.")
    small_print = "Applications that are rejected may be appealed within 30 days."

    assert ask(make_page(*letter, "", small_print), decision=DECISION) == {"decision": None}
    assert ask(make_page("APPROVED", *letter, "", small_print), decision=DECISION) == {"decision": "approved"}


@pytest.mark.parametrize(
    ("row", "method"),
    [
        ("Cash                   50.00", "cash"),
        ("CARD 12.00", "card"),
        ("VISA card              12.00", "card"),
        ("Paid by card           12.00", "card"),
        ("We do not accept cash", None),
        ("No cash refund", None),
    ],
)
def test_a_receipt_tells_how_it_was_paid_beside_the_amount(row, method):
    page = make_page("Shop Ltd", "", "Receipt number: A-17", row)

    assert ask(page, payment_method=METHOD) == {"payment_method": method}


def test_what_is_described_like_a_label_is_still_one_of_the_options():
    page = make_page("Shop Ltd", "", "Payment status: pending")

    assert ask(page, status={**STATUS, "description": "Payment status"}) == {"status": None}


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("No", False),
        ("no.", False),
        ("yes, since 2019", True),
        ("No (never)", False),
        ("Y", True),
        ("☐ Yes ☑ No", False),
        ("No. 123456789", None),
        ("No, 5", None),
        ("No 5 High Street, Leeds", None),
        ("Y. Tanaka", None),
        ("O Brien", None),
        ("no charge", None),
        ("Yes / No", None),
        ("☐ Yes ☐ No", None),
    ],
)
def test_yes_and_no_are_answers_only_by_themselves(said, answer):
    assert ask(make_page("Form", "", f"Insured: {said}"), insured=BOOLEAN) == {"insured": answer}
