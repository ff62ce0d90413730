"""What waiting for a document costs: calls to the API, the time until a page shows the end, and what idling takes."""

from __future__ import annotations

import hashlib
import json
import re
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

import requests

from benchmarks._measuring import Report, cpu_seconds, p95, pdf_of, session_of
from benchmarks.forwarding import Browser, pid_of, portal_in
from tests.faults.processes import Portal
from tests.running import wait_for

DOCUMENTS = 20
APART = 1.3  # seconds, so that the ends do not all meet the same beat of the polls
EXTRACTION_SECONDS = 41
PAGE_POLLS_EVERY = 2.0
IDLE_SECONDS = 20.0
OVER = {"EXTRACTED", "FAILED"}


class Page:
    """The page after the button, in a browser: asks for news as its script does, and notes when each end is shown."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._url = f"{browser.root}/extractions/new/?sent={browser.form['batch']}"
        self._stop = threading.Event()
        self._tag = ""
        self.seen: dict[str, float] = {}
        """Names of documents, and when the page first showed that they had ended."""
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._stop.wait(PAGE_POLLS_EVERY):
            headers = {"HX-Request": "true"} | ({"If-None-Match": self._tag} if self._tag else {})
            answer = self._browser.session.get(self._url, headers=headers, timeout=30)
            if answer.content:  # unchanged: nothing; at the end 286, by which htmx stops asking
                self._tag = answer.headers.get("ETag", "")
                self._read(answer.text, time.time())

    def _read(self, page: str, now: float) -> None:
        for state, name in re.findall(r'data-state="([A-Z]+).*?class="row-link".*?title="([^"]+)"', page, re.DOTALL):
            if any(state.startswith(over) for over in OVER):
                self.seen.setdefault(name, now)

    def close(self) -> None:
        self._stop.set()
        self._thread.join()


def main() -> int:
    report = Report()
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        for hook, gets, late in ((False, "<= 16", "<= 6"), (True, "<= 4", "<= 3")):
            folder = Path(name) / ("with-hook" if hook else "asking")
            with portal_in(folder, workers=1, job_seconds=EXTRACTION_SECONDS, hook=hook) as portal:
                if not hook:
                    idle(report, portal, "before any document")
                following(report, portal, "with a webhook" if hook else "by asking", gets, late)
                if not hook:
                    idle(report, portal, "when all is done")
    return 1 if report.missed else 0


def following(report: Report, portal: Portal, how: str, gets_goal: str, late_goal: str) -> None:
    browser = Browser(portal)
    warm(portal)
    page = Page(browser)
    names = {}
    for number in range(DOCUMENTS):
        content = pdf_of(20_000)
        name = f"followed-{number}.pdf"
        names[hashlib.sha256(content).hexdigest()] = name
        browser.send(content, name)
        time.sleep(APART)
    wait_for(lambda: len(page.seen) == DOCUMENTS, EXTRACTION_SECONDS + 60)
    page.close()
    entries = portal.journal()["entries"]
    paid = [json.loads(line) for line in portal.ledger.read_text().splitlines()]
    charged = {item["sha256"]: item for item in paid if item["sha256"] in names}
    reads = [
        sum(kind == "read" and subject == item["id"] for _, kind, _, subject in entries) for item in charged.values()
    ]
    posts = sum(kind == "create" for _, kind, _, _ in entries) / len(paid)
    report.line(f"GETs for an extraction of {EXTRACTION_SECONDS} s, {how}", max(reads), gets_goal, "", "the most")
    report.line(f"POSTs for a document, {how}", posts, "<= 1.02")
    behind = [page.seen[names[sha256]] - one["at"] - EXTRACTION_SECONDS for sha256, one in charged.items()]
    detail = f"median {statistics.median(behind):.1f} s; the page asks every {PAGE_POLLS_EVERY:.0f} s"
    report.line(f"FINISHED at the API to shown on the page, p95, {how}", p95(behind), late_goal, " s", detail)


def warm(portal: Portal) -> None:
    """One short document, by which the worker also learns whether the service rings."""
    requests.post(f"{portal.api}/control/", json={"job_seconds": [1, 1]}, timeout=30).raise_for_status()
    short = Browser(portal)
    short.send(pdf_of(20_000))
    page = Page(short)
    wait_for(lambda: page.seen, 60)
    page.close()
    plan = {"job_seconds": [EXTRACTION_SECONDS, EXTRACTION_SECONDS]}
    requests.post(f"{portal.api}/control/", json=plan, timeout=30).raise_for_status()


def idle(report: Report, portal: Portal, when: str) -> None:
    time.sleep(5)
    pids = [pid for process in portal.processes for pid in session_of(pid_of(process))]
    used, begun = cpu_seconds(*pids), time.monotonic()
    time.sleep(IDLE_SECONDS)
    share = 100 * (cpu_seconds(*pids) - used) / (time.monotonic() - begun)
    report.line(f"idle web and worker, {when}", share, "<= 2", " %", "of one core")


if __name__ == "__main__":
    sys.exit(main())
