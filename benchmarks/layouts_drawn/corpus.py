"""A corpus on disk: documents and their truth in the form of SHARED_DATA."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.layouts_drawn.asking import PER_KIND, Question, draw_question
from benchmarks.layouts_drawn.canvas import Box
from benchmarks.layouts_drawn.design import draw_design
from benchmarks.layouts_drawn.drafting import draw_content, language_of
from benchmarks.layouts_drawn.kinds import FAMILIES, KINDS
from benchmarks.layouts_drawn.pages import draw_document
from benchmarks.layouts_drawn.scans import Scan, scan_page
from benchmarks.layouts_drawn.sheet import Sheet
from benchmarks.layouts_drawn.truth import Answer, answer

_COUNTRIES = (
    *("GB", "US", "NL", "ES", "IT") * 2, *("FR", "DE") * 3, "IE", "AU", "CA", "BE", "CH", "AT",
)  # fmt: skip


@dataclass
class Drawn:
    name: str
    family: str
    sheet: Sheet
    question: Question
    answer: Answer
    pdf: bytes
    scan: Scan | None


def draw_family(seed: int, number: int, documents: int, scans: float) -> Iterator[Drawn]:
    family = f"{seed}-{number}"
    design = draw_design(family)
    kinds = random.Random(f"{family} kinds").choice(FAMILIES)
    for place in range(documents):
        chance = random.Random(f"{family} document {place}")
        kind, country = KINDS[kinds[place % len(kinds)]], chance.choice(_COUNTRIES)
        content = draw_content(chance, kind, language_of(chance, country), country)
        sheet = draw_document(content, design, chance)
        question = draw_question(kind.name, chance.randrange(PER_KIND))
        result = answer(sheet, question, chance)
        pdf = bytes(sheet.canvas.pdf.output())
        scan = scan_page(pdf, chance) if chance.random() < scans and sheet.canvas.page == 1 else None
        name = f"drawn{number:03}_{place + 1}_{content.language}{'_scan' if scan else ''}"
        yield Drawn(name, f"drawn{number:03}", sheet, question, result, pdf, scan)


def write(drawn: Drawn, folder: Path) -> None:
    data, ending = (drawn.scan.data, drawn.scan.ending) if drawn.scan else (drawn.pdf, ".pdf")
    for name in ("docs", "truth"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "docs" / f"{drawn.name}{ending}").write_bytes(data)
    truth = truth_of(drawn, folder.name, data, ending)
    (folder / "truth" / f"{drawn.name}.json").write_text(
        json.dumps(truth, ensure_ascii=False, indent=1), encoding="utf-8"
    )


def truth_of(drawn: Drawn, corpus: str, data: bytes, ending: str) -> dict[str, Any]:
    content = drawn.sheet.content
    return {
        "id": f"{corpus}/{drawn.name}", "file": f"docs/{drawn.name}{ending}", "corpus": corpus,
        "class": content.kind.document_class, "class_alternatives": list(content.kind.alternatives),
        "language": content.language, "country": content.country, "kind": content.kind.name,
        "sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data), "pages": drawn.sheet.canvas.page,
        "mime": {".pdf": "application/pdf", ".jpg": "image/jpeg", ".png": "image/png"}[ending],
        "layout_family": drawn.family, "schema_name": drawn.question.name,
        "scan": drawn.scan.about if drawn.scan else None,
        "schema": drawn.question.schema, "expected": drawn.answer.expected, "compare": drawn.answer.compare,
        "raw": {"printed": drawn.answer.printed}, "locations": _locations(drawn),
        "source": {"repository": "", "note": "drawn by benchmarks.layouts_drawn; all data made up"},
    }  # fmt: skip


def _locations(drawn: Drawn) -> dict[str, list[dict[str, Any]]]:
    return {
        path: [
            {"page": mark.box.page, "bbox": [round(share, 4) for share in _shares(drawn, mark.box)]} for mark in marks
        ]
        for path, marks in drawn.answer.marks.items()
    }


def _shares(drawn: Drawn, box: Box) -> tuple[float, float, float, float]:
    """A box as fractions of the page or of its picture."""
    if drawn.scan:
        return drawn.scan.moved(box)
    wide, high = drawn.sheet.canvas.width, drawn.sheet.canvas.height
    return box.x0 / wide, box.y0 / high, box.x1 / wide, box.y1 / high
