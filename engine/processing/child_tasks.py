"""The functions that run in child processes: no Django, and heavy modules are imported on first use only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from engine.pipeline.request import Event, Request
from reading.document import Inspection, Page

if TYPE_CHECKING:
    from engine.processing.language_model import Endpoint
    from reading.reader import Mode


def inspect(path: Path, max_pages: int) -> Inspection:
    from reading.opening import inspect

    return inspect(path, max_pages=max_pages)


def extract(
    request: Request, models: Path, endpoint: Endpoint | None = None, pages: list[Page] | None = None
) -> Iterator[Event]:
    from engine.pipeline import run
    from engine.processing.language_model import make_ask

    models.mkdir(exist_ok=True)
    yield from run(request, cache_dir=models, ask=make_ask(endpoint), pages=pages)


def read_pages(request: Request, models: Path) -> list[Page]:
    """Read one range of a document whose other pages are read by other children."""
    from engine.pipeline.ocr import read_pages

    models.mkdir(exist_ok=True)
    return list(read_pages(request, models))


def warm(models: Path, mode: Mode) -> None:
    """Process a synthetic page, which loads all that a scan needs: OCR networks, word lists and embeddings."""
    from PIL import Image, ImageDraw, ImageFont

    from engine.pipeline import Category

    schema = {"type": "object", "properties": {"number": {"type": "string"}, "mood": {"type": "string"}}}
    categories = (Category("Greeting", "A page that says that all is ready"), Category("Other", "Any other page"))
    with TemporaryDirectory() as folder:
        page = Image.new("RGB", (800, 400), "white")
        # The last word belongs to no language, so that the word lists are consulted.
        ImageDraw.Draw(page).text((60, 150), "Ready to read Zqorvex", "black", ImageFont.load_default(60))
        path = Path(folder) / "page.png"
        page.save(path)
        for _ in extract(Request(path, schema=schema, categories=categories, mode=mode), models):
            pass
