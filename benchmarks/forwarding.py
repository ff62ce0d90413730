"""What taking and forwarding a document costs, as ratios to the least that does the same: a plain view, and curl."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import requests

from benchmarks._measuring import Report, cpu_seconds, forget_peak, median_of_runs, p95, pdf_of, peak_mb, session_of
from tests.faults.processes import KEY, Person, Portal, Process, answers
from tests.running import ROOT, free_port, wait_for

MEGABYTE = 1024 * 1024
LARGEST_MB = 200
Send = Callable[[bytes], object]
SETTINGS = {"UPLOAD_MAX_MB": str(LARGEST_MB + 50), "DRAFTS_MAX_FILES": "100000", "LOG_LEVEL": "WARNING"}


class Yardstick:
    """A minimal view that streams, hashes, syncs and inserts, behind the same server."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}/upload/"
        command = [sys.executable, "-m", "benchmarks._yardstick", str(port), str(folder)]
        self.process = Process("yardstick", command, dict(os.environ), folder / "yardstick.log")
        self.process.start()
        wait_for(lambda: answers(self.url), 20)
        self.session = requests.Session()

    def upload(self, content: bytes) -> None:
        files = {"document": ("measured.pdf", content, "application/pdf")}
        assert self.session.post(self.url, files=files, timeout=120).status_code == 201


class Browser(Person):
    """Sends as the page's own script does, one request for one document."""

    def __init__(self, portal: Portal) -> None:
        super().__init__(portal)
        self.sign_in()
        page = self.session.get(f"{self.root}/extractions/new/", timeout=30).text
        self.form = self.form_of(page)

    def send(self, content: bytes, name: str = "measured.pdf") -> None:
        files = {"document": (name, content, "application/pdf")}
        url = f"{self.root}/extractions/new/"
        answer = self.session.post(url, data=self.form, files=files, headers={"HX-Request": "true"}, timeout=300)
        assert answer.status_code == 200, answer.text


def main() -> int:
    missing = [name for name in ("curl",) if shutil.which(name) is None]
    if missing:
        print(f"Skipped: {', '.join(missing)} is not installed.")
        return 0
    report = Report()
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        with portal_in(Path(name) / "taking", workers=0, job_seconds=1) as portal:
            taking(report, portal, Path(name))
            cpu_of_forwarding(report, portal, Path(name))
        with portal_in(Path(name) / "forwarding", workers=1, job_seconds=0.5) as portal:
            forwarding(report, portal, Path(name))
    return 1 if report.missed else 0


@contextlib.contextmanager
def portal_in(
    folder: Path, *, workers: int, job_seconds: float, hook: bool = False, **settings: str
) -> Iterator[Portal]:
    """`hook`: the service rings when a document has ended."""
    folder.mkdir()
    plan = {"job_seconds": [job_seconds, job_seconds]}
    portal = Portal(folder, workers, "", settings=SETTINGS | settings)
    noise = {"webhook": {"twice": 0.3, "early": 0.2, "forged": 0.2}}
    webhooks = {"webhook": portal.hook, "webhook_delay": [0, 0.3], "rates": noise}
    portal.plan = json.dumps(plan | (webhooks if hook else {}))
    portal.prepare()
    try:
        portal.start()
        yield portal
    finally:
        portal.stop()


def taking(report: Report, portal: Portal, folder: Path) -> None:
    """Accepting an upload, beside the plain view. Both are warm; they take turns, so that both see the same machine."""
    browser, yardstick = Browser(portal), Yardstick(folder)
    web = pid_of(portal.web)
    plain = pid_of(yardstick.process)
    for size in (MEGABYTE // 10, MEGABYTE):
        warm(browser, yardstick)

        def accepting(size: int = size) -> tuple[float, str]:
            ours, theirs = [], []
            for content in [pdf_of(size) for _ in range(30)]:
                theirs.append(cpu_of(plain, yardstick.upload, content))
                ours.append(cpu_of(web, browser.send, content))
            detail = f"{1000 * statistics.mean(ours):.0f} ms against {1000 * statistics.mean(theirs):.0f} ms"
            return sum(ours) / max(sum(theirs), 1e-9), detail

        ratio, detail = median_of_runs(accepting)
        goal = "<= 3" if size == MEGABYTE else ""
        report.line(f"CPU to accept {size / MEGABYTE:.1f} MB / plain view", ratio, goal, "x", detail)

    def speed() -> tuple[float, str]:
        ours, theirs = [], []
        for content in [pdf_of(20 * MEGABYTE) for _ in range(5)]:
            theirs.append(seconds_of(yardstick.upload, content))
            ours.append(seconds_of(browser.send, content))
        detail = f"{20 / statistics.median(ours):.0f} MB/s against {20 / statistics.median(theirs):.0f} MB/s"
        return statistics.median(theirs) / statistics.median(ours), detail

    rate, detail = median_of_runs(speed)
    report.line("bytes/s of a 20 MB upload / plain view", rate, ">= 0.6", "x", detail)
    yardstick.process.stop()


def warm(browser: Browser, yardstick: Yardstick) -> None:
    for _ in range(3):
        content = pdf_of(50_000)
        browser.send(content)
        yardstick.upload(content)


def forwarding(report: Report, portal: Portal, folder: Path) -> None:
    """From the click to the complete form at the API, beside curl sending the same bytes straight there."""
    browser = Browser(portal)
    browser.send(pdf_of(50_000))
    wait_for(lambda: whole_forms(portal) >= 1, 30)
    ours, theirs = [], []
    for _ in range(41):
        content = pdf_of(200_000)
        theirs.append(delay(portal, partial(curl, portal, folder), content))
        ours.append(delay(portal, browser.send, content))
    for name, goal, of in (("median", "<= 250", statistics.median), ("p95", "<= 1200", p95)):
        detail = f"{1000 * of(ours):.0f} ms against {1000 * of(theirs):.0f} ms"
        what = f"click to complete form at the API, more than curl, {name}"
        report.line(what, 1000 * (of(ours) - of(theirs)), goal, " ms", detail)
    memory(report, portal, browser)


def cpu_of_forwarding(report: Report, portal: Portal, folder: Path) -> None:
    """20 MB: a worker's whole step (claim, stream, gate, answer), and curl with the same bytes. No worker runs."""
    browser = Browser(portal)
    ratio, detail = median_of_runs(lambda: forwarding_once(portal, browser, folder))
    report.line("CPU to forward 20 MB / curl -F", ratio, "<= 3", "x", detail)


def forwarding_once(portal: Portal, browser: Browser, folder: Path) -> tuple[float, str]:
    contents = [pdf_of(20 * MEGABYTE) for _ in range(8)]
    theirs = []
    for content in contents:
        before = os.times()
        curl(portal, folder, content)
        after = os.times()
        theirs.append(after.children_user + after.children_system - before.children_user - before.children_system)
        browser.send(content)
    hashes = [hashlib.sha256(content).hexdigest() for content in contents]
    command = [sys.executable, "-m", "tests.faults.one_step", "forward", *hashes]
    done = subprocess.run(command, cwd=ROOT, env=portal.environment, capture_output=True, text=True, check=True)
    # The first one warms up: connections, caches of compiled queries.
    ours = [float(line.split()[1]) for line in done.stdout.splitlines()][1:]
    detail = f"{1000 * statistics.mean(ours):.0f} ms against {1000 * statistics.mean(theirs):.0f} ms"
    return statistics.mean(ours) / statistics.mean(theirs), detail


def memory(report: Report, portal: Portal, browser: Browser) -> None:
    """The peak of the long-lived processes while a file goes through; their children come and go."""
    processes = {"web": pid_of(portal.web), "worker": pid_of(portal.processes[1])}
    peaks: dict[str, list[float]] = {name: [] for name in processes}
    for megabytes in (1, LARGEST_MB):
        content = pdf_of(megabytes * MEGABYTE)
        for pid in processes.values():
            forget_peak(pid)
        forms = whole_forms(portal)
        browser.send(content)
        wait_for_form_after(portal, forms)
        time.sleep(1)
        for name, pid in processes.items():
            peaks[name].append(peak_mb(pid))
    for name, (small, large) in peaks.items():
        detail = f"{small:.0f} MB and {large:.0f} MB"
        report.line(f"memory of {name}, {LARGEST_MB} MB file against 1 MB", large - small, "<= 10", " MB", detail)


def curl(portal: Portal, folder: Path, content: bytes) -> None:
    document = folder / "curl.pdf"
    document.write_bytes(content)
    form = ["-F", 'metadata={"portal_key": "curl"}', "-F", "server=FR-1", "-F", f"document=@{document}"]
    command = ["curl", "-s", "-f", "-o", "/dev/null", "-H", f"Authorization: {KEY}", *form, f"{portal.api}/extract/"]
    subprocess.run(command, check=True, cwd=ROOT)


def delay(portal: Portal, send: Send, content: bytes) -> float:
    """Seconds until the API has the whole form, which both clocks of this machine agree on."""
    forms = whole_forms(portal)
    begun = time.time()
    send(content)
    wait_for_form_after(portal, forms)
    return float([at for at, kind, _, _ in portal.journal()["entries"] if kind == "whole"][-1]) - begun


def whole_forms(portal: Portal) -> int:
    return int(portal.journal()["kinds"].get("whole", 0))


def wait_for_form_after(portal: Portal, forms: int) -> None:
    wait_for(lambda: whole_forms(portal) > forms, 120)


def cpu_of(leader: int, send: Send, content: bytes) -> float:
    pids = session_of(leader)
    before = cpu_seconds(*pids)
    send(content)
    return cpu_seconds(*{*pids, *session_of(leader)}) - before


def seconds_of(send: Send, content: bytes) -> float:
    begun = time.perf_counter()
    send(content)
    return time.perf_counter() - begun


def pid_of(process: Process) -> int:
    assert process.running is not None, process.name
    return process.running.pid


if __name__ == "__main__":
    sys.exit(main())
