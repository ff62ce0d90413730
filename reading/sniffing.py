"""What a file is by its content; its name is never asked."""

from __future__ import annotations

import zipfile
from pathlib import Path

from reading.document import Kind
from reading.errors import Empty, WrongType

HEAD = 4096
TAIL = 2048
PDF_HEADER_WITHIN = 1024  # readers accept this much before "%PDF-"

OTHERS = (
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    (b"MM\0+", "TIFF"),
    (b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\0\0\0\x0cJXL ", "JPEG XL"),
    (b"%!PS", "PostScript"),
    (b"\xc5\xd0\xd3\xc6", "PostScript"),
    (b"{\\rtf", "RTF"),
    (b"AT&TFORM", "DjVu"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (b"Rar!\x1a\x07", "RAR"),
    (b"\x1f\x8b", "gzip"),
    (b"\x7fELF", "program"),
    (b"#!", "script"),
)
FAMILIES = {b"heic": "HEIC", b"heix": "HEIC", b"mif1": "HEIC", b"msf1": "HEIC", b"avif": "AVIF", b"avis": "AVIF"}
ONLY_BEGUN = frozenset(["HTML", "XML", "SVG", "script", "RTF", "PostScript"])
"""What programs leave before a PDF, such as a server's warnings; other types hold whole PDFs within them."""
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
OLD_OFFICE_STREAMS = (("WordDocument", "Word"), ("Workbook", "Excel"), ("PowerPoint Document", "PowerPoint"))
ZIP_MEMBERS = (("word/", "Word"), ("xl/", "Excel"), ("ppt/", "PowerPoint"))
OPEN_DOCUMENTS = (
    ("opendocument.text", "OpenDocument text"),
    ("opendocument.spreadsheet", "OpenDocument spreadsheet"),
    ("opendocument.presentation", "OpenDocument presentation"),
    ("epub", "EPUB"),
)


def kind_of(path: Path) -> Kind:
    """The kind of file, or `Empty` or `WrongType`."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head:
        raise Empty
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return Kind.PNG
    if head.startswith(b"\xff\xd8\xff"):
        return Kind.JPEG
    if head.startswith(b"%PDF-"):
        return Kind.PDF
    found = _other(head, path)
    if not found and (b"%PDF-" in head[: PDF_HEADER_WITHIN + 5] or _ends_like_pdf(path)):
        return Kind.PDF
    if found in ONLY_BEGUN and b"%PDF-" in head and _ends_like_pdf(path):
        return Kind.PDF
    raise WrongType(found or _text(head))


def _ends_like_pdf(path: Path) -> bool:
    """A PDF that lost its first line can still be repaired."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - TAIL))
        tail = file.read()
    return b"startxref" in tail and b"%%EOF" in tail


def _other(head: bytes, path: Path) -> str:
    for magic, name in OTHERS:
        if head.startswith(magic):
            return name
    if head.startswith(b"PK\x03\x04"):
        return _zip(path)
    if head.startswith(OLD_OFFICE):
        return _old_office(path)
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "WebP"
    if head[4:8] == b"ftyp":
        return FAMILIES.get(head[8:12], "video")
    if head.startswith(b"BM") and int.from_bytes(head[2:6], "little") == path.stat().st_size:
        return "BMP"
    if head.startswith(b"MZ") and b"PE\0\0" in head:
        return "program"
    return _markup(head)


def _markup(head: bytes) -> str:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<body", b"<script")):
        return "HTML"
    if start.startswith((b"<?xml", b"<svg", b"<!doctype svg")):
        if b"<svg" in start:
            return "SVG"
        return "HTML" if b"<html" in start else "XML"
    return ""


def _text(head: bytes) -> str:
    try:
        text = head.decode("utf-8", "strict" if len(head) < HEAD else "ignore")
    except UnicodeDecodeError:
        return ""
    printable = all(character.isprintable() or character in "\t\r\n\f" for character in text)
    return "text" if text.strip() and printable else ""


def _zip(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            mimetype = archive.open("mimetype").read(200).decode("ascii", "replace") if "mimetype" in names else ""
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, ValueError):
        return "ZIP"
    for start, name in ZIP_MEMBERS:
        if any(member.startswith(start) for member in names):
            return name
    return next((name for word, name in OPEN_DOCUMENTS if word in mimetype), "ZIP")


def _old_office(path: Path) -> str:
    with path.open("rb") as file:
        content = file.read(32 * 1024 * 1024)
    for stream, name in OLD_OFFICE_STREAMS:
        if stream.encode("utf-16-le") in content:
            return name
    return "Office"
