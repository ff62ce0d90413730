"""The invoices that benchmarks.generated draws: what it says of them must be so, or its figures say nothing."""

import random

import pytest

from benchmarks._invoice_pages import draw_pages
from benchmarks._invoice_schemas import draw_schema
from benchmarks._invoices import draw_invoice
from benchmarks.generated import Truth, _compared, _placed, _truth
from reading.reader import read


def _drawn(seed):
    chance = random.Random(f"invoice {seed}")
    invoice = draw_invoice(chance)
    canvas = draw_pages(invoice, chance)
    return invoice, canvas, draw_schema(chance)


@pytest.mark.parametrize("seed", [3, 14, 159])
def test_the_words_of_a_value_stand_where_the_truth_says(seed, tmp_path):
    invoice, canvas, _ = _drawn(seed)
    path = tmp_path / "invoice.pdf"
    canvas.pdf.output(str(path))

    words = [(page.number, word) for page in read(path) for word in page.words]

    for name in ("invoice_number", "buyer.name", "items[0].description"):
        spots = canvas.places[name][0]
        inside = [
            word.text
            for page, word in words
            if any(
                page == spot.page
                and spot.x0 - 0.002 < word.box.centre[0] < spot.x1 + 0.002
                and spot.y0 < word.box.centre[1] < spot.y1
                for spot in spots
            )
        ]
        assert " ".join(inside) == _truth(invoice, dict(canvas.places)).values[name]


def test_the_same_seed_draws_the_same_invoice_and_asks_the_same_of_it():
    one, other = _drawn(7), _drawn(7)

    assert one[0] == other[0]
    assert one[1].places == other[1].places
    assert one[2] == other[2]


def test_totals_of_a_drawn_invoice_agree():
    for seed in range(30):
        invoice = _drawn(seed)[0]

        assert round(sum(base for _, base, _ in invoice.taxes), 2) == invoice.net
        assert round(invoice.net + invoice.tax, 2) == invoice.gross


def test_rows_are_compared_with_those_most_like_them():
    truth = Truth({"items[0].description": "Paint", "items[1].description": "Brush"},
                  {"items[0].description": [], "items[1].description": []})  # fmt: skip
    answer = {"lines": [{"name": "Carried forward"}, {"name": "brush"}, {"name": "Paint"}]}

    measured = _compared("", truth, answer, {}, {"lines[].name": "items[].description"})

    assert measured.by_name["items[].description"].right == 2


def test_a_place_counts_when_it_covers_most_of_the_true_one():
    _, canvas, _ = _drawn(3)
    spot = canvas.places["invoice_number"][0][0]
    near = {"page": spot.page, "bbox": [spot.x0, spot.y0 + 0.002, spot.x1, spot.y1 + 0.002]}
    beside = {"page": spot.page, "bbox": [spot.x1, spot.y0, 2 * spot.x1 - spot.x0, spot.y1]}

    assert _placed(canvas.places["invoice_number"], [near])
    assert not _placed(canvas.places["invoice_number"], [beside])
