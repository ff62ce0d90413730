import pytest
from PIL import Image, ImageDraw

from reading.document import Box, Source, Word
from reading.lines import Placed, arranged
from reading.ocr import latin
from reading.ocr.page import recognise
from reading.ocr.recognition import Recogniser
from reading.ocr.word_boxes import beside_marks
from reading.turning import lines_as_turned
from tests.reading import making

FRENCH = ["Reçu à Besançon le 12 février", "Élève, forêt, où, naïf, œuvre", "Total : 1 234,56 €"]


@pytest.fixture(scope="session")
def cache_dir(tmp_path_factory):
    return tmp_path_factory.mktemp("models")


def texts(lines):
    return [line.text for line in lines]


@pytest.mark.parametrize("mode", ["accurate", "fast"])
def test_french_letters_are_read_right(mode, cache_dir):
    found = recognise(making.picture_of_text(FRENCH), mode, cache_dir)

    assert found.turned == 0
    read = " ".join(texts(found.lines))
    for letters in ("Reçu à Besançon", "février", "forêt", "naïf", "1 234,56 €"):
        assert letters in read


def test_boxes_hold_the_ink_of_their_words(cache_dir):
    picture = Image.new("RGB", (1240, 400), "white")
    places = {"Invoice": (100, 100), "Number": (300, 100), "12345": (700, 250)}
    for text, place in places.items():
        picture.paste(making.picture_of_text([text], width=170, margin=10, height=60), place)

    lines = recognise(picture, "accurate", cache_dir).lines

    found = {word.text: word.box for line in lines for word in line.words}
    assert set(found) == set(places)
    for text, (x, y) in places.items():
        left, top, right, bottom = making.ink(making.picture_of_text([text], width=170, margin=10, height=60))
        box = found[text]
        assert box.x0 * 1240 == pytest.approx(x + left, abs=10)
        assert box.x1 * 1240 == pytest.approx(x + right, abs=10)
        assert box.y0 * 400 == pytest.approx(y + top, abs=12)
        assert box.y1 * 400 == pytest.approx(y + bottom, abs=12)


def test_words_of_one_line_have_boxes_of_their_own(cache_dir):
    picture = making.picture_of_text(["Montant net de TVA"])

    (line,) = recognise(picture, "accurate", cache_dir).lines

    assert [word.text for word in line.words] == ["Montant", "net", "de", "TVA"]
    edges = making.ink_columns(picture, wider_than=8)
    found = [edge * picture.width for word in line.words for edge in (word.box.x0, word.box.x1)]
    assert found == pytest.approx(edges, abs=8)


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_page_upside_down_or_on_its_side_is_read(turn, cache_dir):
    upright = making.picture_of_text(["The quick brown fox jumps", "over the lazy dog and", "runs away from it"] * 5)
    picture = upright.rotate(-turn, expand=True)

    found = recognise(picture, "fast", cache_dir)

    assert found.turned == turn
    assert texts(found.lines)[0] == "The quick brown fox jumps"
    first = lines_as_turned(found.lines, found.turned)[0].words[0].box
    corner = {90: (1, 0), 180: (1, 1), 270: (0, 1)}[turn]
    assert first.centre == pytest.approx(corner, abs=0.25)


def test_a_tilted_page_keeps_the_order_of_its_lines(cache_dir):
    rows = [f"Item number {n} with some words      {n},50" for n in range(1, 9)]
    picture = making.picture_of_text(rows).rotate(
        2.5, expand=True, fillcolor="white", resample=Image.Resampling.BICUBIC
    )

    lines = recognise(picture, "accurate", cache_dir).lines

    words = " ".join(texts(lines))
    assert words == " ".join(" ".join(row.split()) for row in rows)


def test_a_blank_page_has_no_words(cache_dir):
    assert recognise(Image.new("RGB", (800, 600), "white"), "fast", cache_dir).lines == ()


def test_the_smaller_model_is_made_once(tmp_path):
    cache = tmp_path / "models"
    Recogniser("fast", cache)
    (kept,) = cache.iterdir()
    made = kept.stat().st_mtime_ns
    Recogniser("fast", cache)

    assert [path.stat().st_mtime_ns for path in cache.iterdir()] == [made]


def test_without_a_cache_that_can_be_written_the_words_are_read_just_the_same(tmp_path):
    (tmp_path / "file").touch()

    for cache in (None, tmp_path / "file"):
        found = recognise(making.picture_of_text(["Reçu élevé"]), "fast", cache)
        assert texts(found.lines) == ["Reçu élevé"]


def test_the_alphabet_begins_with_the_blank_and_ends_with_the_space():
    assert latin.kept(["a", "é", "中", "Ж", "1"]) == [0, 1, 2, 5, 6]


@pytest.mark.parametrize("marked", [True, False])
def test_a_drawn_box_is_found_and_so_is_the_mark_in_it(marked):
    picture = making.picture_of_text(["      Single household"], size=32)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((90, 86, 116, 112), outline="black", width=3)
    if marked:
        draw.line((92, 88, 114, 110), fill="black", width=3)
        draw.line((92, 110, 114, 88), fill="black", width=3)

    lines = recognise(picture, "fast", None).lines

    text = " ".join(line.text for line in lines)
    assert text == f"{'☑' if marked else '☐'} Single household"


def test_a_word_that_was_found_with_its_box_begins_behind_it():
    seen = Word("Single", Box(0.1, 0.1, 0.3, 0.12), 1.0, Source.OCR)
    word = Placed(100, 100, 300, 120, [seen])
    mark = Placed(102, 101, 120, 119, [Word("☑", Box(0.102, 0.101, 0.12, 0.119))])

    cut = beside_marks(word, [mark])

    assert (cut.x0, cut.x1, cut.words[0].box) == (120, 300, Box(0.12, 0.1, 0.3, 0.12))
    assert texts(arranged([cut, mark])) == ["☑ Single"]


def test_a_word_that_was_found_with_the_box_of_the_next_ends_before_it():
    word = Placed(100, 100, 300, 120, [Word("Single", Box(0.1, 0.1, 0.3, 0.12))])
    mark = Placed(280, 101, 298, 119, [Word("☐", Box(0.28, 0.101, 0.298, 0.119))])
    elsewhere = Placed(100, 200, 118, 218, [Word("☐", Box(0.1, 0.2, 0.118, 0.218))])

    cut = beside_marks(word, [elsewhere, mark])

    assert (cut.x0, cut.x1, cut.words[0].box) == (100, 280, Box(0.1, 0.1, 0.28, 0.12))


def test_letters_are_no_boxes():
    picture = making.picture_of_text(["DOQ UNION BOOK 0800 HE BED"], size=32)

    lines = recognise(picture, "fast", None).lines

    assert not {"☑", "☐"} & set(" ".join(line.text for line in lines))


def test_a_damaged_network_in_the_cache_is_made_anew(tmp_path):
    made = Recogniser("fast", tmp_path)
    [kept] = tmp_path.glob("*.onnx")
    content = kept.read_bytes()
    kept.write_bytes(b"")

    again = Recogniser("fast", tmp_path)

    assert made._alphabet == again._alphabet
    assert kept.read_bytes() == content
