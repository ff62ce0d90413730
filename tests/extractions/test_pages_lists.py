from datetime import timedelta

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from extractions.models import Extraction
from extractions.presentation.lists.listing import COUNTED, ROWS
from tests.factories import State, make_extraction, make_schema

HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def url() -> str:
    return reverse("extractions:list")


def rows_of(response) -> list[str]:
    return [row.name for row in response.context["listing"].rows]


def test_list_asks_for_sign_in(client, db, url):
    assert client.get(url).url == f"{reverse('account_login')}?next={url}"


def test_poll_of_a_signed_out_tab_is_refused(client, db, url):
    assert client.get(url, **HTMX).status_code == 403


def test_list_shows_the_team_and_nobody_else(client, alice, bob, charlie, url):
    make_extraction(owner=alice, name="mine.pdf")
    make_extraction(owner=bob, name="bobs.pdf")
    make_extraction(owner=charlie, name="secret.pdf")
    client.force_login(alice)

    page = client.get(url).content.decode()

    assert "mine.pdf" in page
    assert "bobs.pdf" in page
    assert "secret.pdf" not in page


def test_deleted_documents_are_neither_listed_nor_counted(client, alice, url):
    make_extraction(owner=alice, name="gone.pdf", state=State.FAILED, delete_requested_at=timezone.now())
    client.force_login(alice)

    response = client.get(url)

    assert rows_of(response) == []
    assert response.context["listing"].stuck == 0


@pytest.mark.parametrize(
    ("show", "names"),
    [
        ("", {"queued", "running", "failed", "done", "off"}),
        ("mine", {"queued", "failed", "done", "off"}),
        ("running", {"queued", "running"}),
        ("stuck", {"failed"}),
        ("finished", {"done"}),
        ("cancelled", {"off"}),
        ("nonsense", {"queued", "running", "failed", "done", "off"}),
    ],
)
def test_tabs_choose_by_state_and_person(client, alice, bob, url, show, names):
    make_extraction(owner=alice, name="queued", state=State.QUEUED)
    make_extraction(owner=bob, name="running", state=State.RUNNING)
    make_extraction(owner=alice, name="failed", state=State.FAILED)
    make_extraction(owner=alice, name="done", state=State.EXTRACTED)
    make_extraction(owner=alice, name="off", state=State.CANCELLED)
    client.force_login(alice)

    response = client.get(url, {"show": show}, follow=True)

    assert set(rows_of(response)) == names
    assert response.context["listing"].total == len(names)


def test_search_looks_into_names(client, alice, url):
    make_extraction(owner=alice, name="Facture 12.pdf")
    make_extraction(owner=alice, name="ticket.jpg")
    client.force_login(alice)

    assert rows_of(client.get(url, {"q": " facture "})) == ["Facture 12.pdf"]


def test_search_without_a_hit_says_so_and_escapes(client, alice, url):
    client.force_login(alice)

    page = client.get(url, {"q": "<script>x"}).content.decode()

    assert "&lt;script&gt;x" in page
    assert "<script>x" not in page


def test_pages_meet_without_gap_or_double_even_at_the_same_moment(client, alice, url):
    moment = timezone.now()
    for number in range(2 * ROWS + 3):
        minute = timedelta(minutes=number // 10)
        make_extraction(owner=alice, name=f"d{number}", document="x.pdf", received_at=moment - minute)
    client.force_login(alice)
    wanted = list(Extraction.objects.newest_first().values_list("name", flat=True))

    first = client.get(url)
    second = client.get(url, {"before": str(first.context["listing"].older)})
    third = client.get(url, {"before": str(second.context["listing"].older)})
    back = client.get(url, {"after": str(third.context["listing"].newer)})

    assert rows_of(first) + rows_of(second) + rows_of(third) == wanted
    assert rows_of(back) == rows_of(second)
    assert first.context["listing"].newer is None
    assert third.context["listing"].older is None
    start = client.get(url, {"after": str(back.context["listing"].newer)})
    assert rows_of(start) == rows_of(first)
    assert start.context["listing"].newer is None


@pytest.mark.parametrize(
    "place", ["x", "~", "2026-13-40T00:00:00+00:00~1", "2026-01-01~1", "2026-01-01T00:00:00~1", "²~²"]
)
def test_address_that_makes_no_sense_shows_the_first_page(client, alice, url, place):
    make_extraction(owner=alice, name="only.pdf")
    client.force_login(alice)

    assert rows_of(client.get(url, {"before": place})) == ["only.pdf"]


def test_list_never_skips_rows_by_counting(client, alice, url, django_assert_max_num_queries):
    for _number in range(ROWS + 1):
        make_extraction(owner=alice, document="x.pdf")
    client.force_login(alice)

    with django_assert_max_num_queries(36) as queries:
        first = client.get(url)
        client.get(url, {"before": str(first.context["listing"].older)})

    assert not any("OFFSET" in query["sql"] for query in queries)


def test_query_count_does_not_grow_with_rows(
    client, alice, bob, url, django_assert_num_queries, django_assert_max_num_queries
):
    make_extraction(owner=alice, state=State.RUNNING, schema=make_schema("First"))
    client.force_login(alice)
    client.get(url)
    with django_assert_max_num_queries(20) as few:
        client.get(url)
    for number in range(30):
        owner = (alice, bob)[number % 2]
        make_extraction(owner=owner, state=State.RUNNING, schema=make_schema(f"S{number}"), document="x.pdf")

    with django_assert_num_queries(len(few)):
        client.get(url)


def test_list_does_not_read_whole_documents(client, alice, url, django_assert_max_num_queries):
    make_extraction(owner=alice, state=State.EXTRACTED)
    client.force_login(alice)

    with django_assert_max_num_queries(20) as queries:
        client.get(url)

    reads = " ".join(query["sql"] for query in queries)
    assert '"extractions_extraction"."name"' in reads
    assert '"extractions_extraction"."raw"' not in reads
    assert '"extractions_extraction"."content"' not in reads


def test_poll_answers_the_part_only(client, alice, url):
    make_extraction(owner=alice, state=State.RUNNING)
    client.force_login(alice)

    response = client.get(url, **HTMX)

    page = response.content.decode()
    assert "<html" not in page
    assert 'id="rows"' in page
    assert 'id="nav-running" hx-swap-oob="true"' in " ".join(page.split())
    assert "<title>(1) Extractions" in page
    assert "HX-Request" in response["Vary"]
    assert "no-cache" in response["Cache-Control"]


def test_list_stops_asking_when_nothing_runs(client, alice, url):
    row = make_extraction(owner=alice, state=State.RUNNING)
    client.force_login(alice)
    assert 'hx-trigger="news' in client.get(url).content.decode()

    Extraction.objects.filter(pk=row.pk).update(state=State.FAILED)

    assert 'hx-trigger="news' not in client.get(url, **HTMX).content.decode()


def test_unchanged_poll_is_304_until_something_changes(client, alice, url):
    row = make_extraction(owner=alice, state=State.RUNNING)
    client.force_login(alice)
    etag = client.get(url, **HTMX)["ETag"]

    same = client.get(url, **HTMX, HTTP_IF_NONE_MATCH=etag)
    Extraction.objects.filter(pk=row.pk).update(extraction_step="PARSING")
    other = client.get(url, **HTMX, HTTP_IF_NONE_MATCH=etag)

    assert (same.status_code, same.content) == (304, b"")
    assert other.status_code == 200
    assert "Target data extraction" in other.content.decode()


def test_pause_of_the_connection_changes_an_unchanged_list(client, alice, url):
    row = make_extraction(owner=alice)
    client.force_login(alice)
    etag = client.get(url, **HTMX)["ETag"]

    row.connection.pause_for("key_refused", until=None)
    response = client.get(url, **HTMX, HTTP_IF_NONE_MATCH=etag)

    assert response.status_code == 200
    assert "does not accept this portal" in response.content.decode()


def test_etag_is_not_shared_between_languages_or_people(client, alice, bob, url):
    make_extraction(owner=alice)
    client.force_login(alice)
    english = client.get(url, **HTMX)["ETag"]
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "fr"
    french = client.get(url, **HTMX)["ETag"]
    client.force_login(bob)
    bobs = client.get(url, **HTMX)["ETag"]

    assert len({english, french, bobs}) == 3


def test_whole_page_is_never_answered_by_304(client, alice, url):
    make_extraction(owner=alice, state=State.RUNNING)
    client.force_login(alice)
    etag = client.get(url, **HTMX)["ETag"]

    assert client.get(url, HTTP_IF_NONE_MATCH=etag).status_code == 200


def test_large_totals_are_told_as_more_than(client, alice, url, monkeypatch):
    monkeypatch.setattr("extractions.search.executor.COUNTED", 2)
    monkeypatch.setattr("extractions.presentation.lists.listing.COUNTED", 2)
    for _number in range(4):
        make_extraction(owner=alice, document="x.pdf")
    client.force_login(alice)

    response = client.get(url, {"show": "mine"})

    assert response.context["listing"].total == 3
    assert f"more than {COUNTED}" in response.content.decode()


def test_empty_list_offers_a_sample_where_it_costs_nothing(client, alice, url, settings):
    client.force_login(alice)
    assert "Try a sample invoice" in client.get(url).content.decode()

    settings.ANESYA_BASE_URL = "https://api.example.com"

    assert "Try a sample invoice" not in client.get(url).content.decode()


def test_viewers_are_offered_nothing_to_send(client, victor, url):
    client.force_login(victor)

    page = client.get(url).content.decode()

    assert reverse("extractions:upload") not in page
    assert "What your team sends will appear here" in page


def test_name_of_a_document_cannot_break_out(client, alice, url):
    make_extraction(owner=alice, name='<img src=x onerror="alert(1)">.pdf')
    client.force_login(alice)

    assert "<img src=x" not in client.get(url).content.decode()
