"""Open a file with limits and tell in one of the words of `reading.errors` why it cannot be opened.

Files are hostile and pdfium knows no threads: whatever opens one belongs into a child (`reading.sandbox`).
"""

from __future__ import annotations

import contextlib
import functools
import io
import logging
import math
import mmap
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pikepdf
import pypdfium2
import pypdfium2.raw as pdfium
from PIL import ExifTags, Image, ImageOps

from reading.document import Inspection, Kind
from reading.errors import CannotRead, Damaged, PasswordNeeded, TooLarge, TooManyPages
from reading.sniffing import kind_of

MAX_PAGES = 500
MAX_PIXELS = 100_000_000
SIZES_TOLD = 2000
A4 = (595.0, 842.0)
SIDEWAYS = 5  # EXIF orientations from here on swap width and height
LIKELY_DPI = 150.0
MAY_HAVE_LAYERS = (b"/OCProperties", b"/ObjStm")  # the latter hides the former
DPI_BELIEVED = (90, 1200)  # 72 and less is what cameras and screens write without meaning it

# pypdfium2 warns of every form that has an XFA part beside the one that we read.
logging.getLogger("pypdfium2").setLevel(logging.ERROR)
# Pillow's own warning is replaced by `max_pixels`.
warnings.simplefilter("ignore", Image.DecompressionBombWarning)


@dataclass(frozen=True)
class OpenPdf:
    document: pypdfium2.PdfDocument
    repaired: bool
    source: Path | io.BytesIO
    password: str | None = None

    @functools.cached_property
    def layers_off(self) -> bool:
        """Whether some of its layers (optional content) are not shown."""
        return _has_layers_off(self.source, self.password)


def inspect(
    path: Path, password: str | None = None, max_pages: int = MAX_PAGES, max_pixels: int = MAX_PIXELS
) -> Inspection:
    """What can be said of a file without reading it; raises `CannotRead` if it could not be read anyhow."""
    kind = kind_of(path)
    if kind is not Kind.PDF:
        return Inspection(kind, 1, sizes=(_image_size(path, kind, max_pixels),))
    with open_pdf(path, password) as pdf:
        pages = len(pdf.document)
        if pages > max_pages:
            raise TooManyPages(pages, max_pages)
        sizes = tuple(page_size(pdf.document, index) for index in range(min(pages, SIZES_TOLD)))
        return Inspection(kind, pages, pdf.repaired, sizes)


def unlock(path: Path, password: str, to: Path) -> None:
    """Write a copy that opens without a password."""
    try:
        with pikepdf.open(path, password=password) as pdf:
            pdf.save(to, encryption=False)
    except pikepdf.PasswordError as error:
        raise PasswordNeeded(tried=bool(password)) from error
    except pikepdf.PdfError as error:
        raise Damaged(str(error)) from error


@contextlib.contextmanager
def open_pdf(path: Path, password: str | None = None) -> Iterator[OpenPdf]:
    """Open by pdfium, and by what qpdf can save of it if pdfium gives up."""
    source: Path | io.BytesIO = path
    try:
        document = _load(source, password)
    except Damaged:
        source, password = _repair(path, password), None
        document = _load(source, password)
    try:
        with contextlib.suppress(pypdfium2.PdfiumError):  # a form that pdfium cannot make sense of is just a page
            document.init_forms()
        yield OpenPdf(document, source is not path, source, password)
    finally:
        document.close()


def load_page(document: pypdfium2.PdfDocument, index: int) -> pypdfium2.PdfPage:
    """A page whose crop box leaves nothing of it is shown whole."""
    page = document.get_page(index)
    if not _has_area(page.get_size()):
        page.set_cropbox(*page.get_mediabox())
    if not _has_area(page.get_size()):
        page.close()
        raise pypdfium2.PdfiumError("a page without area")
    return page


def page_size(document: pypdfium2.PdfDocument, index: int) -> tuple[float, float]:
    """Points as seen; that of A4 for a page that is too broken to say."""
    try:
        size: tuple[float, float] = document.get_page_size(index)
        if _has_area(size):
            return size
        page = load_page(document, index)
    except pypdfium2.PdfiumError:
        return A4
    size = page.get_size()
    page.close()
    return size


def _has_area(size: tuple[float, float]) -> bool:
    return all(math.isfinite(side) and side > 0 for side in size)


def open_image(path: Path, max_pixels: int = MAX_PIXELS) -> Image.Image:
    """The picture upright (EXIF), in RGB, on white."""
    with _image_errors(), Image.open(path, formats=("PNG", "JPEG")) as image:
        _check_pixels(image, max_pixels)
        image.load()
        return _rgb(_upright(image))


def claimed_size(path: Path) -> tuple[int, int]:
    """Width and height in pixels by the header alone; nothing is decoded."""
    with _image_errors(), Image.open(path, formats=("PNG", "JPEG")) as image:
        return image.size


def image_points(image: Image.Image) -> tuple[float, float]:
    """The size on paper, by the resolution that the file claims if that is plausible."""
    dpi = image.info.get("dpi", (0, 0))[0]
    if not DPI_BELIEVED[0] <= dpi <= DPI_BELIEVED[1]:
        dpi = LIKELY_DPI
    return image.width * 72 / float(dpi), image.height * 72 / float(dpi)


def orientation(image: Image.Image) -> int:
    """How the camera was held, as EXIF counts it (1 to 8)."""
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # broken EXIF, in many ways, is no reason to refuse the picture
        return 1
    return orientation if isinstance(orientation, int) and 1 <= orientation <= 8 else 1


def _load(source: Path | io.BytesIO, password: str | None) -> pypdfium2.PdfDocument:
    try:
        document = pypdfium2.PdfDocument(source, password=password)
    except pypdfium2.PdfiumError as error:
        if error.err_code == pdfium.FPDF_ERR_PASSWORD:
            raise PasswordNeeded(tried=bool(password)) from error
        raise Damaged(str(error)) from error
    try:
        document.get_page_size(0)  # all that is needed to know whether there is one; loading it takes long
    except pypdfium2.PdfiumError as error:
        document.close()
        raise Damaged("no first page") from error
    if pdfium.FPDF_GetSecurityHandlerRevision(document.raw) >= 0 and _is_locked(source, password):
        document.close()
        raise PasswordNeeded(tried=bool(password))
    return document


def _is_locked(source: Path | io.BytesIO, password: str | None) -> bool:
    """Whether an encrypted file holds what the password does not open, such as an attachment: pdfium shows the pages
    all the same, as far as they go."""
    try:
        pikepdf.open(source, password=password or "").close()
    except pikepdf.PasswordError:
        return True
    except (pikepdf.PdfError, RuntimeError, ValueError, TypeError, KeyError, AttributeError):
        return False  # what pdfium can make sense of need not please qpdf
    return False


def _has_layers_off(source: Path | io.BytesIO, password: str | None) -> bool:
    if isinstance(source, Path) and not _mentions(source, *MAY_HAVE_LAYERS):
        return False
    try:
        with pikepdf.open(source, password=password or "") as pdf:
            shown = pdf.Root.OCProperties.D
            return bool(shown.get("/OFF")) or shown.get("/BaseState") == "/OFF" or "/AS" in shown
    except (pikepdf.PdfError, RuntimeError, ValueError, TypeError, KeyError, AttributeError):
        return False


def _mentions(path: Path, *words: bytes) -> bool:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return any(content.find(word) >= 0 for word in words)


def _repair(path: Path, password: str | None) -> io.BytesIO:
    repaired = io.BytesIO()
    try:
        with pikepdf.open(path, password=password or "") as pdf:
            pdf.save(repaired, encryption=False)
    except pikepdf.PasswordError as error:
        raise PasswordNeeded(tried=bool(password)) from error
    except (pikepdf.PdfError, RuntimeError, ValueError, TypeError, KeyError, AttributeError) as error:
        # qpdf's bindings answer broken structures with many kinds of error.
        raise Damaged(str(error)) from error
    repaired.seek(0)
    return repaired


def _image_size(path: Path, kind: Kind, max_pixels: int) -> tuple[float, float]:
    with _image_errors(), Image.open(path, formats=("PNG", "JPEG")) as image:
        _check_pixels(image, max_pixels)
        width, height = image_points(image)
        if kind is Kind.JPEG:
            image.draft("L", (image.width // 8, image.height // 8))  # decodes all of the file, but small
        image.load()
        return (height, width) if orientation(image) >= SIDEWAYS else (width, height)


def _upright(image: Image.Image) -> Image.Image:
    return ImageOps.exif_transpose(image) if orientation(image) > 1 else image


def _check_pixels(image: Image.Image, max_pixels: int) -> None:
    if image.width * image.height > max_pixels:
        raise TooLarge(f"{image.width} x {image.height}")


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # 16 bits of grey, which convert() would cut off at 255
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    if "A" in image.getbands() or "transparency" in image.info:
        image = image.convert("RGBA")
        paper = Image.new("RGBA", image.size, "white")
        paper.alpha_composite(image)
        paper.info["dpi"] = image.info.get("dpi", (0, 0))
        image = paper
    return image.convert("RGB")


@contextlib.contextmanager
def _image_errors() -> Iterator[None]:
    """Decoders answer broken files with errors of every kind, and all of them mean the same to us."""
    try:
        yield
    except (CannotRead, MemoryError):
        raise
    except Image.DecompressionBombError as error:
        raise TooLarge(str(error)) from error
    except Exception as error:
        raise Damaged(str(error)) from error
