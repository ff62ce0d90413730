"""Reads what the pages of a file show of the boundaries between documents.

Files are hostile: whatever opens one belongs into a child (`reading.sandbox`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from reading.boundaries.facts import PageFacts, facts_of
from reading.document import Kind, Source
from reading.opening import open_pdf, page_size
from reading.page_words import words_of_pages
from reading.sniffing import kind_of

A4 = (595.0, 842.0)


def read_facts(
    path: Path, numbers: Iterable[int], *, recognise: bool, cache_dir: Path | None = None
) -> Iterator[tuple[int, PageFacts]]:
    """Number and facts of each of these pages that the file has; scans are left out unless they shall be recognised,
    which fast mode does."""
    sizes = _sizes(path)
    wanted = [number for number in numbers if number <= len(sizes)]
    for number, source, words in words_of_pages(path, wanted, recognise=recognise, mode="fast", cache_dir=cache_dir):
        yield number, facts_of(words, sizes[number - 1], recognised=source is Source.OCR)


def text_facts(path: Path, numbers: Iterable[int]) -> Iterator[tuple[int, PageFacts]]:
    """Of the pages that have a text of their own."""
    return read_facts(path, numbers, recognise=False)


def recognised_facts(path: Path, numbers: Iterable[int]) -> Iterator[tuple[int, PageFacts]]:
    return read_facts(path, numbers, recognise=True)


def _sizes(path: Path) -> list[tuple[float, float]]:
    if kind_of(path) is not Kind.PDF:
        return [A4]
    with open_pdf(path) as pdf:
        return [page_size(pdf.document, index) for index in range(len(pdf.document))]
