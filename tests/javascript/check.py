"""`python -m tests.javascript.check`: test the scripts and lint them and the style sheets, as far as this machine can.

What cannot run here is named and skipped: Node.js may be missing, and npm may not reach its registry.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.running import ROOT

BIOME = "2.6.8"
PATIENCE = 120  # seconds
TOOLS = ROOT / ".venv" / "node"
OLDEST_NODE = (20, 19)
"""From here on Node.js sees by itself that a file ending in `.js` is a module."""


def main() -> int:
    node = node_version()
    if node < OLDEST_NODE:
        found = ".".join(map(str, node)) or "none"
        needed = ".".join(map(str, OLDEST_NODE))
        print(f"Scripts and style sheets were not checked: Node.js {needed} is needed, found {found}.")
        return 0
    return test() or lint()


def node_version() -> tuple[int, ...]:
    if not shutil.which("node"):
        return ()
    printed = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    return tuple(int(number) for number in re.findall(r"\d+", printed)[:2])


def test() -> int:
    files = sorted((ROOT / "tests" / "javascript").glob("*.test.mjs"))
    done = subprocess.run(["node", "--test", *files], cwd=ROOT, capture_output=True, text=True, check=False)
    print(done.stdout if done.returncode else f"JavaScript: {passed(done.stdout)} tests passed.")
    return done.returncode


def passed(report: str) -> str:
    found = re.search(r"(?m)^\S+ pass (\d+)$", report)
    return found.group(1) if found else "all"


def lint() -> int:
    biome = TOOLS / "node_modules" / ".bin" / "biome"
    if not installed(biome) and not install():
        return 0
    return subprocess.run([biome, "check", "--error-on-warnings"], cwd=ROOT, check=False).returncode


def installed(biome: Path) -> bool:
    try:
        printed = subprocess.run([biome, "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return False
    return printed.split()[-1:] == [BIOME]


def install() -> bool:
    if not shutil.which("npm"):
        print("Scripts and style sheets were not linted: npm is missing.")
        return False
    command = ["npm", "install", "--prefix", TOOLS, "--no-save", "--ignore-scripts", "--no-audit", "--no-fund"]
    command += ["--fetch-retries", "1", f"@biomejs/biome@{BIOME}"]
    try:
        subprocess.run(command, capture_output=True, text=True, check=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        print(f"Scripts and style sheets were not linted: npm took more than {PATIENCE} s to install Biome.")
        return False
    except subprocess.CalledProcessError as error:
        reason = error.stderr.strip().splitlines()[:1] or ["npm error"]
        print(f"Scripts and style sheets were not linted: npm could not install Biome ({reason[0]}).")
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
