import pytest

from engine.schema_language import validation_errors
from extractions.schemas.fields import form_of
from extractions.schemas.lint import lint
from extractions.schemas.starting_points import LANGUAGES, starting_points

POINTS = [(language, slug) for language in LANGUAGES for slug in starting_points(language)]


def test_the_library_has_what_offices_get():
    assert set(starting_points("en")) == {
        *("invoice", "credit_note", "receipt", "order", "delivery_note", "quote", "bank_statement", "payslip"),
        *("identity_document", "w9", "utility_bill", "certificate", "business_card"),
    }


@pytest.mark.parametrize(("language", "slug"), POINTS)
def test_each_is_without_findings_and_the_engine_accepts_it(language, slug):
    point = starting_points(language)[slug]
    schema = point.file.schema

    assert validation_errors(schema) == []
    assert lint(point.root, schema) == []
    assert form_of(schema) == point.root
    assert all(field.title and field.description for _at, field in point.root.walk())


@pytest.mark.parametrize("slug", starting_points("en"))
def test_languages_differ_in_words_only(slug):
    shapes = [
        [(at, field.kind, field.many, field.required, len(field.choices)) for at, field in points[slug].root.walk()]
        for points in map(starting_points, LANGUAGES)
    ]

    assert shapes[0] == shapes[1] == shapes[2]


def test_an_unknown_language_gets_english():
    assert starting_points("eo")["invoice"].name == "Invoice"
