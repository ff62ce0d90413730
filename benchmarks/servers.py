"""Web servers beside each other: what one slow or idle client of each kind does to everybody else.

The portal's own front is measured like any other server. Others are measured where they are installed.
"""

from __future__ import annotations

import http.client
import importlib.util
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks._measuring import cpu_seconds, p95, session_of
from tests.attacks.sockets import Crowd, half_a_request, request
from tests.running import ROOT, free_port, wait_for

RUNS, LOOKS = 5, 40
SHUT = 5.0  # seconds after which a page counts as not served
OURS = (
    "import sys; from django.conf import settings; settings.configure(USE_I18N=False); "
    "from benchmarks._served import application; from portal.serving import serve; "
    "serve(application, '127.0.0.1', int(sys.argv[1]), threads=8)"
)
WAITRESS = (
    "import sys, waitress; from benchmarks._served import application; "
    "waitress.serve(application, host='127.0.0.1', port=int(sys.argv[1]), threads=8, _quiet=True, {more})"
)
TUNED = "asyncore_use_poll=True, connection_limit=8000, channel_timeout=20, outbuf_high_watermark=1 << 30"
CHEROOT = (
    "import sys; from cheroot.wsgi import Server; from benchmarks._served import application; "
    "Server(('127.0.0.1', int(sys.argv[1])), application, numthreads=8).start()"
)
WSGI, ASGI = "benchmarks._served:application", "benchmarks._served:asgi"


def candidates(port: int) -> dict[str, tuple[str, list[str]]]:
    """By name: the module that must be installed, and the arguments to Python."""
    at = ["--host", "127.0.0.1", "--port", str(port)]
    bind = ["--bind", f"127.0.0.1:{port}"]
    return {
        "the portal's": ("uvicorn", ["-c", OURS, str(port)]),
        "waitress": ("waitress", ["-c", WAITRESS.format(more=""), str(port)]),
        "waitress, tuned": ("waitress", ["-c", WAITRESS.format(more=TUNED), str(port)]),
        "uvicorn + a2wsgi": ("a2wsgi", ["-m", "uvicorn", *at, "--factory", "--log-level", "critical", ASGI]),
        "hypercorn": ("hypercorn", ["-m", "hypercorn", *bind, WSGI.replace("benchmarks", "wsgi:benchmarks")]),
        "granian": (
            "granian",
            ["-m", "granian", *at, "--interface", "wsgi", "--blocking-threads", "8", "--no-log", WSGI],
        ),
        "gunicorn gthread": ("gunicorn", ["-m", "gunicorn", *bind, "-k", "gthread", "--threads", "8", WSGI]),
        "cheroot": ("cheroot", ["-c", CHEROOT, str(port)]),
    }


@dataclass(frozen=True, slots=True)
class Attack:
    """A crowd, and how long it stays before others are asked how they fare."""

    name: str
    count: int
    opening: bytes
    drip: bytes = b""
    every: float = 10.0
    reads: bool = True
    before: float = 1.0


SLOW_BODY = request("/upload", f"Content-Length: {40 << 20}", "Content-Type: application/octet-stream", method="POST")
ATTACKS = (
    Attack("idle connections", 2000, request("/health")),
    Attack("half-open requests", 150, half_a_request(), drip=b"X-More: 1\r\n"),
    Attack("slow uploads", 16, SLOW_BODY, drip=bytes(1024), every=0.05),
    Attack("slow readers", 16, request("/download"), reads=False),
)


class Server:
    """One candidate, as a process with its children."""

    def __init__(self, arguments: list[str], port: int) -> None:
        self.address = ("127.0.0.1", port)
        self.process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        wait_for(lambda: self.seconds_of("/health") < SHUT, 30)

    def seconds_of(self, path: str) -> float:
        """How long an answer takes over a new connection; `SHUT` if none comes until then."""
        begun = time.perf_counter()
        line = http.client.HTTPConnection(*self.address, timeout=SHUT)
        try:
            line.request("GET", path)
            line.getresponse().read()
        except (OSError, http.client.HTTPException):
            if time.perf_counter() - begun < 0.05:
                time.sleep(0.05)
            return SHUT
        finally:
            line.close()
        return time.perf_counter() - begun

    def p95_of_pages(self) -> float:
        times: list[float] = []
        while len(times) < LOOKS and times.count(SHUT) < 2:
            times.append(self.seconds_of("/page"))
        return SHUT if times.count(SHUT) > 1 else p95(times)

    def memory_mb(self) -> float:
        pages = 0
        for pid in session_of(self.process.pid):
            with suppress(OSError):
                pages += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    def cpu(self) -> float:
        return cpu_seconds(*session_of(self.process.pid))

    def stop(self) -> float:
        """Seconds until SIGTERM has ended it; 15 if it had to be killed."""
        begun = time.monotonic()
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        return time.monotonic() - begun


def measure(make: Callable[[], Server], attack: Attack) -> dict[str, float]:
    """One run: idle, then during the attack, then the end of it all."""
    server = make()
    try:
        idle, memory = server.p95_of_pages(), server.memory_mb()
        with Crowd(server.address, attack.count, attack.opening, attack.drip, attack.every, attack.reads):
            time.sleep(attack.before)
            cpu, begun = server.cpu(), time.monotonic()
            time.sleep(1)
            share = (server.cpu() - cpu) / (time.monotonic() - begun)
            busy, more = server.p95_of_pages(), server.memory_mb() - memory
            return {"busy": busy, "idle": idle, "memory": more, "cpu": 100 * share, "stop": server.stop()}
    finally:
        if server.process.poll() is None:
            server.stop()


def main() -> int:
    chosen = sys.argv[1:]
    print(f"{'server':<18}{'attack':<20}{'p95 of pages / idle':<24}{'memory':>9}{'CPU':>7}{'SIGTERM':>9}")
    for name, (module, _) in candidates(0).items():
        if chosen and name not in chosen:
            continue
        if importlib.util.find_spec(module) is None:
            print(f"{name:<18}skipped: {module} is not installed here")
            continue
        for attack in ATTACKS:
            report(name, attack)
    return 0


def report(name: str, attack: Attack) -> None:
    def make() -> Server:
        port = free_port()
        return Server(candidates(port)[name][1], port)

    runs = [measure(make, attack) for _ in range(int(os.environ.get("RUNS", RUNS)))]
    shut = sum(run["busy"] >= SHUT for run in runs)
    ratios = statistics.median(run["busy"] / run["idle"] for run in runs)
    told = f"shut in {shut} of {len(runs)}" if shut > len(runs) // 2 else f"{ratios:.1f} x"
    middle = {key: statistics.median(run[key] for run in runs) for key in ("memory", "cpu", "stop")}
    print(
        f"{name:<18}{attack.name:<20}{told:<24}{middle['memory']:>6.0f} MB"
        f"{middle['cpu']:>5.0f} %{middle['stop']:>7.1f} s",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
