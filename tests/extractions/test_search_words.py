"""Words are found however people type them, and what was understood can be seen and removed."""

from __future__ import annotations

import re
import unicodedata
from html import unescape

import pytest
from django.db import connection
from django.http import QueryDict
from django.urls import reverse
from django.utils.http import urlencode

from extractions.folding import WORD, plain, spellings, umlauts
from extractions.models import Value
from extractions.models.parts import FOLDED, folded_text
from extractions.presentation.lists.examples import placeholder
from extractions.presentation.lists.listing import Listing
from extractions.review.edit_session import EditSession
from extractions.search import consistency, executor, index_triggers, reindexing
from extractions.search.full_text import Phrase, snippet
from extractions.search.query import SearchQuery
from tests.extractions.test_search import found, make_read
from tests.factories import State, make_extraction, make_schema

SHAPES = ("Müller", "MÜLLER", "Mueller", "mueller", unicodedata.normalize("NFD", "Müller"))


def typed(person, text) -> set[str]:
    return found(person, urlencode({"q": text}))


@pytest.fixture
def texts(alice):
    """Values kept as texts, as they come from schemas whose fields are texts."""
    rows = {
        "street": ("Mühlenstraße 5", "Hauptstrasse 12"),
        "supplier": ("Bäckerei Müller & Söhne", "Larkspur Instruments"),
        "invoice_number": ("20231107", "INV-2"),
        "title": ("Œuvre complète", "Steuer neu"),
    }
    for at, name in enumerate(("a", "b")):
        row = make_read(alice, name)
        for position, (path, both) in enumerate(rows.items()):
            Value.objects.create(extraction=row, position=position, path=path, text=both[at])


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("invoice_number:20231107", {"a"}),
        ("invoice_number=20231107", {"a"}),
        ("invoice_number:2023110", set()),
        ("invoice_number:2023110*", {"a"}),
        ("supplier:instruments", {"b"}),
        ('supplier:"muller sohne"', {"a"}),
        ('supplier:"MUELLER & SOEHNE"', {"a"}),
        ("supplier:backerei", {"a"}),
        ("supplier:baeckerei", {"a"}),
        ("supplier:instr", set()),
        ("supplier:instr*", {"b"}),
        ("street:Mühlenstrasse", {"a"}),
        ("street:muehlenstraße", {"a"}),
        ("street:hauptstraße", {"b"}),
        ("title:oeuvre", {"a"}),
        ("title:ŒUVRE", {"a"}),
        ("title:steuer", {"b"}),
        (unicodedata.normalize("NFD", "supplier:Müller"), {"a"}),
    ],
)
def test_fields_are_found_by_words_within_them_however_typed(alice, texts, query, names):
    assert typed(alice, query) == names


@pytest.mark.parametrize("stored", SHAPES)
@pytest.mark.parametrize("query", [*SHAPES, "müll", "muell"])
def test_words_of_documents_are_found_however_written_and_typed(alice, stored, query):
    make_extraction(owner=alice, state=State.EXTRACTED, name="x", content=f"Herr {stored} zahlt", document="x.pdf")

    assert typed(alice, query) == {"x"}


@pytest.mark.parametrize(("stored", "query"), [("Straße", "strasse"), ("STRASSE", "straße"), ("cœur", "coeur")])
def test_ligatures_and_their_letters_are_one(alice, stored, query):
    make_extraction(owner=alice, state=State.EXTRACTED, name="x", content=stored, document="x.pdf")

    assert typed(alice, query) == {"x"}


def test_what_only_looks_like_an_umlaut_is_none():
    assert umlauts("Steuer") == ["steuer"]
    assert umlauts("value") == ["value"]
    assert umlauts("neue") == ["neue"]
    assert umlauts("Mueller") == ["mueller", "muller"]


@pytest.mark.parametrize("word", ["½", "⑴", "⒈", "a⑴b", "ß" * 30, "ssssssssssss", "ﬁn", "１２"])
def test_odd_letters_are_words_for_both_databases(alice, word):
    assert all(WORD.fullmatch(form) for form in spellings(word))

    assert typed(alice, word) == set()
    assert typed(alice, f"total:{word}") == set()


def test_snippet_marks_decomposed_letters_whole():
    text = unicodedata.normalize("NFD", "Herr Müller zahlt")

    assert (unicodedata.normalize("NFD", "Müller"), True) in snippet(text, [Phrase("mueller")])


def test_long_values_are_folded_up_to_the_last_word_that_fits():
    folded = folded_text("wort " * 200)

    assert len(folded) <= FOLDED + 2
    assert set(folded.split()) == {"wort"}
    assert folded_text("ß" * 300) == f" {'s' * FOLDED} "
    assert folded_text(" -- ") == ""


def test_what_a_person_corrects_is_found_as_corrected(alice, client):
    row = make_read(alice, "a", supplier="Larkspur")
    value = Value.objects.get(extraction=row)
    value.text = "Möller"

    EditSession._update(None, [value])

    assert typed(alice, "supplier:moeller") == {"a"}
    assert typed(alice, "supplier:larkspur") == set()


@pytest.mark.parametrize("query", ["%", "_", "% _", "***"])
def test_a_search_without_letters_says_what_is_missing(client, alice, query):
    client.force_login(alice)

    page = unescape(client.get(reverse("extractions:list"), {"q": query}).content.decode())

    assert f"“{query}” has no letter or figure to look for." in page


def test_a_dash_between_words_is_no_problem(alice):
    assert SearchQuery(alice, QueryDict("q=invoice+-+2026")).problems == []


def test_what_was_understood_are_chips_that_can_be_removed(alice):
    make_schema("Invoice", schema={"properties": {"total_amount": {"type": "number", "title": "Total"}}})
    address = urlencode({"q": "facture total>1000 state:could %", "server": "FR-2"})

    removals = Listing(alice, QueryDict(address)).removals

    assert [(str(item.label), item.words) for item in removals] == [
        ("Server", "FR-2"),
        ("Text", "facture"),
        ("Total", "> 1000"),
        ("State", "Could not be read"),
    ]
    assert QueryDict(removals[2].query) == QueryDict(urlencode({"q": "facture state:could %", "server": "FR-2"}))


def test_examples_are_of_the_teams_own_results_and_find_something(client, alice):
    make_read(alice, "a", total_amount="1284.5", supplier_name="Larkspur Instruments")
    client.force_login(alice)

    page = unescape(client.get(reverse("extractions:list")).content.decode())

    examples = re.findall(r'(\S+>\d+) or (\w+:"[^"]+")', page)[0]
    assert examples == ("total_amount>1000", 'supplier_name:"Larkspur Instruments"')
    assert all(typed(alice, example) == {"a"} for example in examples)


def test_without_results_the_box_has_no_examples(alice):
    make_extraction(owner=alice)

    assert placeholder(Listing(alice, QueryDict())) == "Words in the text or the name"


def test_earlier_values_are_indexed_bit_by_bit_and_the_list_says_so(client, alice, monkeypatch):
    monkeypatch.setattr(reindexing, "BATCH", 2)
    monkeypatch.setattr(reindexing, "SECONDS", 0.0)
    row = make_read(alice, "a", supplier="Müller", city="Nîmes", street="Straße")
    Value.objects.filter(extraction=row).update(folded=None)
    client.force_login(alice)
    url = reverse("extractions:list")
    assert "still being indexed" in client.get(url, {"q": "supplier:mueller"}).content.decode()

    assert reindexing.catch_up() == 2, "a stopped worker has done some"
    while reindexing.catch_up():
        pass

    assert typed(alice, "supplier:mueller") == {"a"}
    assert "still being indexed" not in client.get(url, {"q": "supplier:mueller"}).content.decode()


def test_an_edit_while_earlier_values_are_indexed_is_not_overwritten(alice, monkeypatch):
    value = Value.objects.get(extraction=make_read(alice, "a", supplier="old"))
    Value.objects.filter(pk=value.pk).update(folded=None)

    def edited(text: str) -> str:
        Value.objects.filter(pk=value.pk).update(text="new", folded=" new ")
        return folded_text(text)

    monkeypatch.setattr(reindexing, "folded_text", edited)
    reindexing.catch_up()

    assert typed(alice, "supplier:new") == {"a"}


def test_postgresql_folds_earlier_documents_again(alice):
    if connection.vendor != "postgresql":
        pytest.skip("FTS5 folds by itself")
    text = unicodedata.normalize("NFD", "Müller")
    row = make_extraction(owner=alice, state=State.EXTRACTED, name="x", content=text, document="x.pdf")
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {index_triggers.WORDS} SET folding = 1, vector = to_tsvector('simple', 'mu ller') WHERE id = %s",
            [row.pk],
        )
    assert typed(alice, "müller") == set()

    reindexing.catch_up()

    assert typed(alice, "müller") == {"x"}
    assert consistency.differences() == {}


def test_case_of_letters_that_grow_is_folded_alike():
    assert plain("İstanbul") == plain("istanbul")
    assert plain("GROẞ") == plain("gross")


def test_pages_by_field_are_found_by_walking_too(alice, texts, monkeypatch):
    monkeypatch.setattr(executor, "RARE", 0)

    assert typed(alice, "supplier:mueller") == {"a"}
