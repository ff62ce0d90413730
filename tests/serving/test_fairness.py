"""Threads are shared between people, however many requests one of them sends."""

import time

import pytest

from tests.attacks.sockets import Crowd, request
from tests.running import wait_for


@pytest.fixture
def server(serve):
    return serve(threads=4, waiting_per_person=10)


def known(server, person):
    """The server has learned that this session is this person's."""
    assert server.get("/", Cookie=f"session={person}")[0] == 200
    return f"Cookie: session={person}"


def test_one_person_does_not_take_all_threads(server):
    alice, bob = known(server, "alice"), known(server, "bob")

    with Crowd(server.address, 8, request("/wait", alice)):
        assert server.get("/", Cookie=bob.partition(": ")[2])[0] == 200
        assert server.get("/")[0] == 200  # nobody in particular
        assert server.get("/open")[0] == 200


def test_an_invented_session_makes_nobody_of_his_own(server):
    """Until the application has recognised it, only the address counts."""
    alice = known(server, "alice")

    with Crowd(server.address, 2, request("/wait")):
        wait_for(lambda: server.waiting() == 2)
        with Crowd(server.address, 1, request("/", "Cookie: session=invented")) as invented:
            assert server.get("/", Cookie=alice.partition(": ")[2])[0] == 200
            time.sleep(0.5)
            assert not invented.lines[0].status


def test_whoever_sends_too_much_at_once_is_reported(server):
    with Crowd(server.address, 40, request("/wait", known(server, "alice"))) as crowd:
        wait_for(lambda: sum(line.status == 429 for line in crowd.lines) == 28)
        refused = next(line for line in crowd.lines if line.status == 429)

    assert refused.sentence.startswith("You have sent too many requests at once.")


def test_programs_that_watch_get_an_answer_though_every_thread_is_taken(server):
    people = [known(server, name) for name in ("alice", "bob")]

    with (
        Crowd(server.address, 4, request("/wait", people[0])),
        Crowd(server.address, 4, request("/wait", people[1])),
    ):
        wait_for(lambda: server.waiting() == 4)
        with Crowd(server.address, 1, request("/")) as other:
            assert server.get("/healthz")[0] == 200
            assert not other.lines[0].status
