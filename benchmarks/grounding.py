"""How well values are found on the page, and wrong ones noticed: python -m benchmarks.grounding [documents per set]

The right values of documents with known places are looked up as if they were a result, without the service's places.
The documents lie outside the project; SHARED_DATA names their folder. Figures of the same run are comparable.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks._measuring import Report
from benchmarks.reading import DATA, bare_extraction
from extractions.evidence.grounding import Ground, ground
from extractions.evidence.pages import PageOfWords
from extractions.result.leaves import Leaf, leaves
from reading.document import Source
from reading.opening import inspect
from reading.page_words import words_of_pages
from tests.long_table import SCHEMA, LongTable

DIGITAL = ("einvoices", "einvoices_odd", "invoices_real")
SCANS = ("einvoices_scan", "receipts_sroie")
CUT_OFF = 12  # places that the truth lists at most; of such a text it does not know all
LONG_TABLES = ((20, 3), (200, 3), (200, 25))  # pages and rows on each
HARD = ("forms_irs", "forms_funsd")
KEEP = os.environ.get("GROUNDING_KEEP", "")
"""A folder in which recognised words stay from one run to the next; for work on everything but recognition."""


@dataclass
class Read:
    """A document with its words, and what they cost."""

    path: Path
    truth: dict[str, Any]
    pages: list[PageOfWords]
    seconds: float = 0.0


@dataclass
class Tally:
    there: int = 0
    right: int = 0
    pages: int = 0
    seconds: float = 0.0
    kinds: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    @property
    def share(self) -> float:
        return self.right / self.there if self.there else 1.0


def main() -> int:
    if not (DATA / "einvoices").is_dir():
        print(f"No documents in {DATA}; set SHARED_DATA to the folder that holds einvoices and receipts_sroie.")
        return 1
    most = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    report = Report()
    with tempfile.TemporaryDirectory() as cache:
        digital = places(report, "digital PDFs", DIGITAL, most, Path(cache), ">= 0.98")
        places(report, "scans", SCANS, most, Path(cache), ">= 0.92")
        places(report, "handwriting and faxes", HARD, most, Path(cache), "")
        long_tables(report, Path(cache))
    speed(report, digital)
    return 1 if report.missed else 0


def places(
    report: Report, what: str, corpora: tuple[str, ...], most: int, cache: Path, goal: str
) -> list[tuple[Read, float]]:
    """The share of values for which a box is found that lies on one of the true ones."""
    whole, timed = Tally(), []
    ground([Leaf("currency", "EUR"), Leaf("date", "2026-11-03")], [PageOfWords(1, [(0.1, 0.1, 0.2, 0.12, "x")])])
    for corpus in corpora:
        tally = Tally()
        for read in documents(corpus, most, cache):
            begun = time.process_time()
            found = ground(list(leaves(read.truth["expected"])), read.pages, read.truth["schema"])
            timed.append((read, time.process_time() - begun))
            judge(tally, read, found)
        report.line(f"{what}: {corpus}", tally.share, "", "", f"of {tally.there}; {_kinds(tally)}")
        whole.there, whole.right = whole.there + tally.there, whole.right + tally.right
        if "-v" in os.environ.get("GROUNDING_SHOW", ""):
            print("\n".join(tally.wrong))
    report.line(f"{what}: values found where they stand", whole.share, goal, "", f"of {whole.there}")
    return timed


def judge(tally: Tally, read: Read, found: list[Ground]) -> None:
    true = read.truth.get("locations") or {}
    for item in found:
        places = true.get(item.path) or true.get(item.path.partition("[")[0] if item.path.count("[") == 1 else "")
        if not places or len(places) >= CUT_OFF:
            continue
        tally.there += 1
        tally.kinds[item.kind] += 1
        if any(on(item, place) for place in places):
            tally.right += 1
        else:
            tally.wrong.append(f"  {read.path.name} {item.path} {item.kind} {item.text!r} {item.page} {item.boxes}")


def on(one: Ground, place: dict[str, Any]) -> bool:
    """A box of ours overlaps the true one by half, or one of them has the other's middle in it."""
    true = place["bbox"]
    return place["page"] == one.page and any(
        _iou(box, true) >= 0.5 or _within(box, true) or _within(true, box) for box in one.boxes
    )


def speed(report: Report, timed: list[tuple[Read, float]]) -> None:
    """Beside pdfium's own extraction of the same documents."""
    bare = 0.0
    pages = sum(len(read.pages) for read, _ in timed)
    for read, _ in timed:
        begun = time.process_time()
        bare_extraction(read.path)
        bare += time.process_time() - begun
    grounding = sum(seconds for _, seconds in timed)
    words = sum(read.seconds for read, _ in timed)
    report.line("digital PDFs: bare text extraction", 1000 * bare / pages, "", " ms", f"a page, of {pages}")
    report.line("digital PDFs: words in reading order", words / bare, "", "", "times bare text extraction")
    report.line("digital PDFs: grounding, times bare extraction", grounding / bare, "<= 3")


def long_tables(report: Report, folder: Path) -> None:
    """PDFs of our own in which each number stands hundreds of times."""
    for pages, rows in LONG_TABLES:
        table = LongTable(pages, rows)
        path = folder / f"{pages}.pdf"
        path.write_bytes(table.pdf())
        numbers = range(1, pages + 1)
        read = [PageOfWords(number, words) for number, _, words in words_of_pages(path, numbers, recognise=False)]
        asked = list(leaves(table.data))
        begun = time.process_time()
        found = ground(asked, read, SCHEMA)
        middle = time.process_time()
        bare_extraction(path)
        bare = time.process_time() - middle
        told = f"of {len(asked)} on {pages} pages, in {(middle - begun) / bare:.1f} times bare extraction"
        report.line("long tables: values found in their row", table.right(found), ">= 0.98", "", told)


def documents(corpus: str, most: int, cache: Path) -> Iterator[Read]:
    for path in sorted((DATA / corpus / "truth").glob("*.json"))[:most]:
        truth = json.loads(path.read_text("utf-8"))
        if truth.get("expected") and truth.get("locations"):
            file = DATA / corpus / truth["file"]
            yield _read(file, truth, cache)


def _read(file: Path, truth: dict[str, Any], cache: Path) -> Read:
    kept = Path(KEEP) / f"{truth['sha256']}.json" if KEEP else None
    if kept and kept.exists():
        pages = [PageOfWords(*page) for page in json.loads(kept.read_text("utf-8"))]
        return Read(file, truth, pages)
    numbers = range(1, inspect(file).pages + 1)
    begun = time.process_time()
    words = list(words_of_pages(file, numbers, recognise=True, cache_dir=cache))
    seconds = time.process_time() - begun
    pages = [PageOfWords(number, placed, source is Source.OCR) for number, source, placed in words]
    if kept and any(page.recognised for page in pages):
        kept.write_text(json.dumps([[page.number, page.words, page.recognised] for page in pages]), "utf-8")
    return Read(file, truth, pages, seconds)


def _kinds(tally: Tally) -> str:
    return ", ".join(f"{count} {kind or 'unknown'}" for kind, count in tally.kinds.most_common())


def _iou(one: list[float], other: list[float]) -> float:
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    if across <= 0 or down <= 0:
        return 0.0
    shared = across * down
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return shared / (areas - shared)


def _within(one: list[float], other: list[float]) -> bool:
    across, down = (one[0] + one[2]) / 2, (one[1] + one[3]) / 2
    return other[0] <= across <= other[2] and other[1] <= down <= other[3]


if __name__ == "__main__":
    sys.exit(main())
