"""How likely values are right: by the evidence alone, and as a service says, held against the evidence."""

from __future__ import annotations

from extractions.evidence.confidence import confidences
from extractions.evidence.expectations import expected_paths, kinds_named
from extractions.evidence.grounding import locate
from extractions.evidence.reported import clues_of_reported, reported_confidence
from extractions.result.leaves import leaves
from tests.evidence.making import page

BILL = """
Kerbrune Workshops                         Invoice

Invoice number    INV-2041
Invoice date      2026-03-14
Due date          2026-04-13

Description            Quantity    Unit price    Amount
Copper cable                  3         40.00    120.00
Fitting by hand               2         90.50    181.00

Subtotal                                         301.00
VAT 20 %                                          60.20
Total                                            361.20
"""
SCHEMA = {
    "type": "object",
    "properties": {
        "invoice_number": {"type": "string"},
        "issue_date": {"type": "string", "format": "date"},
        "due_date": {"type": "string", "format": "date"},
        "subtotal": {"type": "number"},
        "tax": {"type": "number"},
        "total": {"type": "number"},
        "paid": {"type": "boolean"},
    },
}
RIGHT = {
    "invoice_number": "INV-2041",
    "issue_date": "2026-03-14",
    "due_date": "2026-04-13",
    "subtotal": 301.0,
    "tax": 60.2,
    "total": 361.2,
}


def weighed(data, *, reported=None, text=BILL, places=None):
    located = locate(list(leaves(data, places)), [page(text)], SCHEMA)
    return dict(zip(data, confidences(located, SCHEMA, reported), strict=True))


def test_a_value_beside_its_label_is_surer_than_one_that_only_stands_on_the_page():
    right = weighed(RIGHT)

    for path, other in {"total": 120.0, "due_date": "2026-03-14", "invoice_number": "Copper cable"}.items():
        assert right[path] > weighed(RIGHT | {path: other})[path] + 0.05, path


def test_amounts_that_add_up_are_surer_than_one_that_does_not():
    assert weighed(RIGHT)["total"] > weighed(RIGHT | {"subtotal": 181.0})["total"]


def test_a_value_that_stands_nowhere_is_never_sure():
    assert weighed(RIGHT | {"total": 999.99})["total"] < 0.5


def test_an_empty_value_has_no_confidence_and_neither_has_one_whose_pages_cannot_be_read():
    assert weighed({"total": None, "tax": ""}) == {"total": None, "tax": None}
    assert weighed({"total": 361.2}, text=" ") == {"total": None}


def test_what_a_service_says_is_weighed_with_the_evidence():
    alone = weighed(RIGHT)
    sure, doubtful = (weighed(RIGHT, reported=dict.fromkeys(RIGHT, share)) for share in (0.99, 0.5))

    for path in RIGHT:
        assert doubtful[path] < min(alone[path], sure[path]), path
    assert sure["total"] > alone["total"]


def test_a_service_is_not_believed_against_the_evidence():
    data = RIGHT | {"total": 999.99, "invoice_number": "Q-77", "paid": False}

    said = weighed(data, reported=dict.fromkeys(data, 0.999))

    assert said["total"] <= 0.9
    assert said["invoice_number"] <= 0.9
    assert said["paid"] == 0.999  # a box that is not ticked is no text on the page


def test_a_value_that_the_service_saw_where_it_stands_is_surer_than_one_that_it_saw_elsewhere():
    reported = dict.fromkeys(RIGHT, 0.95)
    index = locate(list(leaves(RIGHT)), [page(BILL)], SCHEMA)
    there = {ground.path: [{"page": ground.page, "bbox": ground.boxes[0]}] for ground in index.grounds}
    elsewhere = there | {"total": there["invoice_number"]}

    sure, doubtful = (weighed(RIGHT, reported=reported, places=places)["total"] for places in (there, elsewhere))

    assert sure > doubtful


def test_without_pages_there_is_only_what_the_service_says():
    assert weighed({"total": 361.2, "tax": 60.2}, reported={"total": 0.97}, text=" ") == {"total": 0.9, "tax": None}


def test_the_least_sure_cell_speaks_for_its_row():
    shares = {"total": 0.99, "lines[0].amount": 0.9, "lines[0].item": 0.6, "lines[1].amount": 0.95, "other": 0.1}
    found = clues_of_reported([path for path in shares if path != "other"], shares)

    assert {path: clues["reported_of_row"] for path, clues in found.items()} == {
        "total": 0.99, "lines[0].amount": 0.6, "lines[0].item": 0.6, "lines[1].amount": 0.95,
    }  # fmt: skip
    assert {clues["reported_doubtful"] for clues in found.values()} == {0.25}
    assert clues_of_reported(["total"], {}) == {}


def test_a_confidence_that_is_no_probability_is_not_believed():
    answer = {"x_confidence": {"a": 0.5, "b": 2, "c": True, "d": "0.9", "e": float("nan")}}

    assert reported_confidence(answer) == {"a": 0.5}
    assert reported_confidence({"x_confidence": [1]}) == reported_confidence(None) == {}


def test_the_vocabulary_knows_what_no_document_of_a_kind_lacks():
    assert expected_paths(SCHEMA, ["", "Supplier invoices v4"]) == {"invoice_number", "issue_date", "total"}
    assert expected_paths(SCHEMA, ["Receipt", "Invoice"]) == {"issue_date", "total"}
    assert expected_paths(SCHEMA, ["Holiday pictures"]) == frozenset()
    assert kinds_named("Avoir fournisseur")[0] == "credit_note"
