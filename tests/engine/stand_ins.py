"""What a pipeline may do in a child, good and bad. Runs there, so it knows no Django."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from engine.pipeline.request import Event, Picture, Request, Step, StepDone, StepStarted
from reading.document import Page

JPEG = b"\xff\xd8\xff\xe0 not looked at by anybody \xff\xd9"
CONFIDENCE = {"total": 0.97}
LOCATIONS = {"total": [{"page": 1, "bbox": [0.1, 0.2, 0.3, 0.4]}]}


def everything(request: Request, models: Path, *_: object) -> Iterator[Event]:
    """All steps."""
    yield StepStarted(Step.OCR)
    yield StepDone(Step.OCR, {"content": "Total 12.50\n\n![](_page_0_Picture_1.jpeg)", "pages": 1})
    yield StepStarted(Step.CLASSIFICATION)
    yield StepDone(Step.CLASSIFICATION, {"classifier_result": "Invoice", "classifier_confidence": 0.9})
    yield StepStarted(Step.IMAGES)
    yield StepDone(Step.IMAGES, {"pictures": [Picture("_page_0_Picture_1.jpeg", JPEG)]})
    yield StepStarted(Step.PARSING)
    yield StepDone(Step.PARSING, {"extracted_data": {"total": 12.5, "lines": [{"text": "=1+1", "amount": -3}]}})
    yield StepStarted(Step.LOCATION)
    yield StepDone(Step.LOCATION, {"x_locations": LOCATIONS, "x_confidence": CONFIDENCE})


def broken_text(request: Request, models: Path, *_: object) -> Iterator[Event]:
    yield StepStarted(Step.OCR)
    yield StepDone(Step.OCR, {"content": "half a \ud83d face", "pages": 1})
    yield StepDone(Step.PARSING, {"extracted_data": {"name": "\ud83d"}})


def waits(request: Request, models: Path, *_: object) -> Iterator[Event]:
    yield StepStarted(Step.OCR)
    time.sleep(60)


def reads_and_waits(request: Request, models: Path, *_: object) -> Iterator[Event]:
    yield StepStarted(Step.OCR)
    yield StepDone(Step.OCR, {"content": "first", "pages": 1})
    yield StepStarted(Step.PARSING)
    time.sleep(2)  # long enough to be seen by who is kept waiting for a processor
    yield StepDone(Step.PARSING, {"extracted_data": {}})


def reads_and_lingers(request: Request, models: Path, *_: object) -> Iterator[Event]:
    """Done in fact, but long enough about it for somebody to come in between."""
    yield StepStarted(Step.OCR)
    yield StepDone(Step.OCR, {"content": "read", "pages": 1})
    time.sleep(2)


def lingers_and_fails(request: Request, models: Path, *_: object) -> Iterator[Event]:
    yield StepStarted(Step.OCR)
    yield StepDone(Step.OCR, {"content": "read", "pages": 1})
    time.sleep(2)
    raise KeyError("nobody expected this")


def crashes(request: Request, models: Path, *_: object) -> Iterator[Event]:
    yield StepStarted(Step.OCR)
    os.kill(os.getpid(), signal.SIGSEGV)


def eats_memory(request: Request, models: Path, *_: object) -> Iterator[Event]:
    yield StepStarted(Step.OCR)
    bytearray(8 * 1024**3)


def has_a_bug(request: Request, models: Path, *_: object) -> Iterator[Event]:
    yield StepStarted(Step.OCR)
    raise KeyError("nobody expected this")


def is_killed_once(request: Request, models: Path, *_: object) -> Iterator[Event]:
    """As the system does when memory runs short."""
    killed = request.path.with_name("killed")
    yield StepStarted(Step.OCR)
    if not killed.exists():
        killed.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    yield StepDone(Step.OCR, {"content": "read at the second try", "pages": 1})


def read_pages(request: Request, models: Path) -> list[Page]:
    """Pages that say which child read them; each takes a moment, so that no child can read them all."""
    time.sleep(0.5)
    first, last = request.page_start or 1, request.page_end or 1
    return [Page(n, 595, 842, (), markdown=f"{n} by {os.getpid()}") for n in range(first, last + 1)]


def shows_its_pages(request: Request, models: Path, endpoint: object, pages: list[Page]) -> Iterator[Event]:
    yield StepDone(Step.OCR, {"content": "\n".join(page.markdown for page in pages), "pages": len(pages)})


def reads_a_little_of_all(request: Request, models: Path, *_: object) -> Iterator[Event]:
    """A short document that takes a moment."""
    time.sleep(0.05)
    yield StepDone(Step.OCR, {"content": "read", "pages": 1})


def does_nothing(*_: object) -> None:
    pass
