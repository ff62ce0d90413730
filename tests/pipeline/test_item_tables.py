"""Tables of what was bought whose heads are hard to read, or that have none."""

from .making import LINES, STRING, ask, make_page

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
