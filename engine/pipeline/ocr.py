"""OCR: the pages of the document, and its content as Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import reading
from reading.document import Page

from .request import Request


def read_pages(request: Request, cache_dir: Path | None = None) -> Iterator[Page]:
    return reading.read(
        request.path,
        request.page_start,
        request.page_end,
        mode=request.mode,
        cache_dir=cache_dir,
        max_pages=request.max_pages,
    )


def content_of(pages: list[Page]) -> str:
    """The Markdown of all pages; the bare text of a page that has none."""
    return "\n\n".join(text for page in pages if (text := page.markdown or page.text))
