"""Whatever is erased for good leaves a receipt, which is finished once nothing is left."""

import json
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as real_settings
from django.core.management import call_command
from django.utils import timezone

from extractions.exports import making
from extractions.exports.exported import log_export
from extractions.forwarding.steps import receipts
from extractions.forwarding.steps.dispatch import step
from extractions.forwarding.steps.trash import empty_due
from extractions.models import Backup, ErasureReceipt, Export, Extraction, FileRemoval, Installation
from extractions.models.receipt import digest_of
from portal.audit.chain import chain_pending, first_fault
from portal.audit.models import Entry
from portal.audit.recording import Action, record
from tests.factories import State, make_extraction
from tests.markers import SECRETS, make_document_with_secrets

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def installation(db):
    return Installation.objects.create(place="here", begun_at=timezone.now())


def erase(document):
    document.request_deletion()
    step(document.pk, threading.Event())
    return ErasureReceipt.objects.get(extraction=document.pk)


def finished(receipt):
    call_command("remove_traces")
    receipt.refresh_from_db()
    return receipt


def test_it_says_what_was_erased_where(api, connection, alice):
    document = make_document_with_secrets(alice)
    digest = document.sha256

    receipt = erase(document)

    facts = receipt.facts
    assert facts["document"]["key"] == str(document.key)
    assert facts["document"]["sha256"] == receipt.file_sha256 == digest
    assert facts["rows"] == {
        "values": 1, "pages": 1, "page_words": 1, "content_images": 1, "changes": 1, "comments": 1,
    }  # fmt: skip
    assert facts["files"] == {"original": 1, "pages": 1, "pictures": 1, "exports": 0}
    assert [item["id"] for item in facts["service"]["asked"]] == [document.remote_id]
    assert facts["service"]["asked"][0]["answer"] in (204, 404)
    assert receipt.reason == "person"
    assert receipt.finished_at is None


def test_it_is_finished_once_files_and_traces_are_gone_and_then_stands_in_the_audit_log(api, connection, alice):
    receipt = erase(make_document_with_secrets(alice))
    assert receipts.finish_due() == 0, "the traces in the database are still there"

    receipt = finished(receipt)

    assert receipt.finished_at
    assert receipt.files == []
    assert receipt.is_genuine
    line = Entry.objects.get(pk=receipt.entry_number)
    assert (line.action, line.after["sha256"]) == ("erased", receipt.sha256)
    chain_pending()
    assert first_fault()[0] is None
    receipt.facts["rows"]["values"] = 0
    assert not receipt.is_genuine


def test_it_waits_for_a_file_that_cannot_be_deleted_yet(api, connection, alice, monkeypatch):
    monkeypatch.setattr("extractions.forwarding.steps.file_removals.carry_out", lambda: 0)
    receipt = erase(make_document_with_secrets(alice))

    assert finished(receipt).finished_at is None
    for removal in FileRemoval.objects.all():
        (Path(real_settings.MEDIA_ROOT) / removal.name).unlink()
    assert finished(receipt).finished_at


def test_it_holds_nothing_of_the_document(api, connection, alice, settings):
    settings.RECEIPTS_WITH_NAMES = False
    receipt = finished(erase(make_document_with_secrets(alice)))

    text = json.dumps(receipt.facts)
    assert not [what for what, word in SECRETS.items() if word in text]
    assert alice.name not in text
    assert alice.email not in text


def test_it_names_the_file_where_the_setting_says_so(api, connection, alice, settings):
    settings.RECEIPTS_WITH_NAMES = True

    assert erase(make_document_with_secrets(alice)).facts["document"]["name"] == f"{SECRETS['name']}.pdf"


@pytest.mark.parametrize("how", ["time over", "for good"])
def test_it_says_why(api, connection, alice, settings, how):
    settings.TRASH_DAYS = 30
    document = make_extraction(owner=alice, state=State.EXTRACTED)
    document.request_deletion()
    if how == "for good":
        document.erase_now()
    else:
        Extraction.objects.filter(pk=document.pk).update(erase_due_at=timezone.now() - timedelta(days=1))
        empty_due()
    step(document.pk, threading.Event())

    assert ErasureReceipt.objects.get().reason == ("person" if how == "for good" else "trash")


def test_without_a_key_it_says_that_the_service_was_not_asked(alice, monkeypatch):
    monkeypatch.setattr("extractions.forwarding.steps.connection_state.client_for", lambda _connection: None)
    document = make_extraction(owner=alice, state=State.EXTRACTED)

    facts = erase(document).facts

    assert facts["service"]["asked"] == []
    assert facts["service"]["not_asked"] == [document.remote_id]


def test_it_names_who_exported_it_and_prepared_exports_with_it_are_withdrawn(api, connection, alice, bob):
    document, other = (make_extraction(owner=alice, state=State.EXTRACTED) for _number in range(2))
    lines = log_export("csv", [document.pk, other.pk], person=alice)
    with_it = prepared(alice, [document.pk, other.pk], lines)
    without_it = prepared(alice, [other.pk], log_export("csv", [other.pk], person=alice))
    record(Action.EXPORTED, document, person=bob, after={"form": "json"})
    record(Action.FILE_SEEN, document, person=bob)
    record(Action.LINK_OPENED, document, after={"guest": "the auditor"})
    path = Path(real_settings.MEDIA_ROOT) / str(with_it.file.name)

    receipt = erase(document)

    taken = {(line["person"], line["form"]) for line in receipt.facts["exports"]}
    assert taken == {(alice.pk, "csv"), (bob.pk, "json")}
    assert [line["person"] for line in receipt.facts["opened"]] == [bob.pk]
    assert len(receipt.facts["guests"]) == 1
    assert "auditor" not in json.dumps(receipt.facts), "who it was is in the audit log"
    assert receipt.facts["files"]["exports"] == 1
    assert not path.exists()
    with_it.refresh_from_db()
    without_it.refresh_from_db()
    assert (with_it.state, str(with_it.file)) == (Export.State.WITHDRAWN, "")
    assert (Path(real_settings.MEDIA_ROOT) / str(without_it.file.name)).exists()


def prepared(person, numbers, lines):
    export = Export.request(
        person=person, teams=[], form="csv", numbers=numbers, options={"lines": lines, "language": "en"}
    )
    making.make(export)
    export.refresh_from_db()
    assert export.state == Export.State.READY
    return export


def test_an_export_that_is_being_made_is_begun_anew(api, connection, alice):
    document = make_extraction(owner=alice, state=State.EXTRACTED)
    lines = log_export("csv", [document.pk], person=alice)
    export = Export.request(person=alice, teams=[], form="csv", numbers=[document.pk], options={"lines": lines})
    export.claim(timedelta(minutes=1))

    erase(document)

    anew = Export.objects.get(pk=export.pk)
    assert (anew.state, anew.lease_until) == (Export.State.WAITING, None)
    assert not export.progress(1, timedelta(minutes=1)), "whoever was making it has lost it"


def test_it_counts_the_backups_that_still_hold_it(api, connection, alice, settings):
    settings.BACKUP_DIR, settings.BACKUP_KEEP, settings.BACKUP_EVERY_HOURS = "/backup", 7, 24
    now = timezone.now()
    for days in (2, 1):
        moment = now - timedelta(days=days)
        Backup.objects.create(place="/backup", begun_at=moment, finished_at=moment)

    facts = finished(erase(make_document_with_secrets(alice))).facts["backups"]

    assert (facts["taken_before"], facts["kept"], facts["scheduled"]) == (2, 7, True)


def test_the_hash_does_not_depend_on_the_order_of_the_facts():
    assert digest_of({"a": 1, "b": [2]}) == digest_of({"b": [2], "a": 1})
