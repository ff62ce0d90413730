import threading
from pathlib import Path

import pytest
from django.db import connection

from extractions.intake.receiving import StoredFile
from extractions.intake.submitting import Options, OriginalMissing, extract_again, submit, try_again
from extractions.models import Extraction
from tests.factories import State, make_extraction, make_schema

pytestmark = pytest.mark.django_db


def a_file(settings, name: str = "documents/aa/1.pdf", **fields) -> StoredFile:
    path = Path(settings.MEDIA_ROOT) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"%PDF-")
    facts = {"name": "invoice.pdf", "sha256": "0" * 64, "size": 5, "mime": "application/pdf", "page_count": 3}
    return StoredFile(path=name, **(facts | fields))


def test_a_submitted_document_waits_to_be_sent(settings, alice, team):
    schema = make_schema()

    extraction = submit(
        a_file(settings),
        Options(schema=schema, server="EU-1", pdf_page_start=1, pdf_page_end=2, metadata={"po": "4711"}),
        owner=alice,
        team=team,
        form_token="one",
    )

    extraction.refresh_from_db()
    assert extraction.state == State.QUEUED
    assert extraction.next_try_at is not None
    assert (extraction.schema, extraction.server, extraction.requested_pages) == (schema, "EU-1", 2)
    assert extraction.metadata == {"po": "4711"}
    assert Path(extraction.document.path).read_bytes() == b"%PDF-"


def test_a_double_click_finds_the_first_row_and_drops_the_second_file(settings, alice, team):
    first = submit(a_file(settings), Options(), owner=alice, team=team, form_token="one")
    again = submit(a_file(settings, "documents/aa/2.pdf"), Options(), owner=alice, team=team, form_token="one")

    assert again == first
    assert Extraction.objects.count() == 1
    assert [path.name for path in Path(settings.MEDIA_ROOT).rglob("*.pdf")] == ["1.pdf"]


def test_a_form_token_of_somebody_else_leads_nowhere(settings, alice, charlie, team):
    hers = submit(a_file(settings), Options(), owner=alice, team=team, form_token="one")

    his = submit(
        a_file(settings, "documents/aa/2.pdf"), Options(), owner=charlie, team=charlie.teams.get(), form_token="one"
    )

    assert his != hers


def test_without_a_token_every_call_is_a_document(settings, alice, team):
    for number in (1, 2):
        submit(a_file(settings, f"documents/aa/{number}.pdf"), Options(), owner=alice, team=team, form_token="")

    assert Extraction.objects.count() == 2


def test_a_picture_has_no_page_range(settings, alice, team):
    stored = a_file(settings, "documents/aa/1.png", mime="image/png", page_count=1)

    extraction = submit(stored, Options(pdf_page_start=1, pdf_page_end=1), owner=alice, team=team, form_token="one")

    assert (extraction.pdf_page_start, extraction.pdf_page_end) == (None, None)
    assert extraction.server == settings.ANESYA_SERVER


@pytest.mark.django_db(transaction=True)
def test_two_threads_with_one_token_make_one_row(settings, alice, team):
    together = threading.Barrier(4)
    found = []

    def click(number):
        stored = a_file(settings, f"documents/aa/{number}.pdf")
        together.wait()
        found.append(submit(stored, Options(), owner=alice, team=team, form_token="one").pk)
        connection.close()

    threads = [threading.Thread(target=click, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 4
    assert len(set(found)) == 1
    assert Extraction.objects.count() == 1
    assert len(list(Path(settings.MEDIA_ROOT).rglob("*.pdf"))) == 1


def test_extracting_again_makes_one_new_row_with_its_own_file(alice, bob):
    finished = make_extraction(owner=alice, state=State.EXTRACTED, server="FR-2", metadata={"po": "4711"})

    copy = extract_again(finished, bob)
    again = extract_again(finished, bob)

    assert again == copy != finished
    assert copy.key != finished.key
    assert (copy.state, copy.server, copy.metadata, copy.owner) == (State.QUEUED, "FR-2", {"po": "4711"}, bob)
    assert copy.document.name != finished.document.name
    assert Path(copy.document.path).read_bytes() == Path(finished.document.path).read_bytes()


def test_other_options_are_another_extraction(alice):
    finished = make_extraction(owner=alice, state=State.EXTRACTED)

    copies = {extract_again(finished, alice, Options(server=server)).pk for server in ("FR-1", "FR-2", "FR-2")}

    assert len(copies) == 2


def test_what_was_never_taken_is_sent_again_by_its_own_row(alice):
    refused = make_extraction(owner=alice, state=State.REJECTED, error_code="refused", attempts=1)

    assert try_again(refused, alice) == refused

    refused.refresh_from_db()
    assert (refused.state, refused.error_code, refused.attempts) == (State.QUEUED, "", 0)


def test_what_was_paid_is_sent_again_by_a_new_row(alice):
    failed = make_extraction(owner=alice, state=State.FAILED)

    copy = try_again(failed, alice)

    assert copy != failed
    failed.refresh_from_db()
    assert failed.state == State.FAILED


@pytest.mark.parametrize("state", [State.QUEUED, State.RUNNING, State.EXTRACTED, State.UNDECIDED])
def test_nothing_else_is_tried_again(alice, state):
    assert try_again(make_extraction(owner=alice, state=state), alice) is None


def test_without_its_file_a_document_cannot_be_sent_again(alice):
    failed = make_extraction(owner=alice, state=State.FAILED)
    Path(failed.document.path).unlink()

    with pytest.raises(OriginalMissing):
        try_again(failed, alice)
