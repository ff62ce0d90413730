"""Documents for tests of what may come in: good ones, locked ones, broken ones, and ones that pretend.

Each function writes one small file into a folder and answers its path; the bytes are the same every time.
To look at them all: python -m tests.documents.make FOLDER
"""

import io
import struct
import sys
import zipfile
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
from fpdf import FPDF
from PIL import Image, ImageDraw, ImageFont

PASSWORD = "sesame"
OWNER_PASSWORD = "landlord"
LONG_AGO = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
SENTENCES = (
    "Delivery note DN-4711",
    "Quayside Bindery, 3 Tanner's Steps, Eastmarsh",
    "Delivered on 5 January 2026 to Bramley & Pike",
    "40 ledgers, half leather          12.50          500.00",
    "25 slip cases, grey board          6.40          160.00",
    "Total GBP                                        660.00",
)


def one_page_pdf(folder: Path) -> Path:
    return _write(folder, "one-page.pdf", _pdf(1))


def five_page_pdf(folder: Path) -> Path:
    return _write(folder, "five-pages.pdf", _pdf(5))


def locked_pdf(folder: Path) -> Path:
    """Opens only with PASSWORD."""
    return _write(folder, "locked.pdf", _encrypted(user=PASSWORD))


def restricted_pdf(folder: Path) -> Path:
    """Opens without a password; the owner's password only guards printing and copying."""
    return _write(folder, "restricted.pdf", _encrypted(user=""))


def damaged_pdf(folder: Path) -> Path:
    """Cut off before the catalogue, so that no reader can rebuild it."""
    return _write(folder, "damaged.pdf", _pdf(1)[:240])


def empty_pdf(folder: Path) -> Path:
    return _write(folder, "empty.pdf", b"")


def png(folder: Path) -> Path:
    return _write(folder, "note.png", _picture("PNG"))


def turned_jpeg(folder: Path) -> Path:
    """Lies on its side, 1000 wide and 700 high, and says so in EXIF: to be shown turned by a quarter to the right."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return _write(folder, "turned.jpg", _picture("JPEG", turn=Image.Transpose.ROTATE_90, exif=exif, quality=80))


def docx_named_pdf(folder: Path) -> Path:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in (
            ("[Content_Types].xml", "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'/>"),
            ("word/document.xml", "<document>Delivery note DN-4711</document>"),
        ):
            archive.writestr(zipfile.ZipInfo(name, LONG_AGO.timetuple()[:6]), text)
    return _write(folder, "letter.pdf", packed.getvalue())


def gif_named_png(folder: Path) -> Path:
    return _write(folder, "drawing.png", _picture("GIF"))


def bomb_png(folder: Path) -> Path:
    """Under a hundred bytes that promise 30,000 x 30,000 pixels, 2.7 GB once decoded."""
    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(32))), (b"IEND", b""))
    return _write(folder, "bomb.png", b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks))


ALL = (
    one_page_pdf,
    five_page_pdf,
    locked_pdf,
    restricted_pdf,
    damaged_pdf,
    empty_pdf,
    png,
    turned_jpeg,
    docx_named_pdf,
    gif_named_png,
    bomb_png,
)


def _write(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def _pdf(pages: int) -> bytes:
    pdf = FPDF(format="A4")
    pdf.set_creation_date(LONG_AGO)
    for number in range(1, pages + 1):
        pdf.add_page()
        for size, sentence in zip((18, 10, 10, 10, 10, 12), SENTENCES, strict=True):
            pdf.set_font("Helvetica", size=size)
            pdf.cell(0, 10, sentence, new_x="LMARGIN", new_y="NEXT")
        pdf.text(170, 280, f"Page {number} of {pages}")
    return bytes(pdf.output())


def _encrypted(user: str) -> bytes:
    """RC4 and a fixed identifier: newer methods draw salt, and the bytes would differ every time."""
    locked = io.BytesIO()
    with pikepdf.Pdf.open(io.BytesIO(_pdf(1))) as pdf:
        encryption = pikepdf.Encryption(
            owner=OWNER_PASSWORD,
            user=user,
            R=4,
            aes=False,
            metadata=False,
            allow=pikepdf.Permissions(extract=False, print_lowres=False, print_highres=False),
        )
        pdf.save(locked, encryption=encryption, static_id=True)
    return locked.getvalue()


def _picture(form: str, turn: Image.Transpose | None = None, **options: object) -> bytes:
    """The delivery note, upright on a page of 700 x 1000 pixels unless turned."""
    picture = Image.new("RGB", (700, 1000), "white")
    pen = ImageDraw.Draw(picture)
    for row, sentence in enumerate(SENTENCES):
        pen.text((50, 60 + 50 * row), sentence, "black", ImageFont.load_default(size=22))
    packed = io.BytesIO()
    (picture.transpose(turn) if turn is not None else picture).save(packed, form, **options)
    return packed.getvalue()


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


if __name__ == "__main__":
    for make in ALL:
        print(make(Path(sys.argv[1])))
