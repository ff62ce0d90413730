"""The one box, the filters and the pages of the list."""

from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from extractions.models import Extraction, SavedView, Tag, Tagging, Value
from extractions.presentation.lists.listing import ROWS
from extractions.search import executor, full_text
from extractions.search.full_text import Phrase, snippet
from extractions.search.language import read_number, terms_of
from extractions.search.query import SearchQuery
from portal.people.models import Membership
from tests.factories import Role, State, make_extraction, make_person, make_schema, make_team


@pytest.fixture
def url() -> str:
    return reverse("extractions:list")


def found(person, query) -> set[str]:
    """Names of what this address shows; what all that match are must be the same."""
    asked = SearchQuery(person, QueryDict(query))
    numbers = asked.search.page(executor.NEWEST, None, ROWS)
    assert set(numbers) == set(asked.search.every().values_list("pk", flat=True))
    assert asked.search.count() == len(numbers)
    return set(Extraction.objects.filter(pk__in=numbers).values_list("name", flat=True))


def make_read(person, name, content="", **values):
    row = make_extraction(owner=person, state=State.EXTRACTED, name=name, content=content, document="x.pdf")
    for position, (path, text) in enumerate(values.items()):
        number = Decimal(text) if text.replace(".", "").isdigit() else None
        date = text if len(text) == 10 and text[4] == "-" else None
        Value.objects.create(extraction=row, position=position, path=path, text=text, number=number, date=date)
    return row


@pytest.fixture
def papers(alice, charlie):
    make_read(alice, "a", "Société Générale, facture INV-2", total="1500", invoice_no="INV-2", date="2026-10-05")
    make_read(alice, "b", "Invoice of the mill", total="20.5", invoice_no="INV-20", date="2026-09-05")
    make_read(charlie, "secret", "Société facture", total="1500", invoice_no="INV-2", date="2026-10-05")


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("societe", {"a"}),
        ("FACTURE gén", {"a"}),
        ("inv-2", {"a"}),
        ('"of the mill"', {"b"}),
        ('"mill the"', set()),
        ("nowhere", set()),
        ("total>1000", {"a"}),
        ("total<=20,50", {"b"}),
        ("total:1500", {"a"}),
        ("invoice_no:inv-2", {"a"}),
        ("invoice_no:INV-2*", {"a", "b"}),
        ("date>2026-10-01", {"a"}),
        ("date:2026-09", {"b"}),
        ("date<2027 total>10", {"a", "b"}),
        ("invoice total>1000", set()),
        ("facture total>1000", {"a"}),
    ],
)
def test_box_finds_words_and_values_of_the_team_only(alice, papers, typed, names):
    query = QueryDict(mutable=True)
    query["q"] = typed

    assert found(alice, query.urlencode()) == names


def test_stranger_finds_only_what_is_theirs(charlie, papers):
    assert found(charlie, "q=facture") == {"secret"}
    assert found(charlie, "q=total>1000") == {"secret"}


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("received:soon", "“received:soon” is not understood"),
        ("schema:Nonsense", "There is no schema called “Nonsense”."),
        ("by:zoe", "Nobody on your teams is called “zoe”."),
        ("total>abc", "“total>” needs a number or a day after it"),
        ("total:", "“total:” needs a value after it."),
        ("schema>3", "compares nothing"),
    ],
)
def test_what_is_not_understood_is_told_in_words(client, alice, url, typed, sentence):
    client.force_login(alice)

    page = unescape(client.get(url, {"q": typed}).content.decode())

    assert sentence in page
    assert f'value="{typed}"' in page


def test_filters_narrow_and_are_chips_that_can_be_removed(client, alice, bob, url):
    schema = make_schema("Receipt")
    make_extraction(owner=alice, name="mine", schema=schema, metadata={"project": "blue"}, server="FR-2")
    make_extraction(owner=bob, name="bobs", schema=schema, state=State.FAILED, classifier_result="Ticket")
    make_extraction(owner=bob, name="plain")
    tagged = make_extraction(owner=bob, name="tagged")
    Tagging.objects.create(tag=Tag.objects.create(team=tagged.team, name="Urgent"), extraction=tagged)

    assert found(alice, f"schema={schema.pk}") == {"mine", "bobs"}
    assert found(alice, f"schema={schema.pk}&schema=none") == {"mine", "bobs", "plain", "tagged"}
    assert found(alice, "state=FAILED&state=QUEUED&person=me") == {"mine"}
    assert found(alice, f"person={bob.pk}&kind=Ticket") == {"bobs"}
    assert found(alice, "server=FR-2") == {"mine"}
    assert found(alice, "meta=project:blue") == {"mine"}
    assert found(alice, "meta=project") == {"mine"}
    assert found(alice, "meta=project:red") == set()
    assert found(alice, "tag=Urgent") == {"tagged"}
    assert found(alice, "q=tag:urgent+by:bob") == {"tagged"}
    assert found(alice, "schema=999999") == set()
    client.force_login(alice)
    listing = client.get(url, {"state": "FAILED", "server": "FR-2"}).context["listing"]
    assert [(str(removal.label), removal.words, removal.query) for removal in listing.removals] == [
        ("State", "Could not be read", "server=FR-2"),
        ("Server", "FR-2", "state=FAILED"),
    ]


def test_empty_result_names_what_was_asked_and_offers_to_remove_it(client, alice, url):
    make_extraction(owner=alice)
    client.force_login(alice)

    page = client.get(url, {"server": "FR-2", "state": "FAILED"}).content.decode()

    assert "Nothing matches" in page
    assert "Remove Server FR-2" in page
    assert "Clear all" in page


def test_days_are_those_of_the_reader(alice):
    make_extraction(owner=alice, name="then", received_at=timezone.now() - timedelta(days=3))
    make_extraction(owner=alice, name="now")
    today = timezone.localdate()

    assert found(alice, f"from={today}") == {"now"}
    assert found(alice, f"to={today - timedelta(days=1)}") == {"then"}
    assert found(alice, "q=received:today") == {"now"}
    assert SearchQuery(alice, QueryDict("from=tomorrow")).problems


@pytest.mark.parametrize("sort", ["name", "-name", "pages", "-size", "change", "-received"])
def test_pages_of_every_order_meet_without_gap_or_double(client, alice, url, sort):
    other = make_team("Second")
    Membership.objects.create(person=alice, team=other, role=Role.REVIEWER)
    for number in range(ROWS + 7):
        of = {"name": f"n{number % 5}~x", "page_count": number % 3 + 1, "size": number % 4, "document": "x.pdf"}
        make_extraction(owner=alice, team=other if number % 2 else None, **of)
    client.force_login(alice)

    first = client.get(url, {"sort": sort}).context["listing"]
    second = client.get(url, {"sort": sort, "before": str(first.older)}).context["listing"]
    back = client.get(url, {"sort": sort, "after": str(second.newer)}).context["listing"]

    every = [*first.rows, *second.rows]
    keys = [first.sort.key_of(row) for row in every]
    assert keys == sorted(keys, reverse=first.sort.descending)
    assert len({row.pk for row in every}) == ROWS + 7
    assert [row.pk for row in back.rows] == [row.pk for row in first.rows]


def test_what_is_common_is_walked_and_finds_the_same(alice, monkeypatch, papers):
    monkeypatch.setattr(executor, "RARE", 0)

    assert found(alice, "q=total>1000") == {"a"}
    assert found(alice, "state=EXTRACTED&server=FR-1") == {"a", "b"}
    assert found(alice, "state=EXTRACTED&schema=none&person=me") == {"a", "b"}


def test_postgresql_asks_the_newest_documents_for_words_that_are_everywhere(alice, charlie, monkeypatch):
    if connection.vendor != "postgresql":
        pytest.skip("how PostgreSQL is asked")
    monkeypatch.setattr(full_text, "PROBE_SIZE", 4)
    made = [make_extraction(owner=alice, name=f"invoice {number}", document="x.pdf").pk for number in range(6)]
    make_extraction(owner=charlie, name="invoice of others", document="x.pdf")
    make_extraction(owner=alice, name="letter", document="x.pdf")
    teams = list(alice.teams.values_list("pk", flat=True))

    with CaptureQueriesContext(connection) as queries:
        assert full_text.newest_ids([Phrase("invo")], teams, 3) == made[:2:-1]
        assert len(queries) == 2, "a probe, and the walk"
    assert full_text.newest_ids([Phrase("invo")], teams, 10) == made[::-1], "more than are there: by the index"
    assert full_text.newest_ids([Phrase("letter")], teams, 1) == [made[-1] + 2], "rare: by the index"


def test_words_that_stand_in_very_many_documents_are_reported(client, alice, url, monkeypatch):
    monkeypatch.setattr(executor, "MAX_TEXT_MATCHES", 2)
    for number in range(4):
        make_extraction(owner=alice, name=f"invoice {number}", document="x.pdf")
    client.force_login(alice)

    response = client.get(url, {"q": "invoice"})

    assert [row.name for row in response.context["listing"].rows] == ["invoice 3", "invoice 2"]
    assert "the newest 2,000 are looked at" in response.content.decode()


def test_snippet_marks_words_whatever_their_accents_and_escapes(client, alice, url):
    make_extraction(
        owner=alice, state=State.EXTRACTED, content="x " * 200 + "La Société <b> Générale paie", document="x"
    )
    client.force_login(alice)

    page = client.get(url, {"q": "societe"}).content.decode()

    assert "<mark>Société</mark>" in page
    assert "&lt;b&gt;" in page
    assert snippet("nothing here", [Phrase("zzz")]) == []


def asks(client, url, query) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url, query).status_code == 200
    return len(queries)


@pytest.mark.parametrize("query", [{}, {"state": "EXTRACTED"}, {"q": "walnut"}, {"q": "total>1", "server": "FR-1"}])
def test_number_of_queries_is_the_same_for_few_and_many_for_member_and_administrator(client, alice, url, query):
    boss = make_person(
        "Boss", team=Membership.objects.get(person=alice).team, role=Role.ADMINISTRATOR, is_superuser=True
    )
    make_read(alice, "first", "walnut", total="5")
    client.force_login(alice)
    client.get(url)
    few = asks(client, url, query)
    for number in range(ROWS + 5):
        make_read(alice, f"d{number}", "walnut", total="5")
    many = asks(client, url, query)
    client.force_login(boss)
    client.get(url)

    assert many == few
    assert asks(client, url, query) == few


def test_no_page_of_the_list_reads_whole_tables(client, alice, url, papers):
    client.force_login(alice)

    with CaptureQueriesContext(connection) as queries:
        for query in ({}, {"q": "facture"}, {"q": "total>1000"}, {"state": "FAILED"}, {"show": "running"}):
            client.get(url, query)

    for query in queries:
        assert "GROUP BY" not in query["sql"] or "extractions_tally" in query["sql"], query["sql"]
        assert "OFFSET" not in query["sql"], query["sql"]
        assert "LIKE" not in query["sql"], query["sql"]


def test_view_for_the_team_is_a_tab_for_everybody_and_a_private_one_for_nobody_else(client, alice, bob, charlie, url):
    team = Membership.objects.get(person=alice).team
    client.force_login(alice)
    client.post(reverse("extractions:save_view"), {"name": "Failures", "query": "state=FAILED", "team": team.pk})
    client.post(reverse("extractions:save_view"), {"name": "My own", "query": "person=me", "team": ""})

    def tabs(person):
        client.force_login(person)
        return [view.name for view in client.get(url).context["listing"].views]

    assert tabs(alice) == ["Failures", "My own"]
    assert tabs(bob) == ["Failures"]
    assert tabs(charlie) == []
    shared = SavedView.objects.get(name="Failures")
    assert client.post(reverse("extractions:remove_view", args=[shared.pk])).status_code == 404
    client.force_login(bob)
    assert client.post(reverse("extractions:remove_view", args=[shared.pk])).status_code == 403
    assert client.get(url, {"state": "FAILED"}).context["listing"].view == shared


def test_nobody_saves_a_view_for_a_team_that_is_not_theirs(client, alice, charlie):
    client.force_login(alice)
    team = Membership.objects.get(person=charlie).team

    answer = client.post(reverse("extractions:save_view"), {"name": "x", "query": "", "team": team.pk})

    assert answer.status_code == 404
    assert not SavedView.objects.exists()


def test_form_without_a_script_leads_to_a_tidy_address(client, alice, url):
    client.force_login(alice)

    answer = client.get(url, {"q": "", "state": "FAILED", "col": ["state", "pages"], "fields": "supplier, total"})

    assert answer.url == f"{url}?state=FAILED&cols=state,pages,value.supplier,value.total"
    columns = client.get(answer.url).context["listing"].columns
    assert [column.name for column in columns] == ["state", "pages", "value.supplier", "value.total"]


def test_columns_show_values_of_the_documents(client, alice, url, papers):
    client.force_login(alice)

    page = client.get(url, {"cols": "value.invoice_no,value.total"}).content.decode()

    assert "INV-20" in page
    assert "1,500.00" in page


def test_box_suggests_how_a_word_may_end(client, alice):
    make_schema("Delivery note")
    client.force_login(alice)

    def suggested(typed):
        return client.get(reverse("extractions:suggest"), {"q": typed}).content.decode()

    assert 'value="walnut schema:"' in suggested("walnut sch")
    assert "schema:&quot;Delivery note&quot;" in suggested("schema:del")
    assert 'value="invoice_number:"' in suggested("invo")


def test_numbers_are_read_as_people_write_them():
    written = ["1000", "1 000,50", "1,000.50", "1,000", "1.5", "1.000.000", "-3,5", "x"]

    assert [str(read_number(item)) for item in written] == [
        "1000", "1000.50", "1000.50", "1000", "1.5", "1000000", "-3.5", "None",
    ]  # fmt: skip


def test_terms_keep_quotes_together():
    terms = terms_of('total>1000 schema:"My own" "two words" one')

    assert [(term.field, term.relation, term.value) for term in terms] == [
        ("total", ">", "1000"), ("schema", ":", "My own"), ("", "", "two words"), ("", "", "one"),
    ]  # fmt: skip
