"""Crops of page images: the line around a value, with its label beside it and the value outlined."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw

from extractions.models import PageImage
from extractions.presentation.document.fields import rectangles

MAX_PIXELS = 40_000_000  # of a page; the worker draws none with more than 30 million
WIDEST, HIGHEST = 900, 260  # pixels of a crop
LEAST_HEIGHT, ROOM = 44, 0.6  # pixels; margin above and below, as a fraction of the box's height
SHAPE = 8  # aspect ratio, where the page allows it
GAP = 1.5  # between words of one cell at most, in heights of the line
EDGE = 12  # pixels left and right of the words
SEAM = 18  # pixels between a label that stands far away and its value
ACCENT, PALE = "#70378a", "#d9d5dc"
QUALITY = 88
DRAWING = 2
"""Of the way crops are drawn, so that browsers forget those of an earlier one."""

Box = tuple[int, int, int, int]
"""In pixels of the page, as (left, top, right, bottom)."""


@dataclass(frozen=True, slots=True)
class Crop:
    """The boxes to outline on the image of a page."""

    image: PageImage
    places: tuple[Box, ...]

    @property
    def version(self) -> str:
        parts = (DRAWING, self.image.file.name, self.places)
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def crop_of(image: PageImage, boxes: object) -> Crop | None:
    """The crop for boxes in fractions of the page; None without boxes or image, or if the image is too large."""
    if not image.file or image.width * image.height > MAX_PIXELS:
        return None
    places = tuple(_in_pixels(box, image) for box in rectangles(boxes))
    return Crop(image, places) if places else None


def cut(crop: Crop, words: Sequence[Sequence[object]] = ()) -> bytes:
    """A JPEG of the value in its line. `words` are those of the page, as in `PageWords`."""
    image = crop.image
    printed = [_in_pixels(box, image) for box in rectangles([word[:4] for word in words])]
    frames = list(_frames(crop.places, printed, image.width, image.height))
    with image.file.open("rb") as file, Image.open(file, formats=("JPEG",)) as page:
        parts = [page.crop(frame).convert("RGB") for frame in frames]
    _outline(parts[-1], frames[-1], crop.places)
    written = io.BytesIO()
    _side_by_side(parts).save(written, format="JPEG", quality=QUALITY)
    return written.getvalue()


def _in_pixels(box: Sequence[float], image: PageImage) -> Box:
    x0, y0, x1, y1 = box
    return round(x0 * image.width), round(y0 * image.height), round(x1 * image.width), round(y1 * image.height)


def _outline(part: Image.Image, frame: Box, places: Sequence[Box]) -> None:
    left, top = frame[:2]
    draw = ImageDraw.Draw(part)
    for x0, y0, x1, y1 in places:
        draw.rectangle((x0 - left - 4, y0 - top - 4, x1 - left + 4, y1 - top + 4), outline=ACCENT, width=2)


def _side_by_side(parts: Sequence[Image.Image]) -> Image.Image:
    if len(parts) == 1:
        return parts[0]
    width = sum(part.width for part in parts) + SEAM * (len(parts) - 1)
    whole = Image.new("RGB", (width, parts[0].height), "white")
    left = 0
    for part in parts:
        if left:
            ImageDraw.Draw(whole).line((left - SEAM // 2, 4, left - SEAM // 2, whole.height - 4), fill=PALE, width=2)
        whole.paste(part, (left, 0))
        left += part.width + SEAM
    return whole


def _frames(places: Sequence[Box], words: Sequence[Box], width: int, height: int) -> Iterator[Box]:
    """What to cut: the value in its line; before it, the label where it stands too far away for one picture."""
    left, top, right, bottom = _together(places)
    line = _line(words, places[0])
    begin, end = _cell(line, left, right)
    label = _before(line, begin)
    room = max(ROOM * (places[0][3] - places[0][1]), (LEAST_HEIGHT - (bottom - top)) / 2, 8)
    top, bottom = max(0, round(top - room)), min(height, round(bottom + room))
    bottom = max(bottom, top + 1)
    if label and end - label[0] <= WIDEST:
        begin, label = label[0], None
    if label:
        yield max(0, label[0] - EDGE), top, min(width, label[1] + EDGE), bottom
    else:
        begin, end = _widened(begin, end, width, SHAPE * (bottom - top))
    yield max(0, begin - EDGE), top, min(width, end + EDGE), bottom


def _together(places: Sequence[Box]) -> Box:
    """Around the first boxes that fit together."""
    left, top, right, bottom = places[0]
    for x0, y0, x1, y1 in places[1:]:
        wider = min(left, x0), min(top, y0), max(right, x1), max(bottom, y1)
        if wider[2] - wider[0] > WIDEST or wider[3] - wider[1] > HIGHEST:
            break
        left, top, right, bottom = wider
    return left, top, right, bottom


def _line(words: Sequence[Box], place: Box) -> list[Box]:
    """The words on the line of the place, from left to right."""
    _x0, top, _x1, bottom = place
    return sorted(word for word in words if top <= (word[1] + word[3]) / 2 <= bottom)


def _cell(line: Sequence[Box], left: int, right: int) -> tuple[int, int]:
    """From where to where the words reach that stand close to the value: its cell, with a unit or a prefix."""
    for x0, y0, x1, y1 in reversed(line):
        if x0 < left <= x1 + GAP * (y1 - y0) and right - x0 <= WIDEST:
            left = x0
    for x0, y0, x1, y1 in line:
        if x0 - GAP * (y1 - y0) <= right < x1 and x1 - left <= WIDEST:
            right = x1
    return left, right


def _before(line: Sequence[Box], left: int) -> tuple[int, int] | None:
    """The cell that ends nearest before the value: as a rule its label."""
    earlier = [word for word in line if word[2] < left]
    if not earlier:
        return None
    return _cell(earlier, earlier[-1][0], earlier[-1][2])


def _widened(left: int, right: int, width: int, wanted: int) -> tuple[int, int]:
    """As wide as wanted where the page allows it, with the words in the middle."""
    across = min(max(right - left, min(WIDEST, wanted) - 2 * EDGE), width)
    start = min(max(0, (left + right) // 2 - across // 2), width - across)
    return start, start + across
