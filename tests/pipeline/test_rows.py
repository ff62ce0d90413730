"""Rows of tables: where a table ends, which lines make one row, and in which column a cell stands."""

from engine.pipeline.parsing.fields import read_schema
from engine.pipeline.parsing.schema_extractor import SchemaExtractor

from .making import LINES, NUMBER, STRING, ask, make_page

ROW = {"description": STRING, "quantity": NUMBER, "unit_price": NUMBER, "amount": NUMBER}


def lines_of(**more):
    return {"type": "array", "items": {"type": "object", "properties": {**ROW, **more}}}


def test_notes_beside_the_totals_are_no_rows():
    page = make_page(
        "Description                         Qty        Price       Amount",
        "Oak chair                             3        20.50        61.50",
        "Copper pipe                           7        27.75       194.25",
        "Please pay within 30 days.                  Subtotal       255.75",
        "Bank: First Bank of Exeter                    VAT 20%       51.15",
        "IBAN: GB29 NWBK 6016 1331 9268 19               Total      306.90",
    )

    found = ask(page, lines=LINES, subtotal=NUMBER, tax_amount=NUMBER, total_amount=NUMBER)

    assert [row["description"] for row in found["lines"]] == ["Oak chair", "Copper pipe"]
    assert [found["subtotal"], found["tax_amount"], found["total_amount"]] == [255.75, 51.15, 306.9]


def test_a_total_of_unknown_name_ends_the_table_where_the_amounts_add_up():
    page = make_page(
        "Description                         Qty        Price       Amount",
        "Oak chair                             3        20.50        61.50",
        "Copper pipe                           7        27.75       194.25",
        "                                           Yhteensä        255.75",
        "                                           Vero 20 %        51.15",
        "                                           Maksettava      306.90",
    )

    assert [row["amount"] for row in ask(page, lines=LINES)["lines"]] == [61.5, 194.25]


def test_words_of_a_name_that_are_names_of_columns_do_not_end_the_table():
    page = make_page(
        "Bezeichnung                       Menge        Preis       Gesamt",
        "Eichenstuhl                           3        20,50        61,50",
        "Arbeitszeit pro Stunde",
        "nach Aufwand                          7        27,75       194,25",
        "Scharnier                            11        35,00       385,00",
        "                                   Summe netto             640,75",
    )

    assert [row["amount"] for row in ask(page, lines=LINES)["lines"]] == [61.5, 194.25, 385.0]


def test_transport_may_be_the_last_thing_that_was_bought():
    page = make_page(
        "Description                         Qty        Price       Amount",
        "Oak chair                             3        20.50        61.50",
        "Transport                             1        15.00        15.00",
        "Frais de port                                               5.00",
        "                                             Subtotal       81.50",
    )

    assert [row["amount"] for row in ask(page, lines=LINES)["lines"]] == [61.5, 15.0, 5.0]


def test_a_line_that_had_room_for_the_next_word_is_the_whole_name():
    page = make_page(
        "Description                         Qty        Price       Amount",
        "Oak chair                             3        20.50        61.50",
        "Serial number 49302, natural",
        "Shelf of steel, extra wide            2        10.00        20.00",
        "and high",
        "                                             Subtotal       81.50",
    )

    names = [row["description"] for row in ask(page, lines=LINES)["lines"]]

    assert names == ["Oak chair", "Shelf of steel, extra wide and high"]


def test_the_lines_above_the_figures_may_belong_to_them():
    page = make_page(
        "Description                         Qty        Price       Amount",
        "",
        "Oak chair, oiled by hand and",
        "polished                              3        20.50        61.50",
        "",
        "Copper pipe for drinking wat-",
        "er, soft                              7        27.75       194.25",
        "",
        "                                             Subtotal      255.75",
    )

    names = [row["description"] for row in ask(page, lines=LINES)["lines"]]

    assert [name.split()[0] for name in names] == ["Oak", "Copper"]


def test_heads_at_the_left_stand_over_figures_at_the_right():
    page = make_page(
        "Item              Qty         Price         VAT         Line total",
        "Oak chair                 3         20.50         20%             61.50",
        "Copper pipe               7         27.75         20%            194.25",
    )

    rows = ask(page, lines=lines_of(tax_rate=NUMBER))["lines"]

    assert [(row["quantity"], row["unit_price"], row["tax_rate"], row["amount"]) for row in rows] == [
        (3.0, 20.5, 20.0, 61.5),
        (7.0, 27.75, 20.0, 194.25),
    ]


def test_a_column_of_numbers_of_rows_may_have_no_head():
    page = make_page(
        "      Menge    Bezeichnung              Preis       Gesamt",
        "1     10       Gutscheinkarte            2,00        20,00",
        "2     5        Gartenschlauch            6,00        30,00",
    )

    assert [row["quantity"] for row in ask(page, lines=LINES)["lines"]] == [10.0, 5.0]


def test_codes_that_are_words_are_no_names():
    page = make_page(
        "Item       Product                    Qty      Price      Amount",
        "PAP-A4     A4 paper, 80 gsm             4      18.75       75.00",
        "DISPLAY    Display stand of oak         2      22.40       44.80",
        "SHIP       Shipping                     1       9.50        9.50",
    )

    rows = ask(page, lines=lines_of(article_number=STRING))["lines"]

    assert [(row["article_number"], row["description"]) for row in rows] == [
        ("PAP-A4", "A4 paper, 80 gsm"),
        ("DISPLAY", "Display stand of oak"),
        ("SHIP", "Shipping"),
    ]


def test_what_was_ordered_is_not_what_was_delivered():
    page = make_page(
        "Code       Description              Ordered    Delivered",
        "CU15       Copper pipe 15 mm             60           60",
        "CU22       Copper pipe 22 mm             40           35",
    )
    row = {"description": STRING, "quantity": NUMBER, "quantity_ordered": NUMBER}

    rows = ask(page, lines={"type": "array", "items": {"type": "object", "properties": row}})["lines"]

    assert [(r["description"], r["quantity_ordered"], r["quantity"]) for r in rows] == [
        ("Copper pipe 15 mm", 60.0, 60.0),
        ("Copper pipe 22 mm", 40.0, 35.0),
    ]


def test_rows_of_a_second_invoice_are_not_added_to_those_of_the_first():
    head = "Description                         Qty        Price       Amount"
    first = make_page(
        head,
        "Oak chair                             3        20.50        61.50",
        "Copper pipe                           7        27.75       194.25",
        "                                             Subtotal      255.75",
        "                                              VAT 20%       51.15",
        "                                                Total      306.90",
    )
    second = make_page(
        head,
        "Pine shelf                            2        40.00        80.00",
        "                                             Subtotal       80.00",
        "                                              VAT 20%       16.00",
        "                                                Total       96.00",
        number=2,
    )

    found = ask([first, second], lines=LINES, total_amount=NUMBER)

    assert [row["amount"] for row in found["lines"]] == [61.5, 194.25]
    assert found["total_amount"] == 306.9


def test_a_price_per_unit_is_one_name_of_a_column():
    page = make_page(
        "Your usage               kWh    Pence per kWh        Cost",
        "Day units                412            24.86     £102.42",
        "Night units              208            13.10      £27.25",
        "Total before VAT                                  £129.67",
    )

    rows = ask(page, lines=LINES)["lines"]

    assert [row["amount"] for row in rows] == [102.42, 27.25]


def test_the_only_price_of_a_line_is_its_amount():
    page = make_page(
        "Pos.    Description of goods                      Price",
        "1       Travel and site set-up                  $348.73",
        "2       Labour of a carpenter                   $237.24",
    )

    assert [row["amount"] for row in ask(page, lines=LINES)["lines"]] == [348.73, 237.24]


def test_a_total_close_below_the_names_is_none_of_them():
    page = make_page(
        "Qty     Description                      Price       Amount",
        "3       Oak chair                        20.50        61.50",
        "7       Copper pipe                      27.75       194.25",
        "        Net total: 255.75",
    )

    found = ask(page, lines=LINES, subtotal=NUMBER)

    assert found["subtotal"] == 255.75
    assert [row["description"] for row in found["lines"]] == ["Oak chair", "Copper pipe"]


def test_rows_that_make_up_a_printed_sum_are_surer_than_others():
    rows = (
        "Description                         Qty        Price       Amount",
        "Oak chair                             3        20.50        61.50",
        "Copper pipe                           7        27.75       194.25",
    )
    root = read_schema({"type": "object", "properties": {"lines": LINES}})
    scores = []

    for page in (
        make_page(*rows),
        make_page(*rows, "                                             Subtotal       255.75"),
    ):
        extractor = SchemaExtractor([page], root)
        found = extractor.tables.rows_for(root.children[0], extractor.totals)
        scores.append(min(cell.score for row in found for cell in row.values()))

    assert scores[1] > scores[0]
