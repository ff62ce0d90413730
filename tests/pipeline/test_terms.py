"""Numbers, days and terms of a document, as labels, titles and sentences give them."""

import pytest

from reading.document import Page
from tests.pipeline.making import STRING, ask, make_line, make_page

DATE = {"type": "string", "format": "date"}


@pytest.mark.parametrize(
    ("printed", "number"),
    [
        ("10001999 / 26.06.2025", "10001999"), ("INV-7 / 12.03.2024", "INV-7"), ("RE-5 - 12.03.2024", "RE-5"),
        ("2024/123", "2024/123"), ("F-2024-0033 du 12/03/2024", "F-2024-0033"), ("A-17 (12/03/2024)", "A-17"),
        ("4711 vom 3. Mai 2024", "4711"),
    ],
)  # fmt: skip
def test_a_number_ends_where_its_date_begins(printed, number):
    assert ask(make_page(f"Invoice No. {printed}"), invoice_number=STRING) == {"invoice_number": number}


@pytest.mark.parametrize(
    ("printed", "first", "last"),
    [
        ("Mar 24, 2024 - Jul 20, 2024", "2024-03-24", "2024-07-20"),
        ("13/06/2024-05/10/2024", "2024-06-13", "2024-10-05"),
        ("01.03.2024 bis 31.03.2024", "2024-03-01", "2024-03-31"),
        ("du 1er mars 2024 au 31 mars 2024", "2024-03-01", "2024-03-31"),
        ("01.–31.03.2024", "2024-03-01", "2024-03-31"),
        ("del 1 de marzo de 2024 al 31 de marzo de 2024", "2024-03-01", "2024-03-31"),
        ("1-3-2024 t/m 31-3-2024", "2024-03-01", "2024-03-31"),
    ],
)
def test_a_period_is_two_days(printed, first, last):
    page = make_page("Statement", f"Period:   {printed}")

    assert ask(page, period_start=DATE, period_end=DATE) == {"period_start": first, "period_end": last}


def test_two_days_side_by_side_are_no_period():
    assert ask(make_page("03/04/2024 04/05/2024"), period_start=DATE) == {"period_start": None}


def test_number_and_day_of_a_quote_may_have_labels_of_any_document():
    title = make_line("ANGEBOT", 0.05, 0.02, size=2)
    page = make_page("", "", "Nummer:   A-2024-17", "Datum:   03.05.2024", "Gültig bis:   03.06.2024")
    page = Page(1, 595, 842, (title, *page.lines))

    assert ask(page, quote_number=STRING, quote_date=DATE, valid_until=DATE) == {
        "quote_number": "A-2024-17", "quote_date": "2024-05-03", "valid_until": "2024-06-03"
    }  # fmt: skip


def test_an_invoice_that_mentions_a_quote_keeps_its_own_number():
    page = make_page("Invoice number:   INV-12", "Quote number:   Q-7")

    assert ask(page, invoice_number=STRING, quote_number=STRING) == {"invoice_number": "INV-12", "quote_number": "Q-7"}


@pytest.mark.parametrize(
    ("line", "terms"),
    [
        ("Payment terms:   Net 30", "Net 30"),
        ("14 Tage netto", "14 Tage netto"),
        ("30 días", "30 días"),
        ("Zahlbar innerhalb von 14 Tagen ohne Abzug.", "Zahlbar innerhalb von 14 Tagen ohne Abzug"),
        ("Payable within 30 days of the invoice date.", "Payable within 30 days of the invoice date"),
        ("Paiement à réception de facture", "Paiement à réception de facture"),
        ("Binnen 30 dagen te betalen.", "Binnen 30 dagen te betalen"),
        ("Pagamento a 60 giorni data fattura", "Pagamento a 60 giorni data fattura"),
    ],
)
def test_terms_of_payment_are_found_without_a_label_too(line, terms):
    page = make_page("Invoice number:   INV-12", "Invoice date:   03/05/2024", "", line)

    data = ask(page, payment_terms=STRING, due_date=DATE)

    assert data == {"payment_terms": terms, "due_date": None}


@pytest.mark.parametrize(
    ("rows", "number", "issued", "due"),
    [
        (("Número de factura:   F-77", "Fecha de emisión:   24-05-2025", "Fecha de vencimiento:   23-06-2025"),
         "F-77", "2025-05-24", "2025-06-23"),
        (("Fattura n. 12/A del 24 maggio 2025", "Scadenza:   23/06/2025"), "12/A", "2025-05-24", "2025-06-23"),
        (("Factura nº F-77", "Fecha:   8 de enero de 2025", "Vencimiento:   7 de febrero de 2025"),
         "F-77", "2025-01-08", "2025-02-07"),
        (("Numero fattura:   2025-77", "Data fattura:   24.05.2025", "Data scadenza:   23.06.2025"),
         "2025-77", "2025-05-24", "2025-06-23"),
    ],
)  # fmt: skip
def test_spanish_and_italian_labels_are_known(rows, number, issued, due):
    data = ask(make_page(*rows), invoice_number=STRING, invoice_date=DATE, due_date=DATE)

    assert data == {"invoice_number": number, "invoice_date": issued, "due_date": due}


@pytest.mark.parametrize(
    "label", ["Invoice No. / Date", "Invoice number / date:", "Rechnungsnr. / Datum", "Invoice no. and date"]
)
def test_number_and_date_may_share_a_label(label):
    page = make_page(f"{label}   INV-7 / 12.03.2024")

    assert ask(page, invoice_number=STRING, invoice_date=DATE) == {
        "invoice_number": "INV-7", "invoice_date": "2024-03-12"
    }  # fmt: skip
