"""Checks in a child process whether an upload is a readable document: nothing else opens an untrusted file first."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import cast

from django.conf import settings

from engine.processing import child_tasks
from reading import errors
from reading.document import Inspection
from reading.sandbox import SandboxPool

TIMEOUT_SECONDS, WALL_CLOCK_FACTOR = 20, 3
MESSAGES = {
    errors.Empty: "The submitted file is empty.",
    errors.WrongType: "The file is not a PDF, PNG or JPEG document.",
    errors.Damaged: "The file is damaged and cannot be read.",
    errors.PasswordNeeded: "The document is protected by a password.",
    errors.TooLarge: "The document has more pixels than can be read.",
    errors.ChildTimedOut: "The document takes too long to open.",
    errors.ChildOutOfMemory: "The document takes too much memory to open.",
}


@cache
def children() -> SandboxPool:
    """A pool of their own, so that uploads do not wait for documents in progress; two, since one may be stuck."""
    return SandboxPool(2, memory_mb=settings.ENGINE_CHILD_MEMORY_MB, recycle_after=200)


def inspect(path: Path) -> Inspection:
    return cast(
        Inspection,
        children().run(
            child_tasks.inspect, path, settings.ENGINE_MAX_PAGES, timeout=TIMEOUT_SECONDS, patience=WALL_CLOCK_FACTOR
        ),
    )


def page_count_message(count: int) -> str:
    """The error for a page outside the document."""
    return f"The document has {count} {'page' if count == 1 else 'pages'}."


def error_message(error: errors.CannotRead) -> str:
    if isinstance(error, errors.TooManyPages):
        return f"The document has {error.pages} pages; {error.limit} are allowed."
    if isinstance(error, errors.PageOutside):
        return page_count_message(error.pages)
    return MESSAGES.get(type(error), "The document cannot be read.")
