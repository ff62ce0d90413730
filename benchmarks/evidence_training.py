"""Train the portal's own confidence on documents of SHARED_DATA, and write extractions/evidence/confidence.json:

    python -m benchmarks.evidence_training [--extra FOLDER] [--judges FOLDER] [--only-measure]

Two models: one for values of which the service says nothing, learned from the engine's answers and from right answers
with mistakes planted as engines make them; one for values with a reported confidence, learned from the engine's answers
and what it says of them. Calibration is that of answers which the trees had not seen: five folds, whole families in
each. The same data give the same file.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks._answers import (
    CORPORA,
    DATA,
    FOLDS,
    Document,
    Judges,
    documents,
    engine_answer,
    opposite_signs,
    scorer,
    verdicts,
)
from benchmarks._boosting import Array, Settings, calibrated, probabilities, train
from benchmarks._plants import Page, planted
from extractions.evidence.adjustments import printed_adjustments
from extractions.evidence.clues import Evidence, vector
from extractions.evidence.grounding import locate
from extractions.evidence.reported import clues_of_reported, reported_confidence
from extractions.evidence.rules.marks import marks_of
from extractions.result.leaves import leaves

TARGET = Path(__file__).resolve().parent.parent / "extractions" / "evidence" / "confidence.json"
ENGINE = "engine"
SHARES = (0.0, 0.04, 0.12, 0.3)
"""Of values that are mistaken in a planted result."""
WEIGHTS = {ENGINE: 3.0}
SETTINGS = {"alone": Settings(trees=90, depth=4), "reported": Settings(trees=60, depth=3)}


@dataclass(frozen=True, slots=True)
class Sample:
    """One value of one answer; `reported` are clues of what the service says of it."""

    document: str
    corpus: str
    fold: int
    source: str
    path: str
    clues: dict[str, float]
    reported: dict[str, float]
    right: bool


@dataclass(frozen=True, slots=True)
class Table:
    """What one model learns from: a row of clues for each sample."""

    settings: Settings
    samples: list[Sample]
    names: list[str]
    rows: Array
    right: Array
    weights: Array
    folds: Array


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--extra", type=Path, action="append", default=[], help="a further folder of corpora")
    parser.add_argument("--judges", type=Path, help="what `engine.training --judges` wrote: judges that saw less")
    parser.add_argument("--only-measure", action="store_true", help="print the folds' figures and write nothing")
    options = parser.parse_args()
    samples = list(collect(None, options.extra, Judges(options.judges)))
    if not samples:
        print(f"Skipped: no documents in {DATA}; SHARED_DATA must name their folder.")
        return 0
    tables = tables_of(samples)
    scores = {name: held_out(table) for name, table in tables.items()}
    for name, table in tables.items():
        report(name, table, scores[name])
    if not options.only_measure:
        write(tables, scores)
    return 0


def collect(most: int | None, extra: Sequence[Path], judges: Judges) -> Iterator[Sample]:
    judge = scorer()
    for document in documents(CORPORA, most, extra):
        for source, data, said in answers(document, judges):
            known = verdicts(judge, document.truth, data)
            doubtful = opposite_signs(document.truth, data)
            reported = clues_of_reported([leaf.path for leaf in leaves(data)], said)
            for path, clues in weighed(document, data):
                if path in known and (known[path] or path not in doubtful):
                    yield Sample(
                        document.truth["id"], document.corpus, document.fold, source, path, clues,
                        reported.get(path, {}), known[path],
                    )  # fmt: skip


def answers(document: Document, judges: Judges) -> Iterator[tuple[str, Any, dict[str, float]]]:
    """The engine's answer with its confidences, and right ones with mistakes."""
    answer = engine_answer(document, judges)
    yield ENGINE, answer.get("extracted_data") or {}, reported_confidence(answer)
    page = Page(document.words, random.Random(document.truth["id"]))
    for share in SHARES:
        yield f"planted {share}", planted(document.truth["expected"], page, share), {}


def weighed(document: Document, data: Any) -> Iterator[tuple[str, dict[str, float]]]:
    schema = document.truth["schema"]
    located = locate(list(leaves(data)), document.words, schema)
    kinds = {ground.path: str(ground.kind) for ground in located.grounds}
    values = {leaf.path: leaf.value for leaf in located.leaves}
    marks = marks_of(values, schema, kinds, printed_adjustments(located.finder))
    for leaf, clues in zip(located.leaves, Evidence(located, schema, marks).clues(), strict=True):
        if clues is not None:
            yield leaf.path, clues


def tables_of(samples: Sequence[Sample]) -> dict[str, Table]:
    """For each model what it learns from."""
    reported = [sample for sample in samples if sample.source == ENGINE and sample.reported]
    return {"alone": _table(samples, alone=True), "reported": _table(reported, alone=False)}


def _table(samples: Sequence[Sample], *, alone: bool) -> Table:
    clues = [sample.clues if alone else sample.clues | sample.reported for sample in samples]
    names = sorted({name for row in clues for name in row})
    return Table(
        SETTINGS["alone" if alone else "reported"],
        list(samples),
        names,
        np.array([vector(row, names) for row in clues], dtype=np.float64),
        np.array([sample.right for sample in samples], dtype=np.float64),
        np.array([WEIGHTS.get(sample.source, 1.0) for sample in samples], dtype=np.float64),
        np.array([sample.fold for sample in samples], dtype=np.float64),
    )


def held_out(table: Table) -> Array:
    """The score of each value by trees that saw no document of its family."""
    scores = np.zeros(len(table.right))
    for fold in range(FOLDS):
        out = table.folds == fold
        grown = train(table.rows[~out], table.right[~out], table.weights[~out], table.settings)
        scores[out] = grown.scores(table.rows[out])
    return scores


def held_out_probabilities(table: Table, scores: Array) -> Array:
    """Calibrated on the other folds."""
    found = np.zeros(len(scores))
    for fold in range(FOLDS):
        out = table.folds == fold
        curve = calibrated(scores[~out], table.right[~out], table.weights[~out])
        found[out] = probabilities(scores[out], curve)
    return found


def report(name: str, table: Table, scores: Array) -> None:
    sure = held_out_probabilities(table, scores)
    for source in sorted({sample.source for sample in table.samples}):
        here = np.array([sample.source == source for sample in table.samples])
        for least in (0.95, 0.98, 0.99, 0.995):
            green = here & (sure >= least)
            right = table.right[green].mean() if green.any() else 1.0
            share = table.right[green].sum() / max(1.0, table.right[here].sum())
            silent = (1 - table.right[green]).sum() / max(1.0, (1 - table.right[here]).sum())
            print(f"{name:<9} {source:<13} {least:.3f}: right of green {right:.4f}, green of right {share:.3f}, "
                  f"silent errors {silent:.3f}, of {here.sum()}")  # fmt: skip


def write(tables: Mapping[str, Table], scores: Mapping[str, Array]) -> None:
    models = {}
    for name, table in tables.items():
        grown = train(table.rows, table.right, table.weights, table.settings)
        curve = calibrated(scores[name], table.right, table.weights)
        models[name] = {"clues": table.names, "base": grown.base, "calibration": curve, "trees": grown.trees}
    text = json.dumps(models, separators=(",", ":"))
    documents_of = {sample.corpus: set[str]() for sample in tables["alone"].samples}
    for sample in tables["alone"].samples:
        documents_of[sample.corpus].add(sample.document)
    about = {
        "command": " ".join(
            [
                "python -m benchmarks.evidence_training",
                *(f"{option} FOLDER" for option in ("--extra", "--judges") if option in sys.argv),
            ]
        ),
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "values": {name: len(table.samples) for name, table in tables.items()},
        "data": {corpus: len(names) for corpus, names in documents_of.items()},
    }
    TARGET.write_text(json.dumps({"about": about} | models, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{TARGET.name}: {TARGET.stat().st_size // 1024} KB, {about['sha256'][:12]}")


if __name__ == "__main__":
    sys.exit(main())
