"""How soon the worker begins to send, beside the least that could: an insert, a datagram, a connection."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

from benchmarks._measuring import Report, pdf_of
from tests.faults.processes import Portal, own_database
from tests.running import ROOT, wait_for

DOCUMENTS = 20
APART = 0.35  # seconds, so that each finds a worker that sleeps
POSTGRES_URL = os.environ.get("TEST_POSTGRES_URL", "postgres://postgres@127.0.0.1:5432/postgres")
PLAN = '{"job_seconds": [600, 600]}'


def main() -> int:
    report = Report()
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        least = Yardstick(folder).measure()
        with own_database_if_any() as url:
            for database in ("SQLite", "PostgreSQL"):
                if database == "PostgreSQL" and not url:
                    print("Skipped on PostgreSQL: none answers.")
                    continue
                ones, crowd = reactions(folder / database, url if database == "PostgreSQL" else "")
                line(report, database, ones, least)
                mean = 1000 * statistics.median(crowd)
                report.line(f"the same of {DOCUMENTS} without a pause on {database}, median", mean, "", " ms")
    return 1 if report.missed else 0


def line(report: Report, database: str, ours: list[float], least: list[float]) -> None:
    mean = statistics.median(ours)
    detail = f"longest {1000 * max(ours):.0f} ms; insert, datagram, connection {1000 * statistics.median(least):.1f} ms"
    report.line(f"received to sending begun on {database}, median", 1000 * mean, "<= 50", " ms", detail)
    report.line(f"received to sending begun on {database} / the least", mean / statistics.median(least), "", "x")


def reactions(folder: Path, database_url: str) -> tuple[list[float], list[float]]:
    """Seconds between "received" and the first bytes of the document at the API; both clocks are this machine's.

    First of documents that come one by one, then of as many that come without a pause.
    """
    folder.mkdir()
    portal = Portal(folder, 1, PLAN, database_url, {"LOG_LEVEL": "WARNING"})
    portal.prepare()
    try:
        portal.start()
        upload(portal, folder, 2)  # warms up: connections, caches of compiled queries
        wait_for(lambda: len(begun(portal)) == 2)
        received = upload(portal, folder, DOCUMENTS, APART) + upload(portal, folder, DOCUMENTS)
        wait_for(lambda: len(begun(portal)) == 2 + 2 * DOCUMENTS)
        waited = [at - since for since, at in zip(received, begun(portal)[2:], strict=True)]
        return waited[:DOCUMENTS], waited[DOCUMENTS:]
    finally:
        portal.stop()


def upload(portal: Portal, folder: Path, count: int, apart: float = 0.0) -> list[float]:
    """Through the code of the upload page, one after the other; when each was received."""
    words = []
    for _ in range(count):
        content = pdf_of(20_000)
        file = folder / f"{hashlib.sha256(content).hexdigest()}.pdf"
        file.write_bytes(content)
        words += [str(file), file.stem]
    command = [sys.executable, "-m", "tests.faults.one_step", "upload", *words]
    environment = portal.environment | {"PAUSE": str(apart)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return [float(at) for at in re.findall(r"RECEIVED \S+ (\S+)", done.stdout)]


def begun(portal: Portal) -> list[float]:
    return [float(at) for at, kind, _, _ in portal.journal()["entries"] if kind == "create"]


class Yardstick:
    """A row that is committed to disk, a datagram to somebody who sleeps, and a connection that it opens."""

    def __init__(self, folder: Path) -> None:
        self.database = sqlite3.connect(folder / "least.sqlite3", isolation_level=None)
        self.database.execute("PRAGMA journal_mode=WAL")
        self.database.execute("PRAGMA synchronous=FULL")
        self.database.execute("CREATE TABLE document (name TEXT)")
        self.server = socket.create_server(("127.0.0.1", 0))
        self.bell, self.sleeper = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)

    def measure(self) -> list[float]:
        threading.Thread(target=self._answer, daemon=True).start()
        return [self._once() for _ in range(3 * DOCUMENTS)]

    def _once(self) -> float:
        since = time.perf_counter()
        self.database.execute("INSERT INTO document VALUES ('a')")
        self.bell.send(b"ring")
        connection, _ = self.server.accept()
        connection.recv(1)
        connection.close()
        return time.perf_counter() - since

    def _answer(self) -> None:
        while self.sleeper.recv(10):
            with socket.create_connection(self.server.getsockname()) as connection:
                connection.send(b"x")


@contextlib.contextmanager
def own_database_if_any() -> Iterator[str]:
    try:
        psycopg.connect(POSTGRES_URL, connect_timeout=2).close()
    except psycopg.Error:
        yield ""
        return
    with own_database(POSTGRES_URL) as url:
        yield url


if __name__ == "__main__":
    sys.exit(main())
