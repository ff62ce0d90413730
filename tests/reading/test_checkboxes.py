import pikepdf
import pytest
from fpdf import FPDF

from reading.checkboxes import find_checkboxes
from reading.opening import open_pdf
from reading.pdf import ODD, text_layer
from reading.pdf_page import open_page
from reading.reader import read
from tests.reading import making

SIDE = 11


def drawing(path, draw):
    """A page with a sentence and what `draw` adds to it."""
    document = FPDF(unit="pt", format="A4")
    document.set_font("Helvetica", size=10)
    document.add_page()
    document.text(60, 60, "How would you like to be reached by us?")
    draw(document)
    document.output(str(path))
    return path


def layer(path):
    with open_pdf(path) as pdf, open_page(pdf.document, 0) as page:
        return text_layer(page)


def marks(path):
    return [word.text for word in sorted(layer(path).words, key=lambda word: word.box.y0) if word.text in "☑☐☒✓✗"]


def tick(document, x, y):
    document.line(x + 2, y + 5, x + 5, y + 9)
    document.line(x + 5, y + 9, x + 9, y + 2)


def test_squares_that_are_drawn_are_boxes_and_strokes_in_them_a_tick(tmp_path):
    def draw(document):
        for y, ticked in ((100, True), (130, False)):
            document.rect(60, y, SIDE, SIDE)
            document.text(78, y + 9, "By letter")
            if ticked:
                tick(document, 60, y)

    path = drawing(tmp_path / "a.pdf", draw)
    (page,) = read(path, layout=False)

    assert marks(path) == ["☑", "☐"]
    assert [line.text for line in page.lines][1:] == ["☑ By letter", "☐ By letter"]


def test_a_box_that_is_a_small_picture_is_seen(tmp_path):
    box = making.picture_of_box(ticked=True)

    path = drawing(tmp_path / "a.pdf", lambda document: document.image(box, 60, 100, 14, 14))

    assert marks(path) == ["☑"]


def test_a_cross_that_was_typed_into_a_box_ticks_it(tmp_path):
    def draw(document):
        document.rect(60, 100, SIDE, SIDE)
        document.text(62, 109, "X")

    found = layer(drawing(tmp_path / "a.pdf", draw))

    assert [word.text for word in found.words][-1] == "☑"
    assert "X" not in [word.text for word in found.words]


def test_combs_bullets_numbers_and_large_squares_are_no_boxes(tmp_path):
    def draw(document):
        for cell in range(5):
            document.rect(60 + cell * SIDE, 100, SIDE, SIDE)
        document.rect(60, 130, SIDE, SIDE, style="F")
        document.rect(60, 160, SIDE, SIDE)
        document.text(63, 169, "7")
        document.rect(60, 190, 60, 60)

    assert marks(drawing(tmp_path / "a.pdf", draw)) == []


def test_a_page_full_of_squares_is_not_looked_at(tmp_path):
    def draw(document):
        for row in range(14):
            for column in range(14):
                document.rect(60 + 30 * column, 100 + 30 * row, SIDE, SIDE)

    with open_pdf(drawing(tmp_path / "a.pdf", draw)) as pdf, open_page(pdf.document, 0) as page:
        assert find_checkboxes(page, ()) == []


@pytest.mark.parametrize(("key", "mark"), [("o", "☐"), ("4", "✔"), ("8", "✘")])
def test_letters_of_a_symbol_font_are_the_boxes_and_ticks_that_it_draws(tmp_path, key, mark):
    def draw(document):
        document.set_font("ZapfDingbats", size=10)
        document.text(60, 100, key)
        document.set_font("Helvetica", size=10)
        document.text(80, 100, "By letter")
        document.text(60, 120, key)

    words = [word.text for word in layer(drawing(tmp_path / "a.pdf", draw)).words]

    assert words[-4:] == [mark, "By", "letter", key]


@pytest.mark.parametrize(
    ("font", "printed"), [("ABCDEF+Wingdings-Regular", ["☑", "☐"]), ("Wingdings", ["☑", "☐"]), ("IconFont", [])]
)
def test_private_codes_are_boxes_in_the_usual_symbol_font_only(tmp_path, font, printed):
    with pikepdf.new() as document:
        page = document.add_blank_page(page_size=(300, 300))
        codes = document.make_stream(
            b"begincmap 1 begincodespacerange <00> <FF> endcodespacerange "
            b"2 beginbfchar <41> <F0FE> <42> <F06F> endbfchar endcmap"
        )
        page.Resources = pikepdf.Dictionary(
            Font=pikepdf.Dictionary(
                F=pikepdf.Dictionary(
                    Type=pikepdf.Name.Font,
                    Subtype=pikepdf.Name.TrueType,
                    BaseFont=pikepdf.Name("/" + font),
                    FirstChar=65,
                    LastChar=66,
                    Widths=[800, 800],
                    ToUnicode=codes,
                )
            )
        )
        page.Contents = document.make_stream(b"BT /F 12 Tf 50 200 Td (A) Tj 90 0 Td (B) Tj ET")
        document.save(tmp_path / "a.pdf")

    assert [word.text for word in layer(tmp_path / "a.pdf").words] == printed


def test_boxes_of_the_usual_symbol_font_are_no_odd_characters():
    assert not ODD.search("\uf0fe\uf0a8")
    assert ODD.search("\uf0e0")
