"""The documents that benchmarks.layouts_drawn draws: its truth must be so, or nothing can be learned from it."""

import re
import unicodedata
from io import BytesIO

import jsonschema
import pypdfium2
import pytest

from benchmarks.layouts_drawn.asking import PER_KIND, draw_question
from benchmarks.layouts_drawn.corpus import draw_family, truth_of
from benchmarks.layouts_drawn.kinds import KINDS
from benchmarks.layouts_drawn.wording import LANGUAGES, toml_of

FAMILIES = range(1, 9)


@pytest.fixture(scope="module")
def drawn():
    return [document for family in FAMILIES for document in draw_family(7, family, 2, 0.0)]


def _letters(text):
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text)).casefold()


def test_the_same_seed_draws_the_same_documents(drawn):
    again = [document for family in FAMILIES for document in draw_family(7, family, 2, 0.0)]

    assert [document.pdf for document in again] == [document.pdf for document in drawn]
    assert [document.answer.expected for document in again] == [document.answer.expected for document in drawn]


def test_values_stand_where_the_truth_says(drawn):
    for document in drawn:
        truth = truth_of(document, "drawn", document.pdf, ".pdf")
        pages = list(pypdfium2.PdfDocument(BytesIO(document.pdf)))
        for path, places in truth["locations"].items():
            printed = truth["raw"]["printed"][path]

            assert _letters(printed) in _letters(_text_at(pages, places[0])), (document.name, path)


def _text_at(pages, place):
    page = pages[place["page"] - 1]
    (wide, high), (x0, y0, x1, y1) = page.get_size(), place["bbox"]
    return page.get_textpage().get_text_bounded(x0 * wide - 1.5, high - y1 * high, x1 * wide + 1.5, high - y0 * high)


def test_what_is_expected_fits_the_schema(drawn):
    for document in drawn:
        schema = {key: value for key, value in document.question.schema.items() if key != "required"}

        jsonschema.validate(_without_null(document.answer.expected), schema)


def _without_null(tree):
    return {
        key: _without_null(value) if isinstance(value, dict) else value
        for key, value in tree.items()
        if value is not None
    }


def test_sums_add_up(drawn):
    for document in drawn:
        values = document.sheet.content.values
        if "gross" in values:
            assert values["gross"] == pytest.approx(values["net"] + values["tax"])


def test_scans_keep_their_places():
    scans = [document for family in (1, 2, 3) for document in draw_family(11, family, 1, 1.0) if document.scan]

    assert scans
    for document in scans:
        truth = truth_of(document, "drawn", document.scan.data, document.scan.ending)
        assert all(0 <= share <= 1 for places in truth["locations"].values() for share in places[0]["bbox"])


def test_there_are_many_schemas():
    schemas = {str(draw_question(kind, place).schema) for kind in KINDS for place in range(PER_KIND)}

    assert len(schemas) > 150


@pytest.mark.parametrize("language", LANGUAGES)
def test_languages_have_words_for_the_same_things(language):
    english, other = toml_of("words/en"), toml_of(f"words/{language}")

    assert english.keys() == other.keys()
    assert all(english[part].keys() == other[part].keys() for part in ("titles", "labels", "columns"))
