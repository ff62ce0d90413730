"""The steps that turn a document into an answer: OCR, CLASSIFICATION, IMAGES, PARSING, LOCATION. Pure: no Django."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reading.document import Page

    from .advice import Ask

from .request import Category, Event, PageRead, Picture, Request, Step, StepDone, StepStarted

__all__ = ["Category", "Event", "PageRead", "Picture", "Request", "Step", "StepDone", "StepStarted", "run"]


def run(
    request: Request, *, cache_dir: Path | None = None, ask: Ask | None = None, pages: list[Page] | None = None
) -> Iterator[Event]:
    """Do what is asked of one document, step by step.

    `cache_dir` keeps what is prepared once for all documents; `ask` puts a question to a language model; `pages` are
    those of the document, if they have been read already.
    """
    from .steps import run as run_steps  # the engine's web process imports this package, and needs none of its weight

    return run_steps(request, cache_dir=cache_dir, ask=ask, pages=pages)
