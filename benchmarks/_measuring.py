"""Processor time and memory of processes, and a line of the report."""

from __future__ import annotations

import os
import re
import secrets
import statistics
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Report:
    """Prints every figure beside its goal, and remembers whether all were met."""

    missed: list[str] = field(default_factory=list)

    def line(self, what: str, value: float, goal: str, unit: str = "", detail: str = "") -> None:
        """`goal` is such as "<= 3" or ">= 0.6"; empty for what only informs."""
        verdict = ""
        if goal:
            relation, limit = goal.split()
            met = value <= float(limit) if relation == "<=" else value >= float(limit)
            verdict = f"goal {goal}{unit}: {'met' if met else 'MISSED'}"
            if not met:
                self.missed.append(what)
        print(f"{what:<58} {value:>9.3f}{unit:<4} {verdict:<24} {detail}", flush=True)


RUNS = 5


def median_of_runs(measure: Callable[[], tuple[float, str]]) -> tuple[float, str]:
    """Of a figure that is noisy: the middle one of five runs, with its detail, which ends with the range of all."""
    runs = sorted(measure() for _ in range(RUNS))
    value, detail = runs[len(runs) // 2]
    return value, f"{detail}; {RUNS} runs: {runs[0][0]:.2f} to {runs[-1][0]:.2f}"


def p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def session_of(leader: int) -> list[int]:
    """The process and everything that it started."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[3]) == leader:
                found.append(int(folder.name))
    return found


def cpu_seconds(*pids: int) -> float:
    """Used by these processes and by their children that have ended."""
    ticks = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += sum(int(number) for number in fields[11:15])
    return ticks / TICKS


def forget_peak(pid: int) -> None:
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def peak_mb(pid: int) -> float:
    """The most memory that was in use since `forget_peak`."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found.group(1)) / 1024 if found else 0.0


def pdf_of(size: int) -> bytes:
    """A real PDF of one page that weighs about so many bytes and is like no other."""
    from fpdf import FPDF

    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("helvetica")
    pdf.cell(text=f"Measured {secrets.token_hex(8)}")
    pdf.embed_file(bytes=secrets.token_bytes(max(size - 2000, 16)), basename="weight.bin", compress=False)
    return bytes(pdf.output())
