"""Crops of page images: the line around a value, with the value outlined."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw

from extractions.models import PageImage
from extractions.presentation.document.fields import rectangles

MAX_PIXELS = 40_000_000  # of a page; the worker draws none with more than 30 million
WIDEST, HIGHEST = 900, 260  # pixels of a crop
LEAST_HEIGHT, ROOM = 44, 0.6  # pixels; margin above and below, as a fraction of the box's height
SHAPE = 8  # aspect ratio, where the page allows it
ACCENT = "#70378a"
QUALITY = 88


@dataclass(frozen=True, slots=True)
class Crop:
    """The rectangle to crop, and the boxes to outline, in pixels of the page as (left, top, right, bottom)."""

    image: PageImage
    frame: tuple[int, int, int, int]
    places: tuple[tuple[int, int, int, int], ...]

    @property
    def version(self) -> str:
        parts = (self.image.file.name, self.frame, self.places)
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]

    @property
    def size(self) -> tuple[int, int]:
        left, top, right, bottom = self.frame
        return right - left, bottom - top


def crop_of(image: PageImage, boxes: object) -> Crop | None:
    """The crop for boxes in fractions of the page; None without boxes or image, or if the image is too large."""
    places = [
        (round(x0 * image.width), round(y0 * image.height), round(x1 * image.width), round(y1 * image.height))
        for x0, y0, x1, y1 in rectangles(boxes)
    ]
    if not places or not image.file or image.width * image.height > MAX_PIXELS:
        return None
    return Crop(image, _frame(places, image.width, image.height), tuple(places))


def cut(crop: Crop) -> bytes:
    with crop.image.file.open("rb") as file, Image.open(file, formats=("JPEG",)) as page:
        part = page.crop(crop.frame).convert("RGB")
    left, top = crop.frame[:2]
    draw = ImageDraw.Draw(part)
    for x0, y0, x1, y1 in crop.places:
        draw.rectangle((x0 - left - 4, y0 - top - 4, x1 - left + 4, y1 - top + 4), outline=ACCENT, width=2)
    written = io.BytesIO()
    part.save(written, format="JPEG", quality=QUALITY)
    return written.getvalue()


def _frame(places: Sequence[tuple[int, int, int, int]], width: int, height: int) -> tuple[int, int, int, int]:
    """Around the first boxes that fit together, widened along their line."""
    left, top, right, bottom = places[0]
    for x0, y0, x1, y1 in places[1:]:
        wider = min(left, x0), min(top, y0), max(right, x1), max(bottom, y1)
        if wider[2] - wider[0] > WIDEST or wider[3] - wider[1] > HIGHEST:
            break
        left, top, right, bottom = wider
    room = max(ROOM * (places[0][3] - places[0][1]), (LEAST_HEIGHT - (bottom - top)) / 2, 8)
    top, bottom = max(0, round(top - room)), min(height, round(bottom + room))
    wanted = max(right - left + 24, min(WIDEST, SHAPE * (bottom - top)))
    across = min(wanted, width)
    start = min(max(0, (left + right) // 2 - across // 2), width - across)
    return start, top, start + across, max(bottom, top + 1)
