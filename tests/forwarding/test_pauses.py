"""Why nothing is sent, and how sending starts again by itself."""

from datetime import timedelta

import pytest
from django.utils import timezone

from extractions.forwarding.runtime.worker import Worker
from extractions.forwarding.steps import connection_state
from extractions.models import Connection, Extraction
from portal.default_api import key_fingerprint
from tests.factories import State, make_connection, make_extraction, make_schema
from tests.fake_api import KEY, Fault

pytestmark = pytest.mark.django_db
Pause = Connection.Pause


@pytest.fixture
def three(api, alice, clock):
    return [make_extraction(owner=alice) for _ in range(3)]


def pass_time(clock, connection):
    """Until the next probe, which is then made."""
    connection.refresh_from_db()
    clock.reach(connection.next_probe_at)
    connection_state.probe(connection)
    connection.refresh_from_db()


def test_a_paused_connection_sends_nothing(api, queued, drive, connection):
    connection.pause_for(Pause.BY_HAND, until=None)

    assert drive.step(queued).state == State.QUEUED
    assert not api.uploads()


def test_a_new_key_resumes_after_a_free_call(api, three, drive, connection, clock):
    api.key = "another"
    drive.step(three[0])
    connection.refresh_from_db()
    assert connection.next_probe_at - clock() <= timedelta(seconds=60)

    pass_time(clock, connection)
    assert connection.pause == Pause.KEY_REFUSED
    api.key = KEY
    pass_time(clock, connection)

    assert not connection.paused
    assert all(drive.step(row).state == State.RUNNING for row in three)


def test_credits_are_tried_by_one_document_every_quarter_of_an_hour(api, three, drive, connection, clock):
    broke = Fault(403, {"detail": "Not enough credits."}, accept=False)
    api.inject("create", broke, broke)
    drive.step(three[0])
    connection.refresh_from_db()
    assert round((connection.next_probe_at - clock()).total_seconds()) == 900

    pass_time(clock, connection)
    assert connection.trial == three[0]
    assert [drive.step(row).state for row in three] == [State.QUEUED] * 3
    assert len(api.uploads()) == 2, "only the trial was sent"

    pass_time(clock, connection)
    assert [drive.step(row).state for row in three] == [State.RUNNING] * 3
    connection.refresh_from_db()
    assert not connection.paused


def test_staff_may_resume_at_once(api, three, drive, connection):
    api.inject("create", Fault(403, {}, accept=False))
    drive.step(three[0])
    connection.refresh_from_db()

    assert connection.resume()

    assert drive.step(three[1]).state == State.RUNNING


@pytest.mark.parametrize(("asked", "waits"), [("120", 120), ("86400", 900), (None, 60)])
def test_slowing_down_lasts_as_long_as_asked_but_not_for_ever(api, queued, drive, connection, clock, asked, waits):
    api.inject("create", Fault(429, {}, {"Retry-After": asked} if asked else {}, accept=False))

    drive.step(queued)

    connection.refresh_from_db()
    assert connection.pause == Pause.RATE
    assert round((connection.next_probe_at - clock()).total_seconds()) == waits
    pass_time(clock, connection)
    assert drive.step(queued).state == State.RUNNING


def test_a_wrong_address_is_tried_by_a_free_call_first(api, three, drive, connection, clock):
    api.inject("create", Fault(404, b"", accept=False))
    drive.step(three[0])
    api.inject("/extract/", Fault(404, b""))

    pass_time(clock, connection)
    assert (connection.pause, connection.trial) == (Pause.WRONG_ADDRESS, None)
    pass_time(clock, connection)

    assert connection.trial == three[0]
    assert drive.step(three[0]).state == State.RUNNING
    connection.refresh_from_db()
    assert not connection.paused


def test_five_failures_in_a_row_pause_longer_and_longer(api, alice, three, drive, connection, clock):
    bad = Fault(503, b"", accept=False)
    api.inject("create", *[bad] * 5)
    rows = [*three, *(make_extraction(owner=alice) for _ in range(3))]

    for row in rows[:4]:
        drive.step(row)
    connection.refresh_from_db()
    assert (connection.failures, connection.pause) == (4, Pause.NONE)
    drive.step(rows[4])
    connection.refresh_from_db()
    assert connection.pause == Pause.UNREACHABLE
    assert round((connection.next_probe_at - clock()).total_seconds()) == 30

    gaps = []
    for _ in range(6):
        api.inject("/extract/", Fault(503, b""))
        pass_time(clock, connection)
        gaps.append(round((connection.next_probe_at - clock()).total_seconds()))
    assert gaps == [60, 120, 240, 480, 600, 600]

    pass_time(clock, connection)
    assert connection.trial == rows[5]
    assert drive.step(rows[5]).state == State.RUNNING
    connection.refresh_from_db()
    assert (connection.pause, connection.failures) == (Pause.NONE, 0)


def test_a_success_forgets_the_failures_before_it(api, three, drive, connection):
    api.inject("create", Fault(503, b"", accept=False), Fault(503, b"", accept=False))
    for row in three:
        drive.step(row)

    connection.refresh_from_db()
    assert connection.failures == 0


def test_a_clear_refusal_shows_that_the_service_works(api, three, drive, connection, clock):
    api.inject("create", Fault(429, {}, accept=False), Fault(400, {"document": ["Bad."]}, accept=False))
    drive.step(three[0])
    pass_time(clock, connection)

    assert drive.step(three[0]).state == State.REJECTED
    connection.refresh_from_db()
    assert not connection.paused


def test_resuming_wakes_those_that_back_off(api, three, connection, clock):
    connection.pause_for(Pause.UNREACHABLE, until=clock())
    Extraction.objects.update(next_try_at=clock() + timedelta(hours=1))

    connection_state.resume(connection)

    assert Extraction.objects.due(timezone.now()).count() == 3


def test_when_nothing_waits_a_free_call_is_enough(api, connection, clock):
    connection.pause_for(Pause.UNREACHABLE, until=clock())

    pass_time(clock, connection)

    assert not connection.paused


def test_a_trial_that_is_lost_is_followed_by_another(api, three, drive, connection, clock):
    connection.pause_for(Pause.RATE, until=clock())
    pass_time(clock, connection)
    three[0].refresh_from_db()
    three[0].cancel()

    pass_time(clock, connection)

    assert connection.trial == three[1]


def test_what_staff_paused_stays_paused(api, queued, connection, clock):
    connection.pause_for(Pause.BY_HAND, until=None)
    connection.refresh_from_db()

    connection_state.probe(connection)
    connection_state.record_success(connection)
    connection.pause_for(Pause.RATE, until=clock())

    connection.refresh_from_db()
    assert connection.pause == Pause.BY_HAND


def test_documents_of_an_older_key_go_on_with_the_new_one(api, alice, settings, clock):
    schema = make_schema()
    waiting = make_extraction(owner=alice, schema=schema)
    running = make_extraction(owner=alice, state=State.RUNNING)
    elsewhere = make_extraction(owner=alice, connection=make_connection(base_url="http://other.example.com"))
    settings.ANESYA_API_KEY = "new"

    current = connection_state.adopt_settings_connection()

    assert current.key_fingerprint == key_fingerprint()
    for row in (waiting, running):
        row.refresh_from_db()
        assert row.connection == current
    schema.refresh_from_db()
    assert schema.connection == current
    elsewhere.refresh_from_db()
    assert elsewhere.connection != current


def test_a_worker_without_a_service_says_so(api, connection, clock):
    """Nothing is to be sent, but the schemas cannot be fetched either."""
    api.stop()
    worker = Worker()
    for _ in range(5):
        connection.refresh_from_db()
        worker._periodic_tasks._refresh(connection)
    worker.stop.set()
    worker._shut_down()

    connection.refresh_from_db()
    assert connection.pause == Pause.UNREACHABLE
    assert connection.pause_detail == "connection refused"
