"""A few pages as small pictures in memory, to choose from."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from reading.opening import open_pdf
from reading.rendering import render_pdf_page

QUALITY = 70


def render_thumbnails(path: Path, numbers: Sequence[int], width: int) -> list[bytes]:
    """JPEGs of these pages (from 1) of a PDF. Drawn twice as large and shrunk, which reads better at this size."""
    found = []
    with open_pdf(path) as pdf:
        for number in numbers:
            image = render_pdf_page(pdf.document, number - 1, width=2 * width)
            small = image.resize((width, max(1, round(image.height * width / image.width))), Image.Resampling.LANCZOS)
            packed = io.BytesIO()
            small.save(packed, "JPEG", quality=QUALITY)
            found.append(packed.getvalue())
    return found
