"""The words that a value was read from, and the place of those words on the page."""

import pytest

from engine.pipeline.location import locate
from engine.pipeline.parsing import parse
from tests.pipeline.making import INVOICE, LINES, NUMBER, STRING, make_page


def test_every_value_keeps_the_words_it_came_from():
    page = make_page(*INVOICE)
    schema = {"type": "object", "properties": {"total": NUMBER, "lines": LINES}}

    parsed = parse([page], schema)

    assert [span.text for span in parsed.places["total"]] == ["1.483,80 €"]
    assert [span.text for span in parsed.places["lines[1].description"]] == [
        "Brush, wide and flat,",
        "with wooden handle",
    ]
    assert [span.text for span in parsed.places["lines[2].amount"]] == ["1.200,00 €"]


def test_the_place_of_a_currency_is_its_sign_alone():
    schema = {"type": "object", "properties": {"currency": STRING}}
    page = make_page("Tea                 12.50 €", "Total               12.50 €")

    parsed = parse([page], schema)

    sign = next(word.box for word in page.words if word.text == "€")
    (place,) = locate(parsed.places)["currency"]
    assert parsed.data == {"currency": "EUR"}
    assert place["bbox"] == pytest.approx([sign.x0, sign.y0, sign.x1, sign.y1], abs=1e-3)


@pytest.mark.parametrize(
    ("line", "code", "sign"), [("DE 80333 Munich", "DE", "DE"), ("B-1000 Brussels", "BE", "B-1000")]
)
def test_the_place_of_a_country_is_the_letters_that_name_it(line, code, sign):
    schema = {"type": "object", "properties": {"seller": {"type": "object", "properties": {"country": STRING}}}}
    page = make_page(*INVOICE[:2], line, *INVOICE[3:])

    parsed = parse([page], schema)

    word = next(word for word in page.words if word.text == sign)
    (place,) = locate(parsed.places)["seller.country"]
    assert parsed.data == {"seller": {"country": code}}
    assert place["bbox"][0] == pytest.approx(word.box.x0, abs=1e-3)
    assert place["bbox"][2] <= word.box.x1 + 1e-3
