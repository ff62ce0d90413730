"""Nobody is shut out by connections that are not used."""

import signal
import time

import pytest

from tests.attacks.sockets import Crowd, half_a_request, request
from tests.running import wait_for
from tests.serving.conftest import read_until


def test_a_thousand_idle_connections_shut_nobody_out(serve):
    server = serve()

    with Crowd(server.address, 1000, request("/")) as crowd:
        wait_for(lambda: sum(line.status == 200 for line in crowd.lines) == 1000)
        assert server.get("/")[0] == 200
        assert crowd.open_lines() == 1000


def test_when_all_connections_are_taken_the_oldest_idle_one_makes_room(serve):
    server = serve(connections=20)

    with Crowd(server.address, 20, request("/")) as crowd:
        wait_for(lambda: all(line.status == 200 for line in crowd.lines))
        assert server.get("/")[0] == 200
        wait_for(lambda: crowd.open_lines() == 19)


def test_when_all_connections_are_in_use_the_next_one_is_reported(serve):
    server = serve(connections=20, threads=30, running_per_client=30)

    with Crowd(server.address, 19, request("/wait")):
        wait_for(lambda: server.waiting() == 19)
        with server.connect() as last:
            last.sendall(request("/wait"))
            time.sleep(0.5)  # until the last one is in use, too
            answer = server.say(request("/", "Connection: close"))

    assert answer.startswith(b"HTTP/1.1 503")
    assert b"Try again" in answer


def test_half_a_request_is_waited_for_only_so_long(serve):
    server = serve(head_seconds=1.0)

    with Crowd(server.address, 150, half_a_request(), drip=b"X-More: 1\r\n", every=0.2) as crowd:
        assert server.get("/")[0] == 200
        wait_for(lambda: crowd.open_lines() == 0)

    assert {line.status for line in crowd.lines} == {408}
    assert crowd.lines[0].sentence == "The request took too long to arrive."


def test_a_second_half_request_on_a_kept_connection_is_no_better(serve):
    server = serve(head_seconds=1.0)

    with server.connect() as line:
        line.sendall(request("/"))
        read_until(line, b"hello\n")
        line.sendall(half_a_request())
        assert line.recv(65536).startswith(b"HTTP/1.1 408")


def test_an_endless_head_is_refused(serve):
    answer = serve().say(half_a_request() + b"X-Long: " + b"x" * 200_000)

    assert answer.startswith(b"HTTP/1.1 431")


AHEAD = {
    "an endless second head": (request("/wait") + half_a_request(), b"X-More: " + b"x" * 8_000 + b"\r\n"),
    "an endless header": (request("/wait") + half_a_request() + b"X-Long: ", b"x" * 8_000),
    "endless trailers": (
        request("/echo", "Transfer-Encoding: chunked", method="POST") + b"1\r\na\r\n0\r\n",
        b"X-More: " + b"x" * 8_000 + b"\r\n",
    ),
    "many small requests": (request("/wait"), request("/") * 20),
}


def send_on(line, data):
    for _ in range(5_000):
        line.sendall(data)
    line.recv(1)


@pytest.mark.parametrize(("begin", "more"), AHEAD.values(), ids=AHEAD.keys())
def test_what_is_sent_ahead_without_end_ends_the_connection(serve, begin, more):
    server = serve()
    before = server.memory_mb()

    with server.connect() as line:
        line.settimeout(10)
        line.sendall(begin)
        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            send_on(line, more)
        assert server.memory_mb() - before < 10
        assert server.get("/")[0] == 200


def test_a_body_in_many_small_chunks_is_no_long_head(serve):
    body = (b"1\r\na\r\n" * 40_000) + b"0\r\n\r\n"

    received = serve().say(
        request("/echo", "Transfer-Encoding: chunked", "Connection: close", "Cookie: session=alice", method="POST")
        + body
    )

    assert b'"size": 40000' in received


def test_heads_of_requests_one_after_another_do_not_add_up(serve):
    with serve().connect() as line:
        for _ in range(10):
            line.sendall(request("/", "X-Long: " + "x" * 20_000))
            read_until(line, b"hello\n")


SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
BAD = {
    "length and chunks": b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": b"Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde",
    "no number": b"Content-Length: +4\r\n\r\nabcd",
    "unknown coding": b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "coding twice": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    "space before the colon": b"Content-Length : 4\r\n\r\nabcd",
    "folded line": b"X-A: b\r\n Transfer-Encoding: chunked\r\n\r\n",
    "bad chunk size": b"Transfer-Encoding: chunked\r\n\r\n0x4\r\nabcd\r\n0\r\n\r\n",
    "chunk longer than announced": b"Transfer-Encoding: chunked\r\n\r\n2\r\nabcd\r\n0\r\n\r\n",
    "zero byte": b"X-A: a\x00b\r\n\r\n",
    "bare carriage return": b"X-A: a\rContent-Length: 4\r\n\r\nabcd",
}


@pytest.mark.parametrize("rest", BAD.values(), ids=BAD.keys())
def test_a_request_that_two_servers_could_read_differently_is_refused(serve, rest):
    server = serve(head_seconds=2.0)

    received = server.say(b"POST /echo HTTP/1.1\r\nHost: 127.0.0.1\r\n" + rest + SMUGGLED)

    assert received.startswith(b"HTTP/1.1 400"), received
    assert received.count(b"HTTP/1.1") == 1


def test_a_header_with_an_underscore_is_no_other_header(serve):
    _, _, body = serve().request("GET", "/seen", headers={"X_Forwarded_For": "1.2.3.4", "X-Real": "5"})

    assert b"HTTP_X_REAL" in body
    assert b"1.2.3.4" not in body


def test_requests_in_one_go_are_answered_in_their_order(serve):
    received = serve().say(request("/seen?1") + request("/seen?2") + request("/seen?3", "Connection: close"))

    assert [received.count(b'"QUERY_STRING": "%d"' % number) for number in (1, 2, 3)] == [1, 1, 1]
    assert received.index(b'"1"') < received.index(b'"2"') < received.index(b'"3"')


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_server_ends_in_time_whatever_goes_on(serve, number):
    """A thread that never ends, readers that do not read, requests that do not come."""
    server = serve(drain_seconds=1, exit_seconds=3.0)

    with (
        Crowd(server.address, 2, request("/wait")),
        Crowd(server.address, 2, request("/stream?40"), reads=False),
        Crowd(server.address, 5, half_a_request()),
        Crowd(server.address, 5, request("/")),
    ):
        time.sleep(1)
        begun = time.monotonic()
        server.process.send_signal(number)
        server.process.wait(30)

    assert time.monotonic() - begun < 10
