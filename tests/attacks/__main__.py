"""`python -m tests.attacks [name …]`: each attack against the running product, and a table of what came of it."""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

from tests.attacks.judging import judge
from tests.attacks.kinds import KINDS
from tests.attacks.scene import Outcome, Prepared

RATIO, MEMORY_MB, SECONDS_TO_END = 2.0, 300.0, 10.0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.attacks", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of: {', '.join(KINDS)}")
    parser.add_argument("--looks", type=int, default=100, help="pages that the observer asks for, idle and busy")
    parser.add_argument("--seconds", type=float, default=60, help="at most for these")
    parser.add_argument("--runs", type=int, default=5, help="of each attack; the table shows medians")
    given = parser.parse_args()
    if unknown := set(given.names) - set(KINDS):
        parser.error(f"there is no attack called {', '.join(sorted(unknown))}")
    missed = []
    print("| attack | p95 of others / idle | failed | memory of web | SIGTERM | the attacker meets |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="attacks-") as folder:
        prepared = Prepared(Path(folder))
        for name in given.names or KINDS:
            runs = [judge(prepared, name, looks=given.looks, seconds=given.seconds) for _ in range(given.runs)]
            if not report(name, runs):
                missed.append(name)
    print(f"Goals missed: {', '.join(missed)}" if missed else "Every goal was met.")
    return 1 if missed else 0


def report(name: str, runs: list[Outcome]) -> bool:
    """A line of the table; whether all goals were met."""
    ratio = statistics.median(run.p95_ratio for run in runs)
    memory = max(run.more_memory for run in runs)
    end = max(run.seconds_to_end for run in runs)
    failed = sum(len(run.failed) for run in runs)
    met = " ".join(runs[-1].met.split())[:300].replace("|", "/")
    print(f"| {name} | {ratio:.1f} | {failed} | {memory:+.0f} MB | {end:.1f} s | {met} |", flush=True)
    return ratio <= RATIO and not failed and memory <= MEMORY_MB and end <= SECONDS_TO_END


if __name__ == "__main__":
    sys.exit(main())
