"""Killing a process at its n-th system call, or letting that call fail."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tests.running import ROOT

CALLS = ("fsync", "fdatasync", "rename", "pwrite64", "write", "sendto", "unlink")
LINE = re.compile(r"^(\d+) +(\w+)\((.*)$")
WATCHING = ("-f", "--seccomp-bpf", "-qq", "-e", "signal=none", "-y", "-s", "200")
# Together with a seccomp filter strace 6.1 injects nothing. The step's main thread makes all the calls that matter.
DISTURBING = ("-qq", "-o", "/dev/null")


def why_not() -> str:
    """Why strace cannot be used here; empty if it can."""
    if shutil.which("strace") is None:
        return "strace is not installed"
    tried = subprocess.run(["strace", "-o", "/dev/null", "/bin/true"], capture_output=True, text=True, check=False)
    return "" if tried.returncode == 0 else f"strace is not permitted: {tried.stderr.strip()[:200]}"


@dataclass(frozen=True)
class Call:
    """One system call of the process itself, with its number among those of the same name."""

    name: str
    number: int
    arguments: str


@dataclass(frozen=True)
class Fault:
    """`how` is as strace wants it: signal=KILL or error=EIO."""

    call: str
    number: int
    how: str

    def __str__(self) -> str:
        return f"{self.how} at {self.call} {self.number}"


def run(arguments: list[str], environment: dict[str, str], fault: Fault) -> subprocess.CompletedProcess[str]:
    inject = f"inject={fault.call}:{fault.how}:when={fault.number}"
    return _strace([*DISTURBING, "-e", f"trace={fault.call}", "-e", inject], arguments, environment)


def calls_of(arguments: list[str], environment: dict[str, str], log: Path) -> list[Call]:
    """What the step does to disk and network, from its BEGIN on, when nobody disturbs it."""
    done = _strace([*WATCHING, "-e", f"trace={','.join(CALLS)}", "-o", str(log)], arguments, environment)
    assert done.returncode == 0, done.stderr
    seen: Counter[str] = Counter()
    calls, first, begun = [], "", False
    for line in log.read_text(errors="replace").splitlines():
        found = LINE.match(line)
        if found is None:
            continue
        pid, name, rest = found.groups()
        first = first or pid
        if pid != first:
            continue
        seen[name] += 1
        if begun:
            calls.append(Call(name, seen[name], rest))
        begun = begun or (name == "write" and "BEGIN" in rest)
    return calls


def _strace(options: list[str], arguments: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = ["strace", *options, sys.executable, "-m", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120)
