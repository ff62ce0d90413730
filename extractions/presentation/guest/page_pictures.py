"""Pictures of pages for guests: what is masked is covered in the picture itself, and so is the watermark."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from functools import lru_cache

from django.contrib.staticfiles import finders
from django.core.cache import cache
from PIL import Image, ImageDraw, ImageFont

from extractions.models import PageImage
from extractions.presentation.document.crops import MAX_PIXELS

Box = tuple[float, float, float, float]

COVER = "#3b3640"
ROOM = 0.18  # around what is covered, as a fraction of its height
CODE_ROOM = 0.06  # around a code, as a fraction of its size
QUALITY = 85
WATERMARK_INK = (90, 70, 100, 62)
WATERMARK_ANGLE = 30  # degrees
WATERMARK_LETTERS = 34  # to the width of a page
CODES_REMEMBERED = 24 * 3600  # seconds
FONT = "vendor/DejaVuSansCondensed.ttf"


class NoPicture(Exception):
    """The page has no picture that can be shown."""


def picture_of(image: PageImage, covered: Iterable[Box], *, hides_codes: bool, watermark: str = "") -> bytes:
    """A JPEG without metadata. With `hides_codes`, machine-readable codes are covered too: they repeat what is printed.

    Raises `NoPicture`.
    """
    if not image.file or image.width * image.height > MAX_PIXELS:
        raise NoPicture
    try:
        with image.file.open("rb") as file, Image.open(file, formats=("JPEG",)) as stored:
            page = stored.convert("RGB")
    except OSError as error:
        raise NoPicture from error
    boxes = [*covered, *(_codes_on(image, page) if hides_codes else ())]
    draw = ImageDraw.Draw(page)
    for box in boxes:
        draw.rectangle(_with_room(box, page.size), fill=COVER)
    if watermark:
        page = _watermarked(page, watermark)
    written = io.BytesIO()
    page.save(written, format="JPEG", quality=QUALITY)
    return written.getvalue()


def _with_room(box: Box, size: tuple[int, int]) -> tuple[float, float, float, float]:
    width, height = size
    x0, y0, x1, y1 = box[0] * width, box[1] * height, box[2] * width, box[3] * height
    room = max(3.0, ROOM * (y1 - y0))
    return x0 - room, y0 - room, x1 + room, y1 + room


def _codes_on(image: PageImage, page: Image.Image) -> list[Box]:
    """QR codes and barcodes of the page. Looking for them takes some 0.1 s, and the file never changes."""
    key = f"guest-codes:{image.file.name}"
    found: list[Box] | None = cache.get(key)
    if found is None:
        found = _find_codes(page)
        cache.set(key, found, CODES_REMEMBERED)
    return found


def _find_codes(page: Image.Image) -> list[Box]:
    import cv2
    import numpy as np

    grey = np.asarray(page.convert("L"))
    corners: list[Sequence[Sequence[float]]] = []
    for found, places in (
        cv2.QRCodeDetectorAruco().detectMulti(grey),
        cv2.barcode.BarcodeDetector().detectMulti(grey),
    ):
        corners += list(places) if found else []
    boxes = []
    for code in corners:
        xs, ys = [point[0] / page.width for point in code], [point[1] / page.height for point in code]
        across, down = CODE_ROOM * (max(xs) - min(xs)), CODE_ROOM * (max(ys) - min(ys))
        boxes.append((min(xs) - across, min(ys) - down, max(xs) + across, max(ys) + down))
    return boxes


def _watermarked(page: Image.Image, text: str) -> Image.Image:
    """The text across the whole page, again and again, so that no part of it can be used without."""
    font = _font(max(14, page.width // WATERMARK_LETTERS))
    left, top, right, bottom = font.getbbox(text)
    across, down = int(right - left) + page.width // 12, int(bottom - top) * 7
    side = int((page.width**2 + page.height**2) ** 0.5)
    layer = Image.new("RGBA", (side, side), (255, 255, 255, 0))
    draw = ImageDraw.Draw(layer)
    for row, y in enumerate(range(0, side, down)):
        for x in range(-(row % 2) * across // 2, side, across):
            draw.text((x, y), text, font=font, fill=WATERMARK_INK)
    turned = layer.rotate(WATERMARK_ANGLE, resample=Image.Resampling.BICUBIC)
    x, y = (side - page.width) // 2, (side - page.height) // 2
    over = turned.crop((x, y, x + page.width, y + page.height))
    return Image.alpha_composite(page.convert("RGBA"), over).convert("RGB")


@lru_cache(maxsize=8)
def _font(size: int) -> ImageFont.FreeTypeFont:
    path = finders.find(FONT)
    if not isinstance(path, str):
        raise FileNotFoundError(FONT)
    return ImageFont.truetype(path, size)
