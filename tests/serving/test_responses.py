"""A slow reader holds no thread; a reader who does not read at all is let go."""

import asyncio
import os
import resource
import socket

import pytest

from portal.serving.limits import Limits
from portal.serving.responses import Stream, StreamBudget
from tests.attacks.sockets import Crowd, request
from tests.running import wait_for
from tests.serving.conftest import read_all

MB = 1024 * 1024


def test_a_stream_arrives_whole(serve):
    status, headers, body = serve().get("/stream?30")

    assert (status, len(body)) == (200, 30 * MB)
    assert headers["Transfer-Encoding"] == "chunked"


def test_a_file_arrives_as_it_is(serve, tmp_path):
    content = os.urandom(5 * MB + 17)
    (tmp_path / "file").write_bytes(content)

    assert serve().get("/file")[2] == content


def test_the_head_of_a_file_comes_without_it(serve, tmp_path):
    (tmp_path / "file").write_bytes(bytes(5 * MB))

    status, headers, body = serve().request("HEAD", "/file")

    assert (status, headers["Content-Length"], body) == (200, str(5 * MB), b"")


def test_the_thread_of_a_slow_reader_is_free_again(serve, tmp_path):
    """The stream goes ahead of its reader, into a temporary file."""
    server = serve(threads=1)
    before = server.memory_mb()

    with Crowd(server.address, 4, request("/stream?40&done"), reads=False):
        wait_for((tmp_path / "done").exists)
        status = server.get("/")[0]
        more = server.memory_mb() - before

    assert status == 200
    assert more < 25


def test_a_stream_that_is_too_far_ahead_waits_for_its_reader(serve, tmp_path):
    server = serve(stream_on_disk=8 * MB)

    with server.connect() as line:
        line.sendall(request("/stream?40&done"))
        assert line.recv(10)
        assert not (tmp_path / "done").exists()
        received = 10
        while received < 40 * MB:
            received += len(line.recv(MB))

    wait_for((tmp_path / "done").exists)


def test_who_does_not_read_loses_the_connection(serve, tmp_path):
    server = serve(block_seconds=1.0, stream_on_disk=8 * MB)

    with server.connect() as line:
        line.sendall(request("/stream?40&done"))
        wait_for((tmp_path / "done").exists)
        received = read_all(line)

    assert len(received) < 40 * MB


def test_one_client_downloads_only_so_much_at_once(serve):
    server = serve(downloads_per_client=2)

    with Crowd(server.address, 2, request("/stream?40"), reads=False) as crowd:
        wait_for(lambda: all(line.connected for line in crowd.lines) and server.get("/stream?40")[0] == 429)
        status, headers, answer = server.get("/stream?40")
        page = server.get("/")[0]

    assert (status, page) == (429, 200)
    assert headers["Retry-After"]
    assert b"Wait until one of them has arrived" in answer


def test_an_application_that_fails_says_so_and_goes_on(serve):
    server = serve()

    assert server.get("/file")[0] == 500  # there is none
    assert server.get("/")[0] == 200
    assert "/file failed" in server.log.read_text()


def test_what_fails_in_the_middle_does_not_look_complete(serve):
    """A chunked answer without its end is an error to its reader."""
    received = serve().say(request("/stream?x"))

    assert not received.endswith(b"0\r\n\r\n")


def test_what_was_sent_is_carried_out_though_its_sender_has_left(serve, tmp_path):
    """A page saves while it is being left. What was only asked for is not worth the work any more."""
    server = serve(threads=1)

    with Crowd(server.address, 1, request("/wait")):
        wait_for(lambda: server.waiting() == 1)
        for opening in (
            request("/save?read"),
            *(request(f"/save?{number}", "Content-Length: 1", method="POST") + b"a" for number in range(20)),
        ):
            with server.connect() as line:
                line.sendall(opening)
                line.shutdown(socket.SHUT_WR)
                assert read_all(line) == b""  # the server has seen that its sender is gone
        assert server.get("/healthz?open")[0] == 200
        assert server.get("/save?last")[0] == 200

    assert all((tmp_path / f"saved-{number}").exists() for number in range(20))
    assert not (tmp_path / "saved-read").exists()


@pytest.mark.parametrize(
    "limit", [{"responses_per_client": 3}, {"response_bytes_per_client": 18 * MB}, {"response_bytes": 18 * MB}]
)
def test_answers_that_nobody_reads_are_limited(serve, limit):
    server = serve(buffered_response=8 * MB, **{"response_bytes_per_client": 99 * MB} | limit)

    with Crowd(server.address, 3, request("/large"), reads=False):
        wait_for(lambda: server.get("/large")[0] == 503)
        status, headers, _ = server.get("/large")
        page = server.get("/")[0]

    assert (status, headers["Retry-After"], page) == (503, "5", 200)
    wait_for(lambda: server.get("/large")[0] == 200)


def test_work_ends_when_its_reader_leaves(serve, tmp_path):
    server = serve()

    with server.connect() as line:
        line.sendall(request("/endless"))
        assert line.recv(10)

    wait_for((tmp_path / "ended").exists)


def test_a_file_is_not_read_to_its_end_for_a_reader_who_left(serve, tmp_path):
    with (tmp_path / "file").open("wb") as file:
        file.truncate(1024 * 1024 * MB)
    server = serve(downloads_per_client=1)

    with server.connect() as line:
        line.sendall(request("/file"))
        assert line.recv(10)
        assert server.get("/stream?1")[0] == 429

    wait_for(lambda: server.get("/stream?1")[0] == 200)


def test_a_failure_outside_of_the_application_is_written_to_the_log(serve):
    server = serve()

    server.say(request("/bad"))

    assert "/bad failed outside of the application" in server.log.read_text()


@pytest.mark.filterwarnings("error")
def test_a_full_disk_takes_nothing_of_what_others_may_use(tmp_path):
    limits, budget = Limits(stream_in_memory=1), StreamBudget(4 * MB)

    async def write():
        stream = Stream(limits, budget, tmp_path, lambda: False)
        stream.write(b"a")
        with pytest.raises(OSError, match="File too large"):
            stream.write(bytes(2 * MB))
        stream.abandon()

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (MB, hard))
    try:
        asyncio.run(write())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert budget.take(4 * MB)
