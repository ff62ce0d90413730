"""Odd, broken and hostile files and file names through the running engine: does each end as it may, and within limits?

    python -m benchmarks.robustness [--limit N] [--patience SECONDS]

The files lie outside the project; SHARED_DATA names their folder. All are sent at once; the engine reads them by turns.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks._engine import PROJECT, Engine, MemoryWatch, names_in_header
from benchmarks._filenames import hostile_names
from benchmarks._measuring import Report, pdf_of

ALLOWED = {
    "accept": {"FINISHED"},
    "reject": {"refused", "ERROR"},
    "reject_clear": {"refused", "ERROR"},
    "either": {"refused", "ERROR", "FINISHED"},
}
CAUSE = "password"
ENDED = ("FINISHED", "ERROR")
MEMORY_MB = 1536.0
PATIENCE = 4  # times its seconds of the processor, a document may take by the clock
PRICE = 3  # credits of a page with a schema


@dataclass
class Outcomes:
    """By the item's name: how it ended, what was said of it, how long it took and how many pages were read."""

    ended: dict[str, str] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    pages: dict[str, int] = field(default_factory=dict)
    broken: int = 0

    def allowed(self, name: str) -> float:
        document, page = (
            float(os.environ.get(f"ENGINE_SECONDS_PER_{what}", default))
            for what, default in (("DOCUMENT", 60), ("PAGE", 30))
        )
        return PATIENCE * (document + page * self.pages.get(name, 1))


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
    report = Report()
    with tempfile.TemporaryDirectory() as data:
        engine = Engine(Path(data))
        watch = MemoryWatch(engine)
        try:
            told(report, items, sent(engine, folder, items, given.patience))
            hostile_names(report, engine, folder, given.patience)
            memory = watch.stop()
            report.line("robustness: most memory of a child", memory, f"<= {MEMORY_MB:.0f}", " MB")
            good_document(report, engine, given.patience)
        finally:
            engine.stop()
    return 1 if report.missed else 0


def sent(engine: Engine, folder: Path, items: list[dict[str, Any]], patience: float) -> Outcomes:
    outcomes, waiting = Outcomes(), {}
    for item in items:
        path = folder / item["file"]
        answer = engine.send(path.read_bytes(), names_in_header(path.name)[0])
        outcomes.broken += answer.status_code >= 500
        if answer.status_code == 201:
            waiting[item["id"]] = answer.json()["id"]
        else:
            outcomes.ended[item["id"]], outcomes.said[item["id"]] = "refused", answer.text
    follow(engine, waiting, outcomes, patience)
    return outcomes


def follow(engine: Engine, waiting: dict[str, str], outcomes: Outcomes, patience: float) -> None:
    """Until all have ended, or none has for a long time. The seconds are those that the engine needed for each."""
    begun: dict[str, float] = {}
    last = time.monotonic()
    while waiting and time.monotonic() - last < patience:
        for name, identity in list(waiting.items()):
            shown = engine.look(identity)
            if shown["status"] == "IN_PROGRESS":
                begun.setdefault(name, time.monotonic())
            if shown["status"] in ENDED:
                del waiting[name]
                last = time.monotonic()
                outcomes.ended[name], outcomes.said[name] = shown["status"], shown.get("x_error", "")
                outcomes.seconds[name] = shown["extraction_time"] or last - begun.get(name, last)
                outcomes.pages[name] = (shown["credit_used"] or PRICE) // PRICE
        time.sleep(1)


def told(report: Report, items: list[dict[str, Any]], found: Outcomes) -> None:
    wrong = [item["id"] for item in items if found.ended.get(item["id"]) not in ALLOWED[item["expected"]["outcome"]]]
    clear = [item["id"] for item in items if item["expected"]["outcome"] == "reject_clear"]
    unclear = [name for name in clear if CAUSE not in found.said.get(name, "").lower()]
    print(f"  {dict(Counter(found.ended.values()))}")
    for name in wrong:
        print(f"  {name}: {found.ended.get(name, 'has not ended')}: {found.said.get(name, '')[:120]}")
    slowest = sorted(found.seconds.items(), key=lambda pair: -pair[1])[:5]
    for name, took in slowest:
        print(f"  {name}: {took:.1f} s, {found.pages[name]} pages")
    late = [name for name, took in found.seconds.items() if took > found.allowed(name)]
    report.line("robustness: answers of 5xx", found.broken, "<= 0")
    report.line("robustness: ended as they may not", len(wrong), "<= 0", "", f"of {len(items)}")
    report.line("robustness: have not ended", len(items) - len(found.ended), "<= 0")
    report.line("robustness: cause not named", len(unclear), "<= 0", "", ", ".join(unclear))
    report.line("robustness: ran past their time limit", len(late), "<= 0", "", ", ".join(late))
    report.line("robustness: longest by itself", max(found.seconds.values(), default=0.0), "<= 60", " s")


def good_document(report: Report, engine: Engine, patience: float) -> None:
    """After all of that: it answers, and reads what a good document says."""
    answer = engine.send(pdf_of(4000), 'filename="good.pdf"', schema="")
    shown = engine.ended(answer.json()["id"], patience) if answer.status_code == 201 else {}
    read = shown.get("status") == "FINISHED" and "Measured" in (shown.get("content") or "")
    report.line("robustness: a good document is read afterwards", int(read), ">= 1")


if __name__ == "__main__":
    sys.exit(main())
