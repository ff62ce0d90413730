"""Backups of a portal, put back as administrators do it: by copying over what is there."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import subprocess
import time
from pathlib import Path

from tests.faults.judging import is_doubted, rows_of
from tests.faults.processes import Portal
from tests.running import PATIENCE, wait_for

GO_ON = (
    "from extractions.forwarding.steps.clone_guard import confirm_sole_copy; from portal.people.models import User; "
    "confirm_sole_copy(User.objects.order_by('pk').first())"
)
OURS = ("ledger", "*.log", "*.sqlite3-wal", "*.sqlite3-shm", "wakeup")
"""What is no part of a backup: the ledger of the API, logs, sockets, and what belongs to open databases."""


class Backup:
    """Taken while nothing runs. The ledger of the API is no part of it: the service forgets nothing."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self.place = portal.folder.with_name(f"{portal.folder.name}-backup")

    @property
    def _dump(self) -> Path:
        return self.place / "database.dump"

    def take(self) -> None:
        self._stop()
        if self.portal.database_url.startswith("sqlite"):
            # Those who were killed left a part of it in the write-ahead log.
            with contextlib.closing(sqlite3.connect(self.portal.folder / "portal.sqlite3")) as database:
                database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.rmtree(self.place, ignore_errors=True)
        shutil.copytree(self.portal.folder, self.place, ignore=shutil.ignore_patterns(*OURS))
        if not self.portal.database_url.startswith("sqlite"):
            _run("pg_dump", "-Fc", "-f", str(self._dump), self.portal.database_url)
        self._start()

    def put_back(self) -> tuple[set[str], bool]:
        """Over the folder and the database that are there. What the portal has forgotten by that, and whether it
        noticed before it sent anything."""
        self._stop()
        before = {row["sha256"] for row in rows_of(self.portal.database_url)}
        for pattern in ("*.sqlite3-wal", "*.sqlite3-shm"):
            for left in self.portal.folder.glob(pattern):
                left.unlink()
        _run("cp", "-a", f"{self.place}/.", f"{self.portal.folder}/")
        if not self.portal.database_url.startswith("sqlite"):
            url = self.portal.database_url
            _run("pg_restore", "--clean", "--if-exists", "--no-owner", "-d", url, str(self._dump))
        after = {row["sha256"] for row in rows_of(self.portal.database_url)}
        self._start()
        noticed = self._is_noticed()
        if noticed:
            self.portal.manage("shell", "--verbosity", "0", "--command", GO_ON)
        return before - after, noticed

    def _is_noticed(self) -> bool:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if is_doubted(self.portal.database_url):
                return True
            time.sleep(0.2)
        return False

    def _stop(self) -> None:
        """All of each process, isolated senders too: nobody writes while it is copied."""
        for process in self.portal.processes:
            process.stop()

    def _start(self) -> None:
        for process in self.portal.processes:
            process.start()
        wait_for(lambda: all(process.alive for process in self.portal.processes), PATIENCE)


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stdout}{done.stderr}")
