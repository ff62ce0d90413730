"""The judge's models: boosted trees as ONNX files beside this module, checked against `model.json`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from .calibration import NAMES as CALIBRATED_BY
from .calibration import Calibration

FOLDER = Path(__file__).parent
Floats = NDArray[np.float32]


class JudgeMissing(Exception):
    """A model is not there, or not the one that `model.json` describes: the installation is broken."""


@dataclass(frozen=True, slots=True)
class Curve:
    """A monotonic curve from what a model says to the share that was right among unseen documents."""

    said: tuple[float, ...]
    right: tuple[float, ...]

    def __call__(self, scores: Sequence[float] | Floats) -> NDArray[np.float64]:
        return np.interp(np.asarray(scores, np.float64), self.said, self.right)


class Trees:
    """One model: rows of features in, one probability for each row out."""

    def __init__(self, content: bytes, width: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        (given,) = self._session.get_inputs()
        if given.shape[1] != width:
            raise JudgeMissing(f"a model of the judge wants {given.shape[1]} features, and there are {width}")
        self._input = given.name

    def __call__(self, rows: Floats) -> Floats:
        if not len(rows):
            return np.zeros(0, np.float32)
        (raw,) = self._session.run(None, {self._input: np.ascontiguousarray(rows, np.float32)})
        return np.asarray(1 / (1 + np.exp(-raw[:, 0])), np.float32)


@dataclass(frozen=True, slots=True)
class Judge:
    """All that was learned."""

    concepts: tuple[str, ...]
    scorer: Trees
    judge: Trees
    cells: Trees
    calibration: Calibration
    curves: Mapping[str, Curve]
    floors: Mapping[str, float]


@cache
def load(folder: Path = FOLDER) -> Judge:
    """Read once per process. What does not fit is an error: answers of a judge that was not asked are worth nothing."""
    try:
        said = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        trees = {name: _trees(folder, name, entry) for name, entry in said["models"].items()}
        return Judge(
            tuple(said["concepts"]), trees["scorer"], trees["judge"], trees["cells"],
            _calibration(said["calibration"]),
            {name: Curve(tuple(one["said"]), tuple(one["right"])) for name, one in said["curves"].items()},
            said["floors"],
        )  # fmt: skip
    except (OSError, ValueError, KeyError) as error:
        raise JudgeMissing(f"the judge in {folder} cannot be used: {error!r}") from error


def _calibration(entry: Mapping[str, Any]) -> Calibration:
    if tuple(entry["features"]) != CALIBRATED_BY:
        raise JudgeMissing("the calibration in model.json is not for the features that there are")
    return Calibration(tuple(entry["weights"]))


def _trees(folder: Path, name: str, entry: Mapping[str, Any]) -> Trees:
    content = (folder / entry["file"]).read_bytes()
    if hashlib.sha256(content).hexdigest() != entry["sha256"]:
        raise JudgeMissing(f"{entry['file']} is not the file that model.json describes")
    return Trees(content, len(entry["features"]))
