import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as site
from django.db import IntegrityError, transaction

from extractions.forwarding.steps import send_attempt
from extractions.forwarding.steps.sweep import clear_orphaned_files, clear_uploads, set_missing_clocks, sweep, tidy
from extractions.models import Attempt, Connection, Extraction
from tests.factories import State, make_connection, make_content_image, make_extraction

pytestmark = pytest.mark.django_db


def test_a_worker_lost_while_sending_is_harmless(api, queued, drive, clock):
    send_attempt.claim(Extraction.objects.select_related("connection").get(pk=queued.pk), drive.stop)
    sweep()
    queued.refresh_from_db()
    assert queued.state == State.SENDING, "its lease has not run out"
    clock.advance(61)

    sweep()

    queued.refresh_from_db()
    assert (queued.state, queued.crashes) == (State.QUEUED, 0)
    assert queued.suspected_at is not None
    assert queued.tries.get().outcome == Attempt.Outcome.CRASHED
    assert drive.run(queued, until=(State.RUNNING,)).state == State.RUNNING


def test_a_worker_lost_after_the_hand_over_leaves_a_doubt(api, queued, drive, clock):
    claimed = send_attempt.claim(Extraction.objects.select_related("connection").get(pk=queued.pk), drive.stop)
    claimed.gate()
    clock.advance(149)
    sweep()
    queued.refresh_from_db()
    assert queued.state == State.SENT
    clock.advance(2)

    sweep()

    queued.refresh_from_db()
    assert queued.state == State.CHECKING
    assert queued.next_try_at is not None
    assert queued.tries.get().outcome == Attempt.Outcome.UNCLEAR


def test_the_lost_worker_that_comes_back_changes_nothing(api, queued, drive, clock):
    claimed = send_attempt.claim(Extraction.objects.select_related("connection").get(pk=queued.pk), drive.stop)
    clock.advance(61)
    sweep()

    with pytest.raises(send_attempt.SendAborted):
        claimed.gate()
    claimed.abort("too late")

    queued.refresh_from_db()
    assert (queued.state, queued.handed_over_at) == (State.QUEUED, None)
    assert queued.suspected_at is not None
    assert queued.tries.get().outcome == Attempt.Outcome.CRASHED


def test_three_days_without_an_answer_from_the_service_are_the_end(alice, api, clock, connection):
    row = make_extraction(owner=alice)
    connection.pause_for(Connection.Pause.UNREACHABLE, until=clock() + timedelta(days=9))
    sweep()
    clock.advance(71 * 3600)
    sweep()
    row.refresh_from_db()
    assert row.state == State.QUEUED
    clock.advance(3601)

    sweep()

    row.refresh_from_db()
    assert (row.state, row.error_code) == (State.REJECTED, "expired")


@pytest.mark.parametrize("pause", [Connection.Pause.NO_CREDITS, Connection.Pause.KEY_REFUSED, Connection.Pause.BY_HAND])
def test_waiting_for_a_person_never_ends_a_document(alice, api, clock, connection, pause):
    row = make_extraction(owner=alice)
    connection.pause_for(pause, until=None)
    for _ in range(3):
        sweep()
        clock.advance(40 * 3600)

    row.refresh_from_db()
    assert row.state == State.QUEUED


def test_what_waits_for_another_address_is_reported(alice, api, clock):
    row = make_extraction(owner=alice, connection=make_connection(base_url="http://former.example.com"))

    sweep()

    row.refresh_from_db()
    assert (row.state, row.error_code) == (State.REJECTED, "wrong_address")


def test_the_database_keeps_every_row_under_way_with_a_clock(alice):
    row = make_extraction(owner=alice)

    with pytest.raises(IntegrityError), transaction.atomic():
        Extraction.objects.filter(pk=row.pk).update(next_try_at=None)


def test_a_deletion_that_nobody_works_on_is_found(alice, clock):
    row = make_extraction(owner=alice, state=State.EXTRACTED, delete_requested_at=clock())

    set_missing_clocks()

    row.refresh_from_db()
    assert row.next_try_at is not None


def test_what_a_killed_upload_left_is_removed_after_a_day():
    folder = Path(site.FILE_UPLOAD_TEMP_DIR)
    old, young = folder / "old.upload.pdf", folder / "young.upload.pdf"
    for path in (old, young):
        path.write_bytes(b"x")
    os.utime(old, (0, time.time() - 25 * 3600))

    assert clear_uploads() == 1

    assert not old.exists()
    assert young.exists()


def test_files_without_a_row_are_removed_after_a_day(alice):
    row = make_extraction(owner=alice, state=State.EXTRACTED)
    image = make_content_image(row, b"\xff\xd8\xff")
    root = Path(site.MEDIA_ROOT)
    old, young = root / "documents/te/old.pdf", root / "incoming/young"
    young.parent.mkdir()
    for path in (old, young):
        path.write_bytes(b"x")
    for path in (old, Path(row.document.path), root / image.file.name):
        os.utime(path, (0, time.time() - 25 * 3600))

    assert clear_orphaned_files() == 1

    assert not old.exists()
    assert young.exists()
    assert Path(row.document.path).exists()
    assert (root / image.file.name).exists()


def test_a_clock_that_was_a_year_ahead_lets_nothing_sleep_for_a_year(api, queued, drive, clock, connection, alice):
    clock.advance(365 * 24 * 3600)
    connection.pause_for(Connection.Pause.UNREACHABLE, until=clock() + timedelta(minutes=1))
    held = make_extraction(owner=alice, state=State.SENDING, lease=1, lease_until=clock() + timedelta(minutes=1))
    doubt = make_extraction(
        owner=alice, state=State.CHECKING, handed_over_at=clock(), next_try_at=clock() + timedelta(minutes=1)
    )
    Extraction.objects.filter(pk=queued.pk).update(next_try_at=clock() + timedelta(minutes=1))
    clock.advance(-365 * 24 * 3600)

    tidy()

    for row in (queued, held, doubt, connection):
        row.refresh_from_db()
    woken = (queued.next_try_at, held.lease_until, doubt.next_try_at, doubt.handed_over_at, connection.next_probe_at)
    assert max(woken) <= clock()


def test_what_is_planned_for_soon_is_left_alone(queued, clock):
    soon = clock() + timedelta(hours=1, minutes=6)
    Extraction.objects.filter(pk=queued.pk).update(next_try_at=soon)

    tidy()

    queued.refresh_from_db()
    assert queued.next_try_at == soon


def test_what_was_registered_while_its_key_was_forgotten_is_reported(alice, clock):
    gone = make_connection(scope="site", retired_at=clock())
    row = make_extraction(owner=alice, connection=gone, next_try_at=clock())

    sweep()

    row.refresh_from_db()
    assert (row.state, row.error_code) == (State.REJECTED, "wrong_address")
    assert row.try_again()
    assert row.connection == Connection.current()
