"""How much of drawn forms, cards, bills and statements the engine gets right, by kind. Usage:

    python -m benchmarks.forms_drawn [--strangers] [--kind K] [--medium M] [--show] [--keep FOLDER]
    python -m benchmarks.forms_drawn --write FOLDER

The first kinds were in sight when the rules were written; with `--strangers`, the others. With `--write`, all are
written with their truth, in the form that `engine.training` learns from.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from benchmarks._form_files import saved
from benchmarks._forms import MEDIA, Paper, specimens
from engine.pipeline import Request
from engine.pipeline.ocr import read_pages
from engine.pipeline.parsing import parse
from reading.normalization import fold

FILES = {False: "_form_kinds.toml", True: "_form_strangers.toml"}
"""By whether nobody had seen the kinds when the rules were written."""


def is_right(kind: str, expected: object, got: object) -> bool:
    if kind == "number":
        return isinstance(got, int | float) and abs(float(got) - float(str(expected))) < 1e-4
    if kind == "boolean":
        return got is expected
    if kind == "date":
        return str(got)[:10] == str(expected) and bool(date.fromisoformat(str(got)[:10]))
    return _plain(expected) == _plain(got)


def _plain(value: object) -> str:
    return " ".join("".join(char if char.isalnum() else " " for char in fold(str(value))).split())


def judged(paper: Paper, found: Mapping[str, object], *, show: bool) -> Counter[str]:
    count: Counter[str] = Counter()
    for name, expected in paper.truth.items():
        got = found.get(name)
        right = expected is not None and got is not None and is_right(paper.compare[name], expected, got)
        count["expected"] += expected is not None
        count["given"] += got is not None
        count["right"] += right
        count["fields"] += 1
        count["exact"] += right or (expected is None and got is None)
        if show and not right and (expected is not None or got is not None):
            print(f"  {paper.kind} {paper.medium} {name}: expected {expected!r}, got {got!r}")
    return count


def line(name: str, count: Counter[str]) -> str:
    precision = count["right"] / max(1, count["given"])
    recall = count["right"] / max(1, count["expected"])
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return f"{name:<26} recall {recall:.3f}  precision {precision:.3f}  F1 {f1:.3f}  wrong {1 - precision:.3f}"


def write(folder: Path) -> int:
    """All papers in the form of a corpus; returns how many."""
    for name in ("docs", "truth"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    papers = [paper for file in FILES.values() for paper in specimens(file)]
    for paper in papers:
        path = saved(paper, folder / "docs")
        truth = {
            "id": f"{folder.name}/{path.stem}",
            "file": f"docs/{path.name}",
            "class": "Form",
            "form": paper.kind,
            "schema": paper.schema,
            "expected": paper.truth,
            "compare": paper.compare,
        }
        (folder / "truth" / f"{path.stem}.json").write_text(json.dumps(truth, indent=1) + "\n", encoding="utf-8")
    return len(papers)


def main() -> int:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--strangers", action="store_true")
    arguments.add_argument("--kind", default="")
    arguments.add_argument("--medium", choices=MEDIA)
    arguments.add_argument("--show", action="store_true")
    arguments.add_argument("--keep", type=Path)
    arguments.add_argument("--write", type=Path)
    wanted = arguments.parse_args()
    if wanted.write:
        print(f"{write(wanted.write)} papers in {wanted.write}")
        return 0
    totals: defaultdict[str, Counter[str]] = defaultdict(Counter)
    with tempfile.TemporaryDirectory() as scratch:
        folder = wanted.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        for paper in specimens(FILES[wanted.strangers], (wanted.medium,) if wanted.medium else MEDIA):
            if wanted.kind in paper.kind:
                pages = list(read_pages(Request(saved(paper, folder))))
                count = judged(paper, parse(pages, paper.schema).data, show=wanted.show)
                for name in (paper.kind, f"medium: {paper.medium}", "all"):
                    totals[name] += count
    for name, count in sorted(totals.items(), key=lambda pair: (pair[0] == "all", ":" in pair[0])):
        print(line(name, count))
    return 0


if __name__ == "__main__":
    sys.exit(main())
