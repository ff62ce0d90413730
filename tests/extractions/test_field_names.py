"""The field that a search means: in the words of those who type it."""

from __future__ import annotations

import pytest
from django.http import QueryDict
from django.utils import translation

from extractions.search import executor
from extractions.search.field_names import field_label, fields_meant, typed_name
from extractions.search.query import SearchQuery
from tests.extractions.test_search import make_read
from tests.factories import make_schema

NUMBER, TEXT = {"type": "number"}, {"type": "string"}
INVOICE = {
    "type": "object",
    "properties": {
        "invoice_number": TEXT | {"title": "Numéro de facture"},
        "total_amount": NUMBER | {"title": "Total"},
        "tax_amount": NUMBER,
        "tax_rate": NUMBER,
        "due_date": TEXT,
        "supplier": {"type": "object", "properties": {"name": TEXT}},
        "lines": {"type": "array", "items": {"type": "object", "properties": {"amount": NUMBER, "Quantity": NUMBER}}},
    },
}


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("total_amount", ["total_amount"]),
        ("total", ["total_amount"]),
        ("TOTAL", ["total_amount"]),
        ("inv", ["invoice_number"]),
        ("numero_de_facture", ["invoice_number"]),
        ("numéro", ["invoice_number"]),
        ("tax", ["tax_amount", "tax_rate"]),
        ("tax_r", ["tax_rate"]),
        ("amount", ["amount"]),
        ("quantity", ["quantity"]),
        ("name", ["name"]),
        ("unknown", []),
        ("", []),
        ("_", []),
    ],
)
def test_names_titles_and_their_beginnings(typed, names):
    assert fields_meant(typed, [INVOICE]) == names


def test_a_name_goes_before_a_title_of_another_and_before_longer_names():
    other = {"type": "object", "properties": {"total": NUMBER, "gross": NUMBER | {"title": "Total"}}}

    assert fields_meant("total", [INVOICE, other]) == ["total"]
    assert fields_meant("gross", [INVOICE, other]) == ["gross"]


@pytest.mark.parametrize("schema", [None, [], "x", {"properties": 3}, {"type": "object", "properties": {"a": 7}}])
def test_schemas_that_are_none_have_no_fields(schema):
    assert fields_meant("total", [schema]) == []


def found(person, query):
    asked = SearchQuery(person, QueryDict(query))
    return asked.search.page(executor.NEWEST, None, 10), asked.problems


def test_the_total_is_found_though_its_field_has_a_longer_name(alice):
    make_schema("Invoice", schema=INVOICE)
    dear = make_read(alice, "dear", total_amount="1500", tax_amount="250")
    make_read(alice, "cheap", total_amount="15", tax_amount="2000")

    for query in ("q=total>1000", "value=total>1000", "q=total_am>1000"):
        assert found(alice, query) == ([dear.pk], [])


def test_what_may_be_several_fields_asks_which(alice):
    make_schema("Invoice", schema=INVOICE)
    make_read(alice, "a", tax_amount="250")

    _numbers, problems = found(alice, "q=tax>100")

    assert problems == ["“tax” may be tax_amount or tax_rate. Write which one."]


def test_a_field_that_no_schema_has_any_more_is_found_by_its_name(alice):
    make_schema("Invoice", schema=INVOICE)
    old = make_read(alice, "old", weight="12")

    assert found(alice, "q=weight>10") == ([old.pk], [])


FRENCH = {"properties": {"total_amount": NUMBER | {"title": "Total", "context:titles": {"fr": "Total TTC"}},
                         "subtotal": NUMBER | {"title": "Subtotal", "context:titles": {"fr": "Total HT"}}}}  # fmt: skip


@pytest.mark.parametrize("typed", ["total", "Total", "total_ttc", "total_amount"])
def test_titles_in_all_languages_are_understood(typed):
    assert fields_meant(typed, [FRENCH]) == ["total_amount"]


@pytest.mark.parametrize(
    ("language", "label", "typed"),
    [("en", "Total", "total"), ("fr", "Total TTC", "total_ttc"), ("de", "Total", "total")],
)
def test_the_reader_is_shown_a_field_in_their_language(language, label, typed):
    with translation.override(language):
        assert field_label("total_amount", [FRENCH]) == label
        assert typed_name("total_amount", [FRENCH]) == typed


def test_a_title_that_two_fields_have_is_not_what_to_type():
    twins = {"properties": {"net": NUMBER | {"title": "Sum"}, "gross": NUMBER | {"title": "Sum"}}}

    assert typed_name("net", [twins]) == "net"
