"""`python -m engine read FILE`: processes one document without server, account or database."""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

from engine.accounts import SAMPLES
from engine.pipeline.request import Category, Event, PageRead, Request, Step, StepDone, StepStarted
from engine.processing import child_tasks, document_processing, inspection
from reading.document import Inspection
from reading.errors import CannotRead, PageOutside
from reading.sandbox import SandboxPool

if TYPE_CHECKING:
    from reading.reader import Mode

EXIT_SUCCESS, EXIT_UNREADABLE, EXIT_USAGE = 0, 1, 2
BAR_WIDTH = 30  # characters
RESULT_FIELDS = (
    "content", "classifier_result", "classifier_confidence", "extracted_data", "x_locations", "x_confidence",
)  # fmt: skip


class UsageError(Exception):
    """An unusable schema, classifier or page range; the message is for people."""


def add_parser(commands: Any) -> None:
    parser: argparse.ArgumentParser = commands.add_parser(
        "read", help="read one document and print what is in it", description="Read one document."
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="a PDF, PNG or JPEG")
    parser.add_argument("--schema", metavar="S", help="a file with a JSON schema, or the name of a sample schema")
    parser.add_argument("--classifier", metavar="C", help="a JSON file with categories, or the name of a sample")
    parser.add_argument("--pages", metavar="1-3", help="a page or a range of pages; all when left out")
    parser.add_argument("--fast", action="store_true", help="read scans in about half the time, a little less well")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of text")


def read(options: argparse.Namespace) -> int:
    try:
        schema, context = _schema(options.schema) if options.schema else (None, "")
        categories = _categories(options.classifier) if options.classifier else ()
        first, last = _range(options.pages) if options.pages else (None, None)
        if not options.file.is_file():
            raise UsageError(f"There is no file {str(options.file)!r}.")  # noqa: TRY301 - one error path
    except UsageError as error:
        print(error, file=sys.stderr)
        return EXIT_USAGE
    mode: Mode = "fast" if options.fast else settings.ENGINE_READING
    request = Request(options.file.resolve(), first, last, schema, context, categories, settings.ENGINE_MAX_PAGES, mode)
    bar = ProgressBar()
    try:
        result = _run(request, bar)
    except (CannotRead, KeyboardInterrupt) as error:
        bar.end()
        print(_message(error), file=sys.stderr)
        return EXIT_UNREADABLE
    bar.end()
    print(json.dumps(result, ensure_ascii=False, indent=2) if options.json else _as_text(result))
    return EXIT_SUCCESS


def _run(request: Request, bar: ProgressBar) -> dict[str, Any]:
    limits = {
        "memory_mb": settings.ENGINE_CHILD_MEMORY_MB,
        "address_space_mb": settings.ENGINE_CHILD_ADDRESS_SPACE_MB,
    }
    with SandboxPool(1, **limits) as children:
        found: Inspection = children.run(
            child_tasks.inspect, request.path, settings.ENGINE_MAX_PAGES, timeout=inspection.TIMEOUT_SECONDS
        )
        first, last = request.page_start or 1, request.page_end or found.pages
        if last > found.pages or first > last:
            raise PageOutside(found.pages)
        pages = last - first + 1
        bar.pages = pages
        result: dict[str, Any] = {"pages": pages}

        def on_event(event: Event) -> None:
            bar.update(event)
            if isinstance(event, StepDone):
                result.update({name: value for name, value in event.result.items() if name in RESULT_FIELDS})
                result.setdefault("x_notes", []).extend(event.notes)

        document_processing.run_pipeline(children, request, pages, on_event)
    if not result["x_notes"]:
        del result["x_notes"]
    return result


class ProgressBar:
    """Progress on stderr: a bar on a terminal, one line per step elsewhere."""

    def __init__(self) -> None:
        self.pages = 1
        self.read = 0
        self.is_terminal = sys.stderr.isatty()

    def update(self, event: Event) -> None:
        match event:
            case StepStarted(step):
                self._show(_STEP_LABELS[step])
            case PageRead():
                self.read += 1
                if self.is_terminal:
                    self._show(_STEP_LABELS[Step.OCR])

    def _show(self, label: str) -> None:
        text = (
            f"{label}, page {min(self.read + 1, self.pages)} of {self.pages}"
            if label == _STEP_LABELS[Step.OCR]
            else label
        )
        if not self.is_terminal:
            print(text, file=sys.stderr, flush=True)
            return
        filled = round(BAR_WIDTH * self.read / self.pages)
        print(f"\r\x1b[K[{'#' * filled}{' ' * (BAR_WIDTH - filled)}] {text}", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        if self.is_terminal:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


_STEP_LABELS = {
    Step.OCR: "Reading",
    Step.CLASSIFICATION: "Sorting",
    Step.IMAGES: "Cutting out pictures",
    Step.PARSING: "Finding the values",
    Step.LOCATION: "Noting their places",
}


def _message(error: BaseException) -> str:
    if isinstance(error, KeyboardInterrupt):
        return "Stopped."
    return inspection.error_message(error) if isinstance(error, CannotRead) else str(error)


def _as_text(result: dict[str, Any]) -> str:
    parts = [result.get("content", "")]
    if "classifier_result" in result:
        confidence = result.get("classifier_confidence")
        parts.append(f"Category: {result['classifier_result'] or 'none of them'} ({confidence})")
    if "extracted_data" in result:
        parts.append(json.dumps(result["extracted_data"], ensure_ascii=False, indent=2))
    return "\n\n".join([*parts, *result.get("x_notes", ())])


def _range(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{1,6})(?:-(\d{1,6}))?", text.strip())
    first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
    if not 1 <= first <= last:
        raise UsageError(f"Pages are given as 3 or 1-3, counted from 1, not as {text!r}.")
    return first, last


def _schema(text: str) -> tuple[dict[str, Any], str]:
    value = _file_or_sample(text, "schema")
    context = "\n".join(str(value.get(key) or "") for key in ("name", "description", "additional_informations"))
    if isinstance(value.get("schema"), dict):
        return value["schema"], context.strip()
    if not isinstance(value.get("properties"), dict):
        raise UsageError(f"{text!r} is no JSON schema: it names no properties.")
    return value, ""


def _categories(text: str) -> tuple[Category, ...]:
    value = _file_or_sample(text, "classifier")
    try:
        found = tuple(
            Category(item) if isinstance(item, str) else Category(str(item["name"]), str(item.get("description", "")))
            for item in value["categories"]
        )
    except (KeyError, TypeError, AttributeError):
        found = ()
    if not found:
        raise UsageError(f'{text!r} names no categories: {{"categories": [{{"name": ..., "description": ...}}]}}.')
    return found


def _file_or_sample(text: str, kind: str) -> dict[str, Any]:
    samples = {load["name"]: load for load in json.loads((SAMPLES / f"{kind}s.json").read_text("utf-8"))}
    if text in samples:
        return dict(samples[text])
    try:
        value = json.loads(Path(text).read_text("utf-8"))
    except OSError as error:
        available = ", ".join(repr(name) for name in samples)
        raise UsageError(
            f"There is no file {text!r} and no sample {kind} of that name; there are {available}."
        ) from error
    except ValueError as error:
        raise UsageError(f"{text!r} is not JSON: {error}.") from error
    value = {"categories": value} if isinstance(value, list) else value
    if not isinstance(value, dict):
        raise UsageError(f"{text!r} is no {kind}.")
    return value
