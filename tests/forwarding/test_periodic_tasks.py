"""Periodic tasks share few threads."""

from __future__ import annotations

import threading
import time

import pytest

from extractions.forwarding.runtime.periodic_tasks import PeriodicTasks
from extractions.forwarding.runtime.thread_pool import BoundedThreadPool
from tests.running import PATIENCE, wait_for

pytestmark = pytest.mark.django_db(transaction=True)  # the pool's threads look after their connections


@pytest.fixture
def pool():
    pool = BoundedThreadPool("keep", 1, lambda: None)
    yield pool
    assert pool.close(until=time.monotonic() + PATIENCE)


def test_tasks_that_are_always_due_leave_threads_to_the_others(pool):
    tasks = PeriodicTasks(pool)
    done = []

    for _tick in range(6):
        for name in ("first", "second", "third"):
            tasks.every(0.0, name, lambda name=name: done.append(name))
        tasks.hand_out()
        wait_for(lambda: not pool.busy)

    assert done == ["first", "second", "third"] * 2


def test_what_found_no_thread_is_told_but_not_what_runs_already(pool):
    tasks, gate = PeriodicTasks(pool), threading.Event()
    tasks.every(0.0, "long", gate.wait)
    assert not tasks.hand_out()

    tasks.every(0.0, "long", gate.wait)
    assert not tasks.hand_out()
    tasks.every(0.0, "other", gate.wait)
    assert tasks.hand_out()

    gate.set()
