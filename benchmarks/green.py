"""Whether "confirmed by evidence" means right:

    python -m benchmarks.green [--extra FOLDER] [--judges FOLDER] [--drawn FOLDER] [--reported]
                              [--limit N] [--least 0.99]
    python -m benchmarks.green --strangers FOLDER

On the engine's answers to the documents of SHARED_DATA and of further folders, by the portal's confidence: as if the
service had said nothing ("alone"), and with what the engine says of its values ("reported"). Both are those of trees
which saw no document of the family, in training or calibration. With --strangers it is the installed confidence, on
corpora of a folder from which nothing was learned.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks._answers import DATA, Document, Judges, documents, engine_answer, opposite_signs, scorer, verdicts
from benchmarks._measuring import Report
from benchmarks.evidence_training import BARE, ENGINE, Table, collect, held_out, held_out_probabilities, tables_of
from extractions.evidence.confidence import confidences
from extractions.evidence.grounding import locate
from extractions.evidence.reported import reported_confidence
from extractions.result.leaves import leaves

BINS = 10


@dataclass(frozen=True, slots=True)
class Judged:
    """A given value with its confidence."""

    document: str
    corpus: str
    cell: bool
    share: float
    right: bool


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--extra", type=Path, action="append", default=[], help="a further folder of corpora")
    parser.add_argument("--judges", type=Path, help="what `engine.training --judges` wrote: judges that saw less")
    parser.add_argument("--drawn", type=Path, action="append", default=[], help="a drawn corpus to learn from")
    parser.add_argument("--reported", action="store_true", help="as benchmarks.evidence_training --reported")
    parser.add_argument("--strangers", type=Path, help="a folder of corpora from which nothing was learned")
    parser.add_argument("--limit", type=int, help="documents of each corpus, at most")
    parser.add_argument("--least", type=float, default=0.99, help="the confidence from which a value is confirmed")
    options = parser.parse_args()
    if not (DATA / "score.py").is_file():
        print(f"Skipped: no documents in {DATA}; SHARED_DATA must name their folder.")
        return 0
    report = Report()
    if options.strangers:
        found = list(documents((), options.limit, [options.strangers]))
        for name in ("alone", "reported"):
            print_figures(report, name, list(judged_as_installed(found, name == "reported")), options.least)
        return 1 if report.missed else 0
    samples = collect(options.limit, options.extra, Judges(options.judges), options.drawn, options.reported)
    for name, table in tables_of(list(samples)).items():
        print_figures(report, name, judged(table), options.least)
    return 1 if report.missed else 0


def judged(table: Table) -> list[Judged]:
    """The engine's values, by trees that were trained and calibrated on other families."""
    shares = held_out_probabilities(table, held_out(table))
    return [
        Judged(sample.document, sample.corpus, "[" in sample.path, float(share), sample.right)
        for sample, share in zip(table.samples, shares, strict=True)
        if sample.source in (ENGINE, BARE) and not sample.is_drawn
    ]


def judged_as_installed(found: Sequence[Document], is_reported: bool) -> Iterator[Judged]:
    judge, judges = scorer(), Judges(None)
    for document in found:
        answer, schema = engine_answer(document, judges), document.truth["schema"]
        data = answer["extracted_data"] or {}
        known, doubtful = verdicts(judge, document.truth, data), opposite_signs(document.truth, data)
        places = answer["x_locations"] if is_reported else None
        located = locate(list(leaves(data, places)), document.words, schema)
        shares = confidences(located, schema, reported_confidence(answer) if is_reported else None)
        for leaf, share in zip(located.leaves, shares, strict=True):
            if share is not None and leaf.path in known and (known[leaf.path] or leaf.path not in doubtful):
                yield Judged(document.truth["id"], document.corpus, "[" in leaf.path, share, known[leaf.path])


def print_figures(report: Report, whose: str, judged: Sequence[Judged], least: float) -> None:
    for name in ("all", *dict.fromkeys(item.corpus for item in judged)):
        here = [value for value in judged if name in ("all", value.corpus)]
        goals = (">= 0.99", ">= 0.70", "<= 0.05", "<= 0.03") if name == "all" else ("", "", "", "")
        for cells, what in ((False, "single"), (True, "cells")):
            known = [value for value in here if value.cell is cells]
            if known:
                _print(report, f"{whose} confidence, {name}, {what}", known, least, goals)
        if here:
            _print_free(report, f"{whose} confidence, {name}", here, least, "<= 0.05" if name == "all" else "")


def _print(report: Report, what: str, known: Sequence[Judged], least: float, goals: Sequence[str]) -> None:
    green = [value for value in known if value.share >= least]
    right, wrong = [value for value in known if value.right], [value for value in known if not value.right]
    right_green = sum(value.right for value in green)
    shares = np.array([value.share for value in known])
    report.line(f"{what}: right of green", right_green / max(1, len(green)), goals[0], "", f"of {len(green)}")
    report.line(f"{what}: green of right", right_green / max(1, len(right)), goals[1], "", f"of {len(right)}")
    silent = (len(green) - right_green) / max(1, len(wrong))
    report.line(f"{what}: wrong that are green", silent, goals[2], "", f"of {len(wrong)}")
    error = calibration_error(shares, np.array([value.right for value in known]))
    report.line(f"{what}: expected calibration error", error, goals[3], "", "")


def _print_free(report: Report, what: str, judged: Sequence[Judged], least: float, goal: str) -> None:
    """Documents in which every value is confirmed: how many hold an error all the same."""
    by_document: defaultdict[str, list[Judged]] = defaultdict(list)
    for value in judged:
        by_document[value.document].append(value)
    free = [values for values in by_document.values() if all(value.share >= least for value in values)]
    faulty = sum(any(not value.right for value in values) for values in free)
    report.line(f"{what}: free documents with an error", faulty / max(1, len(free)), goal, "", f"of {len(free)} free")


def calibration_error(shares: np.ndarray, right: np.ndarray) -> float:
    """The mean distance of what was said and what was so, over bins of equal width."""
    bins = np.minimum((shares * BINS).astype(int), BINS - 1)
    parts = [bins == number for number in range(BINS)]
    return float(sum(abs(shares[part].mean() - right[part].mean()) * part.mean() for part in parts if part.any()))


if __name__ == "__main__":
    sys.exit(main())
