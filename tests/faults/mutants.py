"""`python -m tests.faults.mutants [name …]`: take away one rule at a time, and see that some test notices.

A rule whose loss nobody notices is a rule that nobody tests; then the exit code is 1.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time

from tests.faults.mutations import MUTANTS
from tests.running import ROOT

RULES = ["tests/faults/test_rules.py"]
SYNCS = ["tests/faults/test_crash_sweep.py", "-k", "before_anybody_is_reported"]
RACES = ["tests/faults/test_races.py"]
SUBJECTS = (
    *("gate", "look", "policy", "client", "sweep", "pauses", "copies", "originals"),
    *("isolation", "canary", "duplicates", "fairness"),
)
FORWARDING = [f"tests/forwarding/test_{name}.py" for name in SUBJECTS]


def main() -> int:
    names = sys.argv[1:] or list(MUTANTS)
    suites = [SYNCS, RACES, RULES, FORWARDING]
    if not sys.argv[1:] and (noise := [suite[0] for suite in suites if first_failure(suite, "")]):
        print(f"These fail with every rule in place, so nothing can be learnt: {', '.join(noise)}")
        return 2
    survived = []
    for name in names:
        begun = time.monotonic()
        likely = suites if "durable" in name else [RACES, RULES, FORWARDING]
        noticed = next((failure for suite in likely if (failure := first_failure(suite, name))), "")
        print(f"{name:<36} {noticed or 'NOBODY NOTICED':<90} {time.monotonic() - begun:4.0f} s", flush=True)
        if not noticed:
            survived.append(name)
    print(f"Nobody noticed: {', '.join(survived)}" if survived else f"All {len(names)} were noticed.")
    return 1 if survived else 0


def first_failure(suite: list[str], mutant: str) -> str:
    """The first test of the suite that fails without this rule; empty if all pass."""
    environment = os.environ | {"MUTANT": mutant, "RULES_EXAMPLES": "40"}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-x",
        "--no-header",
        "--tb=no",
        "-rfE",
        "-p",
        "tests.faults.plugin",
        *suite,
    ]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return ""
    found = re.search(r"^(?:FAILED|ERROR) (\S+)", done.stdout, re.MULTILINE)
    return found.group(1) if found else done.stdout[-300:] + done.stderr[-300:]


if __name__ == "__main__":
    sys.exit(main())
