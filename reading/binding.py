"""Several pictures as the pages of one PDF.

A photo goes in as it is, its own bytes untouched, and is turned by the page; only what a PDF cannot hold as it came is
coded anew. Like all opening of strangers' files it belongs into a child (`reading.children`).
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import pikepdf
from pikepdf import Name
from PIL import Image

from reading.document import Kind
from reading.errors import WrongType
from reading.opening import MAX_PIXELS, image_points, inspect, open_image, orientation
from reading.sniffing import kind_of

QUALITY = 90
QUARTERS = {1: 0, 3: 180, 6: 90, 8: 270}
SPACES = {"RGB": Name.DeviceRGB, "L": Name.DeviceGray}


def bind(pictures: Sequence[Path], to: Path, max_pixels: int = MAX_PIXELS) -> int:
    """Write one PDF with a page for each picture, in this order; the same pictures make the same bytes. Its pages."""
    with pikepdf.new() as pdf:
        for picture in pictures:
            kind = kind_of(picture)
            if kind is Kind.PDF:
                raise WrongType("PDF")
            inspect(picture, max_pixels=max_pixels)
            _add(pdf, picture, kind)
        pdf.save(to, deterministic_id=True)
        return len(pdf.pages)


def _add(pdf: pikepdf.Pdf, picture: Path, kind: Kind) -> None:
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
