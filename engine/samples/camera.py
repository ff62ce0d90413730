"""What a scanner and a telephone do to paper, always in the same way."""

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]


def jpeg(picture: Pixels, quality: int) -> bytes:
    done, packed = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ValueError("OpenCV could not write the picture")
    return packed.tobytes()


def scan(printed: Pixels, dpi: int) -> Pixels:
    """A grey page laid a little crooked on the glass, folded in three and punched."""
    rng = np.random.default_rng(1142)
    height, width = printed.shape
    page = 38 + printed.astype(np.float32) * ((242 - 38) / 255)
    _fold(page)
    _punch(page, dpi)
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), 0.72, 1.0)
    turn[:, 2] += (3, -2)
    # Beyond the paper the scanner sees its own grey lid.
    page = cv2.warpAffine(page, turn, (width, height), flags=cv2.INTER_CUBIC, borderValue=(214.0,)).astype(np.float32)
    page = cv2.GaussianBlur(page, (0, 0), 0.75).astype(np.float32)
    page *= np.linspace(1.015, 0.965, width, dtype=np.float32)  # the lamp is weaker at one end
    page += clouds(rng, height, width, 90) * 3
    page += rng.normal(0, 4.2, page.shape).astype(np.float32)
    for _ in range(70):
        x, y = int(rng.integers(width)), int(rng.integers(height))
        cv2.circle(page, (x, y), int(rng.integers(0, 2)), (float(rng.integers(70, 170)),), -1, cv2.LINE_AA)
    return page.clip(0, 255).astype(np.uint8)


def _fold(page: Floats) -> None:
    height = page.shape[0]
    rows = np.arange(height, dtype=np.float32)
    for third in (height / 3 + 9, 2 * height / 3 - 6):
        page -= (9 * np.exp(-(((rows - third) / 2.2) ** 2)))[:, None]
        page += (4 * np.exp(-(((rows - third - 7) / 5) ** 2)))[:, None]


def _punch(page: Floats, dpi: int) -> None:
    """Two holes 80 mm apart; the dark of the scanner shows through, with a lit edge."""
    height = page.shape[0]
    mm = dpi / 25.4
    for y in (height / 2 - 40 * mm, height / 2 + 40 * mm):
        centre = (round(11 * mm), round(y))
        cv2.circle(page, centre, round(2.75 * mm), (196.0,), -1, cv2.LINE_AA)
        cv2.ellipse(page, centre, (round(2.75 * mm), round(2.75 * mm)), 0, 170, 320, (120.0,), 3, cv2.LINE_AA)


def clouds(rng: np.random.Generator, height: int, width: int, size: int) -> Floats:
    """Soft noise between about -1 and 1, with bumps of the given size in pixels."""
    seeds = rng.uniform(-1, 1, (height // size + 3, width // size + 3)).astype(np.float32)
    return cv2.resize(seeds, (width, height), interpolation=cv2.INTER_CUBIC).astype(np.float32)
