"""Odd, broken and hostile files through the running engine: does each end as it may, and how long does it take?

    python -m benchmarks.robustness [--limit N] [--patience SECONDS]

The files lie outside the project; SHARED_DATA names their folder. All are sent at once; the engine reads them by turns.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import requests

from benchmarks._measuring import Report

PROJECT = Path(__file__).resolve().parent.parent
KEY = "a-key-for-measuring"
ALLOWED = {
    "accept": {"FINISHED"},
    "reject": {"refused", "ERROR"},
    "reject_clear": {"refused", "ERROR"},
    "either": {"refused", "ERROR", "FINISHED"},
}
CAUSE = "password"
ENDED = ("FINISHED", "ERROR")


class Engine:
    """A server of its own in a folder of its own, and a client of it."""

    def __init__(self, folder: Path) -> None:
        settings = {"ENGINE_DATA_DIR": str(folder), "ENGINE_PORT": "0", "ENGINE_KEY": KEY, "DJANGO_SETTINGS_MODULE": ""}
        self.log = folder / "log"
        with self.log.open("w") as log:
            command = [sys.executable, "-m", "engine"]
            self.process = subprocess.Popen(command, cwd=PROJECT, env=os.environ | settings, stdout=log, stderr=log)
        self.session = requests.Session()
        self.session.headers["Authorization"] = KEY
        self.root = self._address()

    def _address(self) -> str:
        while self.process.poll() is None:
            for word in self.log.read_text().split():
                if word.startswith("http://"):
                    return word.rstrip(".,/")
            time.sleep(0.2)
        raise RuntimeError(self.log.read_text())

    def send(self, path: Path) -> requests.Response:
        with path.open("rb") as file:
            form = {"server": "FR-1", "schema": "8f2b1c9e-3d5a-4f0e-9b61-5a7c2e4d1f01"}
            return self.session.post(
                f"{self.root}/extract/", files={"document": (path.name, file)}, data=form, timeout=120
            )

    def look(self, identity: str) -> dict[str, Any]:
        shown: dict[str, Any] = self.session.get(f"{self.root}/extract/{identity}/", timeout=60).json()
        return shown

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--patience", type=float, default=1800, help="seconds without any document ending")
    given = parser.parse_args()
    folder = Path(os.environ.get("SHARED_DATA") or PROJECT / "../shared/data").resolve() / "robustness"
    if not folder.is_dir():
        print("No files to measure with: SHARED_DATA must name a folder with robustness/manifest.json.")
        return 0
    items = json.loads((folder / "manifest.json").read_text("utf-8"))["items"][: given.limit]
    with tempfile.TemporaryDirectory() as data:
        engine = Engine(Path(data))
        try:
            return measure(engine, folder, items, given.patience)
        finally:
            engine.stop()


def measure(engine: Engine, folder: Path, items: list[dict[str, Any]], patience: float) -> int:
    report, outcomes, sentences, waiting = Report(), {}, {}, {}
    broken = 0
    for item in items:
        answer = engine.send(folder / item["file"])
        broken += answer.status_code >= 500
        if answer.status_code == 201:
            waiting[item["id"]] = answer.json()["id"]
        else:
            outcomes[item["id"]], sentences[item["id"]] = "refused", answer.text
    seconds = follow(engine, waiting, outcomes, sentences, patience)
    wrong = [item["id"] for item in items if outcomes.get(item["id"]) not in ALLOWED[item["expected"]["outcome"]]]
    unclear = [
        item["id"]
        for item in items
        if item["expected"]["outcome"] == "reject_clear" and CAUSE not in sentences.get(item["id"], "").lower()
    ]
    print(f"  {dict(Counter(outcomes.values()))}")
    for name in wrong:
        print(f"  {name}: {outcomes.get(name, 'has not ended')}: {sentences.get(name, '')[:120]}")
    for name, took in sorted(seconds.items(), key=lambda pair: -pair[1])[:5]:
        print(f"  {name}: {took:.1f} s")
    report.line("robustness: answers of 5xx", broken, "<= 0")
    report.line("robustness: ended as they may not", len(wrong), "<= 0", "", f"of {len(items)}")
    report.line("robustness: have not ended", len(items) - len(outcomes), "<= 0")
    report.line("robustness: cause not named", len(unclear), "<= 0", "", ", ".join(unclear))
    report.line("robustness: longest by itself", max(seconds.values(), default=0.0), "", " s")
    return 1 if report.missed else 0


def follow(
    engine: Engine, waiting: dict[str, str], outcomes: dict[str, str], sentences: dict[str, str], patience: float
) -> dict[str, float]:
    """Until all have ended, or none has for a long time. The seconds are those that the engine needed for each."""
    seconds: dict[str, float] = {}
    begun: dict[str, float] = {}
    last = time.monotonic()
    while waiting and time.monotonic() - last < patience:
        for name, identity in list(waiting.items()):
            shown = engine.look(identity)
            if shown["status"] == "IN_PROGRESS":
                begun.setdefault(name, time.monotonic())
            if shown["status"] in ENDED:
                del waiting[name]
                outcomes[name], sentences[name] = shown["status"], shown.get("x_error", "")
                last = time.monotonic()
                seconds[name] = shown["extraction_time"] or last - begun.get(name, last)
        time.sleep(1)
    return seconds


if __name__ == "__main__":
    sys.exit(main())
