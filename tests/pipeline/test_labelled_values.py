"""Values that are printed with a label, and rows with few words around them."""

import pytest

from engine.pipeline.parsing.tables.headers import find_headers
from engine.pipeline.parsing.text_grid import TextGrid
from tests.pipeline.making import LINES, NUMBER, STRING, ask, make_page

DATE = {"type": "string", "format": "date"}
PAY = {"type": "array", "items": {"type": "object", "properties": {"label": STRING, "amount": NUMBER}}}


@pytest.mark.parametrize("printed", ["Invoice #004413", "FACTURE #004413", "Rechnung #004413", "Factuur №004413"])
def test_a_sign_for_number_may_touch_the_number(printed):
    page = make_page("Dixon Haulage Ltd", printed, "Company number: 42952439")

    assert ask(page, invoice_number=STRING) == {"invoice_number": "004413"}


@pytest.mark.parametrize("printed", ["Your order: #B39538", "Ihre Bestellung: #B39538", "Votre commande : N° B39538"])
def test_a_sign_for_number_behind_a_label_belongs_to_it(printed):
    page = make_page("Invoice Nr.: #RG/2025/2581", printed)

    assert ask(page, order_number=STRING, invoice_number=STRING) == {
        "order_number": "B39538", "invoice_number": "RG/2025/2581",
    }  # fmt: skip


@pytest.mark.parametrize(
    "title", ["Angebot #AG-02463", "Devis n° 2024-17", "Preventivo", "OFFRE", "Quote No. 00815"]
)  # fmt: skip
def test_the_date_of_a_quote_needs_no_name_of_its_own_below_the_title(title):
    page = make_page("Stadtwerke Fritsch", title, "Date: 18/09/2024", "Valid until: 18/10/2024")

    assert ask(page, quote_date=DATE) == {"quote_date": "2024-09-18"}


def test_a_quote_number_alone_says_whose_date_it_is():
    page = make_page("Offerte Nr.       25043309", "Belegdatum        02.04.2025", "Gültig bis        02.05.2025")

    assert ask(page, quote_date=DATE) == {"quote_date": "2025-04-02"}


def test_a_number_that_is_only_mentioned_makes_no_title():
    page = make_page("INVOICE", "Quote No. 00815", "Invoice date: 18/09/2024")

    assert ask(page, quote_date=DATE) == {"quote_date": None}


@pytest.mark.parametrize(
    ("label", "terms"),
    [
        ("Zahlungskonditionen", "14 Tage netto"), ("Conditions de règlement", "30 jours net"),
        ("Payment terms", "30 days net"), ("Condizioni di pagamento", "30 giorni netto"),
    ],
)  # fmt: skip
def test_terms_do_not_end_before_net(label, terms):
    assert ask(make_page(f"{label}: {terms}"), payment_terms=STRING) == {"payment_terms": terms}


@pytest.mark.parametrize(
    ("label", "means"),
    [
        ("Zahlungsweise", "Barzahlung"), ("RÈGLEMENT", "Espèces"), ("Payment", "Cash"), ("Betaalwijze", "Contant"),
        ("Forma de pago", "Efectivo"), ("Modalità di pagamento", "Contanti"),
    ],
)  # fmt: skip
def test_cash_below_how_something_was_paid_is_the_answer(label, means):
    page = make_page(f"Ort               {label}", f"Bern              {means}")

    assert ask(page, payment_method=STRING) == {"payment_method": means}


def test_a_known_means_is_likelier_than_what_stands_nearer():
    page = make_page("Datum          Zahlungsmethode    Summe", "22.07.2024     Lastschrift        0,38 EUR")

    assert ask(page, payment_method=STRING) == {"payment_method": "Lastschrift"}


@pytest.mark.parametrize("means", ["Bar", "Direct debit", "Carte bancaire", "Bancomat"])
def test_a_till_prints_how_something_was_paid_beside_the_amount(means):
    page = make_page("Tagessuppe                 7.05", "TOTAL                      7.05", f"{means:<20}       7.05")

    assert ask(page, payment_method=STRING) == {"payment_method": means}


def test_a_credit_note_names_the_invoice_it_is_against():
    page = make_page("CREDIT MEMO", "Number            CN-02918", "Against invoice   INV-00697")

    assert ask(page, original_invoice=STRING) == {"original_invoice": "INV-00697"}


def test_a_receipt_for_one_payment_says_what_for_and_how_much():
    page = make_page(
        "Frey Logistik GmbH                      Quittung Nr. T20250591",
        "ERHALTEN VON",
        "LYNN HERZOG",
        "             CHF 38'874.75",
        "VERWENDUNGSZWECK                        ZAHLUNGSWEISE",
        "Komplettladung Lyon -                   Barzahlung",
        "München",
    )

    data = ask(page, items=LINES, total=NUMBER)

    assert [row["description"] for row in data["items"]] == ["Komplettladung Lyon - München"]
    assert data["total"] == 38874.75


def test_the_net_total_is_what_is_left_after_the_discount():
    page = make_page(
        "Descrizione                        Quantità      Prezzo       Totale",
        "Olio extravergine di oliva            24          35,81       859,44",
        "Sedia ergonomica                       2         122,99       245,98",
        "                                   Subtotale             1.105,42 EUR",
        "                                   Sconto (3,00 %)         -33,16 EUR",
        "                                   Totale imponibile     1.072,26 EUR",
        "                                   IVA 22,00 %             235,90 EUR",
        "                                   Totale fattura        1.308,16 EUR",
    )

    assert ask(page, netto={**NUMBER, "description": "Netto"}) == {"netto": 1072.26}


def test_the_sum_of_the_lines_is_the_net_total_if_the_tax_says_so():
    page = make_page(
        "Warenwert:                   463,19 €", "Summe MwSt.:                  88,01 €",
        "Summe brutto:                551,20 €",
    )  # fmt: skip

    assert ask(page, total_excl_vat=NUMBER) == {"total_excl_vat": 463.19}


def test_a_rounded_total_is_that_of_its_net_tax_and_rounding():
    page = make_page(
        "Total Sales Amount        33.00", "GST 6%                     1.98", "Rounding Adjustment        0.02",
        "TOTAL                     35.00", "CASH                      55.00", "Change Returned           20.00-",
    )  # fmt: skip

    assert ask(page, total=NUMBER) == {"total": 35.0}


def test_a_comma_read_as_a_point_does_not_make_cents_thousands():
    page = make_page("Total before tax    $1.058.12", "Tax 8.25%             $87.29", "Total               $1.145.41")

    assert ask(page, total_amount=NUMBER) == {"total_amount": 1145.41}


def test_a_count_with_a_sign_for_times_needs_no_head():
    page = make_page(
        "          Name/Options              Price incl. VAT         Total",
        "2.00x     Caesar salad                    €15.09          €30.18",
        "1.00x     Draught beer 33 cl               €5.80           €5.80",
        "                                   Total incl. VAT        €35.98",
    )

    rows = ask(page, items=LINES)["items"]

    assert [(row["description"], row["quantity"]) for row in rows] == [("Caesar salad", 2), ("Draught beer 33 cl", 1)]


def test_the_line_below_an_item_may_say_how_its_amount_was_reckoned():
    page = make_page(
        "Mineralwasser 50 cl            11.31 CHF",
        "  3 x 3.77 CHF",
        "Bar grillé                     24.00 CHF",
        "  2 x 12.00 CHF",
        "TOTAL                          35.31 CHF",
        "Bar                            35.31 CHF",
    )

    rows = ask(page, items=LINES)["items"]

    assert [(row["description"], row["quantity"], row["unit_price"]) for row in rows] == [
        ("Mineralwasser 50 cl", 3, 3.77), ("Bar grillé", 2, 12),
    ]  # fmt: skip


def test_names_of_columns_within_a_row_are_no_head():
    page = make_page(
        "Service                               Qty        Price        Total",
        "Electricity, day rate                 566      £0.1779      £100.69",
        "Network usage charge                   88      £0.0538        £4.73",
        "National calls                       2041      £0.0774      £157.97",
        "                                              Subtotal      £263.39",
    )

    assert [row["amount"] for row in ask(page, items=LINES)["items"]] == [100.69, 4.73, 157.97]


PAY_LINES = ("Gross Pay         $9,142.84", "Net Pay           $6,889.13")
PAYSLIP = (
    "Salary slip April 2025",
    "Earnings                                  Deductions",
    "Component                    Amount       Component                  Amount",
    "Basic salary              $8,759.52       Federal income tax      $1,188.57",
    "Holiday pay                  $32.45       Social Security           $566.86",
    "                                          Medicare                  $132.57",
    "                                          Gross Pay               $8,791.97",
    "                                          Total Deduction         $1,888.00",
    "                                          Net Pay                 $6,903.97",
)


def test_earnings_and_deductions_beside_one_another_are_two_tables():
    data = ask(make_page(*PAYSLIP), earnings=PAY, deductions=PAY)

    assert [row["label"] for row in data["earnings"]] == ["Basic salary", "Holiday pay"]
    assert [row["amount"] for row in data["deductions"]] == [1188.57, 566.86, 132.57]


def test_tables_beside_one_another_keep_their_titles():
    headers = find_headers(TextGrid([make_page(*PAYSLIP)]))

    assert [header.title for header in headers] == ["Earnings", "Deductions"]


@pytest.mark.parametrize(
    ("printed", "bank"),
    [
        ("Bankverbindung: Erste Bank", "Erste Bank"), ("Banker: Barclays Bank", "Barclays Bank"),
        ("Établissement : Caisse d'Épargne", "Caisse d'Épargne"),
    ],
)  # fmt: skip
def test_a_bank_may_be_called_one(printed, bank):
    assert ask(make_page("Rechnung", printed), bank_name=STRING) == {"bank_name": bank}


def test_the_number_of_an_employee_may_stand_where_a_name_might():
    page = make_page(
        "Payslip April 2025", "Employee          E3163", "Company           Sexton Digital LLC", *PAY_LINES
    )

    assert ask(page, employee_id=STRING, employer=STRING) == {
        "employee_id": "E3163", "employer": "Sexton Digital LLC",
    }  # fmt: skip


def test_the_name_on_a_payslip_is_that_of_the_employee():
    page = make_page("Payslip April 2025", "Payroll No.       09551", "Name              Helena Blümel", *PAY_LINES)

    assert ask(page, employee=STRING) == {"employee": "Helena Blümel"}


def test_without_any_tax_what_is_called_net_is_the_total():
    assert ask(make_page("DEVIS", "Total net      € 109,37"), total_ttc=NUMBER) == {"total_ttc": 109.37}


@pytest.mark.parametrize(
    ("printed", "total"),
    [
        ("Totaal incl. 21% BTW", "1.234,50"),
        ("Total incl. 20% VAT", "1,234.50"),
        ("Gesamt inkl. 8.1 % MwSt.", "1'234.50"),
    ],
)
def test_a_rate_may_stand_within_the_name_of_a_total(printed, total):
    assert ask(make_page("INVOICE", f"{printed}   {total}"), total_amount=NUMBER) == {"total_amount": 1234.5}


def test_two_labels_of_one_place_share_what_stands_behind():
    page = make_page("Rechnungsnummer/Datum: 2024-117 / 12.03.2024")

    assert ask(page, invoice_number=STRING, invoice_date=DATE) == {
        "invoice_number": "2024-117", "invoice_date": "2024-03-12",
    }  # fmt: skip


@pytest.mark.parametrize("printed", ["Paid by Cash", "Réglé par Virement", "Bezahlt mit Visa"])
def test_paid_is_followed_by_how(printed):
    assert ask(make_page("Receipt", printed), payment_method=STRING) == {"payment_method": printed.split()[-1]}


@pytest.mark.parametrize("day", ["25 décembre", "25 de diciembre de", "25. Dezember"])
def test_the_year_of_a_date_may_stand_on_the_next_line(day):
    page = make_page("BL n° 2024-0158", f"Date de livraison:   {day}", "                     2024")

    assert ask(page, delivery_date=DATE) == {"delivery_date": "2024-12-25"}
