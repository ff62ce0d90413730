"""Whether "confirmed by evidence" means right: python -m benchmarks.green [--limit N] [--least 0.99]

On the engine's answers to the documents of SHARED_DATA. The portal's own confidence is that of trees which saw no
document of the family, in training or calibration. Where the answer has `x_confidence`, that is measured too, held
against the evidence as the portal does.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks._answers import CORPORA, DATA, Document, documents, engine_answer, scorer, verdicts
from benchmarks._measuring import Report
from benchmarks.evidence_training import Sample, collect, held_out, held_out_probabilities, tabulate
from extractions.evidence.confidence import confidences, reported_confidence
from extractions.evidence.grounding import locate
from extractions.result.leaves import leaves

BINS = 10


@dataclass(frozen=True, slots=True)
class Judged:
    """A given value with its confidence; whether it is right is None where the truth says nothing of it."""

    document: str
    corpus: str
    cell: bool
    share: float
    right: bool | None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--limit", type=int, help="documents of each corpus, at most")
    parser.add_argument("--least", type=float, default=0.99, help="the confidence from which a value is confirmed")
    options = parser.parse_args()
    if not (DATA / "score.py").is_file():
        print(f"Skipped: no documents in {DATA}; SHARED_DATA must name their folder.")
        return 0
    report = Report()
    print_figures(report, "own", own_confidence(list(collect(options.limit))), options.least)
    if reported := reported_by_engine(options.limit):
        print_figures(report, "engine's", reported, options.least)
    return 1 if report.missed else 0


def own_confidence(samples: Sequence[Sample]) -> list[Judged]:
    """By trees that were trained and calibrated on other families."""
    table = tabulate(samples)
    shares = held_out_probabilities(table, held_out(table))
    return [
        Judged(sample.document, sample.corpus, "[" in sample.path, float(share), sample.right)
        for sample, share in zip(samples, shares, strict=True)
        if sample.source == "engine"
    ]


def reported_by_engine(limit: int | None) -> list[Judged]:
    found: list[Judged] = []
    judge = scorer()
    for document in documents(CORPORA, limit):
        answer = engine_answer(document)
        if reported := reported_confidence(answer):
            known = verdicts(judge, document.truth, answer["extracted_data"])
            found += _judged(document, answer["extracted_data"], reported, known)
    return found


def _judged(document: Document, data: object, reported: dict[str, float], known: dict[str, bool]) -> list[Judged]:
    schema = document.truth["schema"]
    located = locate(list(leaves(data)), document.words, schema)
    shares = zip(located.leaves, confidences(located, schema, reported), strict=True)
    return [
        Judged(document.truth["id"], document.corpus, "[" in leaf.path, share, known.get(leaf.path))
        for leaf, share in shares
        if share is not None
    ]


def print_figures(report: Report, whose: str, judged: Sequence[Judged], least: float) -> None:
    for name in ("all", *CORPORA):
        here = [one for one in judged if name in ("all", one.corpus)]
        goals = (">= 0.99", ">= 0.70", "<= 0.05", "<= 0.03") if name == "all" else ("", "", "", "")
        for cells, what in ((False, "single"), (True, "cells")):
            known = [one for one in here if one.cell is cells and one.right is not None]
            if known:
                _print(report, f"{whose} confidence, {name}, {what}", known, least, goals)
        if here:
            _print_free(report, f"{whose} confidence, {name}", here, least, "<= 0.05" if name == "all" else "")


def _print(report: Report, what: str, known: Sequence[Judged], least: float, goals: Sequence[str]) -> None:
    green = [one for one in known if one.share >= least]
    right, wrong = [one for one in known if one.right], [one for one in known if not one.right]
    right_green = sum(bool(one.right) for one in green)
    shares = np.array([one.share for one in known])
    report.line(f"{what}: right of green", right_green / max(1, len(green)), goals[0], "", f"of {len(green)}")
    report.line(f"{what}: green of right", right_green / max(1, len(right)), goals[1], "", f"of {len(right)}")
    silent = (len(green) - right_green) / max(1, len(wrong))
    report.line(f"{what}: wrong that are green", silent, goals[2], "", f"of {len(wrong)}")
    error = calibration_error(shares, np.array([bool(one.right) for one in known]))
    report.line(f"{what}: expected calibration error", error, goals[3], "", "")


def _print_free(report: Report, what: str, judged: Sequence[Judged], least: float, goal: str) -> None:
    """Documents in which every value is confirmed: how many hold an error all the same."""
    by_document: defaultdict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        by_document[one.document].append(one)
    free = [values for values in by_document.values() if all(one.share >= least for one in values)]
    faulty = sum(any(one.right is False for one in values) for values in free)
    report.line(f"{what}: free documents with an error", faulty / max(1, len(free)), goal, "", f"of {len(free)} free")


def calibration_error(shares: np.ndarray, right: np.ndarray) -> float:
    """The mean distance of what was said and what was so, over bins of equal width."""
    bins = np.minimum((shares * BINS).astype(int), BINS - 1)
    parts = [bins == number for number in range(BINS)]
    return float(sum(abs(shares[part].mean() - right[part].mean()) * part.mean() for part in parts if part.any()))


if __name__ == "__main__":
    sys.exit(main())
