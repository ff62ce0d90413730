"""One document through the pipeline, every event written to its row as it happens."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from functools import partial

from django.conf import settings
from django.db import transaction

from engine import files, inspection, metadata, paging, traces, webhooks, work
from engine.language_model import Endpoint
from engine.models import ContentImage, Extract
from engine.pipeline.request import Category, Event, PageRead, Picture, Request, Step, StepDone, StepStarted
from engine.strangeness import jobs
from engine.writing import HINDRANCES, insist
from reading.children import Children
from reading.document import Page
from reading.errors import CannotRead, ChildDied, ChildOutOfMemory, ChildTimedOut, ModelMissing

log = logging.getLogger(__name__)
PATIENCE = 4
"""Times the seconds of the processor that a document may take by the clock, while the machine does other things."""
QUESTIONS = 2
"""A language model is asked for the category and for the values, at most."""


class Deleted(Exception):
    """The document was deleted while it was being read."""


class NotKept(Exception):
    """The disk did not take what was found."""


class Progress:
    """Writes the events of one document to its row."""

    def __init__(self, extract: Extract) -> None:
        self.extract = extract
        self.started = self.step_started = time.monotonic()
        self.step_seconds: dict[str, float] = {}
        self.notes: list[str] = []

    def note(self, event: Event) -> None:
        match event:
            case PageRead():
                self.check()
            case StepStarted(step):
                self.step_started = time.monotonic()
                self._write(extraction_step=step.value)
            case StepDone(step, result, notes):
                self.notes += notes
                self.step_seconds[step.value] = round(time.monotonic() - self.step_started, 3)
                values = {name: metadata.cleaned(result[name]) for name in RESULTS[step]}
                self._write(step_seconds=self.step_seconds, notes=self.notes, **values)
                if step is Step.IMAGES:
                    keep_pictures(self.extract, result["pictures"])

    def check(self) -> None:
        """Whether the document is still there; asked while nothing else happens."""
        if not Extract.objects.filter(pk=self.extract.pk).exists():
            raise Deleted

    def _write(self, **values: object) -> None:
        if not self.extract.note(**values):
            raise Deleted

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started


RESULTS = {
    Step.OCR: ("content",),
    Step.CLASSIFICATION: ("classifier_result", "classifier_confidence"),
    Step.IMAGES: (),
    Step.PARSING: ("extracted_data",),
    Step.LOCATION: ("x_locations",),
}


def process(extract: Extract, children: Children, stopping: threading.Event) -> None:
    """Read the document and write how it ended; whatever it does to its child, it ends."""
    try:
        insist(outcome(extract, children, stopping), stopping)
    finally:
        insist(partial(clear_away, extract), stopping)


def outcome(extract: Extract, children: Children, stopping: threading.Event) -> Callable[[], object]:
    """Read the document; what comes back writes how that went.

    Where the engine could not write what it read, the document is not to blame and is read again. That start counts,
    so that this comes to an end even if only this document cannot be written.
    """
    if extract.attempts > settings.ENGINE_MAX_ATTEMPTS:
        return partial(end, extract, f"Given up after {settings.ENGINE_MAX_ATTEMPTS} starts.")
    progress = Progress(extract)
    try:
        jobs.before_job(extract.pk, stopping)
        read(extract, children, progress)
    except Deleted:
        return partial(log.info, "extract %s was deleted while it was being read", extract.pk)
    except Exception as error:
        if stopping.is_set():
            return extract.release
        if isinstance(error, (*HINDRANCES, NotKept)):
            log.warning("extract %s: will be read again: %s", extract.pk, error)
            return extract.put_back
        return partial(end, extract, reason(error))
    return partial(complete, extract, progress.seconds)


def clear_away(extract: Extract) -> None:
    """What came to the disk after the document had been deleted."""
    if not Extract.objects.filter(pk=extract.pk).exists():
        files.remove(extract.folder)
        traces.wipe_soon()


def read(extract: Extract, children: Children, progress: Progress) -> None:
    request, pages = request_of(extract), None
    if extract.pages >= paging.LONG:
        progress.note(StepStarted(Step.OCR))
        pages = read_together(children, request, extract.pages, progress)
    run_child(children, request, extract.pages, progress.note, pages, progress.check)
    for note in progress.notes:
        log.warning("extract %s: %s", extract.pk, note)


def read_together(children: Children, request: Request, count: int, progress: Progress) -> list[Page] | None:
    """The pages by several children; None when memory was short, for one child alone may do it."""
    try:
        return paging.read_in_parallel(children, request, count, seconds_for, PATIENCE, progress.note)
    except ChildDied as error:
        if not may_pass(error):
            raise
        log.warning("extract %s: pages could not be read side by side (%s)", progress.extract.pk, error)
        return None


def may_pass(error: ChildDied) -> bool:
    """Whether a child may have ended without its document being to blame: the machine was short of memory."""
    return isinstance(error, ChildOutOfMemory) or "SIGKILL" in str(error)


def seconds_for(pages: int) -> float:
    return float(settings.ENGINE_SECONDS_PER_DOCUMENT + settings.ENGINE_SECONDS_PER_PAGE * pages)


def run_child(
    children: Children,
    request: Request,
    count: int,
    note: Callable[[Event], object],
    pages: list[Page] | None = None,
    watch: Callable[[], object] | None = None,
) -> None:
    """The pipeline in a child. What may pass, such as memory that others need just now, is tried a second time."""
    model = endpoint()
    timeout = seconds_for(count) + (QUESTIONS * model.seconds if model else 0)
    arguments = (request, files.models_folder(), model, pages)
    for last in (False, True):
        try:
            children.run(work.extract, *arguments, timeout=timeout, patience=PATIENCE, on_event=note, watch=watch)
        except ChildDied as error:
            if last or not may_pass(error):
                raise
            log.warning("a child ended (%s); trying once more", error)
        else:
            return


def endpoint() -> Endpoint | None:
    """The language model, if one is set."""
    if not (settings.ENGINE_LLM_URL and settings.ENGINE_LLM_MODEL):
        return None
    return Endpoint(
        settings.ENGINE_LLM_URL, settings.ENGINE_LLM_MODEL, settings.ENGINE_LLM_KEY, settings.ENGINE_LLM_SECONDS
    )


def reason(error: Exception) -> str:
    """The sentence for people; what nobody expected also goes to the log."""
    match error:
        case ChildTimedOut():
            return "The document took too long and was stopped."
        case ChildDied():
            return f"The process that read the document ended ({error.reason})."
        case CannotRead():
            return inspection.sentence(error)
        case ModelMissing():
            log.error("documents cannot be read: %s", error)
            return f"The engine cannot read it: {error}."
    log.error("a document could not be processed", exc_info=error)
    return "The document could not be processed."


def request_of(extract: Extract) -> Request:
    schema = extract.schema
    categories = extract.classifier.categories.all() if extract.classifier else ()
    return Request(
        path=extract.path,
        page_start=extract.page_start,
        page_end=extract.page_end,
        schema=schema.schema if schema else None,
        schema_context=schema.context if schema else "",
        categories=tuple(Category(category.name, category.description, category.examples()) for category in categories),
        max_pages=settings.ENGINE_MAX_PAGES,
        mode=settings.ENGINE_READING,
    )


def keep_pictures(extract: Extract, pictures: list[Picture]) -> None:
    """Files first, so that no row names a picture that is not there. A second run replaces the first."""
    ContentImage.objects.filter(extract=extract).delete()
    images = [
        ContentImage(extract=extract, name=picture.name, position=position) for position, picture in enumerate(pictures)
    ]
    jpegs = [(image.path, picture.jpeg) for image, picture in zip(images, pictures, strict=True)]
    try:
        files.keep_pictures(extract, jpegs)
    except OSError as error:
        raise NotKept(f"the pictures could not be kept ({error})") from error
    ContentImage.objects.bulk_create(images)


def complete(extract: Extract, seconds: float) -> None:
    with transaction.atomic():
        if not extract.finish(seconds):
            return
        extract.account.pay(extract.price)
        webhooks.announce(extract)
    log.info("extract %s finished in %.2f s", extract.pk, seconds)


def end(extract: Extract, reason: str) -> None:
    """It did not work out. Nothing is charged; what has been read so far stays."""
    with transaction.atomic():
        if not extract.fail(reason):
            return
        webhooks.announce(extract)
    log.warning("extract %s: %s", extract.pk, reason)
