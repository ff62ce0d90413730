"""Learn the judge of PARSING: `python -m engine.training` (needs the packages of the extra `train`).

It learns from folders of documents with known values: those of SHARED_DATA (default ../shared/data beside the project)
and any named with --extra, and less from each that was drawn (--drawn). --evaluate only prints what the judge is worth
on families left out, and writes no models. --calibrate leaves the models as they are, and learns how likely right their
decisions are, from documents of which they know nothing: then only the folders that are named count.
The same documents give the same bytes: one thread, fixed seeds.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import numpy as np

from engine.pipeline.parsing.judge.calibration import NAMES as CALIBRATED_BY
from engine.pipeline.parsing.judge.cells import NAMES as CELL_NAMES
from engine.pipeline.parsing.judge.models import FOLDER
from engine.pipeline.parsing.judge.options import judge_names
from engine.pipeline.parsing.judge.pair_features import names as scorer_names
from reading import CannotRead
from reading.document import Page
from reading.vocabulary import names

from .absent import strange_fields, without_values
from .boosting import as_onnx
from .cases import Case, case_of
from .corpora import CORPORA, Sample, folds_of, load_scorer, samples
from .decisions import calibration_of, calibrations_without, decisions_of
from .evaluation import Settings, curve_of_cells, curves_without, floors_of, floors_without, measure, printed
from .kept_pages import pages_of
from .learning import FOLDS, Boosters, learn_all
from .recalibration import recalibrate

EVERY = 2
"""One document of so many is learned from a second time, with some of its values gone."""
PROJECT = Path(__file__).resolve().parents[2]


def main() -> int:
    options = _options()
    data = Path(os.environ.get("SHARED_DATA") or PROJECT / "../shared/data").resolve()
    if not (data / "score.py").is_file():
        print("Nothing to learn from: SHARED_DATA must name a folder with score.py and the corpora.")
        return 2
    corpora = options.corpora or (() if options.calibrate else CORPORA)
    found = list(samples(data, corpora, options.extra, options.drawn))
    cases = _cases(found, load_scorer(data), options.cache)
    if options.calibrate:
        print("\n".join(recalibrate(cases, options)))
        return 0
    folds = folds_of([case.sample for case in cases], FOLDS)
    print(f"{len(cases)} documents of {len({case.sample.family for case in cases})} families", flush=True)
    learned = learn_all(cases, folds)
    floors = floors_without(cases, learned.options, folds)
    decisions = decisions_of(cases, learned.options, folds, floors)
    by_fold = zip(floors, calibrations_without(decisions, folds), curves_without(cases, folds), strict=True)
    chosen = [Settings(*parts) for parts in by_fold]
    print("\n".join(printed(measure(learned.options, decisions, folds, chosen))))
    if options.judges:
        _write_judges(options.judges, learned.without, chosen, cases, folds, options.command)
    if not options.evaluate:
        settings = Settings(floors_of(cases, learned.options), calibration_of(decisions), curve_of_cells(cases))
        _write(options.out, learned.whole, settings, cases, options.command)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", nargs="*", help=f"folders of SHARED_DATA; when left out: {', '.join(CORPORA)}")
    parser.add_argument("--extra", type=Path, action="append", default=[], help="a further folder of the same form")
    parser.add_argument("--drawn", type=Path, action="append", default=[], help="a folder of drawn documents")
    parser.add_argument("--judges", type=Path, help="a folder for the judges that have not seen each fold")
    parser.add_argument("--cache", type=Path, help="a folder in which what is read of each file is kept")
    parser.add_argument("--out", type=Path, default=FOLDER, help="where the models are written")
    parser.add_argument("--calibrate", action="store_true", help="learn only how sure the installed judge may be")
    parser.add_argument("--evaluate", action="store_true", help="print figures only")
    found = parser.parse_args()
    found.command = " ".join(["python -m engine.training", *sys.argv[1:]])
    return found


def _cases(found: Sequence[Sample], scorer: ModuleType, cache: Path | None) -> list[Case]:
    concepts = tuple(sorted({*names("labels"), *names("attributes")}))
    cases: list[Case] = []
    strangers = strange_fields(found)
    for number, sample in enumerate(found):
        if pages := _pages(sample, cache):
            case = case_of(sample, pages, scorer, concepts)
            cases.append(case)
            rng = np.random.default_rng(number)
            if number % EVERY == 0 and (bare := without_values(case, pages, scorer, strangers, rng)):
                cases.append(bare)
    return cases


def _pages(sample: Sample, cache: Path | None) -> list[Page]:
    """None of a document that cannot be read."""
    try:
        return pages_of(sample.file, cache)
    except CannotRead:
        return []


def _write_judges(
    folder: Path,
    without: Sequence[Boosters],
    chosen: Sequence[Settings],
    cases: list[Case],
    folds: Sequence[int],
    command: str,
) -> None:
    """Each fold's judge in a folder of its number, and beside them which document is in which fold."""
    for fold, (boosters, settings) in enumerate(zip(without, chosen, strict=True)):
        inside = [case for case, other in zip(cases, folds, strict=True) if other != fold]
        (folder / str(fold)).mkdir(parents=True, exist_ok=True)
        _write(folder / str(fold), boosters, settings, inside, command)
    of = {case.sample.name: fold for case, fold in zip(cases, folds, strict=True)}
    (folder / "folds.json").write_text(json.dumps(of, indent=1) + "\n", encoding="utf-8")


def _write(folder: Path, learned: Boosters, settings: Settings, cases: list[Case], command: str) -> None:
    concepts = cases[0].document.concepts
    models = {
        "scorer": (learned.scorer, scorer_names(concepts)),
        "judge": (learned.judge, judge_names(concepts)),
        "cells": (learned.cells, CELL_NAMES),
    }
    said = {}
    for name, (booster, columns) in models.items():
        content = as_onnx(booster, len(columns))
        (folder / f"{name}.onnx").write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        said[name] = {"file": f"{name}.onnx", "sha256": digest, "features": list(columns)}
    corpora = sorted({case.sample.corpus for case in cases})
    counts = {corpus: sum(case.sample.corpus == corpus for case in cases) for corpus in corpora}
    described = {
        "date": datetime.now(UTC).date().isoformat(),
        "command": command,
        "documents": counts,
        "models": said,
        "concepts": list(concepts),
        "calibration": {"features": list(CALIBRATED_BY), "weights": list(settings.calibration.weights)},
        "curves": {"cells": {"said": list(settings.cells.said), "right": list(settings.cells.right)}},
        "floors": settings.floors,
    }
    (folder / "model.json").write_text(json.dumps(described, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
