"""Only fields that the schema and the data announce are taken, and what is stored already harms no reader."""

from __future__ import annotations

import json
import tracemalloc

import pytest
from django.db import connection
from django.urls import reverse

from extractions.models import Extraction, Value
from extractions.review import edit_session as benches
from extractions.review import edits
from extractions.verification import grounding
from extractions.verification.review_status import current, current_data_of
from tests.review.making import DATA, make_bill, value_of
from tests.review.screens import data_of_json, grids_of, rows_of_csv, sheets_of_workbook

ABSURD = [
    "lines[200000000].amount", "lines[99999999999999999999].amount", "lines[4].amount", "lines[-1].amount", "lines[0]",
    "lines", "supplier", "other", "lines[0].other", "lines[0].amount.x", "total[0]", "a" * 5000, "x" + "[0]" * 3000,
    "supplier" + ".name" * 500, "", ".", "[0]", "lines[0", "\ud800", "lines[0].\0", "__proto__", "lines[²].amount",
]  # fmt: skip


@pytest.fixture
def bill(alice):
    return make_bill(alice)


def say(client, bill, **asked):
    address = reverse("extractions:review_value", args=[bill.key])
    return client.post(address, json.dumps(asked), content_type="application/json")


@pytest.mark.parametrize("path", ABSURD)
@pytest.mark.parametrize(
    "verb", ["set", "leave", "confirm", "absent", "revert", "place", "cells", "add", "remove", "paste"]
)
def test_nobody_announced_it_and_nothing_is_stored(client, alice, bill, verb, path):
    if (verb, path) in {("add", "lines"), ("remove", "lines[0]"), ("paste", "lines[0]")}:
        pytest.skip("that is what rows are for")
    client.force_login(alice)
    before = list(bill.values.values())
    place = {"page": 1, "boxes": [[0.1, 0.1, 0.2, 0.2]]}
    more = {"cells": [{"path": path, "text": "7"}], "row": path, "column": "amount", "block": [["7"]]}

    answer = say(client, bill, do=verb, path=path, text="7", **place, **more)

    assert answer.status_code in (400, 422)
    assert answer.status_code == 400 or answer.json()["error"]
    assert list(bill.values.values()) == before
    assert not bill.changes.exists()


def test_the_next_new_row_may_be_filled_and_goes_with_its_undoing(client, alice, bill):
    client.force_login(alice)

    assert say(client, bill, do="set", path="lines[2].amount", text="5").status_code == 200
    assert data_of_json(client, bill)["lines"] == [*DATA["lines"], {"amount": 5}]
    assert say(client, bill, do="undo").status_code == 200
    assert data_of_json(client, bill)["lines"] == DATA["lines"]
    assert say(client, bill, do="set", path="lines[2].amount", text="6").json()["error"]
    assert say(client, bill, do="set", path="lines[3].amount", text="6").status_code == 200
    assert data_of_json(client, bill)["lines"] == [*DATA["lines"], {"amount": 6}]


def test_what_is_stored_already_costs_nothing_and_breaks_nothing(client, alice, bill):
    for number, path in enumerate(["lines[200000000].amount", "lines[999999999].label", "x" + ".y" * 400, "a[b", "]["]):
        Value.objects.create(
            extraction=bill, path=path, position=90 + number, corrected=True, typed=1, text="1", standing="corrected"
        )
    client.force_login(alice)
    tracemalloc.start()

    pages = [
        client.get(bill.get_absolute_url()),
        client.get(reverse("extractions:review", args=[bill.key])),
        say(client, bill, do="set", path="total", text="7", version=0),
    ]
    data = data_of_json(client, bill)
    grounding.ground_values(Extraction.objects.get(pk=bill.pk))
    _size, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert [page.status_code for page in pages] == [200, 200, 200]
    assert data["lines"] == DATA["lines"]
    assert peak < 60_000_000
    assert [len(grid.lines) for grid in grids_of(client, bill)] == [2]
    assert rows_of_csv(client, bill)
    assert sheets_of_workbook(client, bill)


def test_a_row_that_was_taken_out_takes_no_text(client, alice, bob, bill):
    client.force_login(alice)
    say(client, bill, do="remove", path="lines[0]")
    client.force_login(bob)

    answer = say(client, bill, do="set", path="lines[0].amount", text="5", version=0)

    assert (answer.status_code, "taken out" in answer.json()["error"]) == (422, True)
    assert bill.changes.filter(author=bob).count() == 0


def test_a_row_that_others_filled_is_not_undone_away(bill, alice, bob):
    edits.add_row(bill, "lines", ["amount"], alice)
    edits.set_value(bill, "lines[2].amount", 5, bob)

    with pytest.raises(edits.Superseded):
        edits.undo(bill, alice)

    assert current_data_of(bill, bill.values.all())["lines"][2] == {"amount": 5}


@pytest.mark.parametrize("text", ["9" * 400, "9" * 400 + ".5", "1" + "0" * 31])
def test_numbers_that_are_too_long_are_refused_in_words(client, alice, bill, text):
    client.force_login(alice)

    answer = say(client, bill, do="set", path="total", text=text, version=0)

    assert (answer.status_code, "digits" in answer.json()["error"]) == (422, True)


@pytest.mark.parametrize("text", ["nan", "inf", "-Infinity", "1e9999999", "NaN"])
def test_words_for_no_number_are_texts_and_no_numbers(client, alice, bill, text):
    client.force_login(alice)

    assert say(client, bill, do="set", path="total", text=text, version=0).status_code == 422
    assert say(client, bill, do="set", path="number", text=text, version=0).status_code == 200
    assert client.get(bill.get_absolute_url()).status_code == 200
    assert data_of_json(client, bill)["number"] == text


def test_a_wrapped_value_is_corrected_in_its_wrapping_and_keeps_its_place(client, alice):
    bill = make_bill(alice, data=DATA | {"total": {"value": 1284.48, "page": 1}})
    client.force_login(alice)

    entry = say(client, bill, do="set", path="total", text="7", version=0).json()["entries"]["total.value"]

    assert (entry["text"], entry["page"], entry["was"]) == ("7.00", 1, "was 1,284.48")
    assert data_of_json(client, bill)["total"] == {"value": 7, "page": 1}
    assert not bill.values.filter(path="total").exists()


@pytest.mark.django_db(transaction=True)
class TestWritingForAMoment:
    """What takes its time is done before the transaction begins."""

    def test_rules_and_kinds_are_judged_without_a_lock(self, client, alice, bill, monkeypatch):
        judged = []
        rules = benches.broken_rules
        monkeypatch.setattr(
            benches, "broken_rules", lambda *told: judged.append(connection.in_atomic_block) or rules(*told)
        )
        client.force_login(alice)
        block = [[f"Article {number}", "1", "5"] for number in range(30)]

        answer = say(
            client, bill, do="paste", row="lines[1]", column="label", names=["label", "quantity", "amount"], block=block
        )

        assert (answer.status_code, judged) == (200, [False])
        assert len(data_of_json(client, bill)["lines"]) == 31

    def test_places_are_looked_for_without_a_lock(self, bill, monkeypatch):
        looked = []
        locate = grounding.locate
        monkeypatch.setattr(
            grounding,
            "locate",
            lambda *values, **more: looked.append(connection.in_atomic_block) or locate(*values, **more),
        )

        grounding.ground_values(bill)

        assert looked == [False]

    def test_what_somebody_writes_meanwhile_is_not_lost(self, client, alice, bob, bill, monkeypatch):
        """Bob saves while Alice's paste is being prepared; so does the worker."""
        meanwhile = [
            lambda: edits.set_value(Extraction.objects.get(pk=bill.pk), "lines[0].label", "Bob's", bob),
            lambda: grounding.ground_values(Extraction.objects.get(pk=bill.pk)),
        ]
        rules = benches.broken_rules

        def slowly(extraction, values, own):
            if meanwhile:
                meanwhile.pop()()
            return rules(extraction, values, own)

        monkeypatch.setattr(benches, "broken_rules", slowly)
        client.force_login(alice)

        answer = say(
            client, bill, do="paste", row="lines[0]", column="amount", names=["amount"], block=[["5"], ["6"], ["7"]]
        )

        assert answer.status_code == 200
        lines = data_of_json(client, bill)["lines"]
        assert [line["amount"] for line in lines] == [5, 6, 7]
        assert lines[0]["label"] == "Bob's"
        assert current(value_of(bill, "lines[0].label")) == "Bob's"

    def test_a_paste_is_one_act(self, client, alice, bill):
        client.force_login(alice)
        say(client, bill, do="set", path="total", text="7", version=0)
        say(
            client,
            bill,
            do="paste",
            row="lines[1]",
            column="amount",
            names=["label", "amount"],
            block=[["5"], ["6"], ["7"]],
        )

        say(client, bill, do="undo")
        assert data_of_json(client, bill)["lines"] == DATA["lines"]
        say(client, bill, do="redo")
        assert [line["amount"] for line in data_of_json(client, bill)["lines"]] == [1200, 5, 6, 7]
        say(client, bill, do="undo")
        say(client, bill, do="undo")
        assert data_of_json(client, bill) == DATA
