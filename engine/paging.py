"""The pages of a long document, read by all free children at once, in pieces between which others have their turn."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from itertools import chain

from engine import files, work
from engine.pipeline.request import PageRead, Request
from reading.children import Children
from reading.document import Page

TOGETHER = 4
"""Pages that one child reads in one go: enough to be worth opening the document once more."""
LONG = 2 * TOGETHER


class Stopped(Exception):
    """Another part of the document failed, or nobody wants it any more."""


def read_in_parallel(
    children: Children,
    request: Request,
    count: int,
    seconds: Callable[[int], float],
    patience: float,
    note: Callable[[PageRead], None],
) -> list[Page]:
    """All `count` pages in their order. An exception of a part, or of `note`, ends the others at once."""
    first = request.page_start or 1
    stop = threading.Event()
    models = files.models_folder()

    def go_on() -> None:
        if stop.is_set():
            raise Stopped

    def read(start: int) -> list[Page]:
        go_on()
        part = replace(request, page_start=start, page_end=min(start + TOGETHER, first + count) - 1)
        timeout = seconds(TOGETHER)
        pages: list[Page] = children.run(work.read_pages, part, models, timeout=timeout, patience=patience, watch=go_on)
        return pages

    with ThreadPoolExecutor(children.size, thread_name_prefix="pages") as pool:
        parts = [pool.submit(read, start) for start in range(first, first + count, TOGETHER)]
        try:
            _follow(parts, note)
        finally:
            stop.set()
    return list(chain.from_iterable(part.result() for part in parts))


def _follow(parts: list[Future[list[Page]]], note: Callable[[PageRead], None]) -> None:
    """Look every second, for the caller may have to say that the document was deleted."""
    told: set[Future[list[Page]]] = set()
    waiting = set(parts)
    while waiting:
        done, waiting = wait(waiting, timeout=1, return_when=FIRST_EXCEPTION)
        for part in done - told:
            for page in part.result():
                note(PageRead(page.number))
        told |= done
        if not done:
            note(PageRead(0))
