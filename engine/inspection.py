"""Is this a document that can be read? Asked in a child process, for it is the first to open a stranger's file."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import cast

from django.conf import settings

from engine import work
from reading import errors
from reading.children import Children
from reading.document import Inspection

TIMEOUT, PATIENCE = 20, 3
SENTENCES = {
    errors.Empty: "The submitted file is empty.",
    errors.WrongType: "The file is not a PDF, PNG or JPEG document.",
    errors.Damaged: "The file is damaged and cannot be read.",
    errors.PasswordNeeded: "The document is protected by a password.",
    errors.TooLarge: "The document has more pixels than can be read.",
    errors.ChildTimedOut: "The document takes too long to open.",
    errors.ChildOutOfMemory: "The document takes too much memory to open.",
}


@cache
def children() -> Children:
    """Their own, so that an upload does not wait for the documents that are being read; two, for one may be stuck."""
    return Children(2, memory_mb=settings.ENGINE_CHILD_MEMORY_MB, recycle_after=200)


def inspect(path: Path) -> Inspection:
    return cast(
        Inspection, children().run(work.inspect, path, settings.ENGINE_MAX_PAGES, timeout=TIMEOUT, patience=PATIENCE)
    )


def pages_there(count: int) -> str:
    """What is said to who asks for others."""
    return f"The document has {count} {'page' if count == 1 else 'pages'}."


def sentence(error: errors.CannotRead) -> str:
    if isinstance(error, errors.TooManyPages):
        return f"The document has {error.pages} pages; {error.limit} are allowed."
    if isinstance(error, errors.PageOutside):
        return pages_there(error.pages)
    return SENTENCES.get(type(error), "The document cannot be read.")
