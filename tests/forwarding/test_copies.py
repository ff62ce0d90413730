"""A copy of the portal, or an older backup of it, sends nothing by itself."""

import os
import shutil
import threading
import time
from pathlib import Path

import pytest
from django.db import connections
from django.urls import reverse
from django.utils import timezone

from extractions.forwarding.runtime.worker import Worker
from extractions.forwarding.steps import clone_guard, connection_state, quarantine, sweep
from extractions.forwarding.steps.send_attempt import SendAborted, claim
from extractions.models import Attempt, Connection, Extraction, Installation
from extractions.presentation.document.sentences import pause_of
from extractions.storage import file_store
from portal.audit.models import Entry
from tests.factories import State, make_extraction

Pause = Connection.Pause


def mark_of(settings) -> Path:
    return Path(settings.DATA_DIR) / clone_guard.MARK


def sent(drive, alice):
    """A document that went all the way to the service."""
    return drive.run(make_extraction(owner=alice), until=(State.RUNNING,))


def copy_the_folder(settings):
    """As `cp -a` and `rsync` do it."""
    settings.DATA_DIR = shutil.copytree(settings.DATA_DIR, f"{settings.DATA_DIR}-copy")


def make_old(path):
    three_days_ago = time.time() - 3 * 24 * 3600
    os.utime(path, (three_days_ago, three_days_ago))


def doubted() -> bool:
    return Installation.in_doubt() and Connection.current().pause == Pause.COPIED


def test_a_restart_is_no_copy(connection, drive, alice):
    assert clone_guard.is_recognised()
    sent(drive, alice)

    assert clone_guard.is_recognised()

    assert not Connection.current().paused


def test_a_start_that_was_interrupted_is_begun_again(connection, settings):
    """Killed between the mark and the row."""
    clone_guard.is_recognised()
    Installation.objects.all().delete()

    assert clone_guard.is_recognised()


def test_a_copied_folder_is_noticed(connection, settings):
    clone_guard.is_recognised()

    copy_the_folder(settings)

    assert not clone_guard.is_recognised()
    assert doubted()


@pytest.mark.parametrize("marker", [file_store.home_marker, file_store.store_marker])
def test_without_a_marker_nothing_is_sent_until_it_is_back(connection, settings, marker):
    """Nobody can tell an unmounted folder from one that has lost its marker, so it is waited for."""
    clone_guard.is_recognised()
    away = marker().rename(marker().with_suffix(".away"))

    assert clone_guard.verify_identity() == "store_away"
    assert Connection.current().pause == Pause.STORE_AWAY

    away.rename(marker())
    assert clone_guard.is_recognised()
    assert not Connection.current().paused


def test_staff_may_adopt_a_folder_that_lost_its_marker_and_has_the_documents(connection, alice, settings):
    make_extraction(owner=alice)
    clone_guard.is_recognised()
    file_store.store_marker().unlink()
    assert not clone_guard.is_recognised()

    assert clone_guard.confirm_sole_copy(alice)

    assert clone_guard.is_recognised()
    assert not Connection.current().paused


def test_an_empty_folder_is_not_adopted_without_a_second_word(connection, alice, settings):
    """Somebody presses the button while the folder is not mounted."""
    make_extraction(owner=alice)
    clone_guard.is_recognised()
    shutil.rmtree(settings.MEDIA_ROOT)
    settings.MEDIA_ROOT.mkdir()
    assert not clone_guard.is_recognised()

    with pytest.raises(clone_guard.NoDocuments):
        clone_guard.confirm_sole_copy(alice)

    assert not list(settings.MEDIA_ROOT.rglob("*"))
    assert clone_guard.confirm_sole_copy(alice, without_documents=True)
    assert clone_guard.is_recognised()


def test_a_mark_that_cannot_be_read_is_noticed(connection, settings):
    clone_guard.is_recognised()

    mark_of(settings).write_bytes(b"\0" * 512)

    assert not clone_guard.is_recognised()


def test_a_database_that_lies_elsewhere_is_noticed(connection):
    clone_guard.is_recognised()

    Installation.objects.update(place=Installation.objects.get().place.replace(" ", " 1", 1))

    assert not clone_guard.is_recognised()


def test_a_database_older_than_its_folder_is_noticed(api, connection, drive, alice):
    """As if restored in place from a backup that was made before the last send."""
    clone_guard.is_recognised()
    sent(drive, alice)

    Attempt.objects.all().delete()

    assert not clone_guard.is_recognised()
    assert doubted()


def test_a_backup_from_before_the_first_start_is_noticed(api, connection, drive, alice):
    clone_guard.is_recognised()
    sent(drive, alice)

    Attempt.objects.all().delete()
    Installation.objects.all().delete()

    assert not clone_guard.is_recognised()


def test_a_new_database_does_not_take_over_a_folder_in_use(api, connection, drive, alice, settings):
    """Else a wrong DATABASE_URL would make the right database doubt itself."""
    clone_guard.is_recognised()
    old = Path(sent(drive, alice).document.path)
    marker = file_store.store_marker().read_bytes()
    Extraction.objects.all().delete()
    Installation.objects.all().delete()
    make_old(old)

    assert not clone_guard.is_recognised()

    assert doubted()
    assert sweep.clear_orphaned_files() == 0
    assert old.exists()
    assert file_store.store_marker().read_bytes() == marker


def test_a_copy_sends_asks_and_deletes_nothing(api, connection, alice, settings, monkeypatch):
    clone_guard.is_recognised()
    rows = [make_extraction(owner=alice), make_extraction(owner=alice, state=State.RUNNING)]
    rows.append(make_extraction(owner=alice, state=State.EXTRACTED))
    rows[2].request_deletion()
    copy_the_folder(settings)
    worker = Worker()
    offered = []
    for lane in worker._pools:
        monkeypatch.setattr(lane, "offer", lambda key, job: offered.append(key))

    worker.tick()
    worker._sweep()
    worker.tick()

    assert not {row.pk for row in rows} & set(offered)
    assert doubted()


def test_time_alone_decides_nothing_in_a_copy(api, connection, alice, settings, clock):
    """In a backup of last week, what waited then is neither given up nor called lost."""
    clone_guard.is_recognised()
    waiting = make_extraction(owner=alice, retrying_since=timezone.now())
    sending = make_extraction(owner=alice, state=State.SENDING, lease_until=timezone.now(), crashes=2)
    copy_the_folder(settings)
    clock.advance(7 * 24 * 3600)
    worker = Worker()

    worker._sweep()

    waiting.refresh_from_db()
    sending.refresh_from_db()
    assert (waiting.state, sending.state) == (State.QUEUED, State.SENDING)


def test_only_staff_end_the_doubt(api, connection, settings):
    clone_guard.is_recognised()
    copy_the_folder(settings)
    clone_guard.is_recognised()
    connection.refresh_from_db()

    connection_state.resume(connection)
    connection_state.record_success(connection)
    connection_state.probe(connection)
    connection_state.record_failure(connection, "")
    connection.pause_for(Pause.RATE, until=timezone.now())

    assert doubted()


def test_what_staff_paused_stays_paused_and_resuming_it_meets_the_doubt(api, connection, settings, alice):
    clone_guard.is_recognised()
    connection.pause_for(Pause.BY_HAND, until=None)
    copy_the_folder(settings)

    clone_guard.is_recognised()
    assert Connection.current().pause == Pause.BY_HAND
    connection_state.resume(connection)

    assert doubted()


def test_a_new_connection_is_paused_too(api, connection, settings):
    clone_guard.is_recognised()
    copy_the_folder(settings)
    clone_guard.is_recognised()
    settings.ANESYA_API_KEY = "another key"
    Connection.current()

    clone_guard.is_recognised()

    assert doubted()


def test_what_was_sent_after_the_backup_is_found_and_not_sent_again(api, connection, queued, drive, alice):
    clone_guard.is_recognised()
    Connection.objects.update(search_trusted_at=timezone.now())
    before = Extraction.objects.filter(pk=queued.pk).values().get()
    drive.run(queued, until=(State.RUNNING,))
    # The backup knows the document as waiting, and of no send.
    Attempt.objects.all().delete()
    Extraction.objects.filter(pk=queued.pk).update(**before)
    assert not clone_guard.is_recognised()

    assert clone_guard.confirm_sole_copy(alice)
    assert Entry.objects.get(subject_kind="installation").person_id == alice.pk
    row = drive.run(queued, until=(State.RUNNING,))

    assert row.state == State.RUNNING
    assert api.accepted == {str(queued.key): 1}
    assert clone_guard.is_recognised()


def test_what_was_not_sent_is_sent_after_a_whole_search(api, queued, drive, alice, settings, trusted, accept_another):
    clone_guard.is_recognised()
    copy_the_folder(settings)
    clone_guard.is_recognised()

    clone_guard.confirm_sole_copy(alice)
    accept_another(seconds=60)
    row = drive.run(queued, until=(State.RUNNING,))

    assert row.state == State.RUNNING
    assert api.accepted == {str(queued.key): 1}
    searches = [request for request in api.requests if "meta_value" in request.query]
    assert len(searches) >= 5


def test_without_a_search_that_is_proved_a_person_decides(api, connection, queued, drive, alice, settings):
    clone_guard.is_recognised()
    copy_the_folder(settings)
    clone_guard.is_recognised()

    clone_guard.confirm_sole_copy(alice)
    row = drive.run(queued)

    assert row.state == State.UNDECIDED
    assert not api.accepted


def test_what_came_after_the_doubt_is_not_in_doubt(api, connection, drive, alice, settings):
    clone_guard.is_recognised()
    copy_the_folder(settings)
    clone_guard.is_recognised()
    fresh = make_extraction(owner=alice)

    clone_guard.confirm_sole_copy(alice)

    fresh.refresh_from_db()
    assert fresh.state == State.QUEUED


def test_a_sender_that_was_under_way_does_not_pass_the_gate(api, connection, queued, drive, alice, settings):
    """The database is restored under a running worker."""
    clone_guard.is_recognised()
    sending = claim(queued, threading.Event())
    copy_the_folder(settings)
    clone_guard.is_recognised()
    clone_guard.confirm_sole_copy(alice)

    with pytest.raises(SendAborted):
        sending.gate()


def test_files_without_rows_stay_where_they_are_while_in_doubt(api, connection, alice, settings):
    """This may be the wrong database, and the right one knows them."""
    clone_guard.is_recognised()
    lost = Path(settings.MEDIA_ROOT) / "documents" / "lost.pdf"
    lost.write_bytes(b"of a row that the backup does not know")
    make_old(lost)
    copy_the_folder(settings)
    clone_guard.is_recognised()

    assert sweep.clear_orphaned_files() == 0
    assert lost.exists()

    clone_guard.confirm_sole_copy(alice)
    assert sweep.clear_orphaned_files() == 1
    assert [kept.path.read_bytes() for kept in quarantine.contents()] == [b"of a row that the backup does not know"]


def test_a_full_disk_keeps_the_document_back(api, connection, queued, drive, monkeypatch):
    """What cannot be noted is not released."""

    def fail(attempt):
        raise OSError("no space left on device")

    clone_guard.is_recognised()
    monkeypatch.setattr(clone_guard, "record_attempt", fail)

    row = drive.step(queued)

    assert row.state == State.QUEUED
    assert not api.accepted


def test_the_banner_tells_and_staff_go_on(api, connection, client, alice, settings):
    clone_guard.is_recognised()
    copy_the_folder(settings)
    clone_guard.is_recognised()
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


@pytest.mark.django_db(transaction=True)
def test_two_workers_that_start_for_the_first_time_at_once_do_not_take_each_other_for_copies(connection, monkeypatch):
    initialise, verdicts = clone_guard._initialise, []

    def initialise_slowly(row, *arguments, **options):
        time.sleep(0.5)
        initialise(row, *arguments, **options)

    monkeypatch.setattr(clone_guard, "_initialise", initialise_slowly)

    def start():
        verdicts.append(clone_guard.verify_identity())
        connections.close_all()

    threads = [threading.Thread(target=start) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert verdicts == ["", ""]
    assert Installation.objects.count() == 1
    assert not Installation.in_doubt()
    assert clone_guard.verify_identity() == ""
