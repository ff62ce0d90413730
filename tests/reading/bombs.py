"""PDFs of a few kilobytes that unpack to gigabytes, in the places where a reader unpacks without asking."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable

GIGABYTE = 1 << 30
TWICE = b"/Filter [/FlateDecode /FlateDecode]"
NO_RESOURCES = b"<<>>"


def deflated_twice(pattern: bytes, size: int = GIGABYTE) -> bytes:
    """`size` bytes of a repeated pattern, deflated and deflated again."""
    packer, packed = zlib.compressobj(9), io.BytesIO()
    block = pattern * ((1 << 20) // len(pattern))
    for _ in range(size // len(block)):
        packed.write(packer.compress(block))
    packed.write(packer.flush())
    return zlib.compress(packed.getvalue(), 9)


def content_stream() -> bytes:
    return _one_page(_stream(deflated_twice(b" "), TWICE))


def drawing_operators() -> bytes:
    return _one_page(_stream(deflated_twice(b"0 0 m 9 9 l S "), TWICE))


def embedded_font() -> bytes:
    font = b"<</Type/Font/Subtype/TrueType/BaseFont/X/FirstChar 32/LastChar 32/Widths[1000]/FontDescriptor 6 0 R>>"
    descriptor = b"<</Type/FontDescriptor/FontName/X/Flags 4/FontFile2 7 0 R>>"
    return _one_page(
        _stream(b"BT /F 12 Tf (a b c) Tj ET"),
        b"<</Font<</F 5 0 R>>>>",
        font,
        descriptor,
        _stream(deflated_twice(b"\0"), TWICE),
    )


def colour_profile() -> bytes:
    profile = _stream(deflated_twice(b"\0"), b"/N 3 " + TWICE)
    return _one_page(_stream(b"/C cs 1 0 0 sc 0 0 100 100 re f"), b"<</ColorSpace<</C[/ICCBased 5 0 R]>>>>", profile)


def cross_reference_stream() -> bytes:
    """pdfium gives up on this one, so that the repair by qpdf is tried as well."""
    head = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"
    table = _stream(deflated_twice(b"\0"), b"/Type/XRef/Size 9/W[1 4 2]/Root 1 0 R " + TWICE)
    return head + b"3 0 obj\n" + table + b"\nendobj\nstartxref\n%d\n%%%%EOF" % len(head)


BOMBS: list[Callable[[], bytes]] = [
    content_stream,
    drawing_operators,
    embedded_font,
    colour_profile,
    cross_reference_stream,
]


def _stream(data: bytes, entries: bytes = b"") -> bytes:
    return b"<<%s /Length %d>>\nstream\n%s\nendstream" % (entries, len(data), data)


def _one_page(content: bytes, resources: bytes = NO_RESOURCES, *more: bytes) -> bytes:
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources %s>>" % resources
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>", page, content, *more]
    file, offsets = io.BytesIO(), []
    file.write(b"%PDF-1.7\n")
    for number, body in enumerate(objects, 1):
        offsets.append(file.tell())
        file.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    table = file.tell()
    file.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    file.writelines(b"%010d 00000 n \n" % offset for offset in offsets)
    file.write(b"trailer <</Size %d /Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, table))
    return file.getvalue()
