"""The same page as a scanner or a telephone gives it, and where its values stand then."""

from __future__ import annotations

import random
from dataclasses import dataclass
from io import BytesIO

import cv2
import numpy as np
import pypdfium2

from benchmarks.layouts_drawn.canvas import Box

Corners = tuple[float, float, float, float]


@dataclass
class Scan:
    data: bytes
    ending: str
    about: dict[str, float | int | bool]
    matrix: np.ndarray
    size: tuple[int, int]
    scale: float

    def moved(self, box: Box) -> Corners:
        """A box of the page, in points, as fractions of the picture."""
        corners = np.array([[box.x0, box.y0], [box.x1, box.y0], [box.x1, box.y1], [box.x0, box.y1]]) * self.scale
        points = corners @ self.matrix[:, :2].T + self.matrix[:, 2]
        (x0, y0), (x1, y1) = points.min(axis=0), points.max(axis=0)
        wide, high = self.size
        return float(x0 / wide), float(y0 / high), float(x1 / wide), float(y1 / high)


def scan_page(pdf: bytes, chance: random.Random) -> Scan:
    """The first page, a little crooked, unsharp and grained."""
    dpi = chance.choice((150, 200, 200, 240, 300))
    document = pypdfium2.PdfDocument(BytesIO(pdf))
    page = document[0].render(scale=dpi / 72).to_numpy()[:, :, :3].copy()
    document.close()
    grey = chance.random() < 0.7
    if grey:
        page = cv2.cvtColor(page, cv2.COLOR_BGR2GRAY)
    height, width = page.shape[:2]
    degrees = chance.choice((0.0, chance.uniform(-1.2, 1.2), chance.uniform(-0.5, 0.5)))
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    paper = chance.randrange(238, 256)
    page = cv2.warpAffine(page, matrix, (width, height), flags=cv2.INTER_LINEAR, borderValue=(255, 255, 255))
    page = cv2.GaussianBlur(page, (0, 0), chance.uniform(0.4, 0.9)).astype(np.float32) * (paper / 255)
    grain = np.random.default_rng(chance.randrange(1 << 30)).normal(0, chance.uniform(0, 6), page.shape)
    page = (page + grain).clip(0, 255).astype(np.uint8)
    quality = chance.choice((60, 75, 85, 92))
    ending = chance.choice((".jpg", ".jpg", ".jpg", ".png"))
    done, packed = cv2.imencode(ending, page, [cv2.IMWRITE_JPEG_QUALITY, quality] if ending == ".jpg" else [])
    if not done:
        raise ValueError("OpenCV could not write the picture")
    about = {"dpi": dpi, "grey": grey, "quality": quality, "rotation": round(degrees, 2)}
    return Scan(packed.tobytes(), ending, about, matrix, (width, height), dpi / 72)
