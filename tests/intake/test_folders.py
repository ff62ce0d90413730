"""Watched folders: each file once, whatever happens in between."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.utils import timezone

from extractions.incoming import folders
from extractions.models import Extraction, FolderRule, IncomingFile, WatchedFolder
from extractions.models.spending import Budget
from extractions.storage import durable_files
from portal.people.models import Membership
from tests.factories import State, make_connection, make_schema, pdf
from tests.intake.conftest import names, put, run_due

pytestmark = pytest.mark.django_db
Outcome = IncomingFile.Outcome


def test_a_file_becomes_a_document_and_moves_to_done(watched, inbox, alice, team):
    content = put(inbox).read_bytes()

    after = run_due(watched)

    row = Extraction.objects.get()
    assert (row.owner, row.team, row.name, row.state) == (alice, team, "invoice.pdf", State.QUEUED)
    assert Path(row.document.path).read_bytes() == content
    assert names(inbox) == ["done/invoice.pdf"]
    assert (inbox / "done/invoice.pdf").read_bytes() == content
    found = IncomingFile.objects.get()
    assert (found.extraction, found.outcome, found.moved_to) == (row, Outcome.RECEIVED, "done/invoice.pdf")
    assert (after.error_code, after.lease_until, after.waiting) == ("", None, 0)
    assert after.next_run_at > timezone.now()


def test_a_file_is_taken_only_once_it_has_stayed_as_it_is(watched, inbox, monkeypatch):
    monkeypatch.setattr(folders, "STABLE_SECONDS", 0.2)
    path = put(inbox)
    assert run_due(watched).waiting == 1

    with path.open("ab") as file:
        file.write(b"\n% more")
    folders.time.sleep(0.25)
    run_due(watched)
    assert not Extraction.objects.exists(), "it has just grown"

    folders.time.sleep(0.25)
    run_due(watched)
    assert Extraction.objects.count() == 1


def test_a_file_that_changes_while_it_is_read_is_left_for_later(watched, inbox, monkeypatch):
    path = put(inbox)
    receive = folders.receiving.receive

    def meanwhile(upload, **options):
        stored = receive(upload, **options)
        path.write_bytes(pdf(text="another"))
        os.utime(path, ns=(1, 1))
        return stored

    monkeypatch.setattr(folders.receiving, "receive", meanwhile)

    run_due(watched)

    assert not Extraction.objects.exists()
    assert names(inbox) == ["invoice.pdf"]


def test_hidden_partial_and_empty_files_are_left_alone(watched, inbox):
    alone = (".hidden.pdf", "~$lock.pdf", "a.pdf.part", "b.tmp", "c.pdf~", "d.crdownload", "Thumbs.db", ".git/e.pdf")
    for name in alone:
        put(inbox, name, b"text")
    put(inbox, "empty.pdf", b"")
    os.mkfifo(inbox / "pipe.pdf")

    after = run_due(watched)

    assert not IncomingFile.objects.exists()
    assert names(inbox) == sorted([*alone, "empty.pdf", "pipe.pdf"])
    assert after.waiting == 1, "the empty one, which may grow"


def test_a_refused_file_moves_aside_with_its_reason_in_the_chosen_language(watched, inbox):
    WatchedFolder.objects.update(language="fr")
    put(inbox, "notes.pdf", b"plain text, whatever its name says")

    run_due(watched)

    assert names(inbox) == ["refused/notes.pdf", "refused/notes.pdf.txt"]
    assert "ne sont pas acceptés" in (inbox / "refused/notes.pdf.txt").read_text(encoding="utf-8-sig")
    row = IncomingFile.objects.get()
    assert (row.outcome, row.reason, row.extraction) == (Outcome.REFUSED, "type", None)
    assert not Extraction.objects.exists()


def test_the_same_content_is_told_and_not_paid_twice(watched, inbox):
    content = put(inbox).read_bytes()
    run_due(watched)
    put(inbox, "invoice.pdf", content)
    put(inbox, "copy.pdf", content)

    run_due(watched)

    assert Extraction.objects.count() == 1
    assert names(inbox) == ["done/copy.pdf", "done/invoice (2).pdf", "done/invoice.pdf"]
    outcomes = IncomingFile.objects.order_by("pk").values_list("outcome", flat=True)
    assert list(outcomes) == [Outcome.RECEIVED, Outcome.KNOWN, Outcome.KNOWN]


def test_subfolders_choose_options_and_name_metadata(watched, inbox):
    schema, other = make_schema("Invoice"), make_schema("Receipt")
    watched.choose(schema, None)
    watched.subfolder_key, watched.metadata = "supplier", {"from": "share"}
    watched.save()
    rule = FolderRule(folder=watched, subfolder="Receipts", server="EU-1", metadata={"kind": "receipt"})
    rule.choose(other, None)
    rule.save()
    for name in ("a.pdf", "Larkspur/2026/b.pdf", "receipts/c.pdf"):
        put(inbox, name)

    run_due(watched)

    found = {row.name: row for row in Extraction.objects.all()}
    assert [found[name].schema for name in ("a.pdf", "b.pdf", "c.pdf")] == [schema, schema, other]
    assert [found[name].server for name in ("a.pdf", "b.pdf", "c.pdf")] == ["FR-1", "FR-1", "EU-1"]
    assert found["a.pdf"].metadata == {"from": "share"}
    assert found["b.pdf"].metadata == {"from": "share", "supplier": "Larkspur"}
    assert found["c.pdf"].metadata == {"from": "share", "supplier": "receipts", "kind": "receipt"}
    assert "done/Larkspur/2026/b.pdf" in names(inbox)


def test_a_schema_that_is_gone_stops_its_files_only(watched, inbox):
    schema = make_schema("Gone")
    rule = FolderRule(folder=watched, subfolder="old")
    rule.choose(schema, None)
    rule.save()
    schema.delete()
    put(inbox, "new/a.pdf")
    put(inbox, "old/b.pdf")

    after = run_due(watched)

    assert [row.name for row in Extraction.objects.all()] == ["a.pdf"]
    assert (after.error_code, after.error_detail, after.waiting) == ("option", "Gone", 1)
    make_schema("Gone")
    assert run_due(watched).error_code == ""
    assert Extraction.objects.get(name="b.pdf").schema.name == "Gone"


def test_the_equivalent_schema_of_another_connection_is_found(watched, inbox, team):
    watched.choose(make_schema("Invoice", remote_id="same"), None)
    watched.save()
    own = make_connection(scope="team", team=team)
    there = make_schema("Renamed", connection=own, remote_id="same")
    put(inbox)

    run_due(watched)

    assert Extraction.objects.get().schema == there


def test_links_are_refused_and_lead_nowhere(watched, inbox, tmp_path):
    secret = put(tmp_path / "elsewhere", "secret.pdf")
    (inbox / "link.pdf").symlink_to(secret)
    (inbox / "folder").symlink_to(secret.parent)
    (inbox / "dangling.pdf").symlink_to("/nowhere")

    run_due(watched)

    assert not Extraction.objects.exists()
    assert secret.exists()
    assert names(inbox) == sorted(
        f"refused/{name}{ending}" for name in ("link.pdf", "folder", "dangling.pdf") for ending in ("", ".txt")
    )
    assert {row.reason for row in IncomingFile.objects.all()} == {"link"}


def test_a_folder_swapped_for_a_link_while_it_is_read_is_not_followed(watched, inbox, tmp_path, monkeypatch):
    put(inbox, "sub/a.pdf")
    outside = put(tmp_path / "elsewhere", "a.pdf", pdf(text="secret")).parent
    is_stable = folders.Sightings.is_stable

    def swap(self, folder, found):
        (inbox / "sub").rename(inbox / "was")
        (inbox / "sub").symlink_to(outside)
        return is_stable(self, folder, found)

    monkeypatch.setattr(folders.Sightings, "is_stable", swap)

    run_due(watched)

    kept = [Path(row.document.path).read_bytes() for row in Extraction.objects.all()]
    assert kept == [pdf(text="sub/a.pdf")]
    assert (outside / "a.pdf").exists()


def test_done_may_not_be_a_link_either(watched, inbox, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (inbox / "done").symlink_to(tmp_path / "elsewhere")
    put(inbox)

    after = run_due(watched)

    assert after.error_code == "missing"
    assert names(tmp_path / "elsewhere") == []
    assert not Extraction.objects.exists()


def test_only_what_the_settings_allow_is_watched(watched, inbox, root, settings, tmp_path):
    put(inbox)
    settings.WATCHED_FOLDER_ROOTS = [str(tmp_path / "other")]
    assert run_due(watched).error_code == "outside"

    settings.WATCHED_FOLDER_ROOTS = [str(root)]
    inbox.rename(root / "moved")
    inbox.symlink_to(root / "moved")
    assert run_due(watched).error_code == "outside", "a link, even within the root"
    assert not Extraction.objects.exists()


def test_names_that_are_not_text_and_names_that_are_odd_are_taken(watched, inbox):
    odd = os.fsencode(str(inbox)) + b"/caf\xe9\x01\n.pdf"
    Path(os.fsdecode(odd)).write_bytes(pdf())

    run_due(watched)

    assert Extraction.objects.get().name.endswith(".pdf")
    assert IncomingFile.objects.get().moved_at is not None
    assert len(list((inbox / "done").iterdir())) == 1


@pytest.mark.parametrize("when", ["person gone", "person left", "viewer"])
def test_nothing_comes_in_for_somebody_who_may_not_send(watched, inbox, alice, when):
    put(inbox)
    if when == "person gone":
        alice.is_active = False
        alice.save()
    elif when == "person left":
        Membership.objects.filter(person=alice).delete()
    else:
        Membership.objects.filter(person=alice).update(role=Membership.Role.VIEWER)

    assert run_due(watched).error_code == "person"
    assert names(inbox) == ["invoice.pdf"]


def test_the_cap_holds_files_back_until_there_is_room(watched, inbox, team):
    put(inbox)
    budget = Budget.objects.create(team=team, cap=0)
    assert run_due(watched).error_code == "budget"
    assert "invoice.pdf" in names(inbox)
    assert not list(Path(durable_files.settings.MEDIA_ROOT, "documents").rglob("*.pdf"))

    budget.cap = None
    budget.save()
    assert run_due(watched).error_code == ""
    assert Extraction.objects.count() == 1


def test_a_pause_stops_a_run_before_the_next_file(watched, inbox, monkeypatch):
    put(inbox, "a.pdf")
    put(inbox, "b.pdf")
    move = folders.Run._move

    def pausing(self, *arguments):
        move(self, *arguments)
        WatchedFolder.objects.get().set_paused(True)

    monkeypatch.setattr(folders.Run, "_move", pausing)

    run_due(watched)

    assert [row.name for row in Extraction.objects.all()] == ["a.pdf"]
    assert not WatchedFolder.objects.due(timezone.now()).exists()


def test_only_one_worker_gets_the_lease(watched):
    one, other = WatchedFolder.objects.get(), WatchedFolder.objects.get()

    assert [one.claim(), other.claim()] == [1, None]
    assert not WatchedFolder.objects.due(timezone.now()).exists()


def test_a_deleted_document_leaves_no_name_behind(watched, inbox, alice):
    from extractions.forwarding.steps.erase import erase

    put(inbox, "Dismissal of Mr Larkspur.pdf")
    run_due(watched)
    row = Extraction.objects.get()
    Extraction.objects.filter(pk=row.pk).update(state=State.CANCELLED, delete_requested_at=timezone.now())
    row.refresh_from_db()

    erase(row)

    assert "Larkspur" not in repr(list(IncomingFile.objects.values()))


def test_one_full_folder_leaves_turns_for_others(watched, inbox, monkeypatch):
    monkeypatch.setattr(folders, "MAX_FILES_PER_RUN", 2)
    for number in range(5):
        put(inbox, f"{number}.pdf")

    after = run_due(watched)

    assert Extraction.objects.count() == 2
    assert after.next_run_at <= timezone.now()
