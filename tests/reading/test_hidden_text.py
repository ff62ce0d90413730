"""What is in the file but not to be seen on the page is no text of the page."""

import pikepdf
import pytest
from fpdf import FPDF

from reading.document import Source
from reading.opening import open_pdf
from reading.pdf import text_layer
from reading.pdf_page import open_page
from reading.reader import read_document
from reading.rendering import render, render_open_page
from tests.reading import making

WHITE, BLACK, NAVY = (255, 255, 255), (0, 0, 0), (20, 30, 90)


@pytest.fixture(scope="session")
def cache_dir(tmp_path_factory):
    return tmp_path_factory.mktemp("models")


def drawn_over(path, operators):
    """The page with more drawn at its end; y is that of the file, from the foot of the page."""
    with pikepdf.open(path, allow_overwriting_input=True) as document:
        document.pages[0].contents_add(b"\n" + operators)
        document.save(path)
    return path


def with_layer(path, source, operators, *, shown, as_form=False):
    """The page with more drawn on a layer (optional content)."""
    with pikepdf.open(source) as document:
        layer, other = (
            document.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.OCG, Name=name)) for name in ("Draft", "Grid")
        )
        states = pikepdf.Dictionary(OFF=[other] if shown else [layer, other])
        document.Root.OCProperties = pikepdf.Dictionary(OCGs=[layer, other], D=states)
        page = document.pages[0]
        if as_form:
            form = document.make_stream(operators, Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form, OC=layer)
            form.BBox, form.Resources = page.MediaBox, pikepdf.Dictionary(Font=page.Resources.Font)
            page.Resources.XObject = pikepdf.Dictionary({"/Layer": form})
            page.contents_add(b"\n/Layer Do")
        else:
            page.Resources.Properties = pikepdf.Dictionary({"/MC0": layer})
            page.contents_add(b"\n/OC /MC0 BDC " + operators + b" EMC")
        document.save(path, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return path


def page_with(path, *texts, ground=None):
    """Text at (x, y) in a colour or, where that is None, invisible; `ground` is a bar in a colour from y = 300 on."""
    document = FPDF(unit="pt", format="A4")
    document.set_font("Helvetica", size=10)
    document.add_page()
    if ground:
        document.set_fill_color(*ground)
        document.rect(0, 300, document.w, 100, style="F")
    document.text(40, 60, "An invoice with a few words that everybody can see")
    for x, y, text, colour in texts:
        document.set_text_color(*(colour or BLACK))
        with document.local_context(text_mode="FILL" if colour else "INVISIBLE"):
            document.text(x, y, text)
    document.output(str(path))
    return path


def words_of(path):
    (page,) = read_document(path, layout=False).pages
    assert page.source is Source.TEXT
    return page.text.replace("\n", " ").removeprefix("An invoice with a few words that everybody can see").strip()


def test_invisible_text_is_not_read(tmp_path):
    path = page_with(
        tmp_path / "a.pdf", (40, 340, "IBAN: DE89370400440532013000", None), (40, 360, "Total 9.00", BLACK)
    )

    assert words_of(path) == "Total 9.00"


def test_invisible_figures_within_a_number_are_not_read(tmp_path):
    path = page_with(tmp_path / "a.pdf", (40, 340, "99", None), (51.12, 340, "120.00", BLACK))

    assert words_of(path) == "120.00"


@pytest.mark.parametrize(
    ("colour", "ground", "seen"),
    [
        (WHITE, None, False),
        ((250, 250, 250), None, False),
        (WHITE, (252, 252, 252), False),
        (WHITE, NAVY, True),
        ((200, 200, 200), None, True),
        (BLACK, NAVY, True),
    ],
)
def test_white_text_is_read_where_its_ground_is_not_white(tmp_path, colour, ground, seen):
    path = page_with(tmp_path / "a.pdf", (40, 340, "Total 9999.00", colour), ground=ground)

    assert words_of(path) == ("Total 9999.00" if seen else "")


def test_only_the_white_text_that_stands_on_white_is_left_out(tmp_path):
    texts = (40, 340, "Description Total", WHITE), (40, 440, "Total 9999.00", WHITE), (40, 460, "Total 9.00", BLACK)

    assert words_of(page_with(tmp_path / "a.pdf", *texts, ground=NAVY)) == "Description Total Total 9.00"


@pytest.mark.parametrize("rotate", [90, 180, 270])
def test_white_text_is_found_on_a_turned_page(tmp_path, rotate):
    texts = (40, 340, "Description", WHITE), (40, 440, "Total 9999.00", WHITE)
    path = page_with(tmp_path / "a.pdf", *texts, ground=NAVY)

    (page,) = read_document(making.turned_pdf(tmp_path / "b.pdf", path, rotate=rotate), layout=False).pages

    assert "Description" in page.text
    assert "9999.00" not in page.text


@pytest.mark.parametrize("colour", [NAVY, (28, 24, 84)])
def test_text_in_the_colour_of_its_ground_is_not_read(tmp_path, colour):
    path = page_with(tmp_path / "a.pdf", (40, 340, "Total 9999.00", colour), (40, 440, "Tax 1.00", NAVY), ground=NAVY)

    assert words_of(path) == "Tax 1.00"


def test_text_below_what_is_drawn_over_it_is_not_read(tmp_path):
    path = page_with(tmp_path / "a.pdf", (40, 340, "Total 9999.00", BLACK), (40, 360, "Total 9.00", BLACK))

    assert words_of(drawn_over(path, b"0 g 30 495 200 15 re f")) == "Total 9.00"


def test_text_below_a_picture_is_not_read(tmp_path):
    path = page_with(tmp_path / "a.pdf", (40, 340, "Total 9999.00", BLACK), (40, 360, "Total 9.00", BLACK))
    picture = b"q 200 0 0 15 30 495 cm BI /W 1 /H 1 /BPC 8 /CS /G ID \xff EI Q"

    assert words_of(drawn_over(path, picture)) == "Total 9.00"


def test_text_below_a_mere_frame_or_a_glass_is_read(tmp_path):
    path = page_with(tmp_path / "a.pdf", (40, 340, "Total 9.00", BLACK))
    with pikepdf.open(path, allow_overwriting_input=True) as document:
        document.pages[0].Resources.ExtGState = pikepdf.Dictionary({"/Half": pikepdf.Dictionary(ca=0.4)})
        document.save(path)

    drawn_over(path, b"q 30 495 200 15 re S /Half gs 1 1 0 rg 30 495 200 15 re f Q")

    assert words_of(path) == "Total 9.00"


@pytest.mark.parametrize("as_form", [False, True])
@pytest.mark.parametrize("shown", [False, True])
def test_text_of_a_layer_is_read_if_the_layer_is_shown(tmp_path, shown, as_form):
    source = page_with(tmp_path / "a.pdf", (40, 340, "Total 9.00", BLACK))
    more = b"BT /F1 10 Tf 40 400 Td (Draft 777) Tj ET"
    path = with_layer(tmp_path / "b.pdf", source, more, shown=shown, as_form=as_form)

    assert words_of(path) == ("Total 9.00 Draft 777" if shown else "Total 9.00")


def test_text_of_a_hidden_layer_is_not_read_where_other_text_lies_on_it(tmp_path):
    source = page_with(tmp_path / "a.pdf", (40, 340, "Total 9.00", BLACK))
    path = with_layer(tmp_path / "b.pdf", source, b"BT /F1 10 Tf 38 501 Td (Total 777) Tj ET", shown=False)

    assert words_of(path) == "Total 9.00"


def test_letters_too_small_for_any_eye_are_not_read(tmp_path):
    path = page_with(tmp_path / "a.pdf", (40, 340, "Total 9.00", BLACK))

    assert words_of(drawn_over(path, b"BT /F1 0.9 Tf 40 400 Td (Ignore all) Tj ET")) == "Total 9.00"


def test_text_within_a_form_is_looked_at_like_any_other(tmp_path):
    texts = (40, 340, "Description", WHITE), (40, 440, "Total 9999.00", WHITE), (40, 460, "Tax 777.00", None)
    path = page_with(tmp_path / "a.pdf", *texts, ground=NAVY)
    with pikepdf.open(path) as document:
        page = document.pages[0]
        form = document.make_stream(page.Contents.read_bytes(), Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form)
        form.BBox, form.Resources = page.MediaBox, page.Resources
        page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary({"/All": form}))
        page.Contents = document.make_stream(b"q 0.5 0 0 0.5 100 200 cm /All Do Q")
        document.save(tmp_path / "b.pdf")

    assert words_of(tmp_path / "b.pdf") == "Description"


def test_a_page_is_drawn_as_ever_after_its_white_text_was_looked_at(tmp_path):
    path = page_with(tmp_path / "a.pdf", (40, 340, "Description", WHITE), ground=NAVY)
    before = render(path, 1)

    with open_pdf(path) as pdf, open_page(pdf.document, 0) as page:
        text_layer(page)
        after = render_open_page(page)

    assert after.tobytes() == before.tobytes()


def test_a_page_whose_text_is_mostly_hidden_is_read_as_it_looks(tmp_path, cache_dir):
    path = page_with(tmp_path / "a.pdf", *[(40, 400 + 12 * n, "wr0ng hidden words", None) for n in range(30)])

    (page,) = read_document(path, layout=False, cache_dir=cache_dir).pages

    assert page.source is Source.OCR
    assert page.text == "An invoice with a few words that everybody can see"
