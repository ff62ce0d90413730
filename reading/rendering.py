"""Pages as pictures, for people (thumbnails, the viewer) and for recognition."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pypdfium2
from PIL import Image

from reading.document import Kind
from reading.errors import Damaged, PageOutside
from reading.opening import image_points, load_page, open_image, open_pdf, page_size
from reading.pdf_page import OpenPage
from reading.sniffing import kind_of

MAX_RENDERED_PIXELS = 30_000_000
JPEG_QUALITY = 85


def render(
    path: Path, page_number: int, *, width: int | None = None, dpi: float = 100, password: str | None = None
) -> Image.Image:
    """One page (from 1) in RGB, `width` pixels wide or at `dpi`; smaller if it would be far too large."""
    if kind_of(path) is not Kind.PDF:
        if page_number != 1:
            raise PageOutside(1)
        return _scaled(open_image(path), width, dpi)
    with open_pdf(path, password) as pdf:
        if not 1 <= page_number <= len(pdf.document):
            raise PageOutside(len(pdf.document))
        return render_pdf_page(pdf.document, page_number - 1, width=width, dpi=dpi)


def render_pages(
    path: Path, numbers: Iterable[int], width: int, to_folder: Path, *, thumbnail: int = 0, ending: str = ""
) -> Iterator[Path]:
    """Write each page as `<number><ending>.jpeg` into the folder, and yield the path when it is there.

    A `thumbnail` of that width is written before it, as `<number>-small.jpeg`.
    """
    numbers = list(numbers)
    if kind_of(path) is not Kind.PDF:
        if set(numbers) - {1}:
            raise PageOutside(1)
        for number in numbers:
            yield _keep(_scaled(open_image(path), width, 0), to_folder, f"{number}{ending}", number, thumbnail)
        return
    with open_pdf(path) as pdf:
        if not all(1 <= number <= len(pdf.document) for number in numbers):
            raise PageOutside(len(pdf.document))
        for number in numbers:
            image = render_pdf_page(pdf.document, number - 1, width=width)
            yield _keep(image, to_folder, f"{number}{ending}", number, thumbnail)


def render_pdf_page(
    document: pypdfium2.PdfDocument, index: int, *, width: int | None = None, dpi: float = 100
) -> Image.Image:
    points = page_size(document, index)
    try:
        page = load_page(document, index)
    except pypdfium2.PdfiumError:
        return _drawn(None, points, width, dpi)
    try:
        return _drawn(page, points, width, dpi)
    finally:
        page.close()


def render_open_page(page: OpenPage, *, width: int | None = None, dpi: float = 100) -> Image.Image:
    return _drawn(page.pdfium, (page.width, page.height), width, dpi)


def _drawn(page: pypdfium2.PdfPage | None, points: tuple[float, float], width: int | None, dpi: float) -> Image.Image:
    scale = _scale(points, width, dpi)
    if page is None:  # one broken page among good ones; readers show it blank, too
        return Image.new("RGB", (max(1, round(points[0] * scale)), max(1, round(points[1] * scale))), "white")
    try:
        image: Image.Image = page.render(scale=scale, rev_byteorder=True).to_pil()
    except pypdfium2.PdfiumError as error:
        raise Damaged(str(error)) from error
    return image.convert("RGB")


def _scale(points: tuple[float, float], width: int | None, dpi: float) -> float:
    scale = width / points[0] if width else dpi / 72
    most = (MAX_RENDERED_PIXELS / (points[0] * points[1])) ** 0.5
    # A page a million points long and one wide has few pixels, yet no library can draw it.
    return float(min(scale, most, 30_000 / max(points)))


def _scaled(image: Image.Image, width: int | None, dpi: float) -> Image.Image:
    """A picture is never enlarged."""
    width = width or round(image_points(image)[0] * dpi / 72)
    if width >= image.width:
        return image
    return image.resize((width, max(1, round(image.height * width / image.width))), Image.Resampling.LANCZOS)


def _keep(image: Image.Image, folder: Path, name: str, number: int, thumbnail: int) -> Path:
    if thumbnail:
        _save(_scaled(image, thumbnail, 0), folder, f"{number}-small")
    return _save(image, folder, name)


def _save(image: Image.Image, folder: Path, name: str) -> Path:
    path = folder / f"{name}.jpeg"
    part = path.with_suffix(".part")
    image.save(part, format="JPEG", quality=JPEG_QUALITY)
    part.replace(path)
    return path
