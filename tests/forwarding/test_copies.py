"""A copy of the portal, or an older backup of it, sends nothing by itself."""

import os
import shutil
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone

from extractions.forwarding import connections, copies, sweep
from extractions.forwarding.sending import Dropped, claim
from extractions.forwarding.worker import Worker
from extractions.models import Attempt, Connection, Extraction, Installation
from extractions.presentation.sentences import pause_of
from portal.audit.models import Entry
from tests.factories import State, make_extraction

Pause = Connection.Pause


def mark_of(settings) -> Path:
    return Path(settings.DATA_DIR) / copies.MARK


def sent(drive, alice):
    """A document that went all the way to the service."""
    return drive.run(make_extraction(owner=alice), until=(State.RUNNING,))


def copy_the_folder(settings):
    """As `cp -a` and `rsync` do it."""
    settings.DATA_DIR = shutil.copytree(settings.DATA_DIR, f"{settings.DATA_DIR}-copy")


def doubted() -> bool:
    return Installation.in_doubt() and Connection.current().pause == Pause.COPIED


def test_a_restart_is_no_copy(connection, drive, alice):
    assert copies.recognise()
    sent(drive, alice)

    assert copies.recognise()

    assert not Connection.current().paused


def test_a_start_that_was_interrupted_is_begun_again(connection, settings):
    """Killed between the mark and the row."""
    copies.recognise()
    Installation.objects.all().delete()

    assert copies.recognise()


def test_a_copied_folder_is_noticed(connection, settings):
    copies.recognise()

    copy_the_folder(settings)

    assert not copies.recognise()
    assert doubted()


def test_a_database_with_another_folder_is_noticed(connection, settings):
    copies.recognise()

    mark_of(settings).unlink()

    assert not copies.recognise()
    assert doubted()


def test_a_mark_that_cannot_be_read_is_noticed(connection, settings):
    copies.recognise()

    mark_of(settings).write_bytes(b"\0" * 512)

    assert not copies.recognise()


def test_a_database_that_lies_elsewhere_is_noticed(connection):
    copies.recognise()

    Installation.objects.update(place=Installation.objects.get().place.replace(" ", " 1", 1))

    assert not copies.recognise()


def test_a_database_older_than_its_folder_is_noticed(api, connection, drive, alice):
    """As if restored in place from a backup that was made before the last send."""
    copies.recognise()
    sent(drive, alice)

    Attempt.objects.all().delete()

    assert not copies.recognise()
    assert doubted()


def test_a_backup_from_before_the_first_start_is_noticed(api, connection, drive, alice):
    copies.recognise()
    sent(drive, alice)

    Attempt.objects.all().delete()
    Installation.objects.all().delete()

    assert not copies.recognise()


def test_an_empty_database_beside_old_files_sends_and_keeps_them(api, connection, drive, alice, settings):
    copies.recognise()
    old = Path(sent(drive, alice).document.path)
    Extraction.objects.all().delete()
    Installation.objects.all().delete()
    os.utime(old, (time.time() - 3 * 24 * 3600,) * 2)

    assert copies.recognise()

    assert sweep.clear_files() == 0
    assert old.exists()


def test_a_copy_sends_asks_and_deletes_nothing(api, connection, alice, settings, monkeypatch):
    copies.recognise()
    rows = [make_extraction(owner=alice), make_extraction(owner=alice, state=State.RUNNING)]
    rows.append(make_extraction(owner=alice, state=State.EXTRACTED))
    rows[2].request_deletion()
    copy_the_folder(settings)
    worker = Worker()
    offered = []
    for lane in worker._lanes:
        monkeypatch.setattr(lane, "offer", lambda key, job: offered.append(key))

    worker.tick()
    worker._sweep()
    worker.tick()

    assert not {row.pk for row in rows} & set(offered)
    assert doubted()


def test_time_alone_decides_nothing_in_a_copy(api, connection, alice, settings, clock):
    """In a backup of last week, what waited then is neither given up nor called lost."""
    copies.recognise()
    waiting = make_extraction(owner=alice, later_since=timezone.now())
    sending = make_extraction(owner=alice, state=State.SENDING, lease_until=timezone.now(), crashes=2)
    copy_the_folder(settings)
    clock.advance(7 * 24 * 3600)
    worker = Worker()

    worker._sweep()

    waiting.refresh_from_db()
    sending.refresh_from_db()
    assert (waiting.state, sending.state) == (State.QUEUED, State.SENDING)


def test_only_staff_end_the_doubt(api, connection, settings):
    copies.recognise()
    copy_the_folder(settings)
    copies.recognise()
    connection.refresh_from_db()

    connections.resume(connection)
    connections.worked(connection)
    connections.probe(connection)
    connections.failed(connection, "")
    connection.pause_for(Pause.RATE, until=timezone.now())

    assert doubted()


def test_what_staff_paused_stays_paused_and_resuming_it_meets_the_doubt(api, connection, settings, alice):
    copies.recognise()
    connection.pause_for(Pause.BY_HAND, until=None)
    copy_the_folder(settings)

    copies.recognise()
    assert Connection.current().pause == Pause.BY_HAND
    connections.resume(connection)

    assert doubted()


def test_a_new_connection_is_paused_too(api, connection, settings):
    copies.recognise()
    copy_the_folder(settings)
    copies.recognise()
    settings.ANESYA_API_KEY = "another key"
    Connection.current()

    copies.recognise()

    assert doubted()


def test_what_was_sent_after_the_backup_is_found_and_not_sent_again(api, connection, queued, drive, alice):
    copies.recognise()
    Connection.objects.update(search_trusted_at=timezone.now())
    before = Extraction.objects.filter(pk=queued.pk).values().get()
    drive.run(queued, until=(State.RUNNING,))
    # The backup knows the document as waiting, and of no send.
    Attempt.objects.all().delete()
    Extraction.objects.filter(pk=queued.pk).update(**before)
    assert not copies.recognise()

    assert copies.go_on(alice)
    assert Entry.objects.get(subject_kind="installation").person_id == alice.pk
    row = drive.run(queued, until=(State.RUNNING,))

    assert row.state == State.RUNNING
    assert api.accepted == {str(queued.key): 1}
    assert copies.recognise()


def test_what_was_not_sent_is_sent_after_a_whole_search(api, connection, queued, drive, alice, settings):
    copies.recognise()
    Connection.objects.update(search_trusted_at=timezone.now())
    copy_the_folder(settings)
    copies.recognise()

    copies.go_on(alice)
    row = drive.run(queued, until=(State.RUNNING,))

    assert row.state == State.RUNNING
    assert api.accepted == {str(queued.key): 1}
    searches = [seen for seen in api.seen if "meta_value" in seen.query]
    assert len(searches) >= 5


def test_without_a_search_that_is_proved_a_person_decides(api, connection, queued, drive, alice, settings):
    copies.recognise()
    copy_the_folder(settings)
    copies.recognise()

    copies.go_on(alice)
    row = drive.run(queued)

    assert row.state == State.UNDECIDED
    assert not api.accepted


def test_what_came_after_the_doubt_is_not_in_doubt(api, connection, drive, alice, settings):
    copies.recognise()
    copy_the_folder(settings)
    copies.recognise()
    fresh = make_extraction(owner=alice)

    copies.go_on(alice)

    fresh.refresh_from_db()
    assert fresh.state == State.QUEUED


def test_a_sender_that_was_under_way_does_not_pass_the_gate(api, connection, queued, drive, alice, settings):
    """The database is restored under a running worker."""
    copies.recognise()
    sending = claim(queued, threading.Event())
    copy_the_folder(settings)
    copies.recognise()
    copies.go_on(alice)

    with pytest.raises(Dropped):
        sending.gate()


def test_files_without_rows_are_kept_when_they_are_older_than_the_decision(api, connection, alice, settings):
    copies.recognise()
    lost = Path(settings.MEDIA_ROOT) / "documents" / "lost.pdf"
    lost.parent.mkdir(parents=True, exist_ok=True)
    lost.write_bytes(b"of a row that the backup does not know")
    three_days_ago = time.time() - 3 * 24 * 3600
    os.utime(lost, (three_days_ago, three_days_ago))
    copy_the_folder(settings)
    copies.recognise()

    in_doubt = sweep.clear_files()
    copies.go_on(alice)
    decided = sweep.clear_files()

    assert (in_doubt, decided) == (0, 0)
    assert lost.exists()


def test_files_of_uploads_that_were_never_submitted_are_still_cleared(connection, settings):
    copies.recognise()
    Installation.objects.update(begun_at=timezone.now() - timedelta(days=30))
    left = Path(settings.MEDIA_ROOT) / "left.pdf"
    left.write_bytes(b"nobody's")
    three_days_ago = time.time() - 3 * 24 * 3600
    os.utime(left, (three_days_ago, three_days_ago))

    assert sweep.clear_files() == 1


def test_a_full_disk_keeps_the_document_back(api, connection, queued, drive, monkeypatch):
    """What cannot be noted is not released."""

    def fail(attempt):
        raise OSError("no space left on device")

    copies.recognise()
    monkeypatch.setattr(copies, "note", fail)

    row = drive.step(queued)

    assert row.state == State.QUEUED
    assert not api.accepted


def test_the_banner_tells_and_staff_go_on(api, connection, client, alice, settings):
    copies.recognise()
    copy_the_folder(settings)
    copies.recognise()
    client.force_login(alice)
    told = pause_of(Connection.current())
    assert "restored or copied" in str(told)
    assert "nothing was charged" not in str(told)

    seen_by_a_person = client.get(reverse("extractions:dashboard")).content.decode()
    refused = client.post(reverse("extractions:go_on"))
    alice.is_staff = alice.is_superuser = True
    alice.save()
    seen_by_staff = client.get(reverse("extractions:dashboard")).content.decode()
    client.post(reverse("extractions:go_on"))

    assert "restored or copied" in seen_by_a_person
    assert reverse("extractions:go_on") not in seen_by_a_person
    assert refused.status_code == 403
    assert reverse("extractions:go_on") in seen_by_staff
    assert not Connection.current().paused
    assert Installation.objects.get().confirmed_by == alice
