"""What watching costs, and whether others still get answers while much is uploaded."""

from __future__ import annotations

import http.client
import secrets
import socket
import statistics
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import requests

from benchmarks._measuring import Report, cpu_seconds, forget_peak, median_of_runs, pdf_of, peak_mb
from benchmarks.forwarding import Browser, Yardstick, pid_of, portal_in
from tests.faults.processes import Portal

VIEWERS, EVERY = 200, 2.0  # people, seconds
POLLS = 600
SLOW_UPLOADS = 16
SMALL_FILES = 500
LOOKS = 60  # pages of somebody else from which a p95 comes


def main() -> int:
    report = Report()
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as name,
        portal_in(Path(name) / "portal", workers=0, job_seconds=1) as portal,
    ):
        browser = Browser(portal)
        for _ in range(8):
            browser.send(pdf_of(20_000))
        yardstick = Yardstick(Path(name))
        watching(report, portal, browser, yardstick)
        yardstick.process.stop()
        # Signed in before anything is measured: to look at a password takes 100 MB for a moment.
        other = Browser(portal)
        ratio, detail = median_of_runs(lambda: slow_uploads(browser, other))
        report.line(f"p95 of others during {SLOW_UPLOADS} slow uploads / idle", ratio, "<= 2", "x", detail)
        runs: list[Many] = []
        ratio, detail = median_of_runs(lambda: many_files(portal, browser, other, runs))
        report.line(f"p95 of others during {SMALL_FILES} files / idle", ratio, "<= 2", "x", detail)
        many_told(report, runs)
    return 1 if report.missed else 0


def watching(report: Report, portal: Portal, browser: Browser, yardstick: Yardstick) -> None:
    """Polls of three pages where nothing changes, beside as many requests to a view that does nothing."""
    batch = browser.form["batch"]
    plain = cpu_of_each(pid_of(yardstick.process), lambda: yardstick.session.get(yardstick.url, timeout=30))
    pages = {"list of sent documents": f"/extractions/new/?sent={batch}", "dashboard": "/", "list": "/extractions/"}
    for page, path in pages.items():
        first = browser.session.get(browser.root + path, headers={"HX-Request": "true"}, timeout=30)
        headers = {"HX-Request": "true", "If-None-Match": first.headers["ETag"]}
        fresh = {"count": 0}

        def poll(path: str = path, headers: dict[str, str] = headers, fresh: dict[str, int] = fresh) -> None:
            answer = browser.session.get(browser.root + path, headers=headers, timeout=30)
            if answer.status_code != 304:  # some tell everything anew now and then
                fresh["count"] += 1
                headers["If-None-Match"] = answer.headers["ETag"]

        cpu = cpu_of_each(pid_of(portal.web), poll)
        share = 100 * cpu * VIEWERS / EVERY
        detail = f"{1000 * cpu:.2f} ms a poll; {cpu / plain:.1f} x an empty view; {fresh['count']} of {POLLS} had news"
        report.line(f"{VIEWERS} viewers of the {page}, share of a core", share, "<= 20", " %", detail)
        report.line(f"bytes of an unchanged poll, {page}", bytes_of(browser, path, headers), "<= 300", " B")


def cpu_of_each(pid: int, ask: Callable[[], object]) -> float:
    for _ in range(20):
        ask()
    before = cpu_seconds(pid)
    for _ in range(POLLS):
        ask()
    return (cpu_seconds(pid) - before) / POLLS


def bytes_of(browser: Browser, path: str, headers: dict[str, str]) -> int:
    """The whole answer as it comes over the line."""
    host, port = browser.root.removeprefix("http://").split(":")
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in browser.session.cookies)
    lines = [f"GET {path} HTTP/1.1", f"Host: {host}:{port}", f"Cookie: {cookies}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    with socket.create_connection((host, int(port)), timeout=30) as line:
        line.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        received = b""
        while part := line.recv(65536):
            received += part
    assert received.startswith(b"HTTP/1.1 304"), received[:200]
    return len(received)


def p95_of_looks(other: Browser) -> float:
    """How long somebody else waits for the page of documents."""
    times = []
    for _ in range(LOOKS):
        begun = time.monotonic()
        assert other.session.get(f"{other.root}/extractions/", timeout=120).ok
        times.append(time.monotonic() - begun)
    return statistics.quantiles(times, n=20)[-1]


def slow_uploads(browser: Browser, other: Browser) -> tuple[float, str]:
    """Uploads that come drop by drop hold no thread of the server."""
    idle = p95_of_looks(other)
    over = threading.Event()
    threads = [threading.Thread(target=trickle, args=(browser, over)) for _ in range(SLOW_UPLOADS)]
    for thread in threads:
        thread.start()
    busy = p95_of_looks(other)
    over.set()
    for thread in threads:
        thread.join()
    return busy / idle, f"{1000 * busy:.0f} ms against {1000 * idle:.0f} ms"


def trickle(browser: Browser, over: threading.Event) -> None:
    host = browser.root.removeprefix("http://")
    line = http.client.HTTPConnection(host, timeout=60)
    line.putrequest("POST", "/extractions/new/files/")
    line.putheader("Cookie", "; ".join(f"{cookie.name}={cookie.value}" for cookie in browser.session.cookies))
    line.putheader("Content-Type", "multipart/form-data; boundary=slow")
    line.putheader("Content-Length", str(40 * 1024 * 1024))
    line.endheaders()
    while not over.wait(0.05):
        line.send(secrets.token_bytes(1024))
    line.close()


@dataclass(frozen=True, slots=True)
class Many:
    """One time that many files came."""

    seconds: float
    of_each: list[float]
    memory: float


def many_files(portal: Portal, browser: Browser, other: Browser, runs: list[Many]) -> tuple[float, str]:
    """Hundreds of small files at once, three at a time as the page sends them, while somebody else works."""
    web = pid_of(portal.web)
    contents = [pdf_of(3000) for _ in range(SMALL_FILES)]
    idle = p95_of_looks(other)
    forget_peak(web)
    before = peak_mb(web)
    looked: list[float] = []
    looking = threading.Thread(target=lambda: looked.append(p95_of_looks(other)))
    begun = time.monotonic()
    with ThreadPoolExecutor(3) as pool:
        futures = [pool.submit(put, browser, content) for content in contents[:50]]
        looking.start()
        futures += [pool.submit(put, browser, content) for content in contents[50:]]
        times = [future.result() for future in futures]
    runs.append(Many(time.monotonic() - begun, times, peak_mb(web) - before))
    looking.join()
    return looked[0] / idle, f"{1000 * looked[0]:.0f} ms against {1000 * idle:.0f} ms"


def many_told(report: Report, runs: list[Many]) -> None:
    """What else there is to say of them."""
    late = [statistics.median(run.of_each[-100:]) for run in runs]
    early = [statistics.median(run.of_each[20:120]) for run in runs]
    detail = f"{1000 * statistics.median(late):.0f} ms a file at the end"
    took = statistics.median(run.seconds for run in runs)
    report.line(f"seconds for {SMALL_FILES} small files", took, "", " s", detail)
    slower = statistics.median(one / other for one, other in zip(late, early, strict=True))
    report.line("a file at the end / at the beginning", slower, "<= 2", "x")
    report.line("memory of the web process that they took", max(run.memory for run in runs), "<= 20", " MB")


def put(browser: Browser, content: bytes) -> float:
    data = {"batch": browser.form["batch"], "key": str(uuid.uuid4())}
    data["csrfmiddlewaretoken"] = browser.form["csrfmiddlewaretoken"]
    begun = time.monotonic()
    answer = requests.post(
        f"{browser.root}/extractions/new/files/",
        data=data,
        files={"document": ("small.pdf", content, "application/pdf")},
        cookies=browser.session.cookies,
        headers={"HX-Request": "true"},
        timeout=300,
    )
    assert 'data-state="ready"' in answer.text, answer.text[:500]
    return time.monotonic() - begun


if __name__ == "__main__":
    sys.exit(main())
