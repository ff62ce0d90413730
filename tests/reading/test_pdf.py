import pikepdf
import pytest
from PIL import ImageOps

from reading.lines import lines_of
from reading.opening import open_pdf
from reading.pdf import text_layer
from reading.pdf_page import open_page
from reading.rendering import render
from reading.turning import box_as_turned
from tests.reading import making


def layer(path, index=0):
    with open_pdf(path) as pdf, open_page(pdf.document, index) as page:
        return text_layer(page)


def words(path):
    return [word.text for word in layer(path).words]


def lines(path):
    page = layer(path)
    return [line.text for line in lines_of(page.words, page.width, page.height)]


@pytest.mark.parametrize("cropbox", [None, (40, 100, 400, 800)])
@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_a_word_is_where_its_ink_is(tmp_path, rotate, cropbox):
    source = making.placed_pdf(tmp_path / "a.pdf", [(100, 200, "Word")], size=24)
    path = making.turned_pdf(tmp_path / "b.pdf", source, rotate=rotate, cropbox=cropbox)

    with open_pdf(path) as pdf, open_page(pdf.document, 0) as page:
        (word,), turned = text_layer(page).words, page.turned

    picture = ImageOps.invert(render(path, 1, dpi=144).convert("L"))
    left, top, right, bottom = picture.getbbox()
    box = box_as_turned(word.box, turned)
    assert turned == rotate
    found = (box.x0 * picture.width, box.y0 * picture.height, box.x1 * picture.width, box.y1 * picture.height)
    # The box is that of the line, higher than the ink of these letters, and holds all of it.
    assert found[0] <= left + 2
    assert found[1] <= top + 2
    assert found[2] >= right - 2
    assert found[3] >= bottom - 2
    ink = (right - left) * (bottom - top)
    assert ink > 0.5 * (found[2] - found[0]) * (found[3] - found[1])


def test_words_outside_the_crop_box_are_not_seen(tmp_path):
    source = making.placed_pdf(tmp_path / "a.pdf", [(100, 200, "inside"), (100, 700, "outside")])
    path = making.turned_pdf(tmp_path / "b.pdf", source, cropbox=(0, 500, 595, 842))

    assert words(path) == ["inside"]


def test_accents_and_ligatures_are_letters(tmp_path):
    assert words(making.pdf(tmp_path / "a.pdf", "Reçu élève où ça")) == ["Reçu", "élève", "où", "ça"]


def test_a_number_with_tight_blanks_is_one_word(tmp_path):
    assert words(making.pdf_with_tight_blanks(tmp_path / "a.pdf", "Total\xa0: 1\xa0234,56 EUR")) == [
        "Total",
        ":",
        "1\xa0234,56",
        "EUR",
    ]


def test_two_numbers_with_a_tight_blank_are_two_words(tmp_path):
    assert words(making.pdf_with_tight_blanks(tmp_path / "a.pdf", "12\xa034 and 5\xa06789")) == [
        "12",
        "34",
        "and",
        "5",
        "6789",
    ]


def test_a_hyphen_at_the_end_of_a_line_ends_its_word(tmp_path):
    path = making.placed_pdf(tmp_path / "a.pdf", [(100, 100, "an infor-"), (100, 115, "mation of use")])

    assert words(path) == ["an", "infor-", "mation", "of", "use"]


def test_cells_are_lines_and_words_within_a_cell_are_one(tmp_path):
    path = making.placed_pdf(
        tmp_path / "a.pdf",
        [
            (50, 100, "Red paper clips"), (300, 100, "12"), (350, 100, "1,50"), (420, 100, "18,00"),
            (50, 115, "Blue pens"), (300, 115, "3"), (350, 115, "2,00"), (420, 115, "6,00"),
        ],
    )  # fmt: skip

    assert lines(path) == ["Red paper clips", "12", "1,50", "18,00", "Blue pens", "3", "2,00", "6,00"]


def test_lines_do_not_depend_on_the_order_in_the_file(tmp_path):
    path = making.placed_pdf(tmp_path / "a.pdf", [(76, 100, "world"), (50, 120, "below"), (50, 100, "Hello")])

    assert lines(path) == ["Hello world", "below"]


def test_columns_are_read_one_after_the_other(tmp_path):
    left = [(50, 150 + 15 * n, f"left column text, its line number {n}") for n in range(8)]
    right = [(320, 155 + 15 * n, f"right column text, its line number {n}") for n in range(8)]
    title = [(60, 100, "A title that stands above both of the columns and reaches from side to side of the page")]
    path = making.placed_pdf(
        tmp_path / "a.pdf", title + [row for pair in zip(left, right, strict=True) for row in pair]
    )

    found = lines(path)

    assert found[0].startswith("A title")
    assert found[1:] == [text for _, _, text in left] + [text for _, _, text in right]


def test_addresses_side_by_side_are_read_apart_but_labels_with_their_values(tmp_path):
    path = making.placed_pdf(
        tmp_path / "a.pdf",
        [
            (50, 100, "Boulangerie Martin"), (320, 100, "Claire Dubois"),
            (50, 115, "rue de la Paix"), (320, 115, "avenue des Champs"),
            (50, 130, "Lyon"), (320, 130, "Paris"),
            (50, 300, "Invoice date:"), (320, 300, "12 May 2024"),
            (50, 315, "Invoice number:"), (320, 315, "F-2024-17"),
        ],
    )  # fmt: skip

    assert lines(path) == [
        "Boulangerie Martin", "rue de la Paix", "Lyon", "Claire Dubois", "avenue des Champs", "Paris",
        "Invoice date:", "12 May 2024", "Invoice number:", "F-2024-17",
    ]  # fmt: skip


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_what_is_typed_into_a_form_is_read(tmp_path):
    path = making.pdf(tmp_path / "a.pdf", "Name")
    with pikepdf.open(path, allow_overwriting_input=True) as document:
        page = document.pages[0]
        look = document.make_stream(b"BT /F1 12 Tf 2 5 Td (Typed) Tj ET")
        look.Type, look.Subtype, look.BBox = pikepdf.Name.XObject, pikepdf.Name.Form, [0, 0, 100, 20]
        look.Resources = pikepdf.Dictionary(Font={"/F1": next(iter(page.Resources.Font.values()))})
        page.Annots = [
            document.make_indirect(
                pikepdf.Dictionary(
                    Type=pikepdf.Name.Annot,
                    Subtype=pikepdf.Name.Widget,
                    FT=pikepdf.Name.Tx,
                    F=4,
                    Rect=[200, 700, 300, 720],
                    AP={"/N": look},
                )
            )
        ]
        document.save(path)

    assert words(path) == ["Name", "Typed"]


def test_a_wide_kerning_is_no_space(tmp_path):
    width = making.text_width("Ver", size=10)
    near = making.placed_pdf(tmp_path / "a.pdf", [(100, 100, "Ver"), (100 + width + 1.1, 100, "käufer")])
    apart = making.placed_pdf(tmp_path / "b.pdf", [(100, 100, "Ver"), (100 + width + 2.8, 100, "käufer")])

    assert (words(near), words(apart)) == (["Verkäufer"], ["Ver", "käufer"])


def test_text_printed_twice_is_read_once(tmp_path):
    path = making.placed_pdf(tmp_path / "a.pdf", [(100, 100, "Bold"), (100.4, 100, "Bold"), (100, 130, "Bold")])

    assert words(path) == ["Bold", "Bold"]
