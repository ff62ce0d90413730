"""Runs one document through the pipeline and writes every event to its row as it happens."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from functools import partial

from django.conf import settings
from django.db import transaction

from engine import metadata
from engine.models import ContentImage, Extract
from engine.pipeline.request import Category, Event, PageRead, Picture, Request, Step, StepDone, StepStarted
from engine.processing import child_tasks, erasure, files, inspection, page_distribution, webhook_events
from engine.processing.database_retry import TRANSIENT_ERRORS, retry_until_written
from engine.processing.language_model import Endpoint
from reading.document import Page
from reading.errors import CannotRead, ChildDied, ChildOutOfMemory, ChildTimedOut, ModelMissing
from reading.sandbox import SandboxPool

log = logging.getLogger(__name__)
WALL_CLOCK_FACTOR = 4
"""Wall-clock time allowed per second of the CPU time limit: the machine has other things to do."""
MODEL_CALLS_PER_DOCUMENT = 2
"""At most one for the category and one for the values."""


class Deleted(Exception):
    """The document was deleted while it was being read."""


class StorageFailed(Exception):
    """The disk did not accept the images of the document."""


class Progress:
    """Writes the events of one document to its row."""

    def __init__(self, extract: Extract) -> None:
        self.extract = extract
        self.started = self.step_started = time.monotonic()
        self.step_seconds: dict[str, float] = {}
        self.notes: list[str] = []

    def record(self, event: Event) -> None:
        match event:
            case PageRead():
                self.check_deleted()
            case StepStarted(step):
                self.step_started = time.monotonic()
                self._write(extraction_step=step.value)
            case StepDone(step, result, notes):
                self.notes += notes
                self.step_seconds[step.value] = round(time.monotonic() - self.step_started, 3)
                given = [name for name in _RESULT_FIELDS[step] if name in result]
                values = {name: metadata.replace_surrogates(result[name]) for name in given}
                self._write(step_seconds=self.step_seconds, notes=self.notes, **values)
                if step is Step.IMAGES:
                    store_images(self.extract, result["pictures"])

    def check_deleted(self) -> None:
        """Raises `Deleted` when the document is gone; also called while the pipeline emits nothing."""
        if not Extract.objects.filter(pk=self.extract.pk).exists():
            raise Deleted

    def _write(self, **values: object) -> None:
        if not self.extract.update_running(**values):
            raise Deleted

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started


_RESULT_FIELDS = {
    Step.OCR: ("content",),
    Step.CLASSIFICATION: ("classifier_result", "classifier_confidence"),
    Step.IMAGES: (),
    Step.PARSING: ("extracted_data", "x_proposal"),
    Step.LOCATION: ("x_locations", "x_confidence"),
}


def process(extract: Extract, children: SandboxPool, stopping: threading.Event) -> None:
    """Process the document and record the outcome, whatever it does to its child process."""
    try:
        retry_until_written(attempt(extract, children, stopping), stopping)
    finally:
        retry_until_written(partial(erase_if_deleted, extract), stopping)


def attempt(extract: Extract, children: SandboxPool, stopping: threading.Event) -> Callable[[], object]:
    """Process the document; returns the write that records the outcome, to be retried until it succeeds.

    A result that could not be written is not the document's fault, so the document is processed again. The attempt
    counts all the same, so that a document whose result can never be written does not loop for ever.
    """
    if extract.attempts > settings.ENGINE_MAX_ATTEMPTS:
        return partial(fail, extract, f"Given up after {settings.ENGINE_MAX_ATTEMPTS} starts.")
    progress = Progress(extract)
    try:
        read(extract, children, progress)
    except Deleted:
        return partial(log.info, "extract %s was deleted while it was being processed", extract.pk)
    except Exception as error:
        if stopping.is_set():
            return extract.release
        if isinstance(error, (*TRANSIENT_ERRORS, StorageFailed)):
            log.warning("extract %s: will be processed again: %s", extract.pk, error)
            return extract.requeue
        return partial(fail, extract, failure_message(error))
    return partial(complete, extract, progress.seconds)


def erase_if_deleted(extract: Extract) -> None:
    """Remove files that were written after the document had been deleted."""
    if not Extract.objects.filter(pk=extract.pk).exists():
        files.remove(extract.folder)
        erasure.request_erasure()


def read(extract: Extract, children: SandboxPool, progress: Progress) -> None:
    request, pages = build_request(extract), None
    if extract.pages >= page_distribution.LONG_DOCUMENT_PAGES:
        progress.record(StepStarted(Step.OCR))
        pages = read_pages_in_parallel(children, request, extract.pages, progress)
    run_pipeline(children, request, extract.pages, progress.record, pages, progress.check_deleted)
    for note in progress.notes:
        log.warning("extract %s: %s", extract.pk, note)


def read_pages_in_parallel(
    children: SandboxPool, request: Request, count: int, progress: Progress
) -> list[Page] | None:
    """The pages, read by several children; None when memory ran short, since a single child may still manage."""
    try:
        return page_distribution.read_in_parallel(
            children, request, count, time_limit, WALL_CLOCK_FACTOR, progress.record
        )
    except ChildDied as error:
        if not is_transient(error):
            raise
        log.warning("extract %s: pages could not be read in parallel (%s)", progress.extract.pk, error)
        return None


def is_transient(error: ChildDied) -> bool:
    """Whether the child may have died because the machine was short of memory, and not because of its document."""
    return isinstance(error, ChildOutOfMemory) or "SIGKILL" in str(error)


def time_limit(pages: int) -> float:
    """Seconds of CPU time for so many pages."""
    return float(settings.ENGINE_SECONDS_PER_DOCUMENT + settings.ENGINE_SECONDS_PER_PAGE * pages)


def run_pipeline(
    children: SandboxPool,
    request: Request,
    count: int,
    on_event: Callable[[Event], object],
    pages: list[Page] | None = None,
    watch: Callable[[], object] | None = None,
) -> None:
    """Run the pipeline in a child process; a transient failure, such as a shortage of memory, is retried once."""
    model = language_model_endpoint()
    timeout = time_limit(count) + (MODEL_CALLS_PER_DOCUMENT * model.seconds if model else 0)
    arguments = (request, files.models_folder(), model, pages)
    for is_last in (False, True):
        try:
            children.run(
                child_tasks.extract,
                *arguments,
                timeout=timeout,
                patience=WALL_CLOCK_FACTOR,
                on_event=on_event,
                watch=watch,
            )
        except ChildDied as error:
            if is_last or not is_transient(error):
                raise
            log.warning("a child process died (%s); retrying once", error)
        else:
            return


def language_model_endpoint() -> Endpoint | None:
    """The configured language model, if any."""
    if not (settings.ENGINE_LLM_URL and settings.ENGINE_LLM_MODEL):
        return None
    return Endpoint(
        settings.ENGINE_LLM_URL, settings.ENGINE_LLM_MODEL, settings.ENGINE_LLM_KEY, settings.ENGINE_LLM_SECONDS
    )


def failure_message(error: Exception) -> str:
    """A sentence for people; unexpected errors are logged as well."""
    match error:
        case ChildTimedOut():
            return "The document took too long and was stopped."
        case ChildDied():
            return f"The process that read the document ended ({error.reason})."
        case CannotRead():
            return inspection.error_message(error)
        case ModelMissing():
            log.error("documents cannot be read: %s", error)
            return f"The engine cannot read it: {error}."
    log.error("a document could not be processed", exc_info=error)
    return "The document could not be processed."


def build_request(extract: Extract) -> Request:
    schema = extract.schema
    categories = extract.classifier.categories.all() if extract.classifier else ()
    return Request(
        path=extract.path,
        page_start=extract.page_start,
        page_end=extract.page_end,
        schema=schema.schema if schema else None,
        schema_context=schema.context if schema else "",
        categories=tuple(Category(category.name, category.description, category.examples()) for category in categories),
        propose=extract.propose,
        max_pages=settings.ENGINE_MAX_PAGES,
        mode=settings.ENGINE_READING,
    )


def store_images(extract: Extract, pictures: list[Picture]) -> None:
    """Files first, so that no row refers to a missing image. A second run replaces the images of the first."""
    ContentImage.objects.filter(extract=extract).delete()
    images = [
        ContentImage(extract=extract, name=picture.name, position=position) for position, picture in enumerate(pictures)
    ]
    jpegs = [(image.path, picture.jpeg) for image, picture in zip(images, pictures, strict=True)]
    try:
        files.store_images(extract, jpegs)
    except OSError as error:
        raise StorageFailed(f"the images could not be stored ({error})") from error
    ContentImage.objects.bulk_create(images)


def complete(extract: Extract, seconds: float) -> None:
    with transaction.atomic():
        if not extract.finish(seconds):
            return
        extract.account.charge(extract.price)
        webhook_events.record_completion(extract)
    log.info("extract %s finished in %.2f s", extract.pk, seconds)


def fail(extract: Extract, message: str) -> None:
    """Record the failure. Nothing is charged, and what has been extracted so far stays."""
    with transaction.atomic():
        if not extract.fail(message):
            return
        webhook_events.record_completion(extract)
    log.warning("extract %s: %s", extract.pk, message)
