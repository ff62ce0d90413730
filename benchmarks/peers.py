"""The same pages through this project and through other readers, in one run: time, and words that were found.

    python -m benchmarks.peers --peers-python PATH [--pages N]

PATH is a Python that has kreuzberg, rapidocr with onnxruntime, and ocrmypdf; they are no part of the project, and what
is missing is named. Tesseract comes from the system. The documents are those of SHARED_DATA. Scans are pages of
invoices, drawn at 200 dpi and spoiled as scanners do. Every reader gets the two halves in two processes at once.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pypdfium2 import PdfDocument

from benchmarks._measuring import Report
from benchmarks.reading import DATA, _truths, _words
from benchmarks.recognition import DPI, spoiled
from reading.opening import open_pdf
from reading.pdf import text_layer
from reading.pdf_page import open_page
from reading.rendering import render_open_page
from reading.trust import needs_recognition

READER = Path(__file__).with_name("_reader.py")
PROCESSES = 2
NOISE = 1
GOALS = {"own, fast": "<= 0.4", "own, accurate": "<= 1.2"}
DIGITAL = ("own, fast", "Kreuzberg, bare text", "Kreuzberg, Markdown")
SCANNED = ("own, fast", "own, accurate", "Kreuzberg", "RapidOCR", "OCRmyPDF")


@dataclass
class Result:
    """Seconds of one page: by the clock of all processes together, and of the processor."""

    recall: float
    wall: float
    processor: float


@dataclass
class Page:
    path: Path
    text: str
    count: int = 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers-python", default=os.environ.get("PEERS_PYTHON", ""))
    parser.add_argument("--pages", type=int, default=8, help="scanned pages; 0 for digital ones only")
    given = parser.parse_args()
    if not (DATA / "text_pdfs").is_dir():
        print(f"Skipped: no documents in {DATA}; SHARED_DATA must name their folder.")
        return 0
    if not given.peers_python:
        print("Skipped: --peers-python (or PEERS_PYTHON) must name a Python that has the other readers.")
        return 0
    report = Report()
    digital(report, given.peers_python)
    if given.pages:
        with tempfile.TemporaryDirectory() as folder:
            scanned(report, given.peers_python, scans(Path(folder), given.pages))
    return 1 if report.missed else 0


def digital(report: Report, python: str) -> None:
    files = documents()
    results = {name: result for name in DIGITAL if (result := measured(python, name, files))}
    for name, result in results.items():
        own = name.startswith("own")
        report.line(f"digital, {name}: words found", result.recall, "")
        goal = "<= 10" if own else ""
        report.line(f"digital, {name}: processor", 1000 * result.processor, goal, " ms", "a page")
    for name in DIGITAL[1:]:
        if name in results:
            ratio = results[DIGITAL[0]].processor / results[name].processor
            report.line(f"digital: times {name}", ratio, "<= 1.5" if "Markdown" in name else "")


def scanned(report: Report, python: str, pages: list[Page]) -> None:
    results = {name: result for name in SCANNED if (result := measured(python, name, pages))}
    for name, result in results.items():
        report.line(f"scanned, {name}: words found", result.recall, "", "", f"of {len(pages)} pages")
        report.line(f"scanned, {name}: by the clock", result.wall, GOALS.get(name, ""), " s", "a page, two processes")
        report.line(f"scanned, {name}: processor", result.processor, "", " s", "a page")
    for name in SCANNED[2:]:
        for mine in SCANNED[:2]:
            if name in results:
                report.line(f"scanned: time, {mine} / {name}", results[mine].wall / results[name].wall, "<= 1")
                more = results[mine].recall - results[name].recall
                report.line(f"scanned: words found, {mine} - {name}", more, ">= 0")


def documents() -> list[Page]:
    """PDFs with a text of their own, of which the whole text is known."""
    found = []
    for path, truth in _truths("text_pdfs", ".pdf"):
        with open_pdf(path) as pdf:
            count = len(pdf.document)
            if not any(is_scan(pdf.document, index) for index in range(count)):
                found.append(Page(path, truth["expected"]["text"], count))
    return found


def is_scan(document: PdfDocument, index: int) -> bool:
    with open_page(document, index) as page:
        return needs_recognition(page, text_layer(page))


def scans(folder: Path, count: int) -> list[Page]:
    pages = []
    for number, path in enumerate(sorted((DATA / "einvoices" / "docs").glob("*.pdf"))[::3][:count]):
        with open_pdf(path) as pdf, open_page(pdf.document, 0) as page:
            text = " ".join(word.text for word in text_layer(page).words)
            image = render_open_page(page, dpi=DPI)
        scan = folder / f"{number}.png"
        spoiled(image, NOISE, number).save(scan, dpi=(DPI, DPI))
        pages.append(Page(scan, text))
    return pages


def measured(python: str, name: str, pages: list[Page]) -> Result | None:
    """None, and a word of why, where the reader is not there."""
    command = [sys.executable if name.startswith("own") else python, str(READER), name]
    shares = [pages[start::PROCESSES] for start in range(PROCESSES)]
    with ThreadPoolExecutor(PROCESSES) as pool:
        answers = list(pool.map(lambda share: run([*command, *(str(page.path) for page in share)]), shares))
    if "missing" in answers[0]:
        print(f"{name}: skipped, for it is not there: {answers[0]['missing']}")
        return None
    found = there = 0
    for share, answer in zip(shares, answers, strict=True):
        for page, text in zip(share, answer["texts"], strict=True):
            found += sum((_words(text) & _words(page.text)).values())
            there += sum(_words(page.text).values())
    count = sum(page.count for page in pages)
    wall, processor = max(answer["wall"] for answer in answers), sum(answer["processor"] for answer in answers)
    return Result(found / there, wall / count, processor / count)


def run(command: list[str]) -> dict[str, Any]:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command[2]} failed:\n{done.stderr[-2000:]}")
    answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return answer


if __name__ == "__main__":
    sys.exit(main())
