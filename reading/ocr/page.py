"""All steps from the picture of a page to its lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

import numpy as np
from PIL import Image

from reading.document import Box, Line
from reading.lines import arranged
from reading.ocr.boxes import drawn_boxes, parted
from reading.ocr.detection import Found, Picture, detect
from reading.ocr.frames import scanned_frames
from reading.ocr.orientation import turned_by, upright
from reading.ocr.recognition import Character, Recogniser, recogniser
from reading.ocr.word_boxes import agreeing, beside_marks, placed_mark, placed_words

SURE = 0.5  # below this, what was read is a picture or dirt
SURELY_TURNED = 0.8
TRIED = 6  # lines that are read in two directions where looks do not tell how a page was turned
STANDING = 2.0  # higher than this times its width, a line may be written upwards or downwards
POINTS = 842.0  # of the longer side, whatever its size on paper
LONG = 4.0  # wider than this times its height, a line tells the page's tilt well


@dataclass(frozen=True, slots=True)
class Recognised:
    """The lines of the page held upright, in reading order; `turned` is by how many degrees clockwise it lay."""

    lines: tuple[Line, ...]
    turned: int
    upright: Image.Image
    frames: tuple[Box, ...] = ()


def recognise(image: Image.Image, mode: str, cache_dir: Path | None) -> Recognised:
    picture: Picture = np.ascontiguousarray(np.asarray(image.convert("RGB"))[:, :, ::-1])
    reader, exact = recogniser(mode, cache_dir), mode != "fast"
    degrees, sure = turned_by(picture)
    if sure < SURELY_TURNED:
        degrees = _turned_by_reading(picture, detect(picture, exact=exact), reader)
    picture = upright(picture, degrees)
    down, across = picture.shape[:2]
    frames = scanned_frames(picture, across * POINTS / max(down, across), down * POINTS / max(down, across))
    lines = _lines(picture, reader, exact=exact)
    return Recognised(lines, degrees, image.rotate(degrees, expand=True) if degrees else image, frames)


def _turned_by_reading(picture: Picture, found: Sequence[Found], reader: Recogniser) -> int:
    """For pages that show too little to tell by their looks: the direction in which the longest lines read best."""
    longest = sorted(found, key=lambda line: -max(line.width, line.height))[:TRIED]
    scores = dict.fromkeys((0, 90, 180, 270), 0.0)
    for line in longest:
        standing = line.height > line.width
        long, high = sorted((line.width, line.height), reverse=True)
        for degrees in (90, 270) if standing else (0, 180):
            turn = degrees if degrees < 270 else -90
            (text,) = reader.read(picture, [replace(line, width=long, height=high, angle=line.angle + turn)])
            scores[degrees] += long * _confidence(text)
    return max(scores, key=lambda degrees: scores[degrees])


def _lines(picture: Picture, reader: Recogniser, *, exact: bool) -> tuple[Line, ...]:
    found = detect(picture, exact=exact)
    tilt = _tilt(found)
    found = [_levelled(line, tilt) for line in found]
    texts = reader.read(picture, found)
    read = [_standing(picture, *line, reader) for line in zip(found, texts, strict=True)]
    boxes, read = parted(drawn_boxes(picture, found), read)
    size = picture.shape[1], picture.shape[0]
    ordered = sorted(((line, text) for line, text in read if _confidence(text) >= SURE), key=lambda pair: pair[0].y)
    words = agreeing([word for line, text in ordered for word in placed_words(line, text, tilt, size)])
    marks = [placed_mark(box, tilt, size) for box in boxes]
    return arranged([*(beside_marks(word, marks) for word in words), *marks])


def _tilt(found: Sequence[Found]) -> float:
    angles = [line.angle for line in found if line.width > LONG * line.height]
    return median(angles) if angles else 0.0


def _levelled(line: Found, tilt: float) -> Found:
    """A short line's own angle is chance; it is written like the long ones."""
    short = line.height / STANDING < line.width < LONG * line.height
    return replace(line, angle=tilt) if short and abs(line.angle - tilt) < 15 else line


def _standing(
    picture: Picture, line: Found, text: list[Character], reader: Recogniser
) -> tuple[Found, list[Character]]:
    """A line that is higher than wide is read upwards and downwards, too."""
    if line.height < STANDING * line.width:
        return line, text
    turned = [replace(line, width=line.height, height=line.width, angle=line.angle + turn) for turn in (-90, 90)]
    read = [(line, text), *zip(turned, reader.read(picture, turned), strict=True)]
    return max(read, key=lambda pair: _confidence(pair[1]))


def _confidence(text: Sequence[Character]) -> float:
    return sum(character.confidence for character in text) / len(text) if text else 0.0
