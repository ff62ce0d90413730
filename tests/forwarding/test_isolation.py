"""When workers are lost: who is suspected, who is blamed, and who is not."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import connection as database
from django.utils import timezone

from extractions.forwarding.runtime.worker import Worker
from extractions.forwarding.steps import isolation, send_attempt
from extractions.forwarding.steps.isolation import next_suspect, send_isolated
from extractions.forwarding.steps.sweep import end_abandoned_attempts, sweep
from extractions.models import Attempt, Extraction
from tests.factories import State, make_extraction, pdf
from tests.fake_api import KEY
from tests.running import wait_for

pytestmark = pytest.mark.django_db


def row(extraction):
    return Extraction.objects.select_related("connection").get(pk=extraction.pk)


def claim(extraction, *, isolated=False):
    return send_attempt.claim(row(extraction), threading.Event(), isolated=isolated)


def lose(clock, seconds=61):
    """The workers are gone; their leases run out."""
    clock.advance(seconds)
    sweep()


@pytest.fixture
def suspects(api, alice, clock):
    """Three documents that one worker had in hand when it was lost."""
    rows = [make_extraction(owner=alice) for _ in range(3)]
    for extraction in rows:
        assert claim(extraction)
    lose(clock)
    return [row(extraction) for extraction in rows]


def test_of_several_in_hand_all_are_suspects_and_none_is_blamed(suspects):
    assert [(suspect.state, suspect.crashes) for suspect in suspects] == [(State.QUEUED, 0)] * 3
    assert all(suspect.suspected_at for suspect in suspects)
    assert set(Attempt.objects.values_list("outcome", flat=True)) == {Attempt.Outcome.CRASHED}


def test_a_suspect_is_not_sent_beside_others(suspects):
    assert claim(suspects[0]) is None


def test_suspects_are_sent_one_at_a_time_wherever_their_senders_run(suspects, clock):
    first = claim(suspects[0], isolated=True)
    assert first
    assert claim(suspects[1], isolated=True) is None
    assert next_suspect(timezone.now()) is None

    first.gate()

    assert next_suspect(timezone.now()) in {suspects[1].pk, suspects[2].pk}
    assert claim(suspects[1], isolated=True)


def test_getting_through_clears_a_suspect(api, suspects, drive):
    Extraction.objects.filter(pk=suspects[0].pk).update(crashes=2)

    cleared = drive.step(suspects[0])

    assert (cleared.state, cleared.suspected_at, cleared.crashes) == (State.RUNNING, None, 0)


def test_killed_again_and_again_together_with_its_worker_it_is_not_blamed(suspects, clock):
    """Each time from outside: the machine, its memory, an administrator."""
    waits = []
    for _ in range(12):
        suspect = row(suspects[0])
        clock.reach(suspect.next_try_at + timedelta(seconds=1))
        assert claim(suspect, isolated=True)
        lose(clock)
        waits.append((row(suspect).next_try_at - clock()).total_seconds())

    suspect = row(suspects[0])
    assert (suspect.state, suspect.crashes) == (State.QUEUED, 0)
    # The clock goes on while a test runs, a busy machine's by seconds.
    assert waits == pytest.approx([20, 40, 80, 160, 320, *[600] * 7], abs=10)
    assert not suspect.tries.filter(ended_at=None).exists()


def test_what_never_ends_in_any_way_is_given_up_after_three_days(suspects, clock):
    assert claim(suspects[0], isolated=True)
    lose(clock)
    clock.advance(72 * 3600 + 1)

    sweep()

    assert (row(suspects[0]).state, row(suspects[0]).error_code) == (State.REJECTED, "expired")


def test_three_breakdowns_alone_are_enough(api, suspects, clock):
    for number in (1, 2, 3):
        suspect = row(suspects[0])
        clock.reach(suspect.next_try_at + timedelta(seconds=1))
        begun = clock()
        assert claim(suspect, isolated=True)
        assert isolation.record_crash(begun, "SIGSEGV")
        assert row(suspect).crashes == number

    rejected = row(suspects[0])
    assert (rejected.state, rejected.error_code, rejected.error_detail) == (State.REJECTED, "crashes", "SIGSEGV")
    assert not rejected.tries.filter(ended_at=None).exists()
    assert not api.accepted


def test_nobody_is_blamed_for_what_was_not_in_hand(suspects, clock):
    begun = clock()
    assert not isolation.record_crash(begun, "SIGKILL")

    held = claim(suspects[0], isolated=True)
    held.gate()

    assert not isolation.record_crash(begun, "SIGKILL")
    assert row(suspects[0]).crashes == 0


def test_nobody_is_blamed_for_what_another_sender_holds(suspects, clock):
    assert claim(suspects[0], isolated=True)
    clock.advance(1)

    assert not isolation.record_crash(clock(), "SIGKILL"), "it was claimed before this sender began"

    Extraction.objects.filter(pk=suspects[0].pk).update(held_by="another:1")
    assert not isolation.record_crash(clock() - timedelta(minutes=1), "SIGKILL")


def test_trying_again_stays_isolated(suspects, clock):
    Extraction.objects.filter(pk=suspects[0].pk).update(
        state=State.REJECTED, error_code="crashes", crashes=3, next_try_at=None
    )

    assert row(suspects[0]).try_again()

    assert row(suspects[0]).suspected_at is not None
    assert claim(suspects[0]) is None


class TestWatch:
    @pytest.fixture(autouse=True)
    def impatient(self, monkeypatch):
        monkeypatch.setattr(isolation, "WATCH_SECONDS", 0.0)
        monkeypatch.setattr(isolation, "STARTUP_SECONDS", 0.0)
        monkeypatch.setattr(isolation, "LEASE", 0.1)
        monkeypatch.setattr(isolation, "LEASE_AFTER_GATE", 0.1)

    def still(self, watch):
        """Long enough without a sign of life."""
        assert not watch.is_frozen()
        time.sleep(0.2)
        return watch.is_frozen()

    def test_a_lease_that_is_renewed_is_a_sign_of_life(self, suspects, clock):
        watch = isolation.SenderWatchdog(suspects[0].pk)
        assert claim(suspects[0], isolated=True)
        for _ in range(3):
            Extraction.objects.filter(pk=suspects[0].pk).update(lease_until=clock())
            assert not watch.is_frozen()
            time.sleep(0.2)

        assert self.still(isolation.SenderWatchdog(suspects[0].pk))

    def test_the_next_suspect_is_a_sign_of_life(self, suspects):
        watch = isolation.SenderWatchdog(suspects[0].pk)
        held = claim(suspects[0], isolated=True)
        assert not watch.is_frozen()
        held.gate()
        assert self.still(watch)
        assert claim(suspects[1], isolated=True)

        assert not watch.is_frozen()

    def test_a_row_that_the_sweep_took_back_is_none(self, suspects, clock):
        watch = isolation.SenderWatchdog(suspects[0].pk)
        assert claim(suspects[0], isolated=True)
        assert self.still(watch)
        lose(clock)
        assert row(suspects[0]).state == State.QUEUED

        assert watch.is_frozen()

    def test_one_that_never_claims_is_frozen(self, suspects):
        assert self.still(isolation.SenderWatchdog(suspects[0].pk))


@pytest.mark.parametrize("handed_over", [False, True])
def test_an_attempt_whose_row_was_moved_by_somebody_else_gets_an_end(api, queued, clock, handed_over):
    held = claim(queued)
    if handed_over:
        held.gate()
        Extraction.objects.filter(pk=queued.pk).update(state=State.RUNNING, remote_id="told", next_try_at=clock())
    else:
        assert row(queued).cancel()
    clock.advance(600)
    assert end_abandoned_attempts() == 0, "its sender may be alive"
    clock.advance(3600)

    sweep()

    wanted = Attempt.Outcome.UNCLEAR if handed_over else Attempt.Outcome.CRASHED
    attempt = Attempt.objects.get()
    assert (attempt.outcome, attempt.ended_at is not None) == (wanted, True)


def test_an_attempt_that_holds_its_row_is_left_alone(api, queued, clock):
    claim(queued)
    Extraction.objects.filter(pk=queued.pk).update(lease_until=clock() + timedelta(hours=5))
    clock.advance(4000)

    assert end_abandoned_attempts() == 0


class TestInAProcess:
    """With a real isolated sender, which reads its settings from the environment as every process of the portal."""

    pytestmark = pytest.mark.django_db(transaction=True)

    @pytest.fixture
    def suspect(self, api, alice, settings, monkeypatch):
        host = {name: database.settings_dict[name] for name in ("NAME", "USER", "HOST", "PORT")}
        url = f"sqlite:///{host['NAME']}"
        if database.vendor == "postgresql":
            url = "postgres://{USER}@{HOST}:{PORT}/{NAME}".format(**host)
        monkeypatch.setenv("DATABASE_URL", url)
        monkeypatch.setenv("DATA_DIR", str(settings.DATA_DIR))
        monkeypatch.setenv("ANESYA_BASE_URL", api.url)
        monkeypatch.setenv("ANESYA_API_KEY", KEY)
        monkeypatch.setenv("SECRET_KEY", settings.SECRET_KEY)
        return make_extraction(owner=alice, suspected_at=timezone.now(), next_try_at=timezone.now())

    def test_a_healthy_document_gets_through(self, api, suspect):
        send_isolated(suspect.pk, threading.Event())

        sent = row(suspect)
        assert (sent.state, sent.suspected_at) == (State.RUNNING, None)
        assert api.accepted == {str(suspect.key): 1}
        assert sent.tries.get().outcome == Attempt.Outcome.ACCEPTED

    def test_several_take_turns_in_one_process(self, api, suspect, alice):
        others = [make_extraction(owner=alice, suspected_at=timezone.now()) for _ in range(2)]
        Extraction.objects.update(next_try_at=timezone.now())

        send_isolated(suspect.pk, threading.Event())

        assert set(api.accepted.values()) == {1}
        assert len(api.accepted) == 1 + len(others)
        assert not Extraction.objects.filter(suspected_at__isnull=False).exists()

    def test_one_that_breaks_its_sender_is_blamed_and_waits(self, api, suspect, monkeypatch):
        monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "tests.faults.poisoned_settings")
        monkeypatch.setenv("POISON", suspect.sha256)

        send_isolated(suspect.pk, threading.Event())

        blamed = row(suspect)
        assert (blamed.state, blamed.crashes, blamed.error_detail) == (State.QUEUED, 1, "SIGSEGV")
        assert blamed.next_try_at > timezone.now() + timedelta(seconds=30)
        assert not api.accepted

    @pytest.mark.long  # a process must begin within its lease, whatever runs beside it
    def test_one_that_freezes_its_sender_is_not_blamed_and_holds_up_nobody(self, api, suspect, alice, monkeypatch):
        monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "tests.faults.poisoned_settings")
        monkeypatch.setenv("POISON", suspect.sha256)
        monkeypatch.setenv("POISON_SIGNAL", "SIGSTOP")
        monkeypatch.setattr(isolation, "LEASE", 12.0)
        monkeypatch.setattr(isolation, "STARTUP_SECONDS", 1.0)

        send_isolated(suspect.pk, threading.Event())

        frozen = row(suspect)
        assert (frozen.state, frozen.crashes) == (State.SENDING, 0)
        Extraction.objects.filter(pk=suspect.pk).update(lease_until=timezone.now())
        sweep()
        again = row(suspect)
        assert (again.state, again.crashes, again.suspected_at is not None) == (State.QUEUED, 0, True)
        other = make_extraction(owner=alice, suspected_at=timezone.now(), content_of_file=pdf(2))
        Extraction.objects.filter(pk=other.pk).update(next_try_at=timezone.now() - timedelta(hours=1))
        assert next_suspect(timezone.now()) == other.pk

    def test_a_sender_that_cannot_begin_blames_nobody_and_is_not_started_every_blink(self, suspect, monkeypatch):
        monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "no.such.settings")

        send_isolated(suspect.pk, threading.Event())

        left = row(suspect)
        assert (left.state, left.crashes, left.lease) == (State.QUEUED, 0, suspect.lease)
        assert left.next_try_at > timezone.now() + timedelta(seconds=5)

    def test_a_worker_that_stops_stops_its_sender_and_blames_nobody(self, suspect):
        stop = threading.Event()
        stop.set()

        send_isolated(suspect.pk, stop)

        assert (row(suspect).state, row(suspect).crashes) == (State.QUEUED, 0)

    def test_the_worker_hands_a_suspect_to_no_thread_of_its_own(self, api, suspect, monkeypatch):
        handed, isolated = [], []
        monkeypatch.setattr("extractions.forwarding.runtime.worker.step", lambda pk, stop: handed.append(pk))
        monkeypatch.setattr(isolation, "send_isolated", lambda pk, stop: isolated.append(pk))
        worker = Worker()

        worker.tick()
        wait_for(lambda: isolated)
        worker.stop.set()
        worker._shut_down()

        assert suspect.pk not in handed
        assert isolated[0] == suspect.pk
