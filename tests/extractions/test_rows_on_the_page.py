"""The result page after rows were taken out: each record with its own words."""

from __future__ import annotations

import re

from extractions.presentation.review.change_history import entries_of
from extractions.presentation.review.reasons import sentence
from extractions.result.rows import RowEdits
from extractions.review import edits
from tests.review.making import make_bill


def test_the_row_that_stays_shows_its_own_record_place_and_past(client, alice):
    bill = make_bill(alice)
    for number, value in enumerate(bill.values.filter(path__startswith="lines")):
        value.boxes = [[0.1, number / 10, 0.2, number / 10 + 0.05]]
        value.save()
    edits.set_value(bill, "lines[1].amount", 90, alice)
    edits.remove_row(bill, "lines[0]", alice)
    client.force_login(alice)

    page = client.get(bill.get_absolute_url()).content.decode()

    cells = dict(re.findall(r'<td id="field-\d+" data-path="(lines[^"]*)"[^>]*>(.*?)</td>', page))
    assert list(cells) == ["lines[1].label", "lines[1].quantity", "lines[1].amount"]
    assert re.sub("<[^>]+>", "", cells["lines[1].label"]) == "Work"
    assert re.sub("<[^>]+>", "", cells["lines[1].amount"]) == "90.00 was 84.48"
    assert set(re.findall(r'<a [^>]*data-path="(lines[^"]*)"', page)) == set(cells)


def test_a_broken_rule_names_the_row_that_the_reader_sees():
    broken = {"rule": "line", "paths": ["lines[2].quantity", "lines[2].price", "lines[2].amount"], "params": {}}

    words = sentence(broken, edits=RowEdits({}, {"lines[0]"}))

    assert words.startswith("Quantity (row 2) times Price (row 2) makes")


def test_history_names_rows_by_where_they_stand_now(alice):
    bill = make_bill(alice)
    edits.set_value(bill, "lines[0].amount", 90, alice)
    edits.set_value(bill, "lines[1].amount", 91, alice)
    edits.remove_row(bill, "lines[0]", alice)

    entries = entries_of(list(bill.changes.order_by("pk")), bill.schema.schema, RowEdits.read(bill.row_edits))

    assert [entry.label for entry in entries] == [
        "Amount (a row that was taken out)", "Amount (row 1)", "Lines (a row that was taken out)",
    ]  # fmt: skip
