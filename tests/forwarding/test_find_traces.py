"""`find_traces` finds a text wherever the portal may keep it, and says what it looked at."""

import base64
import gzip
import io
import json
import tarfile
import tempfile
import threading
import zipfile
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection as database
from django.utils import timezone

from extractions.forwarding.steps import erased_traces
from extractions.forwarding.steps.dispatch import step
from extractions.models import Installation
from extractions.traces.dictionary import words_in_index
from extractions.traces.needle import Needle, TooShort
from tests.factories import State, make_extraction, pdf
from tests.markers import SECRETS, make_document_with_secrets

only_sqlite = pytest.mark.skipif(database.vendor != "sqlite", reason="for sqlite")
real_transactions = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def own_temporary_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(erased_traces, "_rest_until", 0.0)


def look(*arguments):
    """The report, and how the command ended."""
    out = io.StringIO()
    try:
        call_command("find_traces", *map(str, arguments), "--json", stdout=out)
    except CommandError as error:
        return json.loads(out.getvalue()), error.returncode
    return json.loads(out.getvalue()), 0


def places(report):
    return {place["place"] for place in report["places"] if place["count"]}


def where(report, place):
    return [item["where"] for one in report["places"] if one["place"] == place for item in one["findings"]]


@pytest.mark.parametrize(
    "text",
    ["Zebraküche", "ZEBRAKÜCHE", "zebrakuche", json.dumps({"a": "Zebraküche"}), "die Zebraku\u0308che"],
)
def test_texts_are_compared_as_the_search_index_compares(text):
    assert Needle("Zebraküche").is_in(text)


def test_words_may_be_apart_by_whatever_is_no_letter():
    assert Needle("Okapi GmbH").is_in("Firma OKAPI\n-  gmbh, Wien")
    assert not Needle("Okapi GmbH").is_in("Okapi AG, Zebra GmbH")


@pytest.mark.parametrize(
    "content",
    [
        "Okapi Élan".encode(),
        "OKAPI  ÉLAN".encode(),
        "okapi e\u0301lan".encode(),
        "Okapi Élan".encode("utf-16-le"),
        "Okapi Élan".encode("utf-16-be"),
        json.dumps("Okapi Élan").encode(),
        b"q=okapi+%C3%A9lan&x=1",
        b"..." + base64.b64encode("an Okapi Élan here".encode()),
        b"..." + base64.b64encode("ab Okapi Élan here".encode())[4:],
    ],
)
def test_bytes_are_searched_in_every_encoding(content):
    assert list(Needle("Okapi Élan").in_bytes(b"before " + content + b" after"))


def test_other_bytes_are_not_taken_for_it():
    assert not list(Needle("Okapi Élan").in_bytes("Okapi Elation, okapi and élan".encode()))


def test_what_stands_everywhere_is_not_looked_for(db):
    with pytest.raises(TooShort):
        Needle("1,2")
    with pytest.raises(CommandError, match="too short"):
        call_command("find_traces", "ab")


@real_transactions
def test_every_word_of_a_document_is_found_and_none_of_another(alice):
    make_document_with_secrets(alice)

    for what, word in SECRETS.items():
        report, code = look(word)
        assert code == 1, what
        assert places(report), what
    report, code = look("nothingofthekind")
    assert (places(report), report["found"]) == (set(), 0)
    assert code == (0 if report["complete"] else 3)


@real_transactions
def test_it_says_in_which_row_page_and_file(alice):
    row = make_document_with_secrets(alice)

    report, _code = look(SECRETS["content"], "--skip", "wal")

    assert f"extractions_extraction.content, row {row.pk}" in where(report, "rows")
    assert any("page 1" in item for item in where(report, "files")), "the text of the PDF file, which is compressed"
    if database.vendor == "sqlite":
        assert any("portal" in item or "test.sqlite3" in item for item in where(report, "database"))
        assert f"the search finds document {row.pk}" in where(report, "index")


@real_transactions
def test_after_erasure_and_removal_of_traces_nothing_is_found(api, connection, alice, tmp_path):
    call_command(
        "rebuild_search", stdout=io.StringIO()
    )  # what ends a test on PostgreSQL empties tables without triggers
    Installation.objects.create(place="here", begun_at=timezone.now())
    for number in range(20):
        make_extraction(owner=alice, state=State.EXTRACTED, content=f"other words {number} stay here")
    document = make_document_with_secrets(alice)
    document.request_deletion()
    step(document.pk, threading.Event())
    document.refresh_from_db()
    assert document.deleted_at
    if database.vendor == "sqlite":
        assert look(SECRETS["content"])[1] == 1, "or there is nothing to remove"
    call_command("remove_traces", *(["--rewrite-tables"] if database.vendor == "postgresql" else []))
    call_command("backup", str(tmp_path / "backup"), "--without-keys")

    words = [word for what, word in SECRETS.items() if what != "name"]
    report, code = look(*words, "--skip", "wal", "--also", tmp_path / "backup")

    assert [place for place in report["places"] if place["count"]] == []
    assert code == 0, report["places"]
    report, _code = look(SECRETS["name"], "--skip", "wal")
    assert {item.partition(",")[0] for item in where(report, "rows")} == {"audit_entry.subject_name"}
    assert any("audit log" in sentence for place in report["places"] for sentence in place["remarks"])


@real_transactions
@only_sqlite
def test_words_of_deleted_documents_are_read_from_the_index_although_no_search_finds_them(alice):
    make_extraction(owner=alice, state=State.EXTRACTED, content="zebrafish zebrafinch zebracrossing")
    gone = make_extraction(owner=alice, state=State.EXTRACTED, content="zebrabark")
    gone.content = ""
    gone.save(update_fields=["content"])

    assert {"zebrafish", "zebrafinch", "zebracrossing", "zebrabark"} <= set(words_in_index())
    report, code = look("zebrabark")
    assert code == 1
    assert where(report, "index")


@pytest.mark.parametrize("kind", ["plain", "zip", "gzip", "tar", "zip in gzip", "pdf in zip"])
def test_what_is_packed_is_unpacked(db, tmp_path, kind):
    given = tmp_path / "given"
    given.write_bytes(packed(kind, b"the okapi is here"))

    report, code = look("okapi", "--also", given)

    assert code == 1
    assert places(report) == {str(given)}


def packed(kind, content):
    if "pdf" in kind:
        return packed("zip", pdf(1, "okapi"))
    if kind == "zip in gzip":
        return gzip.compress(packed("zip", content))
    file = io.BytesIO()
    match kind:
        case "zip":
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr("inside.txt", content)
        case "tar":
            with tarfile.open(fileobj=file, mode="w") as archive:
                member = tarfile.TarInfo("inside.gz")
                member.size = len(gzip.compress(content))
                archive.addfile(member, io.BytesIO(gzip.compress(content)))
        case "gzip":
            return gzip.compress(content)
        case _:
            return content
    return file.getvalue()


def test_exports_temporary_files_and_what_else_is_in_the_data_folder_are_places_of_their_own(db):
    for name in ("files/exports/a.csv", "files/pages/b", "files/incoming/c", "incoming/d", "portal.log"):
        path = Path(settings.DATA_DIR) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("an okapi")
    Path(tempfile.gettempdir(), "book.xlsx").write_text("an okapi")

    report, _code = look("okapi")

    assert {place: len(where(report, place)) for place in places(report)} == {
        "exports": 1, "files": 1, "temporary": 3, "rest": 1,
    }  # fmt: skip


def test_a_text_across_two_blocks_is_found_once(db, tmp_path, monkeypatch):
    monkeypatch.setattr("extractions.traces.blocks.BLOCK", 1000)
    given = tmp_path / "given"
    given.write_bytes(b"x" * 997 + b"okapi" + b"y" * 5000 + b"okapi")

    report, _code = look("okapi", "--also", given)

    assert len(where(report, str(given))) == 2


def test_what_cannot_be_read_is_said_and_fails(db, tmp_path):
    given = tmp_path / "given.zip"
    given.write_bytes(b"PK\x03\x04 and then nothing of the kind")

    report, code = look("okapi", "--also", given, "--skip", "database", "--skip", "wal")

    assert code == 3
    assert not report["complete"]


def test_people_read_what_was_looked_at_and_what_was_not(db, settings):
    settings.BACKUP_DIR = "/backup/portal"
    out = io.StringIO()

    call_command("find_traces", "okapi", "--skip", "database", "--skip", "wal", stdout=out)

    text = out.getvalue()
    assert "all columns" in text
    assert "Backups in /backup/portal" in text
    assert "The extraction service" in text
    assert "database, wal: skipped as asked." in text
    assert text.endswith("Nothing was found.\n")


def test_texts_may_come_from_the_input_so_that_no_history_of_a_shell_keeps_them(db, monkeypatch, tmp_path):
    given = tmp_path / "given"
    given.write_text("okapi")
    monkeypatch.setattr("sys.stdin", io.StringIO("zebra crossing\nokapi\n\n"))

    assert look("-", "--also", given)[1] == 1
