"""What people type, as values."""

from __future__ import annotations

import pytest
from django.utils import translation

from extractions.review.typed_values import Kind, NotThatKind, kind_at, read
from tests.review.making import BILL


@pytest.mark.parametrize(
    ("language", "text", "value"),
    [
        ("fr", "1 234,50", 1234.5), ("en", "1 234,50", 1234.5), ("fr", "1 234,50 €", 1234.5),
        ("en", "1,234", 1234), ("fr", "1,234", 1.234), ("fr", "1.234", 1234), ("en", "(12)", -12), ("en", "12-", -12),
        ("en", "EUR 12.00", 12), ("en", "1'234.50", 1234.5), ("en", "", None),
    ],
)  # fmt: skip
def test_numbers_are_read_as_the_reader_writes_them(language, text, value):
    with translation.override(language):
        assert read(text, Kind("number")) == value


@pytest.mark.parametrize(
    "text", ["3 nov. 2026", "2026-11-03", "03/11/2026", "3.11.26", "Nov 3, 2026", "3 novembre 2026"]
)
def test_dates_are_read_in_any_usual_writing(text):
    assert read(text, Kind("date")) == "2026-11-03"


@pytest.mark.parametrize(
    ("name", "text"),
    [("number", "abc"), ("date", "soon"), ("date", "31/02/2026"), ("integer", "1.5"), ("boolean", "maybe")],
)
def test_what_does_not_fit_is_refused_in_words(name, text):
    with pytest.raises(NotThatKind, match=r"\w+ .*\."):
        read(text, Kind(name))


def test_the_schema_says_what_a_field_takes():
    assert kind_at(BILL, "lines[3].quantity").name == "integer"
    assert kind_at(BILL, "supplier.name").name == "text"
    assert kind_at(BILL, "due_date").name == "date"
    choice = kind_at(BILL, "currency")
    assert (read("gb", choice), read("eur", choice)) == ("GBP", "EUR")
    with pytest.raises(NotThatKind, match="GBP"):
        read("USD", choice)
    assert kind_at(None, "anything", 5).name == "number"
    assert (read("oui", Kind("boolean")), read("No", Kind("boolean"))) == (True, False)
