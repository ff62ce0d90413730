"""`python -m benchmarks [name …]`: every measurement in turn. A module that cannot run here says what is missing."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> int:
    """Each module runs in a process of its own, so that none measures what another one left in memory."""
    there = sorted(path.stem for path in HERE.glob("[a-z]*.py"))
    names = sys.argv[1:] or there
    if unknown := [name for name in names if name not in there]:
        print(f"No such measurement: {', '.join(unknown)}. There are: {', '.join(there)}.")
        return 2
    missed = []
    for name in names:
        print(f"== {name}", flush=True)
        begun = time.monotonic()
        command = [sys.executable, "-m", f"benchmarks.{name}"]
        if subprocess.run(command, cwd=HERE.parent, env=os.environ, check=False).returncode:
            missed.append(name)
        print(f"== {name}: {time.monotonic() - begun:.0f} s", flush=True)
    print(f"Missed a goal or failed: {', '.join(missed)}" if missed else "Every goal was met.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
