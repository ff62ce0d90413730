"""Train the portal's own confidence on documents of SHARED_DATA, and write extractions/evidence/confidence.json:

    python -m benchmarks.evidence_training [--extra FOLDER] [--drawn FOLDER] [--judges FOLDER] [--reported]
                                           [--only-measure]

Two models: one for values of which the service says nothing, learned from the engine's answers and from right answers
with mistakes planted as engines make them; one for values with a reported confidence, learned from the engine's answers
and what it says of them, where it stands and how sure it is. With --reported only the second is learned, and only from
the documents that the judges of --judges share among their folds; the first stays as it is. Calibration is that of
answers which the trees had not seen: five folds, whole families in each. The same data give the same file.
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
from numpy.typing import NDArray

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
from extractions.evidence.confidence import KNOTS, log_odds
from extractions.evidence.grounding import locate
from extractions.evidence.reported import clues_of_reported, reported_confidence
from extractions.evidence.rules.marks import marks_of
from extractions.result.leaves import leaves

TARGET = Path(__file__).resolve().parent.parent / "extractions" / "evidence" / "confidence.json"
ENGINE, BARE = "engine", "engine, of which nothing else is told"
DRAWN = 0.3
"""The weight of a value on a page that this project drew."""
SHARES = (0.0, 0.04, 0.12, 0.3)
"""Of values that are mistaken in a planted result."""
WEIGHTS = {BARE: 3.0}
SETTINGS = {"alone": Settings(trees=90, depth=4), "reported": Settings(trees=60, depth=3)}


@dataclass(frozen=True, slots=True)
class Sample:
    """One value of one answer; `reported` are clues of what the service says of it."""

    document: str
    corpus: str
    fold: int
    source: str
    is_drawn: bool
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
    start: Array | None
    """The reported log odds, which the trees correct."""

    @property
    def cells(self) -> NDArray[np.bool_]:
        return np.array(["[" in sample.path for sample in self.samples])

    @property
    def sent(self) -> Array:
        """Weights for calibration: those of pages that somebody sent."""
        return self.weights * ~np.array([sample.is_drawn for sample in self.samples])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--extra", type=Path, action="append", default=[], help="a further folder of corpora")
    parser.add_argument("--judges", type=Path, help="what `engine.training --judges` wrote: judges that saw less")
    parser.add_argument("--drawn", type=Path, action="append", default=[], help="a corpus that was drawn")
    parser.add_argument("--reported", action="store_true", help="learn only what goes with a reported confidence")
    parser.add_argument("--only-measure", action="store_true", help="print the folds' figures and write nothing")
    options = parser.parse_args()
    samples = list(collect(None, options.extra, Judges(options.judges), options.drawn, options.reported))
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


def collect(
    most: int | None, extra: Sequence[Path], judges: Judges, drawn: Sequence[Path] = (), only_reported: bool = False
) -> Iterator[Sample]:
    """With `only_reported` the engine's answers to documents that are shared among the folds of the judges."""
    judge = scorer()
    is_wanted = judges.is_unseen if only_reported else bool
    for document in documents(() if only_reported else CORPORA, most, extra, drawn, is_wanted):
        for source, answer in answers(document, judges, only_reported):
            data, said = answer.get("extracted_data") or {}, reported_confidence(answer)
            known = verdicts(judge, document.truth, data)
            doubtful = opposite_signs(document.truth, data)
            reported = clues_of_reported([leaf.path for leaf in leaves(data)], said)
            for path, clues in weighed(document, data, answer.get("x_locations")):
                if path in known and (known[path] or path not in doubtful):
                    yield Sample(
                        document.truth["id"], document.corpus, document.fold, source, document.is_drawn, path, clues,
                        reported.get(path, {}), known[path],
                    )  # fmt: skip


def answers(document: Document, judges: Judges, only_reported: bool) -> Iterator[tuple[str, dict[str, Any]]]:
    """The engine's answer with confidences and places, the same without, and right ones with mistakes."""
    answer = engine_answer(document, judges)
    yield ENGINE, answer
    if only_reported:
        return
    yield BARE, {"extracted_data": answer["extracted_data"]}
    page = Page(document.words, random.Random(document.truth["id"]))
    for share in SHARES:
        yield f"planted {share}", {"extracted_data": planted(document.truth["expected"], page, share)}


def weighed(document: Document, data: Any, places: Any = None) -> Iterator[tuple[str, dict[str, float]]]:
    schema = document.truth["schema"]
    located = locate(list(leaves(data, places)), document.words, schema)
    kinds = {ground.path: str(ground.kind) for ground in located.grounds}
    values = {leaf.path: leaf.value for leaf in located.leaves}
    marks = marks_of(values, schema, kinds, printed_adjustments(located.finder))
    for leaf, clues in zip(located.leaves, Evidence(located, schema, marks).clues(), strict=True):
        if clues is not None:
            yield leaf.path, clues


def tables_of(samples: Sequence[Sample]) -> dict[str, Table]:
    """For each model what it learns from."""
    reported = [sample for sample in samples if sample.source == ENGINE and sample.reported]
    alone = [sample for sample in samples if sample.source != ENGINE]
    tables = {"reported": _table(reported, alone=False)}
    return {"alone": _table(alone, alone=True)} | tables if alone else tables


def _table(samples: Sequence[Sample], *, alone: bool) -> Table:
    clues = [sample.clues if alone else sample.clues | sample.reported for sample in samples]
    names = sorted({name for row in clues for name in row})
    return Table(
        SETTINGS["alone" if alone else "reported"],
        list(samples),
        names,
        np.array([vector(row, names) for row in clues], dtype=np.float64),
        np.array([sample.right for sample in samples], dtype=np.float64),
        np.array([_weight(sample) for sample in samples], dtype=np.float64),
        np.array([sample.fold for sample in samples], dtype=np.float64),
        None if alone else np.array([log_odds(sample.reported["reported"]) for sample in samples]),
    )


def _weight(sample: Sample) -> float:
    return WEIGHTS.get(sample.source, 1.0) * (DRAWN if sample.is_drawn else 1.0)


def held_out(table: Table) -> Array:
    """The score of each value by trees that saw no document of its family."""
    scores = np.zeros(len(table.right))
    for fold in range(FOLDS):
        out = table.folds == fold
        start = None if table.start is None else table.start[~out]
        grown = train(table.rows[~out], table.right[~out], table.weights[~out], table.settings, start)
        scores[out] = grown.scores(table.rows[out])
    return scores if table.start is None else scores + table.start


def held_out_probabilities(table: Table, scores: Array) -> Array:
    """Calibrated on the other folds."""
    found = np.zeros(len(scores))
    for fold in range(FOLDS):
        out = table.folds == fold
        for part, curve in _curves(table, scores, ~out).items():
            here = out & _is(part, table)
            found[here] = probabilities(scores[here], curve, KNOTS)
    return found


def _curves(table: Table, scores: Array, chosen: NDArray[np.bool_]) -> dict[str, list[float]]:
    """The calibration of single values and that of cells, by the chosen ones."""
    parts = {part: chosen & _is(part, table) for part in ("single", "cell")}
    return {part: calibrated(scores[at], table.right[at], table.sent[at], KNOTS) for part, at in parts.items()}


def _is(part: str, table: Table) -> NDArray[np.bool_]:
    return table.cells if part == "cell" else ~table.cells


def report(name: str, table: Table, scores: Array) -> None:
    sure = held_out_probabilities(table, scores)
    for source in sorted({sample.source for sample in table.samples}):
        here = np.array([sample.source == source and not sample.is_drawn for sample in table.samples])
        for least in (0.95, 0.98, 0.99, 0.995):
            green = here & (sure >= least)
            right = table.right[green].mean() if green.any() else 1.0
            share = table.right[green].sum() / max(1.0, table.right[here].sum())
            silent = (1 - table.right[green]).sum() / max(1.0, (1 - table.right[here]).sum())
            print(f"{name:<9} {source:<13} {least:.3f}: right of green {right:.4f}, green of right {share:.3f}, "
                  f"silent errors {silent:.3f}, of {here.sum()}")  # fmt: skip


def write(tables: Mapping[str, Table], scores: Mapping[str, Array]) -> None:
    known = json.loads(TARGET.read_text(encoding="utf-8"))
    models = {name: known[name] for name in SETTINGS if name not in tables}
    for name, table in tables.items():
        grown = train(table.rows, table.right, table.weights, table.settings, table.start)
        curves = _curves(table, scores[name], np.ones(len(table.right), bool))
        start = "" if table.start is None else "reported"
        models[name] = {
            "clues": table.names, "base": grown.base, "start": start, "calibration": curves, "trees": grown.trees,
        }  # fmt: skip
    text = json.dumps(models, separators=(",", ":"))
    about = known["about"] if models.keys() - tables.keys() else {}
    about |= {name: _about(table) for name, table in tables.items()}
    about["sha256"] = hashlib.sha256(text.encode()).hexdigest()
    TARGET.write_text(json.dumps({"about": about} | models, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{TARGET.name}: {TARGET.stat().st_size // 1024} KB, {about['sha256'][:12]}")


def _about(table: Table) -> dict[str, Any]:
    """By what command, and from how many values and documents a model was learned."""
    documents_of = {sample.corpus: set[str]() for sample in table.samples}
    for sample in table.samples:
        documents_of[sample.corpus].add(sample.document)
    given = (f"{option} FOLDER" for option in ("--extra", "--drawn", "--judges") if option in sys.argv)
    flags = (option for option in ("--reported",) if option in sys.argv)
    return {
        "command": " ".join(["python -m benchmarks.evidence_training", *given, *flags]),
        "values": len(table.samples),
        "data": {corpus: len(names) for corpus, names in documents_of.items()},
    }


if __name__ == "__main__":
    sys.exit(main())
