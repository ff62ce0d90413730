"""`python -m tests.install.wheels`: whether every pinned version has a wheel for every Python that the portal runs on.

Nothing is installed; the pip of `python3` only looks for what it would take, in the package index, for minutes.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile

from tests.running import ROOT

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
MACHINES = ("x86_64", "aarch64")
GLIBC = range(5, 37)
"""Minor versions up to that of Debian 12."""


def main() -> int:
    missing = 0
    for python in PYTHONS:
        for machine in MACHINES:
            trouble = without_wheel(python, machine)
            missing += bool(trouble)
            print(f"{python} on {machine}: {trouble or 'every pin has a wheel'}", flush=True)
    return 1 if missing else 0


def without_wheel(python: str, machine: str) -> str:
    """What pip says of the first pin that has none."""
    names = [*(f"manylinux_2_{minor}" for minor in GLIBC), "manylinux1", "manylinux2010", "manylinux2014"]
    platforms = [word for name in names for word in ("--platform", f"{name}_{machine}")]
    with tempfile.TemporaryDirectory() as target:
        done = subprocess.run(
            [
                *("python3", "-m", "pip", "install", "--dry-run", "--quiet", "--no-deps", "--target", target),
                *("--only-binary", ":all:", "--python-version", python, *platforms),
                *("-c", "constraints.txt", "-r", "constraints.txt", "-r", "models.txt"),
            ],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
    errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
    return "" if not done.returncode else "; ".join(errors) or done.stderr


if __name__ == "__main__":
    sys.exit(main())
