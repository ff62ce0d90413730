"""The words of pages, and nothing else of them: what a search for values needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from PIL import Image

from reading.document import Kind, Line, Source
from reading.errors import PageOutside
from reading.lines import lines_of
from reading.opening import open_image, open_pdf
from reading.pdf import TextLayer, text_layer
from reading.pdf_page import OpenPage, open_page
from reading.reader import LONGEST, Mode, scan_of
from reading.sniffing import kind_of
from reading.trust import needs_recognition
from reading.turning import lines_as_turned

DECIMALS = 5

PlacedWord = tuple[float, float, float, float, str]
PageWords = tuple[int, Source, list[PlacedWord]]


def words_of_pages(
    path: Path, numbers: Iterable[int], *, recognise: bool, mode: Mode = "accurate", cache_dir: Path | None = None
) -> Iterator[PageWords]:
    """Number, source and words in reading order of each page. Those that have no text of their own to be trusted are
    left out unless they shall be recognised, which takes seconds."""
    numbers = list(numbers)
    if kind_of(path) is not Kind.PDF:
        if set(numbers) - {1}:
            raise PageOutside(1)
        if recognise and numbers:
            yield 1, Source.OCR, _recognised(open_image(path), mode, cache_dir)
        return
    with open_pdf(path) as pdf:
        for number in numbers:
            if not 1 <= number <= len(pdf.document):
                raise PageOutside(len(pdf.document))
            with open_page(pdf.document, number - 1, layers_off=pdf.layers_off) as page:
                layer = text_layer(page)
                if not needs_recognition(page, layer, mode, cache_dir):
                    yield number, Source.TEXT, _placed(_lines(page, layer))
                elif recognise:
                    yield number, Source.OCR, _recognised(scan_of(page), mode, cache_dir, page.turned)


def _lines(page: OpenPage, layer: TextLayer) -> Sequence[Line]:
    return lines_as_turned(lines_of(layer.words, layer.width, layer.height), page.turned)


def _recognised(image: Image.Image, mode: Mode, cache_dir: Path | None, turned: int = 0) -> list[PlacedWord]:
    from reading.ocr.page import recognise  # digital documents need no networks

    image.thumbnail((LONGEST, LONGEST))
    found = recognise(image, mode, cache_dir)
    return _placed(lines_as_turned(found.lines, (found.turned + turned) % 360))


def _placed(lines: Sequence[Line]) -> list[PlacedWord]:
    return [
        (_share(word.box.x0), _share(word.box.y0), _share(word.box.x1), _share(word.box.y1), word.text)
        for line in lines
        for word in line.words
    ]


def _share(edge: float) -> float:
    return round(min(1.0, max(0.0, edge)), DECIMALS)
