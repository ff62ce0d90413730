"""The whole product as a person starts it: real processes, a data folder and ports of their own."""

from __future__ import annotations

import contextlib
import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from tests.migrated import copy_migrated_database

Found = TypeVar("Found")
ROOT = Path(__file__).resolve().parents[1]


PATIENCE = 120.0
"""Seconds after which something will not happen any more, on a machine that is busy with other things, too."""


def free_port() -> int:
    """One that stays free until a server takes it: the kernel gives none below 32768 to anybody who did not ask."""
    while True:
        port = random.randrange(10_000, 32_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def wait_for(condition: Callable[[], Found], seconds: float = PATIENCE) -> Found:
    """What the condition answers as soon as that is true."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError(f"did not happen within {seconds} s")


class RunningPortal:
    """`manage.py up` with its children. `address` is what it printed, `root` the address without a path."""

    def __init__(self, data_dir: Path, *, from_nothing: bool = False, **environment: str) -> None:
        """With `from_nothing` it makes its tables itself, which takes a while."""
        self.data_dir = data_dir
        self.log: list[str] = []
        self.environment = os.environ | {
            "DATA_DIR": str(data_dir),
            "DATABASE_URL": f"sqlite:///{data_dir}/portal.sqlite3",
            "PORTAL_PORT": str(free_port()),
            "ENGINE_PORT": str(free_port()),
            "ANESYA_BASE_URL": "",
            "PYTHONUNBUFFERED": "1",
        }
        self.environment |= environment
        database = data_dir / "portal.sqlite3"
        if not from_nothing and not database.exists():
            copy_migrated_database(database)
        self.log_file = data_dir / "log"
        with self.log_file.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "up"], cwd=ROOT, env=self.environment, stdout=log, stderr=log
            )
        try:
            self.address = wait_for(self._address, 4 * PATIENCE)
        except AssertionError:
            self.stop()
            raise
        self.root = "/".join(self.address.split("/")[:3])

    def _address(self) -> str:
        found = re.search(r"Open (http://\S+)", self.log_file.read_text())
        if not found and self.process.poll() is not None:
            raise AssertionError(self.log_file.read_text())
        return found.group(1) if found else ""

    def children(self) -> list[int]:
        """The pids of web, worker and engine, in the order in which they were started."""
        pid = self.process.pid
        return sorted(int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split())

    def processes(self) -> list[int]:
        """Every process that was started for this data folder and still runs, children of children too."""
        mark = f"DATA_DIR={self.data_dir}\0".encode()
        found = []
        for folder in Path("/proc").iterdir():
            with contextlib.suppress(OSError, ValueError):
                if mark in (folder / "environ").read_bytes():
                    found.append(int(folder.name))
        return found

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(timeout=PATIENCE)
        finally:
            for pid in self.processes():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
