"""`python -m engine read FILE`: one document from the command line, without server, account or database."""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

from engine import inspection, processing, work
from engine.accounts import SAMPLES
from engine.pipeline.request import Category, Event, PageRead, Request, Step, StepDone, StepStarted
from reading.children import Children
from reading.document import Inspection
from reading.errors import CannotRead, PageOutside

if TYPE_CHECKING:
    from reading.reader import Mode

READ, NOT_READ, WRONG = 0, 1, 2
"""Exit codes: it went well, the document cannot be read, the question makes no sense."""
WIDTH = 30
RESULTS = ("content", "classifier_result", "classifier_confidence", "extracted_data", "x_locations")


class WrongQuestion(Exception):
    """A schema, classifier or page range that cannot be used; the message is for people."""


def add_to(commands: Any) -> None:
    parser: argparse.ArgumentParser = commands.add_parser(
        "read", help="read one document and print what is in it", description="Read one document."
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="a PDF, PNG or JPEG")
    parser.add_argument("--schema", metavar="S", help="a file with a JSON schema, or the name of a sample schema")
    parser.add_argument("--classifier", metavar="C", help="a JSON file with categories, or the name of a sample")
    parser.add_argument("--pages", metavar="1-3", help="a page or a range of pages; all when left out")
    parser.add_argument("--fast", action="store_true", help="read scans in about half the time, a little less well")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of text")


def read(given: argparse.Namespace) -> int:
    try:
        schema, context = _schema(given.schema) if given.schema else (None, "")
        categories = _categories(given.classifier) if given.classifier else ()
        first, last = _range(given.pages) if given.pages else (None, None)
        if not given.file.is_file():
            raise WrongQuestion(f"There is no file {str(given.file)!r}.")  # noqa: TRY301 - one way out
    except WrongQuestion as error:
        print(error, file=sys.stderr)
        return WRONG
    mode: Mode = "fast" if given.fast else settings.ENGINE_READING
    request = Request(given.file.resolve(), first, last, schema, context, categories, settings.ENGINE_MAX_PAGES, mode)
    bar = Bar()
    try:
        answer = _answer(request, bar)
    except (CannotRead, KeyboardInterrupt) as error:
        bar.end()
        print(_sentence(error), file=sys.stderr)
        return NOT_READ
    bar.end()
    print(json.dumps(answer, ensure_ascii=False, indent=2) if given.json else _plain(answer))
    return READ


def _answer(request: Request, bar: Bar) -> dict[str, Any]:
    with Children(1, memory_mb=settings.ENGINE_CHILD_MEMORY_MB) as children:
        found: Inspection = children.run(
            work.inspect, request.path, settings.ENGINE_MAX_PAGES, timeout=inspection.TIMEOUT
        )
        first, last = request.page_start or 1, request.page_end or found.pages
        if last > found.pages or first > last:
            raise PageOutside(found.pages)
        pages = last - first + 1
        bar.pages = pages
        answer: dict[str, Any] = {"pages": pages}

        def note(event: Event) -> None:
            bar.note(event)
            if isinstance(event, StepDone):
                answer.update({name: value for name, value in event.result.items() if name in RESULTS})
                answer.setdefault("x_notes", []).extend(event.notes)

        processing.run_child(children, request, pages, note)
    if not answer["x_notes"]:
        del answer["x_notes"]
    return answer


class Bar:
    """How far it is, on stderr: one line that fills on a terminal, a line for each step elsewhere."""

    def __init__(self) -> None:
        self.pages = 1
        self.read = 0
        self.live = sys.stderr.isatty()

    def note(self, event: Event) -> None:
        match event:
            case StepStarted(step):
                self._show(_TOLD[step])
            case PageRead():
                self.read += 1
                if self.live:
                    self._show(_TOLD[Step.OCR])

    def _show(self, what: str) -> None:
        text = f"{what}, page {min(self.read + 1, self.pages)} of {self.pages}" if what == _TOLD[Step.OCR] else what
        if not self.live:
            print(text, file=sys.stderr, flush=True)
            return
        full = round(WIDTH * self.read / self.pages)
        print(f"\r\x1b[K[{'#' * full}{' ' * (WIDTH - full)}] {text}", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        if self.live:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


_TOLD = {
    Step.OCR: "Reading",
    Step.CLASSIFICATION: "Sorting",
    Step.IMAGES: "Cutting out pictures",
    Step.PARSING: "Finding the values",
    Step.LOCATION: "Noting their places",
}


def _sentence(error: BaseException) -> str:
    if isinstance(error, KeyboardInterrupt):
        return "Stopped."
    return inspection.sentence(error) if isinstance(error, CannotRead) else str(error)


def _plain(answer: dict[str, Any]) -> str:
    parts = [answer.get("content", "")]
    if "classifier_result" in answer:
        sure = answer.get("classifier_confidence")
        parts.append(f"Category: {answer['classifier_result'] or 'none of them'} ({sure})")
    if "extracted_data" in answer:
        parts.append(json.dumps(answer["extracted_data"], ensure_ascii=False, indent=2))
    return "\n\n".join([*parts, *answer.get("x_notes", ())])


def _range(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{1,6})(?:-(\d{1,6}))?", text.strip())
    first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
    if not 1 <= first <= last:
        raise WrongQuestion(f"Pages are given as 3 or 1-3, counted from 1, not as {text!r}.")
    return first, last


def _schema(text: str) -> tuple[dict[str, Any], str]:
    value = _file_or_sample(text, "schema")
    context = "\n".join(str(value.get(key) or "") for key in ("name", "description", "additional_informations"))
    if isinstance(value.get("schema"), dict):
        return value["schema"], context.strip()
    if not isinstance(value.get("properties"), dict):
        raise WrongQuestion(f"{text!r} is no JSON schema: it names no properties.")
    return value, ""


def _categories(text: str) -> tuple[Category, ...]:
    value = _file_or_sample(text, "classifier")
    try:
        found = tuple(
            Category(one) if isinstance(one, str) else Category(str(one["name"]), str(one.get("description", "")))
            for one in value["categories"]
        )
    except (KeyError, TypeError, AttributeError):
        found = ()
    if not found:
        raise WrongQuestion(f'{text!r} names no categories: {{"categories": [{{"name": ..., "description": ...}}]}}.')
    return found


def _file_or_sample(text: str, kind: str) -> dict[str, Any]:
    samples = {one["name"]: one for one in json.loads((SAMPLES / f"{kind}s.json").read_text("utf-8"))}
    if text in samples:
        return dict(samples[text])
    try:
        value = json.loads(Path(text).read_text("utf-8"))
    except OSError as error:
        there = ", ".join(repr(name) for name in samples)
        raise WrongQuestion(
            f"There is no file {text!r} and no sample {kind} of that name; there are {there}."
        ) from error
    except ValueError as error:
        raise WrongQuestion(f"{text!r} is not JSON: {error}.") from error
    value = {"categories": value} if isinstance(value, list) else value
    if not isinstance(value, dict):
        raise WrongQuestion(f"{text!r} is no {kind}.")
    return value
