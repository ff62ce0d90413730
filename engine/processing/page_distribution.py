"""Spreads the pages of a long document over the child processes, in tasks small enough for others to get a turn."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from itertools import chain

from engine.pipeline.request import PageRead, Request
from engine.processing import child_tasks, files
from reading.document import Page
from reading.sandbox import SandboxPool

PAGES_PER_TASK = 4
"""Enough pages to be worth opening the document once more."""
LONG_DOCUMENT_PAGES = 2 * PAGES_PER_TASK


class Cancelled(Exception):
    """Another task of the same document failed, or the document was deleted."""


def read_in_parallel(
    children: SandboxPool,
    request: Request,
    count: int,
    seconds: Callable[[int], float],
    patience: float,
    on_page: Callable[[PageRead], None],
) -> list[Page]:
    """All `count` pages in order. An exception from a task, or from `on_page`, cancels the other tasks.

    `seconds` gives the CPU time limit for a number of pages, `patience` the wall-clock time allowed per CPU second.
    """
    first = request.page_start or 1
    cancelled = threading.Event()
    models = files.models_folder()

    def check_cancelled() -> None:
        if cancelled.is_set():
            raise Cancelled

    def read(start: int) -> list[Page]:
        check_cancelled()
        task = replace(request, page_start=start, page_end=min(start + PAGES_PER_TASK, first + count) - 1)
        timeout = seconds(PAGES_PER_TASK)
        pages: list[Page] = children.run(
            child_tasks.read_pages, task, models, timeout=timeout, patience=patience, watch=check_cancelled
        )
        return pages

    with ThreadPoolExecutor(children.size, thread_name_prefix="pages") as pool:
        tasks = [pool.submit(read, start) for start in range(first, first + count, PAGES_PER_TASK)]
        try:
            _collect(tasks, on_page)
        finally:
            cancelled.set()
    return list(chain.from_iterable(task.result() for task in tasks))


def _collect(tasks: list[Future[list[Page]]], on_page: Callable[[PageRead], None]) -> None:
    """Report every page once; with no news for a second, call `on_page` anyway, so that it can raise on deletion."""
    reported: set[Future[list[Page]]] = set()
    waiting = set(tasks)
    while waiting:
        done, waiting = wait(waiting, timeout=1, return_when=FIRST_EXCEPTION)
        for task in done - reported:
            for page in task.result():
                on_page(PageRead(page.number))
        reported |= done
        if not done:
            on_page(PageRead(0))
