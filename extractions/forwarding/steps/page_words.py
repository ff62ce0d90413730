"""The words of each page: from the text layer where there is one, by OCR where values need evidence."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from extractions.models import Extraction, PageWords
from reading.document import Source
from reading.errors import ChildDied
from reading.page_words import PageWords as ReadWords
from reading.page_words import words_of_pages
from reading.sandbox import SandboxPool

SECONDS, SECONDS_PER_PAGE, SECONDS_PER_SCAN = 20.0, 1.0, 60.0
# Scanned pages of one document per turn.
TURN = 4
PROCESSES = 1
MEMORY_MB = 1400
# OCR models reserve far more address space than they use memory.
ADDRESS_SPACE_MB = 4096
SOURCES = {Source.TEXT: PageWords.Source.TEXT_LAYER, Source.OCR: PageWords.Source.OCR}

log = logging.getLogger(__name__)
_lock = threading.Lock()
_children: SandboxPool | None = None
_closed = False


def read_words(extraction: Extraction, *, recognise: bool) -> bool:
    """Store the words of the requested pages. Whether all that `recognise` calls for are there."""
    known = dict(extraction.page_words.values_list("number", "source"))
    first, last = extraction.pdf_page_start or 1, extraction.pdf_page_end or extraction.page_count
    missing = [number for number in range(first, last + 1) if number not in known]
    if not missing:
        return True
    document = Path(extraction.document.path)
    keep = partial(_keep, extraction, known)
    if not known:
        timeout = SECONDS + SECONDS_PER_PAGE * len(missing)
        _pool().run(partial(words_of_pages, recognise=False), document, missing, timeout=timeout, on_event=keep)
    pictures = [number for number in missing if number not in known]
    if recognise:
        for number in pictures[:TURN]:
            _recognise(extraction, document, number, known)
    return not recognise or len(pictures) <= TURN


def run(function: Callable[..., Any], *args: object, timeout: float, on_event: Callable[[Any], object]) -> None:
    """Call a function that reads pages in the child that recognises them, of which there is one."""
    _pool().run(function, *args, timeout=timeout, on_event=on_event)


def close() -> None:
    """Stop the child process; a running call fails."""
    global _children, _closed
    with _lock:
        _closed = True
        if _children is not None:
            _children.close()
            _children = None


def is_closed() -> bool:
    return _closed


def _recognise(extraction: Extraction, document: Path, number: int, known: dict[int, str]) -> None:
    """OCR of one page per call, so that a page that kills the child affects no other."""
    keep = partial(_keep, extraction, known)
    try:
        read = partial(words_of_pages, recognise=True)
        _pool().run(read, document, [number], timeout=SECONDS + SECONDS_PER_SCAN, on_event=keep)
    except ChildDied as error:
        if _closed:
            raise  # the worker is stopping; the page is not to blame
        log.warning("Page %d of %s cannot be recognised: %r", number, extraction.key, error)
        _store(extraction, number, [], PageWords.Source.UNREADABLE)


def _keep(extraction: Extraction, known: dict[int, str], read: ReadWords) -> None:
    number, source, words = read
    known[number] = SOURCES[source]
    _store(extraction, number, [list(word) for word in words], SOURCES[source])


def _store(extraction: Extraction, number: int, words: Any, source: str) -> None:
    page = PageWords(extraction=extraction, number=number, words=words, source=source)
    PageWords.objects.bulk_create([page], ignore_conflicts=True)


def _pool() -> SandboxPool:
    global _children, _closed
    with _lock:
        if _children is None:
            _closed = False
            _children = SandboxPool(PROCESSES, memory_mb=MEMORY_MB, address_space_mb=ADDRESS_SPACE_MB)
        return _children
