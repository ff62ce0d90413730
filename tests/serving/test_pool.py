"""Who gets a thread: programs that watch the portal have one of their own, and busy clients step back."""

import threading
import time
from http import HTTPStatus

import pytest

from portal.serving import usage
from portal.serving.limits import Limits
from portal.serving.pool import FairPool, RequestClass
from portal.serving.refusals import Refusal
from portal.serving.usage import RecentUse
from tests.running import wait_for

PATIENCE = 20


@pytest.fixture
def gate():
    gate = threading.Event()
    yield gate
    gate.set()


def test_urgent_requests_leave_the_other_threads_to_pages(gate):
    pool, page = FairPool(2, Limits()), threading.Event()
    for number in range(5):
        pool.submit(lambda: gate.wait(PATIENCE), f"address {number}", RequestClass.URGENT)

    pool.submit(page.set, "address 9", RequestClass.PAGE)

    assert page.wait(PATIENCE / 4)


def test_one_client_has_only_a_few_urgent_requests_waiting(gate):
    pool, running, answered = FairPool(1, Limits(urgent_waiting_per_client=3)), threading.Event(), threading.Event()

    def hold():
        running.set()
        gate.wait(PATIENCE)

    pool.submit(hold, "address 1", RequestClass.URGENT)
    assert running.wait(PATIENCE)
    for _ in range(3):
        pool.submit(lambda: None, "address 1", RequestClass.URGENT)

    with pytest.raises(Refusal) as refused:
        pool.submit(lambda: None, "address 1", RequestClass.URGENT)
    pool.submit(answered.set, "address 2", RequestClass.URGENT)
    gate.set()

    assert refused.value.status == HTTPStatus.TOO_MANY_REQUESTS
    assert answered.wait(PATIENCE)
    pool.submit(lambda: None, "address 1", RequestClass.URGENT)  # what has run no longer counts


@pytest.fixture
def pool_where_mallory_is_busy():
    """Three threads; mallory has used one for long."""

    def pool_where_mallory_is_busy(**limits):
        pool, done = FairPool(3, Limits(busy_seconds=0.05, busy_half_life=60.0, **limits)), threading.Event()
        pool.submit(lambda: (time.sleep(0.1), done.set()), "mallory", RequestClass.PAGE)
        assert done.wait(PATIENCE)
        wait_for(lambda: not pool._running)
        return pool

    return pool_where_mallory_is_busy


def held(pool, gate, client):
    """A request that runs until the gate opens."""
    running = threading.Event()
    pool.submit(lambda: (running.set(), gate.wait(PATIENCE)), client, RequestClass.PAGE)
    return running


def test_a_busy_client_waits_while_a_request_of_another_runs(pool_where_mallory_is_busy, gate):
    pool = pool_where_mallory_is_busy(busy_wait=PATIENCE)
    assert held(pool, gate, "alice").wait(PATIENCE)

    mallory, bob = threading.Event(), threading.Event()
    pool.submit(mallory.set, "mallory", RequestClass.PAGE)
    pool.submit(bob.set, "bob", RequestClass.PAGE)

    assert bob.wait(PATIENCE)
    assert not mallory.wait(0.3)
    gate.set()
    assert mallory.wait(PATIENCE / 2)


def test_a_busy_client_waits_for_a_while_only(pool_where_mallory_is_busy, gate):
    pool = pool_where_mallory_is_busy(busy_wait=0.2)
    assert held(pool, gate, "alice").wait(PATIENCE)
    mallory = threading.Event()
    pool.submit(mallory.set, "mallory", RequestClass.PAGE)

    wait_for(lambda: (pool.submit(lambda: None, "bob", RequestClass.PAGE), mallory.is_set())[1])


def test_a_busy_client_has_two_threads_again_once_nobody_else_is_about(pool_where_mallory_is_busy, gate):
    pool = pool_where_mallory_is_busy(quiet_seconds=0.3)
    seen = threading.Event()
    pool.submit(seen.set, "alice", RequestClass.PAGE)
    assert seen.wait(PATIENCE)
    wait_for(lambda: not pool._running)

    assert held(pool, gate, "mallory").wait(PATIENCE)
    second = held(pool, gate, "mallory")
    assert not second.wait(0.1)
    time.sleep(0.3)
    third = held(pool, gate, "mallory")

    assert second.wait(PATIENCE / 2)
    assert not third.wait(0.1), "two at once are the limit"


def test_busy_clients_do_not_wait_for_each_other(pool_where_mallory_is_busy, gate):
    pool = pool_where_mallory_is_busy(busy_wait=PATIENCE)
    pool.submit(lambda: time.sleep(0.1), "eve", RequestClass.PAGE)
    wait_for(lambda: not pool._running and not pool._queues)
    assert held(pool, gate, "mallory").wait(PATIENCE)

    assert held(pool, gate, "eve").wait(PATIENCE / 2)


def test_use_halves_with_time_and_is_forgotten_for_the_oldest(monkeypatch):
    monkeypatch.setattr(usage, "MAX_CLIENTS", 2)
    use = RecentUse(half_life=5.0)
    use.add("alice", 4.0, now=100.0)
    use.add("alice", 1.0, now=105.0)
    assert use.of("alice", 105.0) == pytest.approx(3.0)
    assert use.of("alice", 115.0) == pytest.approx(0.75)

    use.add("bob", 1.0, now=115.0)
    use.add("carol", 1.0, now=116.0)

    assert (use.of("alice", 116.0), use.of("bob", 116.0) > 0) == (0.0, True)
