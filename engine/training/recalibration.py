"""Learning only how sure the installed judge may be of what it decides, on documents that it has not learned from."""

from __future__ import annotations

import argparse
import json
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from engine.pipeline.parsing.judge.calibration import NAMES, Calibration
from engine.pipeline.parsing.judge.judging import give_probabilities
from engine.pipeline.parsing.judge.models import FOLDER, Judge, load
from engine.pipeline.parsing.judge.options import Option

from .cases import Case
from .corpora import folds_of
from .decisions import calibration_of, calibrations_without, decisions_of
from .evaluation import Settings, measure, printed

FOLDS = 5
_MODEL = "model.json"


def recalibrate(cases: Sequence[Case], options: argparse.Namespace) -> Iterator[str]:
    """Write the calibration, and yield what it is worth on families left out."""
    judge = load()
    folds = folds_of([case.sample for case in cases], FOLDS)
    found = [options_of(case, judge) for case in cases]
    decisions = decisions_of(cases, found, folds, [judge.floors] * FOLDS)
    without = calibrations_without(decisions, folds)
    settings = [Settings(judge.floors, one, judge.curves["cells"]) for one in without]
    yield from printed(measure(found, decisions, folds, settings))
    if options.judges:
        for fold, calibration in enumerate(without):
            shutil.copytree(FOLDER, options.judges / str(fold), ignore=shutil.ignore_patterns("*.py", "__*"))
            inside = [case for case, other in zip(cases, folds, strict=True) if other != fold]
            _write(options.judges / str(fold) / _MODEL, calibration, inside, options.command)
        of = {case.sample.name: fold for case, fold in zip(cases, folds, strict=True)}
        (options.judges / "folds.json").write_text(json.dumps(of, indent=1) + "\n", encoding="utf-8")
    if not options.evaluate:
        _write(options.out / _MODEL, calibration_of(decisions), cases, options.command)


def options_of(case: Case, judge: Judge) -> list[list[Option]]:
    """As the engine finds and judges them; cells get their probabilities, too."""
    document = case.document
    found = document.options(document.split(judge.scorer(document.stacked())))
    give_probabilities(judge, found)
    if case.cells:
        for cell, said in zip(case.cells, judge.cells(np.vstack([cell.row for cell in case.cells])), strict=True):
            cell.probability = float(said)
    return found


def _write(path: Path, calibration: Calibration, cases: Sequence[Case], command: str) -> None:
    said: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    said["curves"].pop("values", None)
    said["calibration"] = {
        "command": command,
        "documents": dict(sorted(Counter(case.sample.corpus for case in cases).items())),
        "features": list(NAMES),
        "weights": list(calibration.weights),
    }
    path.write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
