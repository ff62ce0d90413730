"""`manage.py upload`: what scripts rely on."""

from __future__ import annotations

import errno
import io
import json
import os
import threading
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection as database

from extractions.management.commands import upload as command
from extractions.models import Extraction
from extractions.storage import durable_files
from tests.factories import Role, State, jpeg, make_classifier, make_person, make_schema, make_team, pdf

pytestmark = pytest.mark.django_db


@pytest.fixture
def invoice(tmp_path):
    path = tmp_path / "invoice.pdf"
    path.write_bytes(pdf(3))
    return path


def run(*arguments, person="alice@example.com"):
    """Exit code and the JSON lines."""
    out, code = io.StringIO(), 0
    try:
        call_command("upload", *map(str, arguments), "--as", person, "--json", stdout=out, stderr=io.StringIO())
    except SystemExit as end:
        code = end.code
    return code, [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_file_is_received_with_its_options(alice, team, invoice):
    schema, classifier = make_schema("Invoice"), make_classifier("Kinds")

    code, [line] = run(
        *(invoice, "--schema", "invoice", "--classifier", classifier.remote_id, "--server", "EU-1"),
        *("--team", "bookkeeping", "--metadata", "po=4711", "--metadata", "from=a=b", "--pages", "2-3"),
    )

    row = Extraction.objects.get()
    assert (code, line["outcome"], line["key"], line["state"]) == (0, "received", str(row.key), "QUEUED")
    assert (row.owner, row.team, row.schema, row.classifier, row.server) == (alice, team, schema, classifier, "EU-1")
    assert (row.pdf_page_start, row.pdf_page_end, row.metadata) == (2, 3, {"po": "4711", "from": "a=b"})
    assert Path(row.document.path).read_bytes() == pdf(3)


def test_the_same_file_is_told_and_not_paid_again(alice, invoice, tmp_path):
    renamed = tmp_path / "copy.pdf"
    renamed.write_bytes(invoice.read_bytes())
    run(invoice)

    code, lines = run(invoice, renamed)

    assert code == 0
    assert [line["outcome"] for line in lines] == ["known", "known"]
    assert Extraction.objects.count() == 1
    assert run(invoice, "--pages", "1")[1][0]["outcome"] == "received"


def test_again_pays_again(alice, invoice):
    run(invoice)

    code, [line] = run(invoice, "--again")

    assert (code, line["outcome"]) == (0, "received")
    assert Extraction.objects.count() == 2


def test_what_a_colleague_sent_is_known_and_what_failed_is_sent_again(alice, bob, invoice):
    run(invoice)
    assert run(invoice, person="bob@example.com")[1][0]["outcome"] == "known"

    for _each in range(2):
        Extraction.objects.update(state=State.FAILED)
        assert run(invoice)[1][0]["outcome"] == "received"
    assert Extraction.objects.count() == 3

    Extraction.objects.update(state=State.UNDECIDED)
    assert run(invoice)[1][0]["outcome"] == "known", "it may have been paid for"


@pytest.mark.django_db(transaction=True)
def test_several_scripts_at_once_make_one_row(alice, invoice):
    together = threading.Barrier(3)
    outcomes = []

    def script():
        together.wait()
        outcomes.append(run(invoice)[1][0]["outcome"])
        database.close()

    threads = [threading.Thread(target=script) for _each in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["known", "known", "received"]
    assert Extraction.objects.count() == 1


def test_a_bad_file_holds_up_no_other_and_says_why(alice, invoice, tmp_path):
    (tmp_path / "notes.txt").write_text("not a document")
    (tmp_path / "empty.pdf").write_bytes(b"")

    code, lines = run(tmp_path / "notes.txt", tmp_path / "empty.pdf", tmp_path / "absent.pdf", tmp_path, invoice)

    assert code == command.REFUSED
    assert [line["outcome"] for line in lines] == ["refused"] * 4 + ["received"]
    whys = [line.get("why", "") for line in lines]
    assert "text files are not accepted" in whys[0]
    assert "0 bytes" in whys[1]
    assert len(set(whys)) == 5
    assert Extraction.objects.count() == 1


def test_pages_are_checked_for_pdfs_and_left_out_for_pictures(alice, invoice, tmp_path):
    (tmp_path / "photo.jpg").write_bytes(jpeg())

    code, lines = run(invoice, tmp_path / "photo.jpg", "--pages", "3-9")

    assert code == command.REFUSED
    assert [line["outcome"] for line in lines] == ["refused", "received"]
    assert Extraction.objects.get().pdf_page_start is None


@pytest.mark.parametrize(
    "wrong",
    [
        ("--schema", "Nothing of the kind"),
        ("--classifier", "Nothing of the kind"),
        ("--server", "MOON-1"),
        ("--team", "Strangers"),
        ("--metadata", "portal_key=1"),
        ("--pages", "5-3"),
    ],
)
def test_wrong_options_send_nothing(alice, charlie, invoice, wrong):
    with pytest.raises(CommandError) as error:
        run(invoice, *wrong)

    assert error.value.returncode == command.BAD_OPTIONS
    assert not Extraction.objects.exists()


def test_only_people_who_may_send_are_senders(alice, victor, team, invoice):
    gone = make_person("Gone", team=team, is_active=False)
    both = make_person("Both", team=team, role=Role.UPLOADER)
    make_team("Other").members.add(both, through_defaults={"role": Role.UPLOADER})

    for person in (victor.email, gone.email, "nobody@example.com", both.email):
        with pytest.raises(CommandError):
            run(invoice, person=person)

    assert not Extraction.objects.exists()
    assert run(invoice, "--team", "other", person=both.email)[0] == 0


def test_a_full_disk_says_try_later(alice, invoice, monkeypatch):
    def full(path):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(durable_files, "sync", full)

    code, [line] = run(invoice)

    assert (code, line["outcome"]) == (command.TRY_LATER, "later")
    assert not Extraction.objects.exists()


def test_waiting_tells_what_was_read_and_what_was_not(alice, invoice, tmp_path, monkeypatch):
    (tmp_path / "other.pdf").write_bytes(pdf(1, "Other"))

    def the_worker_works(_seconds):
        rows = list(Extraction.objects.order_by("pk"))
        done = {"state": State.EXTRACTED, "extracted_data": {"total": 12.5}, "credit_used": 3}
        Extraction.objects.filter(pk=rows[0].pk).update(**done)
        Extraction.objects.filter(pk=rows[1].pk).update(state=State.FAILED, extraction_step="PARSING")

    monkeypatch.setattr(command.time, "sleep", the_worker_works)

    code, [read, failed] = run(invoice, tmp_path / "other.pdf", "--wait")

    assert code == command.NOT_READ
    assert (read["outcome"], read["extracted_data"], read["credits"]) == ("read", {"total": 12.5}, 3)
    assert (failed["outcome"], failed["state"]) == ("failed", "FAILED")
    assert failed["why"]


def test_waiting_ends_in_time(alice, invoice):
    code, [line] = run(invoice, "--wait", "--timeout", "0")

    assert (code, line["outcome"], line["state"]) == (command.TIMED_OUT, "waiting", "QUEUED")


def test_waiting_for_a_known_result_is_free(alice, invoice):
    run(invoice)
    Extraction.objects.update(state=State.EXTRACTED, extracted_data={"total": 1})

    code, [line] = run(invoice, "--wait")

    assert (code, line["outcome"]) == (0, "read")
    assert Extraction.objects.count() == 1


def test_documents_of_other_teams_are_not_known_here(alice, charlie, invoice):
    run(invoice, person=charlie.email)

    assert run(invoice)[1][0]["outcome"] == "received"
