from tests.pipeline.making import LINES, NUMBER, PARTY, STRING, ask, make_page


def test_a_receipt_needs_no_head_for_its_items():
    page = make_page(
        "CORNER HARDWARE",
        "VAT GB 123 4567 89",
        "21/11/26 10:42       Till 2",
        "Receipt 0082",
        "2 Brass hinge 75 mm, pair      7.40",
        "    @ 3.70 each",
        "1 Wood screws 4x40             8.95",
        "Glue 50 ml                     2.10 A",
        "",
        "Subtotal                      18.45",
        "VAT 20%                        3.69",
        "TOTAL GBP                     22.14",
        "CARD   4471                   22.14",
        "Thank you",
    )

    data = ask(page, lines=LINES, total=NUMBER, time=STRING, merchant=PARTY)

    assert data["lines"] == [
        {"description": "Brass hinge 75 mm, pair", "quantity": 2, "unit_price": 3.7, "amount": 7.4},
        {"description": "Wood screws 4x40", "quantity": 1, "unit_price": 8.95, "amount": 8.95},
        {"description": "Glue 50 ml", "quantity": None, "unit_price": None, "amount": 2.1},
    ]
    assert (data["total"], data["time"], data["merchant"]["tax_id"]) == (22.14, "10:42", "GB123456789")


def test_the_price_of_an_item_may_stand_on_the_line_of_its_amount():
    page = make_page(
        "CORNER SHOP", "Oat biscuits", "2 x 1.50              3.00", "Green tea", "1 x 4.25              4.25",
        "Total                 7.25", "Cash                 10.00", "Change                2.75", "Thank you",
    )  # fmt: skip

    assert ask(page, items=LINES)["items"] == [
        {"description": "Oat biscuits", "quantity": 2, "unit_price": 1.5, "amount": 3},
        {"description": "Green tea", "quantity": 1, "unit_price": 4.25, "amount": 4.25},
    ]


def test_amounts_without_a_head_are_items_of_an_invoice_only_if_they_add_up():
    def invoice(total):
        return make_page(
            "INVOICE no 17",
            "Painting of the hall          300.00",
            "Two doors, white              120.00",
            f"Total                         {total}",
        )

    assert [row["description"] for row in ask(invoice("420.00"), lines=LINES)["lines"]] == [
        "Painting of the hall",
        "Two doors, white",
    ]
    assert ask(invoice("995.00"), lines=LINES)["lines"] == []
