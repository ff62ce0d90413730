"""IMAGES: the pictures of the pages as JPEG, under the names that the Markdown refers to."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from reading.document import Page
from reading.pictures import pictures

from .request import Picture

_QUALITY = 88


def cut_pictures(path: Path, pages: Sequence[Page]) -> list[Picture]:
    return [Picture(name, _jpeg(image)) for page in pages for name, image in pictures(path, page)]


def _jpeg(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.convert("RGB").save(buffer, "JPEG", quality=_QUALITY)
    return buffer.getvalue()
