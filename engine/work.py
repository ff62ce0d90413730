"""What runs in the children. No Django here, and nothing heavy is loaded before it is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from engine.pipeline.request import Event, Request
from reading.document import Inspection, Page

if TYPE_CHECKING:
    from engine.language_model import Endpoint
    from reading.reader import Mode


def inspect(path: Path, max_pages: int) -> Inspection:
    from reading.opening import inspect

    return inspect(path, max_pages=max_pages)


def extract(
    request: Request, models: Path, endpoint: Endpoint | None = None, pages: list[Page] | None = None
) -> Iterator[Event]:
    from engine.language_model import asker
    from engine.pipeline import run

    models.mkdir(exist_ok=True)
    yield from run(request, cache_dir=models, ask=asker(endpoint), pages=pages)


def read_pages(request: Request, models: Path) -> list[Page]:
    """Some pages of a document whose others are read elsewhere."""
    from engine.pipeline.ocr import read_pages

    models.mkdir(exist_ok=True)
    return list(read_pages(request, models))


def warm(models: Path, mode: Mode) -> None:
    """Read a page of our own, which loads whatever a scanned page needs: networks, words, and what names mean."""
    from PIL import Image, ImageDraw, ImageFont

    from engine.pipeline import Category

    schema = {"type": "object", "properties": {"number": {"type": "string"}, "mood": {"type": "string"}}}
    categories = (Category("Greeting", "A page that says that all is ready"), Category("Other", "Any other page"))
    with TemporaryDirectory() as folder:
        page = Image.new("RGB", (800, 400), "white")
        # The last is no word of any language, so that the lists of words are looked up.
        ImageDraw.Draw(page).text((60, 150), "Ready to read Zqorvex", "black", ImageFont.load_default(60))
        path = Path(folder) / "page.png"
        page.save(path)
        for _ in extract(Request(path, schema=schema, categories=categories, mode=mode), models):
            pass
