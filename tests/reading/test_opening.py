import pikepdf
import pypdfium2
import pytest
from PIL import Image

from reading.document import Kind
from reading.errors import Damaged, Empty, PasswordNeeded, TooLarge, TooManyPages, WrongType
from reading.opening import inspect, open_image, unlock
from reading.reader import read_document
from reading.rendering import render
from tests.reading import making

OLD_WORD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "WordDocument".encode("utf-16-le")


def test_a_pdf_is_known_with_its_pages_and_sizes(tmp_path):
    found = inspect(making.pdf(tmp_path / "a.pdf", "one", "two"))

    assert (found.kind, found.pages, found.repaired) == (Kind.PDF, 2, False)
    assert [size == pytest.approx((595.28, 841.89), abs=0.01) for size in found.sizes] == [True, True]


@pytest.mark.parametrize(("name", "kind"), [("a.png", Kind.PNG), ("a.jpeg", Kind.JPEG)])
def test_an_image_is_one_page(tmp_path, name, kind):
    found = inspect(making.image(tmp_path / name, (300, 150), dpi=(150, 150)))

    assert (found.kind, found.pages) == (kind, 1)
    assert found.sizes[0] == pytest.approx((144, 72), abs=0.1)


def test_the_name_says_nothing(tmp_path):
    making.image(tmp_path / "a.png").rename(tmp_path / "a.pdf")

    assert inspect(tmp_path / "a.pdf").kind is Kind.PNG


def test_nothing_is_empty(tmp_path):
    (tmp_path / "a.pdf").touch()

    with pytest.raises(Empty):
        inspect(tmp_path / "a.pdf")


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"GIF89a" + bytes(50), "GIF"),
        (b"II*\0" + bytes(50), "TIFF"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "WebP"),
        (b"\0\0\0\x18ftypheic" + bytes(50), "HEIC"),
        (making.zipped(("word/document.xml", "<w/>")), "Word"),
        (making.zipped(("xl/workbook.xml", "<w/>")), "Excel"),
        (making.zipped(("ppt/presentation.xml", "<w/>")), "PowerPoint"),
        (making.zipped(("mimetype", "application/vnd.oasis.opendocument.text")), "OpenDocument text"),
        (making.zipped(("notes.txt", "hello")), "ZIP"),
        (making.zipped(("a.pdf", "%PDF-1.4")), "ZIP"),
        (b"PK\x03\x04 cut off", "ZIP"),
        (OLD_WORD, "Word"),
        (b"  <!DOCTYPE html><p>Hello", "HTML"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        (b"<?xml version='1.0'?><a/>", "XML"),
        (b"%!PS-Adobe-3.0", "PostScript"),
        (b"{\\rtf1 hello}", "RTF"),
        (b"#!/bin/sh\n", "script"),
        ("Voilà du texte\n".encode(), "text"),
        (b"\x00\x01\x02\xff" * 50, ""),
    ],
)
def test_other_types_are_refused_by_name(tmp_path, content, found):
    path = tmp_path / "a.pdf"
    path.write_bytes(content)

    with pytest.raises(WrongType) as caught:
        inspect(path)

    assert caught.value.found == found


@pytest.mark.parametrize("content", [b"%PDF-1.7\n", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0\0"])
def test_a_file_that_only_begins_well_is_damaged(tmp_path, content):
    path = tmp_path / "a"
    path.write_bytes(content)

    with pytest.raises(Damaged):
        inspect(path)


@pytest.mark.parametrize("name", ["a.png", "a.jpeg"])
def test_an_image_cut_short_is_damaged(tmp_path, name):
    path = tmp_path / name
    Image.effect_noise((300, 300), 80).save(path)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])

    with pytest.raises(Damaged):
        inspect(path)


def test_a_pdf_without_pages_is_damaged(tmp_path):
    with pikepdf.new() as document:
        document.save(tmp_path / "a.pdf")

    with pytest.raises(Damaged):
        inspect(tmp_path / "a.pdf")


def test_a_pdf_that_lost_its_first_line_is_repaired(tmp_path):
    path = making.pdf(tmp_path / "a.pdf", "one", "two")
    path.write_bytes(b"lost!" + path.read_bytes().split(b"\n", 1)[1])

    found = inspect(path)

    assert (found.pages, found.repaired) == (2, True)


@pytest.mark.parametrize(
    "before",
    [
        b"\xef\xbb\xbf\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\n\r\n",
        b"<html><body><b>Warning</b>: deprecated</body></html>\n",
        b"<?xml version='1.0'?>\n",
        b"#!/usr/bin/perl\n",
        b"\x1b%-12345X@PJL ENTER LANGUAGE=PDF\r\n",
        bytes(128),
        b"lorem ipsum " * 500,
    ],
)
def test_foreign_bytes_before_a_pdf_do_not_matter(tmp_path, before):
    path = making.pdf(tmp_path / "a.pdf", "one", "two")
    path.write_bytes(before + path.read_bytes())

    assert (inspect(path).kind, inspect(path).pages) == (Kind.PDF, 2)


def test_a_web_page_that_mentions_a_pdf_is_none(tmp_path):
    path = tmp_path / "a.pdf"
    path.write_bytes(b"<html>A file begins with %PDF-1.7 and ends with %%EOF</html>")

    with pytest.raises(WrongType):
        inspect(path)


@pytest.mark.parametrize("box", ["CropBox", "MediaBox"])
@pytest.mark.parametrize("edges", [(0, 0, 0, 0), (2000, 2000, 2100, 2100), (100, 700, 100, 800), (-9, -9, -5, -5)])
def test_a_page_box_without_area_leaves_the_page_readable(tmp_path, box, edges):
    path = making.pdf(tmp_path / "a.pdf", "Words of a page with an odd box")
    with pikepdf.open(path, allow_overwriting_input=True) as document:
        document.pages[0][f"/{box}"] = pikepdf.Array(edges)
        document.save(path)

    (page,) = read_document(path, layout=False).pages

    assert page.text == "Words of a page with an odd box" or box == "MediaBox"
    assert inspect(path).sizes == ((page.width, page.height),)
    picture = render(path, 1, width=300)
    assert picture.height == pytest.approx(300 * page.height / page.width, abs=1)


def test_too_many_pages_are_refused(tmp_path):
    with pytest.raises(TooManyPages) as caught:
        inspect(making.pdf(tmp_path / "a.pdf", *"abc"), max_pages=2)

    assert (caught.value.pages, caught.value.limit) == (3, 2)


def test_too_many_pixels_are_refused(tmp_path):
    with pytest.raises(TooLarge):
        inspect(making.image(tmp_path / "a.png", (400, 400)), max_pixels=100_000)


def test_a_password_is_asked_for_and_checked(tmp_path):
    path = making.encrypted_pdf(tmp_path / "a.pdf", user="secret", owner="boss")

    with pytest.raises(PasswordNeeded) as none:
        inspect(path)
    with pytest.raises(PasswordNeeded) as wrong:
        inspect(path, "guess")

    assert (none.value.tried, wrong.value.tried) == (False, True)
    assert inspect(path, "secret").pages == 1


def test_a_password_for_a_part_of_the_file_is_asked_for_too(tmp_path):
    """As for attachments: the pages are not encrypted, and pdfium opens them without a word."""
    path = making.encrypted_pdf(tmp_path / "a.pdf", user="secret", owner="boss")
    for stream in (b"/StmF", b"/StrF"):
        path.write_bytes(path.read_bytes().replace(stream + b" /StdCF", stream + b" /Identity"))
    pypdfium2.PdfDocument(path).close()

    with pytest.raises(PasswordNeeded):
        inspect(path)

    assert inspect(path, "secret").pages == 1


def test_an_owner_password_does_not_stop_a_reader(tmp_path):
    assert inspect(making.encrypted_pdf(tmp_path / "a.pdf", user="", owner="boss")).pages == 1


def test_an_unlocked_copy_opens_without_password(tmp_path):
    path = making.encrypted_pdf(tmp_path / "a.pdf", user="secret", owner="boss")

    with pytest.raises(PasswordNeeded) as caught:
        unlock(path, "guess", tmp_path / "open.pdf")
    unlock(path, "secret", tmp_path / "open.pdf")

    assert caught.value.tried
    assert inspect(tmp_path / "open.pdf").pages == 1


def test_exif_turns_a_photo_upright(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    path = making.image(tmp_path / "a.jpeg", (200, 100), exif=exif)

    assert open_image(path).size == (100, 200)
    width, height = inspect(path).sizes[0]
    assert width < height


def test_transparent_pixels_become_white(tmp_path):
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(tmp_path / "a.png")

    assert open_image(tmp_path / "a.png").getpixel((5, 5)) == (255, 255, 255)


def test_sixteen_bits_of_grey_stay_grey(tmp_path):
    Image.new("I;16", (10, 10), 32768).save(tmp_path / "a.png")

    assert open_image(tmp_path / "a.png").getpixel((5, 5)) == (128, 128, 128)
