"""What the engine proposes of pages, by hand and drawn."""

import json

import pytest

from engine.pipeline import Request
from engine.pipeline.ocr import read_pages
from engine.pipeline.proposing import propose
from tests.documents.leases import FACTS, draw_lease
from tests.pipeline.making import INVOICE, make_page


def flat(fields):
    for field in fields:
        yield field
        yield from flat(field.get("fields", []))


def by_known(proposal):
    return {field["known"]: field for field in flat(proposal["fields"]) if field["known"]}


def by_label(proposal):
    return {field["label"]: field for field in flat(proposal["fields"]) if field["label"]}


def test_an_invoice_is_proposed_as_one():
    proposal = propose([make_page(*INVOICE)])

    known = by_known(proposal)
    assert proposal["start"] == "invoice"
    assert known["invoice_number"]["value"] == "INV-0042"
    assert known["due_date"]["kind"] == "date"
    assert known["total_amount"]["value"].startswith("1.483,80")
    assert known["lines"]["many"]
    assert {"lines.line_description", "lines.quantity", "lines.unit_price", "lines.line_amount"} <= set(known)
    assert known["customer.name"]["value"] == "Jane Miller GmbH"


def test_each_field_says_where_it_stands():
    known = by_known(propose([make_page(*INVOICE)]))

    [place] = known["invoice_number"]["places"]
    assert place["page"] == 1
    assert place["bbox"][0] > 0.5


def test_nothing_stands_for_two_fields():
    """But totals and the tax that they are made of may."""
    proposal = propose([make_page(*INVOICE)])

    apart = [field for field in proposal["fields"] if field["known"] != "tax_lines"]
    singles = [field for field in flat(apart) if field["kind"] != "group" and not field.get("aside")]
    places = [json.dumps(field["places"]) for field in singles]
    assert len(places) == len(set(places))


def test_labels_of_a_document_that_nobody_knows(tmp_path):
    path = tmp_path / "lease.pdf"
    path.write_bytes(draw_lease(FACTS[0]))

    proposal = propose(list(read_pages(Request(path))))

    labels = by_label(proposal)
    assert proposal["title"] == "Lease contract"
    assert {label: labels[label]["value"] for label in FACTS[0]} == FACTS[0]
    kinds = {label: labels[label]["kind"] for label in ("Start of the lease", "Monthly rent", "Furnished", "Tenant")}
    assert kinds == {
        "Start of the lease": "date", "Monthly rent": "number", "Furnished": "boolean", "Tenant": "text",
    }  # fmt: skip
    assert labels["Deposit"]["known"] == ""


def test_boxes_beside_a_question_are_a_choice():
    page = make_page(
        "APPLICATION FORM",
        "Name:  Ann Porter",
        "Kind of flat:  ☑ Furnished   ☐ Unfurnished   ☐ Shared",
        "☐ I own a dog",
    )

    labels = by_label(propose([page]))

    assert labels["Kind of flat"]["kind"] == "choice"
    assert labels["Kind of flat"]["options"] == ["Furnished", "Unfurnished", "Shared"]
    assert labels["Kind of flat"]["value"] == "Furnished"
    assert labels["I own a dog"]["kind"] == "boolean"


@pytest.mark.parametrize(
    "pages",
    [[], [make_page("")], [make_page("The quick brown fox jumps over the lazy dog and goes home to its five cubs.")]],
)
def test_of_running_text_and_empty_pages_nothing_is_proposed(pages):
    assert propose(pages)["fields"] == []
