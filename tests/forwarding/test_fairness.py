"""A heap of one person's documents does not stand before one of another's."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from extractions.forwarding.fairness import Party, RoundRobin
from extractions.forwarding.runtime import celery_transport
from extractions.forwarding.runtime import worker as module
from extractions.forwarding.runtime.celery_transport import CeleryTransport
from extractions.forwarding.runtime.worker import Worker
from extractions.forwarding.steps import evidence, page_images
from extractions.models import Connection, Extraction
from tests.factories import State, make_extraction

pytestmark = pytest.mark.django_db


@pytest.fixture
def start():
    return timezone.now() - timedelta(hours=1)


@pytest.fixture
def heap(alice, start):
    """Alice's, all of them received before anybody else's."""
    return [make_extraction(owner=alice, next_try_at=start + timedelta(seconds=number)) for number in range(12)]


def waiting():
    return Extraction.objects.due(timezone.now()).filter(state=State.QUEUED)


def drawn():
    return Extraction.objects.filter(pages_due_at__lte=timezone.now(), delete_requested_at__isnull=True)


def serve(rotation, number):
    """One free thread after another: whose documents they take."""
    taken = []
    for _ in range(number):
        ((pk, party),) = rotation.order(waiting(), 1)
        rotation.mark_served(party)
        Extraction.objects.filter(pk=pk).update(state=State.CANCELLED, next_try_at=None)
        taken.append(Extraction.objects.get(pk=pk).owner)
    return taken


def test_with_a_single_thread_persons_take_turns(heap, alice, bob):
    make_extraction(owner=bob)

    assert serve(RoundRobin(), 4) == [alice, bob, alice, alice]


def test_one_who_comes_later_is_next(heap, alice, bob):
    rotation = RoundRobin()
    assert serve(rotation, 3) == [alice] * 3
    make_extraction(owner=bob)

    assert serve(rotation, 2) == [bob, alice]


def test_teams_take_turns_before_their_members_do(heap, alice, bob, charlie):
    for person in (bob, charlie, charlie, charlie):
        make_extraction(owner=person)

    assert serve(RoundRobin(), 6) == [alice, charlie, bob, charlie, alice, charlie]


def test_several_free_threads_are_shared(heap, alice, bob, charlie):
    for person in (bob, bob, charlie):
        make_extraction(owner=person)

    turns = RoundRobin().order(waiting(), 5)

    assert [party.person for _pk, party in turns] == [alice.pk, charlie.pk, bob.pk, alice.pk, bob.pk]
    assert len({pk for pk, _party in turns}) == 5


def test_within_a_person_the_oldest_is_first(heap):
    turns = RoundRobin().order(waiting(), 4)

    assert [pk for pk, _party in turns] == [row.pk for row in heap[:4]]


def test_documents_of_a_removed_account_have_their_turns(heap, alice, bob):
    orphan = make_extraction(owner=bob)
    Extraction.objects.filter(pk=orphan.pk).update(owner=None)

    assert serve(RoundRobin(), 2) == [alice, None]


def test_what_is_remembered_is_bounded(monkeypatch):
    monkeypatch.setattr("extractions.forwarding.fairness.MAX_REMEMBERED", 3)
    rotation = RoundRobin()

    for number in range(10):
        rotation.mark_served(Party(number, number))

    assert (len(rotation._teams), len(rotation._parties)) == (3, 3)
    assert list(rotation._teams) == [7, 8, 9]


@pytest.mark.skipif("database.vendor != 'sqlite'", reason="PostgreSQL chooses by how many rows there are")
@pytest.mark.parametrize(
    ("name", "clock", "due"),
    [
        ("extraction_turns", "next_try_at", waiting),
        ("extraction_pages", "pages_due_at", drawn),
        ("extraction_evidence", "evidence_due_at", lambda: evidence.due(timezone.now())),
    ],
)  # fmt: skip
def test_who_waits_is_read_from_an_index_of_those_that_wait(heap, name, clock, due):
    with CaptureQueriesContext(database) as queries:
        RoundRobin().next_party(due(), clock)

    with database.cursor() as cursor:
        cursor.execute("EXPLAIN QUERY PLAN " + queries[0]["sql"])
        plan = str(cursor.fetchall())
    assert f"INDEX {name}" in plan, plan


class Idle:
    """A lane with some free threads that keeps what it is offered."""

    name = "idle"

    def __init__(self, free):
        self.free, self.size, self.busy, self.offered = free, free, set(), []

    def offer(self, key, job):
        self.offered.append(key)
        self.busy.add(key)
        self.free -= 1
        return True


@pytest.fixture
def worker(db):
    worker = Worker()
    yield worker
    worker.stop.set()
    worker._shut_down()


def test_the_worker_hands_out_in_turns(worker, heap, bob):
    lane, single = Idle(2), make_extraction(owner=bob)

    worker._hand_out(lane, waiting())

    assert lane.offered == [heap[0].pk, single.pk]
    assert worker._saturated


def test_while_no_thread_is_free_nothing_is_asked(worker, heap, django_assert_num_queries):
    with django_assert_num_queries(0):
        worker._hand_out(Idle(0), waiting())


def test_page_images_take_turns(worker, alice, bob, start, monkeypatch):
    for number in range(5):
        make_extraction(owner=alice, pages_due_at=start + timedelta(seconds=number))
    single = make_extraction(owner=bob, pages_due_at=timezone.now())
    worker._rendering = Idle(2)
    monkeypatch.setattr(page_images, "make_pages", lambda extraction: None)

    worker._hand_out_pages(timezone.now())
    Extraction.objects.filter(pk__in=worker._rendering.offered).update(pages_due_at=None)
    worker._hand_out_pages(timezone.now())

    assert worker._rendering.offered[1] == single.pk


def test_evidence_takes_turns(worker, alice, bob, start, monkeypatch):
    for number in range(5):
        make_extraction(owner=alice, state=State.EXTRACTED, evidence_due_at=start + timedelta(seconds=number))
    single = make_extraction(owner=bob, state=State.EXTRACTED, evidence_due_at=timezone.now())
    worker._grounding = Idle(2)
    monkeypatch.setattr(evidence, "find_evidence", lambda extraction: None)

    worker._hand_out_evidence(timezone.now())
    Extraction.objects.filter(pk__in=worker._grounding.offered).update(evidence_due_at=None)
    worker._hand_out_evidence(timezone.now())

    assert worker._grounding.offered[1] == single.pk


class TestTheEmbeddedEngine:
    @pytest.fixture
    def engine(self, db):
        return Connection.current()

    def test_gets_few_at_a_time(self, worker, heap, alice, engine, settings):
        settings.ENGINE_BACKLOG = 3
        make_extraction(owner=alice, state=State.RUNNING, status="CREATED")
        make_extraction(owner=alice, state=State.RUNNING, status="IN_PROGRESS")
        worker._sending = Idle(16)

        worker._hand_out_rows(engine, [], timezone.now())

        assert len(worker._sending.offered) == 2

    def test_a_service_elsewhere_gets_all(self, worker, heap, engine, settings):
        settings.ENGINE_BACKLOG = 3
        engine.embedded = False
        worker._sending = Idle(16)

        worker._hand_out_rows(engine, [], timezone.now())

        assert len(worker._sending.offered) == len(heap)


def test_a_queue_of_other_processes_is_not_filled_with_a_heap(heap, alice, bob, monkeypatch):
    """A broker keeps its order; so what it holds is bounded, and the next ones are chosen when they fit in."""
    put = []
    monkeypatch.setattr(celery_transport.step_task, "apply_async", lambda args, **_: put.append(args[0]))
    courier, rotation = CeleryTransport(), RoundRobin()
    courier.dispatch(waiting(), rotation, 16, module.MAX_CANDIDATES)
    courier.dispatch(waiting(), rotation, 16, module.MAX_CANDIDATES)
    assert len(put) == 8
    single = make_extraction(owner=bob)
    Extraction.objects.filter(pk=put[0]).update(
        state=State.SENDING, lease=1, next_try_at=None, lease_until=timezone.now() + timedelta(hours=1)
    )

    courier.dispatch(waiting(), rotation, 16, module.MAX_CANDIDATES)

    assert put[8:] == [single.pk]
