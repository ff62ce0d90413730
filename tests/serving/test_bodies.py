"""Bodies are judged by the head of their request, and received whole before the application is called."""

import hashlib
import json
import os
import time

import pytest

from tests.attacks.sockets import request
from tests.serving.conftest import read_until

MB = 1024 * 1024
ALICE = {"Cookie": "session=alice"}


@pytest.fixture
def server(serve):
    return serve()


@pytest.mark.parametrize("size", [0, 1, 70_000, 3 * MB])
@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_arrives_as_it_was_sent(server, size, chunked):
    content = os.urandom(size)
    body = (part for part in (content[: size // 2], content[size // 2 :]) if part) if chunked else content

    status, _, answer = server.request("POST", "/echo", body, ALICE)

    told = json.loads(answer)
    assert status == 200
    assert (told["size"], told["sha256"]) == (size, hashlib.sha256(content).hexdigest())


def test_a_stranger_is_refused_before_a_large_body_is_sent(server):
    head = request("/echo", f"Content-Length: {5 * MB}", "Expect: 100-continue", method="POST")

    with server.connect() as line:
        line.sendall(head)
        answer = read_until(line, b"Sign in first.\n")

    assert answer.startswith(b"HTTP/1.1 401")


def test_who_waits_for_leave_to_send_gets_it(server):
    head = request("/echo", f"Content-Length: {5 * MB}", "Expect: 100-continue", *_as("alice"), method="POST")

    with server.connect() as line:
        line.sendall(head)
        assert line.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        line.sendall(bytes(5 * MB))
        read_until(line, b'"size": 5242880')


def test_who_sends_at_once_reads_the_refusal_all_the_same(server):
    """A server that closes with bytes unread resets the connection, and the answer is lost on the way."""
    status, _, answer = server.request("POST", "/echo", bytes(8 * MB))

    assert (status, answer) == (401, b"Sign in first.\n")


def test_a_body_over_the_limit_is_refused_by_its_announced_length(server):
    status, _, answer = server.request("POST", "/echo", bytes(11 * MB), ALICE)

    assert status == 413
    assert b"At most 10 MB" in answer


def test_a_body_over_the_limit_without_a_length_is_cut_short(server):
    status, _, answer = server.request("POST", "/echo", (bytes(MB) for _ in range(12)), ALICE)

    assert status == 413
    assert b"At most 10 MB" in answer


def test_a_body_that_trickles_too_slowly_is_given_up(serve):
    server = serve(body_window=1.0, body_window_bytes=1000)

    with server.connect() as line:
        line.sendall(request("/echo", "Content-Length: 50000", method="POST"))
        answer = _dripping(line, b"x", 0.2)

    assert answer.startswith(b"HTTP/1.1 408")


def test_a_body_that_is_slow_but_comes_is_waited_for(serve):
    server = serve(body_window=1.0, body_window_bytes=1000)

    with server.connect() as line:
        line.sendall(request("/echo", "Content-Length: 30000", method="POST"))
        for _ in range(20):
            line.sendall(bytes(1500))
            time.sleep(0.1)
        read_until(line, b'"size": 30000')


def test_one_person_sends_only_so_many_large_bodies_at_once(serve):
    server = serve(large_bodies_per_client=2)
    head = request("/echo", f"Content-Length: {5 * MB}", *_as("alice"), method="POST")

    with server.connect() as first, server.connect() as second, server.connect() as third:
        for line in (first, second):
            line.sendall(head + b"x")
        time.sleep(0.5)
        third.sendall(head + b"x")
        answer = third.recv(65536)
        others = server.request("POST", "/echo", bytes(MB), {"Cookie": "session=bob"})[0]

    assert answer.startswith(b"HTTP/1.1 429")
    assert others == 200


def test_one_person_announces_only_so_many_bytes_at_once(serve):
    server = serve(large_bytes_per_client=8 * MB)

    with server.connect() as first:
        first.sendall(request("/echo", f"Content-Length: {5 * MB}", *_as("alice"), method="POST") + b"x")
        time.sleep(0.5)
        again = server.request("POST", "/echo", bytes(4 * MB), ALICE)[0]
        less = server.request("POST", "/echo", bytes(2 * MB), ALICE)[0]

    assert (again, less) == (429, 200)


def test_bodies_that_do_not_fit_into_memory_go_to_the_disk_and_leave_nothing(serve, tmp_path):
    server = serve(body_in_memory=100_000)
    server.request("POST", "/echo", bytes(90_000), ALICE)
    before, files = server.memory_mb(), {path.name for path in tmp_path.iterdir()}

    for _ in range(3):
        assert server.request("POST", "/echo", bytes(9 * MB), ALICE)[0] == 200

    assert server.memory_mb() - before < 15
    assert {path.name for path in tmp_path.iterdir()} == files


def _as(person):
    return (f"Cookie: session={person}",)


def _dripping(line, drip, every):
    """Send it again and again until an answer comes."""
    line.settimeout(every)
    while True:
        line.sendall(drip)
        try:
            return line.recv(65536)
        except TimeoutError:
            continue


def test_a_folder_that_is_away_is_said_in_a_sentence(server, tmp_path):
    tmp_path.rename(tmp_path.with_name("away"))
    try:
        status, headers, answer = server.request("POST", "/echo", bytes(5 * MB), ALICE)
    finally:
        tmp_path.with_name("away").rename(tmp_path)

    assert (status, headers["Retry-After"]) == (503, "5")
    assert b"could not store what you sent" in answer
    assert "could not be written to a temporary file" in server.log.read_text()
