"""Train the portal's own confidence on documents of SHARED_DATA, and write extractions/evidence/confidence.json:

    python -m benchmarks.evidence_training [--only-measure]

Learnt from are the engine's own answers, and right answers with mistakes planted as engines make them. Calibration is
that of answers which the trees had not seen: five folds, whole families in each. The same data give the same file.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks._answers import (
    CORPORA,
    DATA,
    FOLDS,
    PROJECT,
    Document,
    documents,
    engine_answer,
    opposite_signs,
    scorer,
    verdicts,
)
from benchmarks._boosting import Array, Settings, calibrated, probabilities, train
from benchmarks._plants import Page, planted
from extractions.evidence.clues import Evidence, vector
from extractions.evidence.grounding import locate
from extractions.evidence.rules.marks import marks_of
from extractions.result.leaves import leaves

TARGET = PROJECT / "extractions" / "evidence" / "confidence.json"
SHARES = (0.0, 0.04, 0.12, 0.3)
"""Of values that are mistaken in a planted result."""
WEIGHTS = {"engine": 3.0}
SETTINGS = Settings()
COMMAND = "python -m benchmarks.evidence_training"


@dataclass(frozen=True, slots=True)
class Sample:
    """One value of one answer."""

    document: str
    corpus: str
    fold: int
    source: str
    path: str
    clues: dict[str, float]
    right: bool


@dataclass(frozen=True, slots=True)
class Set:
    names: list[str]
    rows: Array
    right: Array
    weights: Array
    folds: Array


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only-measure", action="store_true", help="print the folds' figures and write nothing")
    only_measure = parser.parse_args().only_measure
    samples = list(collect())
    if not samples:
        print(f"Skipped: no documents in {DATA}; SHARED_DATA must name their folder.")
        return 0
    table = tabulate(samples)
    scores = held_out(table)
    report(samples, table, scores)
    if not only_measure:
        write(samples, table, scores)
    return 0


def collect(most: int | None = None) -> Iterator[Sample]:
    judge = scorer()
    for document in documents(CORPORA, most):
        for source, data in answers(document):
            known = verdicts(judge, document.truth, data)
            doubtful = opposite_signs(document.truth, data)
            for path, clues in weighed(document, data):
                if path in known and (known[path] or path not in doubtful):
                    name = document.truth["id"]
                    yield Sample(name, document.corpus, document.fold, source, path, clues, known[path])


def answers(document: Document) -> Iterator[tuple[str, Any]]:
    """The engine's answer, and right ones with mistakes."""
    yield "engine", engine_answer(document).get("extracted_data") or {}
    page = Page(document.words, random.Random(document.truth["id"]))
    for share in SHARES:
        yield f"planted {share}", planted(document.truth["expected"], page, share)


def weighed(document: Document, data: Any) -> Iterator[tuple[str, dict[str, float]]]:
    schema = document.truth["schema"]
    located = locate(list(leaves(data)), document.words, schema)
    kinds = {ground.path: str(ground.kind) for ground in located.grounds}
    marks = marks_of({leaf.path: leaf.value for leaf in located.leaves}, schema, kinds)
    for leaf, clues in zip(located.leaves, Evidence(located, schema, marks).clues(), strict=True):
        if clues is not None:
            yield leaf.path, clues


def tabulate(samples: Sequence[Sample]) -> Set:
    names = sorted({name for sample in samples for name in sample.clues})
    return Set(
        names,
        np.array([vector(sample.clues, names) for sample in samples], dtype=np.float64),
        np.array([sample.right for sample in samples], dtype=np.float64),
        np.array([WEIGHTS.get(sample.source, 1.0) for sample in samples], dtype=np.float64),
        np.array([sample.fold for sample in samples], dtype=np.float64),
    )


def held_out(table: Set) -> Array:
    """The score of each value by trees that saw no document of its family."""
    scores = np.zeros(len(table.right))
    for fold in range(FOLDS):
        out = table.folds == fold
        grown = train(table.rows[~out], table.right[~out], table.weights[~out], SETTINGS)
        scores[out] = grown.scores(table.rows[out])
    return scores


def held_out_probabilities(table: Set, scores: Array) -> Array:
    """Calibrated on the other folds."""
    found = np.zeros(len(scores))
    for fold in range(FOLDS):
        out = table.folds == fold
        knots = calibrated(scores[~out], table.right[~out], table.weights[~out])
        found[out] = probabilities(scores[out], knots)
    return found


def report(samples: Sequence[Sample], table: Set, scores: Array) -> None:
    sure = held_out_probabilities(table, scores)
    for source in sorted({sample.source for sample in samples}):
        here = np.array([sample.source == source for sample in samples])
        for least in (0.95, 0.98, 0.99, 0.995):
            green = here & (sure >= least)
            right = table.right[green].mean() if green.any() else 1.0
            share = table.right[green].sum() / max(1.0, table.right[here].sum())
            silent = (1 - table.right[green]).sum() / max(1.0, (1 - table.right[here]).sum())
            print(f"{source:<14} {least:.3f}: right of green {right:.4f}, green of right {share:.3f}, "
                  f"silent errors {silent:.3f}, of {here.sum()}")  # fmt: skip


def write(samples: Sequence[Sample], table: Set, scores: Array) -> None:
    grown = train(table.rows, table.right, table.weights, SETTINGS)
    knots = calibrated(scores, table.right, table.weights)
    model = {"clues": table.names, "base": grown.base, "knots": knots, "trees": grown.trees}
    text = json.dumps(model, separators=(",", ":"))
    about = {
        "command": COMMAND,
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "values": len(samples),
        "data": {corpus: len({sample.document for sample in samples if sample.corpus == corpus}) for corpus in CORPORA},
    }
    TARGET.write_text(json.dumps({"about": about} | model, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{TARGET.name}: {len(grown.trees)} trees, {TARGET.stat().st_size // 1024} KB, {about['sha256'][:12]}")


if __name__ == "__main__":
    sys.exit(main())
