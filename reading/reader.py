"""Read a document page by page: its own text where that can be trusted, recognised text elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from PIL import Image

from reading.document import Box, Document, Kind, Line, Page, Region, Source
from reading.errors import PageOutside, TooManyPages
from reading.frames import ruled_frames
from reading.lines import lines_of
from reading.markdown import markdown_of
from reading.opening import MAX_PAGES, OpenPdf, image_points, open_image, open_pdf
from reading.pdf import text_layer
from reading.pdf_page import OpenPage, open_page
from reading.pictures import believed, embedded_pictures, with_embedded
from reading.rendering import render_open_page
from reading.sniffing import kind_of
from reading.trust import needs_recognition
from reading.turning import TO_SIDE, page_as_turned

Mode = Literal["accurate", "fast"]
RECOGNISED_AT = 200  # dpi
LONGEST = 3000  # pixels of a picture for recognition
LAYOUT_WIDTH = 800  # pixels, a little more than the network sees


@dataclass(frozen=True, slots=True)
class _Wanted:
    mode: Mode
    layout: bool
    cache_dir: Path | None


def read(
    path: Path,
    first: int | None = None,
    last: int | None = None,
    *,
    mode: Mode = "accurate",
    layout: bool = True,
    cache_dir: Path | None = None,
    max_pages: int = MAX_PAGES,
) -> Iterator[Page]:
    """The pages from `first` to `last` (both included, from 1), each as soon as it is read.

    `layout` finds pictures, tables and titles, too. `cache_dir` keeps what is prepared once for all documents.
    """
    wanted = _Wanted(mode, layout, cache_dir)
    if kind_of(path) is not Kind.PDF:
        _pages(first, last, 1, max_pages)
        image = open_image(path)
        yield _recognised(image, 1, image_points(image), wanted)
        return
    with open_pdf(path) as pdf:
        for number in _pages(first, last, len(pdf.document), max_pages):
            yield _pdf_page(pdf, number, wanted)


def read_document(
    path: Path,
    first: int | None = None,
    last: int | None = None,
    *,
    mode: Mode = "accurate",
    layout: bool = True,
    cache_dir: Path | None = None,
    max_pages: int = MAX_PAGES,
) -> Document:
    pages = read(path, first, last, mode=mode, layout=layout, cache_dir=cache_dir, max_pages=max_pages)
    return Document(kind_of(path), tuple(pages))


def _pages(first: int | None, last: int | None, count: int, limit: int) -> range:
    first, last = 1 if first is None else first, count if last is None else last
    if not 1 <= first <= last <= count:
        raise PageOutside(count)
    if last - first + 1 > limit:
        raise TooManyPages(last - first + 1, limit)
    return range(first, last + 1)


def _pdf_page(pdf: OpenPdf, number: int, wanted: _Wanted) -> Page:
    with open_page(pdf.document, number - 1, layers_off=pdf.layers_off) as opened:
        points = opened.width, opened.height
        layer, turned = text_layer(opened), opened.turned
        scan = scan_of(opened) if needs_recognition(opened, layer, wanted.mode, wanted.cache_dir) else None
        seen = _seen(opened) if wanted.layout and layer.words and not scan else None
        frames = ruled_frames(opened) if layer.words and not scan else ()
    if scan:
        return page_as_turned(_recognised(scan, number, points, wanted), turned)
    lines = lines_of(layer.words, *points, layer.blanks)
    regions = _regions(seen[0], lines, seen[1]) if seen else ()
    page = _page(number, points, lines, regions, Source.TEXT)
    return page_as_turned(replace(page, blanks=layer.blanks, frames=frames) if layer.blanks or frames else page, turned)


def scan_of(page: OpenPage) -> Image.Image:
    """The page as it is recognised."""
    return render_open_page(page, dpi=min(RECOGNISED_AT, LONGEST * 72 / max(page.width, page.height)))


def _seen(page: OpenPage) -> tuple[Image.Image, list[Box]]:
    """What its layout is found by."""
    return render_open_page(page, width=LAYOUT_WIDTH), embedded_pictures(page)


def _recognised(image: Image.Image, number: int, points: tuple[float, float], wanted: _Wanted) -> Page:
    from reading.ocr.page import recognise  # digital documents need no networks

    image.thumbnail((LONGEST, LONGEST))
    found = recognise(image, wanted.mode, wanted.cache_dir)
    regions = _regions(found.upright, found.lines, ()) if wanted.layout else ()
    if found.turned in TO_SIDE:
        points = points[1], points[0]
    page = replace(_page(number, points, found.lines, regions, Source.OCR), frames=found.frames)
    return page_as_turned(page, found.turned)


def _regions(image: Image.Image, lines: Sequence[Line], embedded: Sequence[Box]) -> Sequence[Region]:
    from reading.layout import apart, find_regions

    words = [word for line in lines for word in line.words]
    found = apart(believed(find_regions(image), words))
    return believed(with_embedded(found, embedded), words)


def _page(
    number: int,
    points: tuple[float, float],
    lines: tuple[Line, ...],
    regions: Sequence[Region],
    source: Source,
) -> Page:
    markdown = markdown_of(number, lines, regions)
    return Page(number, *points, lines, tuple(regions), source, markdown)
