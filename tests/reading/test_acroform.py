from reading.opening import open_pdf
from reading.pdf import text_layer
from reading.pdf_page import open_page
from reading.reader import read
from tests.reading import making

TITLE = "Application for membership"


def layer(path):
    with open_pdf(path) as pdf, open_page(pdf.document, 0) as page:
        return text_layer(page)


def test_a_value_that_the_file_only_stores_is_a_word_in_its_field(tmp_path):
    path = making.form_pdf(tmp_path / "a.pdf", [("text", (100, 700, 300, 715), "Jane Miller")])

    found = layer(path)

    (blank,) = found.blanks
    jane, miller = (word for word in found.words if word.text in ("Jane", "Miller"))
    assert blank.text == "Jane Miller"
    assert jane.box.overlap(blank.box) > 0.99
    assert jane.box.x1 < miller.box.x0


def test_boxes_say_whether_they_are_ticked(tmp_path):
    path = making.form_pdf(
        tmp_path / "a.pdf", [("tick", (100, 700, 110, 710), True), ("tick", (100, 600, 110, 610), False)]
    )

    marks = [word for word in layer(path).words if word.text in "☑☐"]

    assert [word.text for word in sorted(marks, key=lambda word: word.box.y0)] == ["☑", "☐"]


def test_combs_of_one_number_are_one_word(tmp_path):
    path = making.form_pdf(
        tmp_path / "a.pdf",
        [("comb", (100, 700, 160, 720), "123"), ("comb", (170, 700, 210, 720), "45")],
        texts=[(163, 134, "-")],
    )

    found = layer(path)

    assert [word.text for word in found.words] == ["123-45"]
    assert [blank.text for blank in found.blanks] == ["123-45"]


def test_what_was_written_shares_no_line_with_what_is_printed(tmp_path):
    path = making.form_pdf(
        tmp_path / "a.pdf", [("text", (124, 700, 300, 712), "Springfield")], texts=[(100, 140, "City"), (60, 60, TITLE)]
    )

    (page,) = read(path, layout=False)

    assert [line.text for line in page.lines] == [TITLE, "City", "Springfield"]


def test_a_form_with_nothing_in_it_keeps_its_blanks(tmp_path):
    path = making.form_pdf(tmp_path / "a.pdf", [("text", (100, 700, 300, 715), "")], texts=[(60, 60, TITLE)])

    (page,) = read(path, layout=False)

    assert [blank.text for blank in page.blanks] == [""]
    assert page.text == TITLE


def test_the_word_of_a_comb_is_no_wider_than_what_is_drawn_in_it(tmp_path):
    found = layer(making.form_pdf(tmp_path / "a.pdf", [("comb", (100, 700, 400, 720), "12")], texts=[(60, 60, "-")]))

    (word,) = [word for word in found.words if word.text == "12"]

    assert word.box.width < 0.3 * found.blanks[0].box.width
