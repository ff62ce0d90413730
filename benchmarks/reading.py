"""How well and how fast documents are read: python -m benchmarks.reading [pages of each scanned set]

The documents lie outside the project; SHARED_DATA names their folder. Figures of the same run are comparable.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import pypdfium2
from PIL import Image

from benchmarks._measuring import Report
from reading.document import Box, Word
from reading.ocr.page import recognise
from reading.opening import open_image, open_pdf
from reading.pdf import text_layer
from reading.pdf_page import open_page
from reading.reader import RECOGNISED_AT, read_document
from reading.rendering import render_open_page
from reading.sandbox import prefer_speed

DATA = Path(os.environ.get("SHARED_DATA", Path(__file__).parents[1] / "../shared/data")).resolve()
AMOUNT = re.compile(r"\d[\d,]*\.\d\d")
PAGES = 12


def main() -> int:
    if not (DATA / "text_pdfs").is_dir():
        print(f"No documents in {DATA}; set SHARED_DATA to the folder that holds text_pdfs and receipts_sroie.")
        return 1
    count = int(sys.argv[1]) if len(sys.argv) > 1 else PAGES
    report = Report()
    prefer_speed()  # as in the children that read
    cv2.setNumThreads(1)
    digital(report)
    with tempfile.TemporaryDirectory() as cache:
        for mode in ("fast", "accurate"):
            recognise(Image.new("RGB", (640, 640), "white"), mode, Path(cache))  # loads the networks
            receipts(report, mode, count, Path(cache))
            printed(report, mode, count, Path(cache))
    return 1 if report.missed else 0


def digital(report: Report) -> None:
    """Words of PDFs that have a text of their own, and what they cost beside pdfium's own extraction."""
    scores, pages, bare, ours = [], 0, 0.0, 0.0
    read_document(next(_truths("text_pdfs", ".pdf"))[0], layout=False, mode="fast")  # loads what is loaded once
    for path, truth in _truths("text_pdfs", ".pdf"):
        begun = time.process_time()
        pages += bare_extraction(path)
        bare += time.process_time() - begun
        begun = time.process_time()
        document = read_document(path, layout=False, mode="fast")
        if all(page.source == "text" for page in document.pages):
            ours += time.process_time() - begun
            text = " ".join(word.text for page in document.pages for word in page.words)
            scores.append(_f1(_words(text), _words(truth["expected"]["text"])))
        else:
            pages -= len(document.pages)
    report.line("digital: F1 of words", sum(scores) / len(scores), ">= 0.98")
    report.line("digital: words, lines and Markdown", 1000 * ours / pages, "<= 10", " ms", f"a page, of {pages}")
    report.line("digital: times bare pdfium", ours / bare, "<= 12")


def bare_extraction(path: Path) -> int:
    with pypdfium2.PdfDocument(path) as document:
        for page in document:
            page.get_textpage().get_text_range()
        return len(document)


def receipts(report: Report, mode: str, count: int, cache: Path) -> None:
    """Photographed receipts: the share of words and of amounts that were read."""
    hits: Counter[str] = Counter()
    seconds = 0.0
    for path, truth in list(_truths("receipts_sroie", ".jpg"))[:count]:
        image = open_image(path)
        begun = time.process_time()
        lines = recognise(image, mode, cache).lines
        seconds += time.process_time() - begun
        read, there = " ".join(line.text for line in lines), " ".join(truth["ocr_lines"])
        for kind, tokens in (("words", _words), ("amounts", _amounts)):
            hits[kind] += sum((tokens(read) & tokens(there)).values())
            hits[f"all {kind}"] += sum(tokens(there).values())
    report.line(
        f"receipts, {mode}: words read", hits["words"] / hits["all words"], f">= {0.88 if mode == 'accurate' else 0.80}"
    )
    report.line(
        f"receipts, {mode}: amounts read",
        hits["amounts"] / hits["all amounts"],
        f">= {0.93 if mode == 'accurate' else 0.88}",
    )
    report.line(f"receipts, {mode}: processor", seconds / count, "", " s", "a page")


def printed(report: Report, mode: str, count: int, cache: Path) -> None:
    """Invoices drawn as pictures and read back: their own text is the truth, for words and for boxes."""
    hits = there = 0
    overlaps: list[float] = []
    seconds = 0.0
    paths = sorted((DATA / "einvoices" / "docs").glob("*.pdf"))[::2][:count]
    for path in paths:
        with open_pdf(path) as pdf, open_page(pdf.document, 0) as page:
            truth = text_layer(page).words
            image = render_open_page(page, dpi=RECOGNISED_AT)
        begun = time.process_time()
        lines = recognise(image, mode, cache).lines
        seconds += time.process_time() - begun
        read = [word for line in lines for word in line.words]
        hits += sum((_words(" ".join(w.text for w in read)) & _words(" ".join(w.text for w in truth))).values())
        there += sum(_words(" ".join(word.text for word in truth)).values())
        overlaps += _overlaps(truth, read)
    report.line(f"printed, {mode}: words read", hits / there, ">= 0.96")
    report.line(f"printed, {mode}: boxes with IoU over 0.5", sum(o > 0.5 for o in overlaps) / len(overlaps), ">= 0.97")
    report.line(f"printed, {mode}: processor", seconds / len(paths), "", " s", "a page")


def _truths(corpus: str, suffix: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    for path in sorted((DATA / corpus / "truth").glob("*.json")):
        truth = json.loads(path.read_text("utf-8"))
        if truth["file"].endswith(suffix):
            yield DATA / corpus / truth["file"], truth


def _words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text.casefold()))


def _amounts(text: str) -> Counter[str]:
    return Counter(AMOUNT.findall(text))


def _f1(found: Counter[str], there: Counter[str]) -> float:
    return 2 * sum((found & there).values()) / (sum(found.values()) + sum(there.values()))


def _overlaps(truth: tuple[Word, ...], read: list[Word]) -> list[float]:
    """For each word that was read right, how well its box fits the nearest of the same text."""
    found = []
    for word in truth:
        same = [_iou(word.box, other.box) for other in read if other.text == word.text]
        if same and max(same) > 0:
            found.append(max(same))
    return found


def _iou(a: Box, b: Box) -> float:
    shared = a.overlap(b) * a.width * a.height
    return shared / (a.width * a.height + b.width * b.height - shared)


if __name__ == "__main__":
    sys.exit(main())
