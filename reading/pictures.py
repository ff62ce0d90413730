"""The pictures of a page: which of the found ones are believed, and their pixels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image

from reading.document import Box, Page, Region, RegionKind, Word
from reading.markdown import picture_name
from reading.pdf_page import OpenPage
from reading.rendering import render

FEW_WORDS = 8  # as in a logo, which may be words and little else
LETTERING = 0.5  # of its area; few words that fill more than this are a heading
LABELS = 0.1  # of its area: more than the words in a chart take
MANY_WORDS = 40  # more than a chart has, so that they need not stand so close
SPARSE = 0.04  # of its area, with many words: a table with wide columns
SAME = 0.7  # the share of each that lies in the other
SMALLEST = 0.002  # of the page: dots and rules are no pictures
THINNEST = 0.02
LARGEST = 0.8
OBJECTS = 500
DPI = 150


def pictures(path: Path, page: Page) -> Iterator[tuple[str, Image.Image]]:
    """Each picture of the page cut out, with the name by which the page's Markdown refers to it."""
    regions = [region for region in page.regions if region.kind is RegionKind.PICTURE]
    if not regions:
        return
    image = render(path, page.number, dpi=DPI)
    for n, region in enumerate(regions):
        box = region.box
        edges = box.x0 * image.width, box.y0 * image.height, box.x1 * image.width, box.y1 * image.height
        left, top, right, bottom = map(round, edges)
        cut = image.crop((left, top, max(right, left + 1), max(bottom, top + 1)))
        yield picture_name(page.number, n), cut.rotate(page.turned, expand=True) if page.turned else cut


def believed(regions: Sequence[Region], words: Sequence[Word]) -> list[Region]:
    """Leave out the pictures that are text: the network takes addresses and tables in boxes for them."""
    return [region for region in regions if region.kind is not RegionKind.PICTURE or not _is_text(region.box, words)]


def with_embedded(regions: Sequence[Region], embedded: Sequence[Box]) -> list[Region]:
    """Take exact edges from the pictures of the file, and add those that lie in no region, such as logos."""
    whole = [box for box in _merged(embedded) if _is_picture(box)]
    regions = [_with_edges(region, whole) if region.kind is RegionKind.PICTURE else region for region in regions]
    shown = [region.box for region in regions if region.kind in (RegionKind.PICTURE, RegionKind.TABLE)]
    missing = [box for box in whole if not any(box.overlap(other) > 0.3 for other in shown)]
    return [*regions, *(Region(RegionKind.PICTURE, box) for box in missing)]


def _with_edges(region: Region, embedded: Sequence[Box]) -> Region:
    same = (box for box in embedded if min(box.overlap(region.box), region.box.overlap(box)) > SAME)
    return replace(region, box=next(same, region.box))


def embedded_pictures(page: OpenPage) -> list[Box]:
    """Where the file places pictures, as fractions of the page as seen."""
    if page.pdfium is None:
        return []
    try:
        boxes = []
        for n, picture in enumerate(page.pdfium.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=3)):
            if n == OBJECTS:
                break
            box = page.place.box(picture.get_bounds())
            boxes.append(Box(max(0.0, box.x0), max(0.0, box.y0), min(1.0, box.x1), min(1.0, box.y1)))
        return [box for box in boxes if box.width > 0 and box.height > 0]
    except pypdfium2.PdfiumError:
        return []


def _is_text(box: Box, words: Sequence[Word]) -> bool:
    inside = [word.box for word in words if word.box.overlap(box) > 0.5]
    share = sum(word.width * word.height for word in inside) / (box.width * box.height)
    if len(inside) < FEW_WORDS:
        return share > LETTERING
    return share > (SPARSE if len(inside) >= MANY_WORDS else LABELS)


def _is_picture(box: Box) -> bool:
    area = box.width * box.height
    return SMALLEST < area < LARGEST and min(box.width, box.height) > THINNEST


def _merged(boxes: Sequence[Box]) -> list[Box]:
    """Pictures are often stored in strips, one below the other."""
    merged: list[Box] = []
    for box in sorted(boxes, key=lambda box: (box.y0, box.x0)):
        whole = box
        for other in [other for other in merged if _touch(other, whole)]:
            merged.remove(other)
            whole = whole.union(other)
        merged.append(whole)
    return merged


def _touch(a: Box, b: Box) -> bool:
    near = 0.003
    return a.x0 < b.x1 + near and b.x0 < a.x1 + near and a.y0 < b.y1 + near and b.y0 < a.y1 + near
