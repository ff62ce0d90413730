from __future__ import annotations

import contextlib
import http.client
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.running import ROOT, free_port, wait_for


class RunningServer:
    """The server with a small application, in a process of its own."""

    def __init__(self, folder, **limits):
        self.address = ("127.0.0.1", free_port())
        words = [f"{name}={value}" for name, value in limits.items()]
        command = [sys.executable, "-m", "tests.serving.application", str(self.address[1]), str(folder), *words]
        self.log = folder / "log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
        wait_for(self._answers)

    def _answers(self):
        with contextlib.suppress(OSError):
            return self.get("/")[0] == 200
        assert self.process.poll() is None, self.log.read_text()
        return False

    def get(self, path, **headers):
        return self.request("GET", path, headers=headers)

    def request(self, method, path, body=None, headers=None):
        """Status, headers and body of the answer."""
        line = http.client.HTTPConnection(*self.address, timeout=60)
        try:
            line.request(method, path, body, headers or {})
            answer = line.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            line.close()

    def connect(self, seconds=60):
        return contextlib.closing(socket.create_connection(self.address, timeout=seconds))

    def say(self, data, seconds=60):
        """Everything that comes back until the server closes; TimeoutError if nothing comes for so long."""
        with self.connect(seconds) as line:
            line.sendall(data)
            return read_all(line)

    def memory_mb(self):
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) / 256

    def waiting(self):
        """How many requests hold a thread, by /wait."""
        return int(self.get("/healthz")[2])

    def stop(self):
        """Seconds until SIGTERM has ended it."""
        begun = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        return time.monotonic() - begun


def read_until(line, wanted):
    """What comes until it holds what is wanted."""
    received = b""
    while wanted not in received:
        part = line.recv(65536)
        assert part, received
        received += part
    return received


def read_all(line):
    received = b""
    with contextlib.suppress(ConnectionResetError):
        while part := line.recv(65536):
            received += part
    return received


@pytest.fixture
def serve(tmp_path):
    """Starts servers with other limits than usual."""
    running = []

    def start(**limits):
        running.append(RunningServer(tmp_path, **limits))
        return running[-1]

    yield start
    for server in running:
        server.process.kill()
        server.process.wait()
