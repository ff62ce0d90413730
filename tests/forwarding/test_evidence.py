"""The worker's step that looks for values in the document."""

from __future__ import annotations

import pytest
from django.utils import timezone
from fpdf import FPDF
from PIL import Image, ImageDraw

from extractions.forwarding.steps import page_words
from extractions.forwarding.steps.evidence import find_evidence
from extractions.models import Extraction, PageWords, Rule, Value
from extractions.verification import grounding
from reading.errors import ChildOutOfMemory
from tests.factories import make_extraction, make_schema

pytestmark = pytest.mark.django_db(transaction=True)

SCHEMA = {
    "type": "object",
    "properties": {
        "invoice_number": {"type": "string"},
        "due_date": {"type": "string", "format": "date"},
        "subtotal": {"type": "number"},
        "tax": {"type": "number"},
        "total": {"type": "number"},
        "note": {"type": "string"},
    },
}
DATA = {
    "invoice_number": "INV-1",
    "due_date": "2026-12-03",
    "subtotal": 1000.0,
    "tax": 200.0,
    "total": 1200.0,
    "note": None,
}
PAPER = ["Invoice INV-1", "Due 3 December 2026", "Subtotal 1,000.00", "Tax 200.00", "Total 1,200.00"]


@pytest.fixture(autouse=True, scope="module")
def _no_child_is_left():
    yield
    page_words.close()


def paper(*pages: list[str]) -> bytes:
    document = FPDF()
    document.set_font("helvetica")
    for lines in pages:
        document.add_page()
        for line in lines:
            document.cell(text=line, new_x="LMARGIN", new_y="NEXT")
    return bytes(document.output())


def extracted(owner, data=DATA, content=None, **fields) -> Extraction:
    fields = {"state": "EXTRACTED", "evidence_due_at": timezone.now(), "extracted_data": data, "raw": {}} | fields
    row = make_extraction(
        owner=owner, content_of_file=content or paper(PAPER), schema=make_schema(schema=SCHEMA), **fields
    )
    Value.objects.bulk_create(
        Value(extraction=row, position=position, path=path, text=str(value), extracted=value)
        for position, (path, value) in enumerate(data.items())
    )
    return Extraction.objects.get(pk=row.pk)


def kinds(row) -> dict[str, str]:
    return dict(row.values.values_list("path", "evidence"))


def test_each_value_has_its_evidence_and_the_document_is_to_be_reviewed(alice):
    row = extracted(alice)

    find_evidence(row)

    row.refresh_from_db()
    assert row.evidence_due_at is None
    assert kinds(row) == {
        "invoice_number": "exact",
        "due_date": "normalised",
        "subtotal": "normalised",
        "tax": "exact",
        "total": "normalised",
        "note": "none",
    }
    total = row.values.get(path="total")
    assert (total.page, total.evidence_text, len(total.boxes)) == (1, "1,200.00", 1)
    assert (row.review_state, row.broken_count) == ("waiting", 0)


def test_what_the_service_is_sure_of_asks_for_nobody(alice):
    row = extracted(alice)
    row.raw = {"x_confidence": dict.fromkeys(DATA, 1.0)}
    row.save()

    find_evidence(row)

    row.refresh_from_db()
    assert (row.review_state, row.needs, row.broken_count) == ("waiting", 0, 0)


def test_a_wrong_total_is_the_only_red_one(alice):
    row = extracted(alice, DATA | {"total": 1020.0})

    find_evidence(row)

    row.refresh_from_db()
    (value,) = row.values.exclude(broken=[])
    (broken,) = value.broken
    assert (value.path, value.evidence, value.standing) == ("total", "missing", "broken")
    assert (broken["rule"], broken["paths"]) == ("total", ["subtotal", "tax", "total"])
    assert (broken["params"]["difference"], broken["params"]["expected"]) == ("180.0", 1200.0)
    assert row.broken_count == 1


def test_the_words_of_the_pages_are_kept_before_the_result_is_there(alice, clock):
    row = make_extraction(
        owner=alice,
        content_of_file=paper(["The first of three pages"], ["The second of three pages"], []),
        page_count=3,
        pdf_page_end=2,
        evidence_due_at=clock(),
    )

    find_evidence(row)

    row.refresh_from_db()
    pages = {page.number: (page.source, " ".join(word[4] for word in page.words)) for page in row.page_words.all()}
    assert pages == {
        1: ("text layer", "The first of three pages"),
        2: ("text layer", "The second of three pages"),
    }
    assert row.evidence_due_at is None


def test_a_scan_is_recognised_only_when_values_wait_for_it(alice, clock, tmp_path):
    picture = Image.new("RGB", (900, 200), "white")
    ImageDraw.Draw(picture).text((40, 60), "Invoice INV-1", fill="black", font_size=60)
    picture.save(tmp_path / "scan.png")
    content = (tmp_path / "scan.png").read_bytes()
    waiting = make_extraction(owner=alice, content_of_file=content, mime="image/png", evidence_due_at=clock())
    done = extracted(alice, {"invoice_number": "INV-1"}, content, mime="image/png")

    find_evidence(waiting)
    find_evidence(done)

    assert not waiting.page_words.exists()
    assert done.page_words.get().source == "ocr"
    assert kinds(done)["invoice_number"] == "exact"


def test_a_page_that_cannot_be_read_leaves_open_what_stands_there(alice, monkeypatch):
    row = extracted(alice, DATA | {"invoice_number": "Elsewhere"}, paper(PAPER, []), page_count=2)
    PageWords.objects.create(extraction=row, number=1, words=[[0.1, 0.1, 0.2, 0.12, "200.00"]], source="text layer")

    def dies(*args, **options):
        raise ChildOutOfMemory

    monkeypatch.setattr(page_words._pool(), "run", dies)
    find_evidence(row)

    assert row.page_words.get(number=2).source == "unreadable"
    assert kinds(row)["tax"] == "exact"
    assert kinds(row)["invoice_number"] == ""


def test_a_file_that_is_no_document_ends_the_search(alice):
    row = extracted(alice, content=b"%PDF-broken")

    find_evidence(row)

    row.refresh_from_db()
    assert row.evidence_due_at is None
    assert set(kinds(row).values()) == {"", "none"}


def test_two_workers_look_once(alice):
    row = extracted(alice)
    one, other = (Extraction.objects.get(pk=row.pk) for _ in range(2))

    find_evidence(one)
    Value.objects.update(evidence="missing")
    find_evidence(other)

    assert set(kinds(row).values()) == {"missing"}


def test_a_worker_that_is_stopped_leaves_the_search_to_the_next_one(alice, monkeypatch):
    row = extracted(alice)

    def stops(*args, **options):
        page_words.close()
        raise ChildOutOfMemory

    monkeypatch.setattr(page_words._pool(), "run", stops)
    find_evidence(row)
    row.refresh_from_db()
    assert row.evidence_due_at <= timezone.now()
    find_evidence(row)

    assert kinds(row)["invoice_number"] == "exact"


def test_nothing_is_kept_of_a_document_that_was_deleted(alice, clock):
    row = extracted(alice, deleted_at=clock())

    find_evidence(row)

    assert not PageWords.objects.exists()


def test_what_a_person_drew_and_typed_is_looked_for_as_it_is_now(alice):
    row = extracted(alice)
    row.values.filter(path="total").update(place_drawn=True, page=1, boxes=[[0.1, 0.1, 0.2, 0.2]])
    row.values.filter(path="tax").update(corrected=True, typed=999.0)

    find_evidence(row)

    assert row.values.get(path="total").boxes == [[0.1, 0.1, 0.2, 0.2]]
    assert row.values.get(path="tax").evidence == "missing"


def test_it_can_be_asked_for_again(alice):
    row = extracted(alice, evidence_due_at=None)

    grounding.request_grounding(row)
    row.refresh_from_db()
    find_evidence(row)

    assert kinds(row)["total"] == "normalised"


def test_own_rules_of_the_team_are_judged(alice, bob, charlie):
    row = extracted(alice)
    Rule.objects.create(team=row.team, schema=row.schema, text="total < 1000", message="Ask Carla first.", author=bob)
    Rule.objects.create(team=charlie.teams.get(), schema=row.schema, text="total < 1", author=charlie)

    find_evidence(row)

    (broken,) = row.values.get(path="total").broken
    assert (broken["rule"], broken["params"]["message"]) == ("own", "Ask Carla first.")


def test_a_typed_value_is_found_without_the_worker(alice):
    row = extracted(alice)
    find_evidence(row)

    assert grounding.place_of(row, "tax", 1000.0).text == "1,000.00"
    assert grounding.place_of(row, "tax", 1001.0).kind == "missing"
