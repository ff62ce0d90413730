"""Rows within rows: each is taken out, and comes back, by itself."""

from __future__ import annotations

import pytest

from extractions.review import edits
from tests.review.screens import data_of_json, rows_of_csv
from tests.review.test_rows import make

DATA = {
    "total": 1,
    "groups": [
        {"name": "a", "lines": [{"label": "x"}, {"label": "y"}]},
        {"name": "b", "tags": ["red"], "lines": [{"label": "z"}]},
    ],
    "notes": ["one", "two"],
}


@pytest.fixture
def document(alice, client):
    client.force_login(alice)
    return make(alice, DATA, as_text=False)


def labels(client, document):
    data = [[line["label"] for line in group["lines"]] for group in data_of_json(client, document)["groups"]]
    in_csv = [row["groups.lines.label"].split("; ") for row in rows_of_csv(client, document)]
    assert [row for row in in_csv if row != [""]] == [row for row in data if row]
    return data


def test_a_row_that_was_taken_out_by_itself_stays_out_when_the_one_around_it_comes_back(client, document, alice):
    edits.remove_row(document, "groups[0].lines[1]", alice)
    edits.remove_row(document, "groups[0]", alice)
    assert labels(client, document) == [["z"]]

    edits.undo(document, alice)

    assert labels(client, document) == [["x"], ["z"]]
    edits.undo(document, alice)
    assert labels(client, document) == [["x", "y"], ["z"]]


def test_single_values_of_a_list_go_and_come_likewise(client, document, alice):
    edits.remove_row(document, "notes[0]", alice)
    edits.remove_row(document, "groups[1].tags[0]", alice)
    edits.add_row(document, "notes", [""], alice)
    edits.set_value(document, "notes[2]", "three", alice)

    data = data_of_json(client, document)

    assert (data["notes"], data["groups"][1]["tags"]) == (["two", "three"], [])
    assert rows_of_csv(client, document)[0]["notes"] == "two; three"
    assert edits.remove_row(document, "notes[0]", alice) == 0
