"""Tables of what was bought: their rows and columns, heads that are hard to read, and what to do without a head."""

from dataclasses import replace

from .making import INVOICE, LINES, NUMBER, PITCH, STRING, ask, make_line, make_page

CODED_ROW = {"type": "object", "properties": {"sku": STRING, "description": STRING, "amount": {"type": "number"}}}


def test_a_head_whose_first_line_is_the_narrower_one_is_read_whole():
    page = make_page(
        "                       Menge   Meng.-     Preis/",
        "Artikelbeschreibung            einheit    Einheit                   Betrag     USt. %",
        "Trennblatt                20   Stk.          9,90                   198,00         19",
        "Joghurt                   50   Stk.          5,50                   275,00          7",
    )

    rows = ask(page, lines=LINES)["lines"]

    assert [(row["quantity"], row["unit_price"]) for row in rows] == [(20.0, 9.9), (50.0, 5.5)]


def test_of_two_columns_that_may_be_the_name_the_one_with_codes_is_the_number():
    page = make_page(
        "Qty    Product    Item                   Unit cost        Net",
        "1      2067-55    Labour                      6.01       6.01",
        "5      9641-41    Printed cards              14.61      73.05",
    )

    rows = ask(page, items={"type": "array", "items": CODED_ROW})["items"]

    assert [(row["sku"], row["description"]) for row in rows] == [("2067-55", "Labour"), ("9641-41", "Printed cards")]


def test_a_column_of_codes_is_no_column_of_positions():
    page = make_page(
        "Item #     Particulars          Qty       Each       Total",
        "179.179    Shelf                  2      10.00       20.00",
        "043.043    Copper pipe            3       5.00       15.00",
    )

    rows = ask(page, items={"type": "array", "items": CODED_ROW})["items"]

    assert [row["sku"] for row in rows] == ["179.179", "043.043"]


def test_a_count_close_before_the_name_is_a_cell_of_its_own():
    page = make_page(
        "Stunden Artikel                       Einzel      Gesamt netto",
        "      2 Stuhl mit Lehne                62,15            124,30",
        "      3 Reinigung                      90,00            270,00",
    )

    rows = ask(page, positionen=LINES)["positionen"]

    assert [(row["quantity"], row["description"]) for row in rows] == [(2.0, "Stuhl mit Lehne"), (3.0, "Reinigung")]


def test_a_table_goes_on_below_a_head_that_was_read_a_little_otherwise():
    pages = [
        make_page(f"Artikel            Stunden      Preis      {tax}        Betrag", row, number=number)
        for number, tax, row in (
            (1, "MwSt.  ", "Farbe                    2      10,00         19         20,00"),
            (2, "MwSt. %", "Pinsel                   3       5,00         19         15,00"),
        )
    ]

    assert [row["description"] for row in ask(pages, lines=LINES)["lines"]] == ["Farbe", "Pinsel"]


def test_rows_without_a_head_are_read_where_a_product_proves_their_columns():
    page = make_page(
        "FACTURE n° 17",
        "",
        "331.331    Nettoyage des salles       8 h       20,00 €     20 %      160,00 €",
        "           Lot : A52853",
        "507.507    Plan de travail           10 u        5,50 €     10 %       55,00 €",
        "",
        "                                    Total HT                          215,00 €",
    )
    row = {**LINES["items"]["properties"], "sku": STRING, "unit": STRING, "vat_rate": {"type": "number"}}

    rows = ask(page, lignes={"type": "array", "items": {"type": "object", "properties": row}})["lignes"]

    assert [tuple(found.values()) for found in rows] == [
        ("Nettoyage des salles", 8.0, 20.0, 160.0, "331.331", "h", 20.0),
        ("Plan de travail", 10.0, 5.5, 55.0, "507.507", "u", 10.0),
    ]


def test_rows_without_a_head_are_left_alone_where_no_product_proves_them():
    page = make_page(
        "STATEMENT no 17",
        "Balance of last month         8       20.00       170.00",
        "Balance of this month        10        5.50        95.00",
    )

    assert ask(page, lines=LINES)["lines"] == []


def test_groups_with_indented_lines_below_them_are_the_items_of_a_cloud_service():
    page = make_page(
        "Cirrus Computing Invoice",
        "Invoice number: 1704",
        "Invoice date: 3 March 2024",
        "Bill to: Hinton Mills Ltd",
        "Service charges                                   $14.10",
        "Tax                                                $0.00",
        "Total for this invoice                            $14.10",
        "",
        "Virtual machines                                  $11.60",
        "   Hours of use                                    $9.60",
        "   Traffic                                         $2.00",
        "Object storage                                     $2.50",
        "   Gigabytes                                       $2.50",
    )

    assert [(row["description"], row["amount"]) for row in ask(page, lines=LINES)["lines"]] == [
        ("Virtual machines", 11.6),
        ("Object storage", 2.5),
    ]


def test_groups_of_a_telecoms_bill_are_its_items():
    page = make_page(
        "Rechnung Nr. 17",
        "Festnetz und Internet                              39,90 EUR",
        "    Grundpreis                                     34,90 EUR",
        "    Gespräche                                       5,00 EUR",
        "Mobilfunk                                          12,10 EUR",
        "    Datenpaket                                     12,10 EUR",
        "Summe netto                                        52,00 EUR",
        "MwSt. 19 %                                          9,88 EUR",
        "Rechnungsbetrag                                    61,88 EUR",
    )

    assert [row["description"] for row in ask(page, lines=LINES)["lines"]] == ["Festnetz und Internet", "Mobilfunk"]


def test_line_items_come_from_the_table_with_wrapped_names():
    data = ask(make_page(*INVOICE), line_items=LINES)

    assert data["line_items"] == [
        {"description": "Blue paint", "quantity": 2, "unit_price": 10, "amount": 20},
        {"description": "Brush, wide and flat, with wooden handle", "quantity": 3, "unit_price": 5.5, "amount": 16.5},
        {"description": "Canvas 30 x 40", "quantity": 1, "unit_price": 1200, "amount": 1200},
    ]


def test_a_table_goes_on_after_a_page_break():
    first = make_page(
        "Description        Quantity   Unit price    Amount", "Nails                   2        1.00      2.00"
    )
    second = make_page(
        "Screws                  4        1.50      6.00", "", "                      Total:         8.00", number=2
    )

    data = ask([first, second], items=LINES, total=NUMBER)

    assert [row["description"] for row in data["items"]] == ["Nails", "Screws"]
    assert data["total"] == 8


def test_the_foot_of_a_page_is_no_row_of_a_table_that_goes_on():
    head = "Description                         Quantity     Unit price        Amount"
    first = make_page(
        head,
        "Blue paint                               2         10.00          20.00",
        "                                                   Continued on page 2",
        *[""] * 45,
        "Company number 99417882                          Page 1 of 2      3000.00",
    )
    second = make_page(head, "Brush                                    3          5.50          16.50", number=2)

    data = ask([first, second], lines=LINES)

    assert [row["description"] for row in data["lines"]] == ["Blue paint", "Brush"]
    assert [row["amount"] for row in data["lines"]] == [20, 16.5]


def test_small_print_below_a_name_is_no_part_of_it():
    page = make_page(
        "Description                         Quantity     Unit price        Amount",
        "Torque gauge with                        2         10.00          20.00",
        "",
        "",
        "Brush                                    3          5.50          16.50",
    )
    name, small = (
        make_line("carrying case", 0.05, 0.05 + 2 * PITCH),
        make_line("Serial 12", 0.05, 0.05 + 2.9 * PITCH, size=0.85),
    )
    page = replace(page, lines=(*page.lines, name, small))

    assert [row["description"] for row in ask(page, lines=LINES)["lines"]] == [
        "Torque gauge with carrying case",
        "Brush",
    ]


def test_rates_of_lines_follow_from_the_bases_they_make_up():
    page = make_page(
        "Description         Quantity   Unit price      Amount",
        "Paint                      2        10.00       20.00",
        "Bread                      4         2.50       10.00",
        "Canvas                     1        30.00       30.00",
        "",
        "Rate         Base        Tax",
        "5.5 %       10.00       0.55",
        "20 %        50.00      10.00",
    )
    row = {"type": "object", "properties": {"description": STRING, "amount": NUMBER, "vat_rate": NUMBER}}

    data = ask(page, lines={"type": "array", "items": row})

    assert [line["vat_rate"] for line in data["lines"]] == [20, 5.5, 20]
