"""A real engine: a process with a data folder and a port of its own."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import requests

from tests.dialect import Dialect
from tests.fake_api import job_faults
from tests.running import PATIENCE, ROOT, wait_for

KEY = "a-key-for-tests"
INVOICE_SCHEMA = "8f2b1c9e-3d5a-4f0e-9b61-5a7c2e4d1f01"
CLASSIFIER = "8f2b1c9e-3d5a-4f0e-9b61-5a7c2e4d1f11"
WORKFLOW = "8f2b1c9e-3d5a-4f0e-9b61-5a7c2e4d1f21"


class RunningEngine(Dialect):
    """`python -m engine`, and a client with its key. Only with `faulty_jobs` can jobs be slow or fail on purpose."""

    def __init__(self, data_dir: Path, *, faulty_jobs: bool = False, **environment: str) -> None:
        self.data_dir = data_dir
        self.module = "tests.fake_api.faulty_engine" if faulty_jobs else "engine"
        data_dir.mkdir(parents=True, exist_ok=True)
        self.environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "",
            "ENGINE_DATA_DIR": str(data_dir),
            "ENGINE_PORT": "0",
            "ENGINE_KEY": KEY,
            "ENGINE_BALANCE": "",
        }
        self.environment |= environment
        self.log_file = data_dir / "log"
        self.key = KEY
        self.session = requests.Session()
        self.session.headers["Authorization"] = KEY
        self.start()

    def start(self) -> None:
        with self.log_file.open("a") as log:
            said = log.tell()
            self.process = subprocess.Popen(
                [sys.executable, "-m", self.module], cwd=ROOT, env=self.environment, stdout=log, stderr=log
            )
        self.root = wait_for(lambda: self._address(said))
        self.session.get(self.root + "/x/health/").raise_for_status()
        ticks = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
        self.cpu_seconds_to_start = sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")

    def _address(self, since: int) -> str:
        text = self.log_file.read_text()[since:]
        found = re.search(r"Engine ready at (http://\S+)", text)
        if not found and self.process.poll() is not None:
            raise AssertionError(text)
        return found.group(1) if found else ""

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    def command(self, *arguments: str) -> str:
        """What a command of the engine prints."""
        command = [sys.executable, "-m", "engine", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def processes(self) -> list[int]:
        """Every process that was started for this data folder and still runs."""
        mark = f"ENGINE_DATA_DIR={self.data_dir}\0".encode()
        found = []
        for folder in Path("/proc").iterdir():
            with contextlib.suppress(OSError, ValueError):
                if mark in (folder / "environ").read_bytes():
                    found.append(int(folder.name))
        return found

    def inject_job(self, fault: str, times: int | None = 1) -> None:
        """Let the next jobs be slow or fail; see `job_faults`."""
        assert self.module != "engine", "the engine as it is has no faults"
        job_faults.inject(self.data_dir, fault, times)

    def job_faults_are_taken(self) -> bool:
        """Whether a job is in the hands of every fault that was injected."""
        return not job_faults.waiting(self.data_dir)
