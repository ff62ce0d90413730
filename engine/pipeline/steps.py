"""The steps in their order, each announced before and reported after it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from reading.document import Page

from .advice import Ask, advised_category, advised_values
from .classification import classify
from .images import cut_pictures
from .location import locate
from .ocr import content_of, read_pages
from .parsing import parse
from .proposing import propose
from .request import Event, PageRead, Request, Step, StepDone, StepStarted


def run(
    request: Request, *, cache_dir: Path | None = None, ask: Ask | None = None, pages: list[Page] | None = None
) -> Iterator[Event]:
    """Read one document and do what is asked of it. Errors of `reading` (CannotRead) travel up from the first step."""
    yield StepStarted(Step.OCR)
    if pages is None:
        pages = []
        for page in read_pages(request, cache_dir):
            pages.append(page)
            yield PageRead(page.number)
    yield StepDone(Step.OCR, {"content": content_of(pages), "pages": len(pages)})
    if request.categories:
        yield StepStarted(Step.CLASSIFICATION)
        own = classify(pages, request.categories, cache_dir)
        verdict, notes = advised_category(ask, pages, request.categories, own)
        result = {"classifier_result": verdict.name, "classifier_confidence": verdict.confidence}
        yield StepDone(Step.CLASSIFICATION, result, tuple(notes))
    yield StepStarted(Step.IMAGES)
    yield StepDone(Step.IMAGES, {"pictures": cut_pictures(request.path, pages)})
    if request.schema is not None:
        yield from _extract(pages, request.schema, request.schema_context, ask)
    elif request.propose:
        yield StepStarted(Step.PARSING)
        yield StepDone(Step.PARSING, {"x_proposal": propose(pages)})


def _extract(pages: list[Page], schema: Mapping[str, object], context: str, ask: Ask | None) -> Iterator[Event]:
    yield StepStarted(Step.PARSING)
    parsed, notes = advised_values(ask, pages, schema, context, parse(pages, schema, context))
    yield StepDone(Step.PARSING, {"extracted_data": parsed.data}, tuple(notes))
    yield StepStarted(Step.LOCATION)
    places = locate(parsed.places, pages)
    yield StepDone(Step.LOCATION, {"x_locations": places, "x_confidence": dict(parsed.confidence)})
