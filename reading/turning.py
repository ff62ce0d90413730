"""Pages that lie on their side or upside down: from the page as seen to the page held upright, and back.

`degrees` says how far the writing is turned clockwise: 0, 90, 180 or 270.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from reading.document import Box, Line, Page

TO_SIDE = (90, 270)


def box_as_turned(box: Box, degrees: int) -> Box:
    """Where a box of the upright page lies on the page as seen."""
    if degrees == 90:
        return Box(1 - box.y1, box.x0, 1 - box.y0, box.x1)
    if degrees == 180:
        return Box(1 - box.x1, 1 - box.y1, 1 - box.x0, 1 - box.y0)
    if degrees == 270:
        return Box(box.y0, 1 - box.x1, box.y1, 1 - box.x0)
    return box


def lines_as_turned(lines: Sequence[Line], degrees: int) -> tuple[Line, ...]:
    """The lines of an upright page as they lie on the page as seen."""
    if not degrees:
        return tuple(lines)
    return tuple(
        Line(tuple(replace(word, box=box_as_turned(word.box, degrees)) for word in line.words)) for line in lines
    )


def page_as_turned(page: Page, degrees: int) -> Page:
    """The page as seen, from one that was turned upright for reading."""
    return replace(_moved(page, degrees), turned=(page.turned + degrees) % 360) if degrees else page


def upright(page: Page) -> Page:
    """The page turned upright, for code that asks what is beside or below what."""
    return replace(_moved(page, -page.turned % 360), turned=0) if page.turned else page


def _moved(page: Page, degrees: int) -> Page:
    width, height = (page.height, page.width) if degrees in TO_SIDE else (page.width, page.height)
    return replace(
        page,
        width=width,
        height=height,
        lines=lines_as_turned(page.lines, degrees),
        regions=tuple(replace(region, box=box_as_turned(region.box, degrees)) for region in page.regions),
        blanks=tuple(replace(blank, box=box_as_turned(blank.box, degrees)) for blank in page.blanks),
        frames=tuple(box_as_turned(frame, degrees) for frame in page.frames),
    )
