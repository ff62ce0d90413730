"""Whether a value was shown where it stands, by true places that were made for other ends than this.

The truth of receipts has the box of the whole line, that of scans has the boxes of the page before it was tilted, and
that of electronic invoices has every place where the letters of a value occur, within longer words, too. So true places
are cut to the value, turned with the page, and left out where they begin or end within a word.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from typing import Any

from reading.document import Page, Source, Word

Place = dict[str, Any]
"""{"page": from 1, "bbox": [x0, y0, x1, y1]} as fractions of the page, origin top left."""
INSIDE = 0.6
"""Of a letter's width and of a line's height: what a place shares of them must be more to count as on them."""


def true_places(truth: dict[str, Any], name: str, pages: Sequence[Page]) -> list[Place]:
    """`pages` are those of the file that the true places were looked for in."""
    places = [place for place in truth.get("locations", {}).get(name, []) if place["bbox"][0] < place["bbox"][2]]
    if "not_visible_on_page" in truth or "derived_from" in truth:  # they were found by the letters of the value
        places = [place for place in places if not _within_a_word(place, pages)]
    if lines := truth.get("ocr_lines"):
        places = list(_cut(places, lines, str(truth.get("raw", {}).get(name) or "")))
    if degrees := truth.get("rotation_deg"):
        places = [_turned(place, degrees, truth["width"] / truth["height"]) for place in places]
    if len(places) > 1 and len(places) == len(str(truth.get("raw", {}).get(name) or "").split()):
        places = [*places, *_around(places)]
    return places


def is_shown(wanted: Sequence[Place], found: Sequence[Place]) -> bool:
    """Whether some box of the answer and some true one share more than half of what they cover together."""
    return any(_overlaps(item, other) for item in _with_words_joined(wanted) for other in _with_union(found))


def _cut(places: Sequence[Place], lines: Sequence[str], raw: str) -> Iterator[Place]:
    """The part of each line's box where the value stands, by its share of the line's letters."""
    holding = [line for line in lines if raw and raw in line]
    if len(holding) != len(places):
        yield from places
        return
    for place, line in zip(places, holding, strict=True):
        x0, y0, x1, y1 = place["bbox"]
        step, start = (x1 - x0) / len(line), line.index(raw)
        yield {**place, "bbox": [x0 + step * start, y0, x0 + step * (start + len(raw)), y1]}


def _turned(place: Place, degrees: float, shape: float) -> Place:
    """The box moved as the page was turned about its middle, counterclockwise; `shape` is its width by its height."""
    x0, y0, x1, y1 = place["bbox"]
    across, down = ((x0 + x1) / 2 - 0.5) * shape, (y0 + y1) / 2 - 0.5
    sine, cosine = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
    right = (across * cosine + down * sine) / shape + 0.5 - (x0 + x1) / 2
    lower = (down * cosine - across * sine) + 0.5 - (y0 + y1) / 2
    return {**place, "bbox": [x0 + right, y0 + lower, x1 + right, y1 + lower]}


def _within_a_word(place: Place, pages: Sequence[Page]) -> bool:
    """Whether the place is a part of a printed word: letters that only look like the value."""
    page = next((page for page in pages if page.number == place["page"]), None)
    if page is None or page.source is not Source.TEXT:
        return False
    return any(_cuts(place["bbox"], word) for word in page.words)


def _cuts(bbox: Sequence[float], word: Word) -> bool:
    x0, y0, x1, y1 = bbox
    box = word.box
    level = min(y1, box.y1) - max(y0, box.y0) > INSIDE * min(y1 - y0, box.height)
    shared = min(x1, box.x1) - max(x0, box.x0)
    letter = box.width / len(word.text)
    before, behind = _letters(word.text, (x0 - box.x0) / letter), _letters(word.text[::-1], (box.x1 - x1) / letter)
    return level and shared > INSIDE * letter and (before or behind)


def _letters(text: str, left_out: float) -> bool:
    """Whether letters or digits are among the first characters of a text that a place leaves out."""
    return bool(re.search(r"\w", text[: math.floor(max(0.0, left_out) + 1 - INSIDE)]))


def _with_union(places: Sequence[Place]) -> Iterator[Place]:
    """Each box, and the box around all of them: the truth may have a wrapped value as one."""
    yield from places
    yield from _around(places)


def _around(places: Sequence[Place]) -> Iterator[Place]:
    for page in {place["page"] for place in places}:
        boxes = [place["bbox"] for place in places if place["page"] == page]
        low, high = zip(*[box[:2] for box in boxes], strict=True), zip(*[box[2:] for box in boxes], strict=True)
        yield {"page": page, "bbox": [*map(min, low), *map(max, high)]}


def _with_words_joined(places: Sequence[Place]) -> Iterator[Place]:
    """Each true place; and where the truth has a value word by word, those that follow each other on a line as one."""
    yield from places
    runs: list[list[Place]] = []
    for place in sorted(places, key=lambda item: (item["page"], item["bbox"][0])):
        run = next((run for run in runs if _follows(run[-1], place)), None)
        runs.append([place]) if run is None else run.append(place)
    for run in runs:
        yield from _with_union(run)


def _follows(one: Place, other: Place) -> bool:
    """Whether a word comes right after another: on its line, and no further off than two letters are wide."""
    height = one["bbox"][3] - one["bbox"][1]
    level = abs(one["bbox"][1] - other["bbox"][1]) < height / 2
    return bool(one["page"] == other["page"] and level and 0 <= other["bbox"][0] - one["bbox"][2] < height)


def _overlaps(one: Place, other: Place) -> bool:
    if one["page"] != other["page"]:
        return False
    ax0, ay0, ax1, ay1 = one["bbox"]
    bx0, by0, bx1, by1 = other["bbox"]
    shared = max(0.0, min(ax1, bx1) - max(ax0, bx0)) * max(0.0, min(ay1, by1) - max(ay0, by0))
    return bool(shared > 0.5 * ((ax1 - ax0) * (ay1 - ay0) + (bx1 - bx0) * (by1 - by0) - shared))
