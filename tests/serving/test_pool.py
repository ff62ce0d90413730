"""The reserved thread serves programs that watch the portal; they neither take nor block any other thread."""

import threading
from http import HTTPStatus

import pytest

from portal.serving.limits import Limits
from portal.serving.pool import FairPool, RequestClass
from portal.serving.refusals import Refusal

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
