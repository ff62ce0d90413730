"""The worker's step that proposes where to cut a file that is not sent yet."""

from __future__ import annotations

import uuid
from pathlib import Path

import pikepdf
import pytest
from django.conf import settings
from django.urls import reverse
from fpdf import FPDF

from extractions import clock
from extractions.forwarding.steps import cut_proposals, page_words
from extractions.intake.cut_proposals import ask
from extractions.models import CutProposal, CutProposalPage, Draft
from reading.boundaries.facts import facts_of
from reading.errors import ChildOutOfMemory, Damaged
from tests.reading.making import pdf_with_scan, picture_of_text

pytestmark = pytest.mark.django_db(transaction=True)
FRAGMENT = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def children():
    yield
    page_words.close()


def stack(path, *invoices):
    """Pages of text; each invoice has a number, or is None for a blank page."""
    pdf = FPDF()
    pdf.set_font("Helvetica", size=11)
    for number in invoices:
        pdf.add_page()
        for line in lines_of(number) if number else ():
            pdf.cell(0, 8, line, new_x="LMARGIN", new_y="NEXT")
    pdf.output(str(path))
    return path


def lines_of(number):
    head = ["Larkspur Instruments, 12 Harbour Road", "Invoice", f"Invoice no. {number}", "Invoice date 12.03.2026"]
    return [*head, "Bill to Bramley & Pike", "Compass repair 120.00", "Total 120.00"]


def make_draft(owner, source, pages):
    name = f"documents/{uuid.uuid4().hex}.pdf"
    target = Path(settings.MEDIA_ROOT) / name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(source.read_bytes())
    return Draft.objects.create(
        owner=owner,
        batch=uuid.uuid4(),
        name="stack.pdf",
        document=name,
        sha256="0" * 64,
        size=1,
        mime="application/pdf",
        page_count=pages,
    )


def run(proposal):
    for _ in range(10):
        proposal.refresh_from_db()
        if proposal.due_at is None:
            return proposal
        cut_proposals.take_turn(proposal)
    raise AssertionError("it never came to an end")


def test_digital_pages_are_read_and_cuts_proposed(alice, tmp_path):
    draft = make_draft(alice, stack(tmp_path / "stack.pdf", "INV-1041", "INV-1042", None, "INV-1043"), 4)

    proposal = run(ask(draft))

    assert [page for page, _probability, _reasons in proposal.cuts] == [2, 4]
    assert proposal.empty == [3]
    assert proposal.scans == 0
    assert not proposal.failed


def test_the_page_is_told_how_far_it_is_and_what_is_proposed(client, alice, tmp_path):
    draft = make_draft(alice, stack(tmp_path / "stack.pdf", "INV-1041", "INV-1042"), 2)
    client.force_login(alice)
    url = reverse("extractions:draft_cuts", args=[draft.key])
    assert client.get(url, headers=FRAGMENT).json() == {"state": "none"}

    asked = client.post(url, headers=FRAGMENT).json()
    run(CutProposal.objects.get())
    told = client.get(url, headers=FRAGMENT).json()

    assert asked["state"] == "reading"
    assert "0 of 2 pages read" in asked["words"]
    assert [cut["page"] for cut in told["cuts"]] == [2]
    assert "another document number" in told["cuts"][0]["why"]
    assert "before page 2" in told["words"]


def scanned(*_arguments, timeout, on_event):
    """Stands for recognition, which takes models: every page shows an invoice of its own number."""
    function, _path, numbers = _arguments
    if function is cut_proposals.recognised_facts:
        for number in numbers:
            words = [
                (0.1, 0.1, 0.2, 0.12, "Invoice"),
                (0.21, 0.1, 0.25, 0.12, "no."),
                (0.26, 0.1, 0.4, 0.12, f"IN-20{number}"),
            ]
            on_event((number, facts_of(words, (595.0, 842.0), recognised=True)))


def test_a_scanned_stack_is_recognised_without_being_asked_for(alice, tmp_path, monkeypatch):
    monkeypatch.setattr(page_words, "run", scanned)
    draft = make_draft(alice, stack(tmp_path / "stack.pdf", *["INV-1"] * 6), 6)

    proposal = run(ask(draft))

    assert proposal.pages.count() == 6
    assert len(proposal.cuts) == 5


def test_few_scans_among_digital_pages_are_recognised_on_demand(alice, tmp_path):
    digital = stack(tmp_path / "stack.pdf", "INV-1041", "INV-1042", "INV-1043")
    scan = tmp_path / "scan.png"
    picture_of_text(["Invoice", "Invoice no. INV-1044", "Total 120.00"]).save(scan)
    mixed = tmp_path / "mixed.pdf"
    with pikepdf.open(digital) as pdf, pikepdf.open(pdf_with_scan(tmp_path / "scan.pdf", "", scan)) as other:
        pdf.pages.append(other.pages[1])
        pdf.save(mixed)
    draft = make_draft(alice, mixed, 4)

    proposal = run(ask(draft))
    assert proposal.scans == 1
    assert [page for page, *_more in proposal.cuts] == [2, 3]

    again = ask(draft, recognise=True)
    assert again.due_at is not None
    assert again.recognise


def test_a_page_that_kills_its_reader_holds_up_no_other(alice, tmp_path, monkeypatch):
    def deadly(function, path, numbers, *, timeout, on_event):
        if function is cut_proposals.recognised_facts and numbers == [2]:
            raise ChildOutOfMemory
        scanned(function, path, numbers, timeout=timeout, on_event=on_event)

    monkeypatch.setattr(page_words, "run", deadly)
    monkeypatch.setattr(page_words, "is_closed", lambda: False)
    draft = make_draft(alice, stack(tmp_path / "stack.pdf", "INV-1", "INV-2", "INV-3"), 3)

    proposal = run(ask(draft))

    assert CutProposalPage.objects.get(number=2).facts is None
    assert not proposal.failed


def test_a_file_that_cannot_be_read_is_reported(client, alice, tmp_path, monkeypatch):
    def damaged(*_arguments, **_more):
        raise Damaged("broken")

    monkeypatch.setattr(page_words, "run", damaged)
    draft = make_draft(alice, stack(tmp_path / "stack.pdf", "INV-1"), 1)
    client.force_login(alice)

    proposal = run(ask(draft))

    assert proposal.failed
    told = client.get(reverse("extractions:draft_cuts", args=[draft.key]), headers=FRAGMENT).json()
    assert told["state"] == "failed"


def test_two_workers_take_each_turn_once(alice, tmp_path):
    draft = make_draft(alice, stack(tmp_path / "stack.pdf", "INV-1"), 1)
    proposal = ask(draft)
    stale = CutProposal.objects.get(pk=proposal.pk)
    CutProposal.objects.filter(pk=proposal.pk).update(due_at=clock.now())

    cut_proposals.take_turn(stale)

    assert not CutProposalPage.objects.exists()


def test_asking_again_keeps_what_was_read(alice, tmp_path):
    draft = make_draft(alice, stack(tmp_path / "stack.pdf", "INV-1041", "INV-1042"), 2)
    first = run(ask(draft))

    again = ask(draft)

    assert (again.pk, again.due_at, again.cuts) == (first.pk, None, first.cuts)
    draft.delete()
    assert not CutProposalPage.objects.exists()
