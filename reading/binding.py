"""Several pictures as the pages of one PDF.

A photo goes in as it is, its own bytes untouched, and is turned by the page; only what a PDF cannot hold as it came is
coded anew. Like all opening of strangers' files it belongs into a child (`reading.sandbox`).
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import pikepdf
from pikepdf import Name
from PIL import Image

from reading.document import Kind
from reading.errors import OutputTooLarge, TooLarge, WrongType
from reading.opening import MAX_PIXELS, claimed_size, image_points, inspect, open_image, orientation
from reading.sniffing import kind_of

QUALITY = 90
QUARTERS = {1: 0, 3: 180, 6: 90, 8: 270}
SPACES = {"RGB": Name.DeviceRGB, "L": Name.DeviceGray}
MAX_DECODED_PIXELS = 400_000_000
"""Of all pictures together: decoding and coding them anew takes about ten seconds of the processor."""
DRAFT_SHARE = 8
"""A JPEG is decoded at an eighth of its size, which takes about an eighth of the time, and goes in as it is."""


def bind(pictures: Sequence[Path], to: Path, max_pixels: int = MAX_PIXELS, max_bytes: int | None = None) -> int:
    """Write one PDF with a page for each picture, in this order, and return how many pages it has.

    The same pictures make the same bytes. Raises `WrongType` for a PDF, `TooLarge` where a picture or all of them have
    too many pixels, before anything is decoded, and `OutputTooLarge` where the PDF would exceed `max_bytes`.
    """
    kinds = [kind_of(picture) for picture in pictures]
    if Kind.PDF in kinds:
        raise WrongType("PDF")
    _check_work(pictures, kinds)
    size = 0
    with pikepdf.new() as pdf:
        for picture, kind in zip(pictures, kinds, strict=True):
            inspect(picture, max_pixels=max_pixels)
            size += _add(pdf, picture, kind)
            if max_bytes is not None and size > max_bytes:
                raise OutputTooLarge(max_bytes)
        pdf.save(to, deterministic_id=True)
        if max_bytes is not None and to.stat().st_size > max_bytes:
            raise OutputTooLarge(max_bytes)
        return len(pdf.pages)


def _check_work(pictures: Sequence[Path], kinds: Sequence[Kind]) -> None:
    """By the sizes that the files claim; those that claim less than they hold are found by the decoder."""
    total = 0
    for picture, kind in zip(pictures, kinds, strict=True):
        width, height = claimed_size(picture)
        total += width * height // (DRAFT_SHARE if kind is Kind.JPEG else 1)
        if total > MAX_DECODED_PIXELS:
            raise TooLarge(f"{len(pictures)} pictures")


def _add(pdf: pikepdf.Pdf, picture: Path, kind: Kind) -> int:
    """Append a page with the picture; the bytes that it takes."""
    with Image.open(picture, formats=("PNG", "JPEG")) as image:
        turn = QUARTERS.get(orientation(image))
        mode, size, points = image.mode, image.size, image_points(image)
    if kind is Kind.JPEG and turn is not None and mode in SPACES:
        coded = picture.read_bytes()
    else:
        upright = open_image(picture)
        packed = io.BytesIO()
        upright.save(packed, "JPEG", quality=QUALITY)
        coded, turn, mode, size, points = packed.getvalue(), 0, "RGB", upright.size, image_points(upright)
    drawn = pikepdf.Stream(
        pdf,
        coded,
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=size[0],
        Height=size[1],
        ColorSpace=SPACES[mode],
        BitsPerComponent=8,
        Filter=Name.DCTDecode,
    )
    page = pdf.add_blank_page(page_size=points)
    page.obj.Rotate = turn
    page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Photo=pdf.make_indirect(drawn)))
    page.obj.Contents = pdf.make_stream(f"q {points[0]:.3f} 0 0 {points[1]:.3f} 0 0 cm /Photo Do Q".encode())
    return len(coded)
