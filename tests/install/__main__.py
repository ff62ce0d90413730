"""`python -m tests.install`: the documented installation on fresh Debians, to an approved and exported sample.

`python -m tests.install bookworm trixie --folder FOLDER [--keep]` makes each release in FOLDER by debootstrap, installs
what the documentation names, clones this repository's last commit, runs `make run` as an ordinary person, ends it with
Ctrl-C, starts it again without any network but the loopback, and does there what a new administrator does first. It
needs root, debootstrap, and 2 GB of disk for each.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.install.machine import Machine
from tests.running import ROOT, wait_for

INSTALLING = 1800.0
STARTING = 180.0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.install", description=__doc__)
    parser.add_argument("releases", nargs="*", default=["bookworm", "trixie"], metavar="RELEASE")
    parser.add_argument("--folder", type=Path, help="where the machines are made; a temporary folder otherwise")
    parser.add_argument("--keep", action="store_true", help="leave the machines there, to look around")
    given = parser.parse_args()
    if os.geteuid() != 0 or shutil.which("debootstrap") is None:
        parser.error("it needs root and Debian's debootstrap")
    with tempfile.TemporaryDirectory() as temporary:
        for release in given.releases:
            machine = Machine(release, given.folder or Path(temporary))
            try:
                install(machine)
            finally:
                if not given.keep:
                    shutil.rmtree(machine.root)
    return 0


def install(machine: Machine) -> None:
    say = Steps(machine.release)
    machine.make()
    machine.clone(ROOT)
    say.done("Debian with git, make, python3 and pip; project cloned")
    with machine.running():
        with make_run(machine, INSTALLING, offline=False) as (_process, _link):
            say.done("`make run` has installed and printed its address")
        say.done("ended with Ctrl-C")
        with make_run(machine, STARTING, offline=True) as (process, link):
            say.done("`make run` without a network")
            steps = machine.command(".venv/bin/python", "-m", "tests.install.first_steps", link)
            inside = ["nsenter", f"--target={process.pid}", "--net", *steps]
            done = subprocess.run(inside, env=machine.environment(), capture_output=True, text=True, check=False)
            if done.returncode:
                raise SystemExit(f"{done.stdout}{done.stderr}")
            for line in done.stdout.splitlines():
                say.done(line)


@contextlib.contextmanager
def make_run(machine: Machine, patience: float, *, offline: bool) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """The process and the link that it printed; ended as at a terminal."""
    log = machine.root / "home/person/log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            machine.command("make", "run", offline=offline),
            env=machine.environment(), stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
    try:

        def printed() -> str:
            found = re.search(r"Open (http://\S+)", log.read_text(errors="replace"))
            if not found and process.poll() is not None:
                raise SystemExit(log.read_text(errors="replace")[-4000:])
            return found.group(1) if found else ""

        yield process, wait_for(printed, patience)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)
        process.wait(timeout=60)


class Steps:
    """What was done, with the seconds that it took."""

    def __init__(self, release: str) -> None:
        self.release = release
        self.begun = time.monotonic()

    def done(self, sentence: str) -> None:
        now = time.monotonic()
        print(f"{self.release}: {sentence} ({now - self.begun:.0f} s)", flush=True)
        self.begun = now


if __name__ == "__main__":
    sys.exit(main())
