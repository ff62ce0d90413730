"""Pages that refresh themselves cost nearly nothing while nothing happens."""

import uuid
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from extractions.models import Extraction, SavedView
from extractions.presentation.document.steps import AT_LEAST, Usual, pace
from extractions.presentation.lists import change_fingerprint as pulses
from extractions.review.review_queue import assign
from extractions.views import conditional_polls
from portal.people.models import User
from tests.factories import make_extraction

UPLOAD, DASHBOARD, LIST = (reverse(f"extractions:{name}") for name in ("upload", "dashboard", "list"))
HTMX = {"HX-Request": "true"}
QUERIES = 3
BYTES = 300


@pytest.fixture
def at_the_desk(client, alice):
    client.force_login(alice)
    client.get(UPLOAD)  # with it comes the cookie of forms
    return client


@pytest.fixture(autouse=True)
def one_moment(monkeypatch):
    """The time after which everything is told anew does not end during a test."""
    monkeypatch.setattr(pulses.time, "monotonic", lambda: 1000.0)


@pytest.fixture
def batch(alice):
    """Three documents that run, sent from one page."""
    batch = uuid.uuid4()
    for number in range(3):
        make_extraction(owner=alice, state="RUNNING", form_token=f"{alice.pk}:{batch}.{number}")
    return batch


def poll(client, url, etag="", **query):
    """The answer, and how many queries it took."""
    with CaptureQueriesContext(connection) as queries:
        response = client.get(url, query, headers=HTMX | ({"If-None-Match": etag} if etag else {}))
    return response, len(queries)


def size(response) -> int:
    """As it goes over the line, with the line of the status and what the server adds."""
    lines = [f"{name}: {value}" for name, value in response.headers.items()]
    added = ["HTTP/1.1 304 Not Modified", "Date: Mon, 23 Nov 2026 20:00:00 GMT", "Connection: close"]
    return len("\r\n".join([*added, *lines, "", ""])) + len(response.content)


def asked_at(where, batch):
    return {"upload": (UPLOAD, {"sent": batch}), "dashboard": (DASHBOARD, {}), "list": (LIST, {})}[where]


@pytest.mark.parametrize("where", ["upload", "dashboard", "list"])
def test_a_poll_without_news_is_small_and_asks_little(at_the_desk, batch, where):
    url, query = asked_at(where, batch)
    first, _queries = poll(at_the_desk, url, **query)

    again, queries = poll(at_the_desk, url, first.headers["ETag"], **query)

    assert again.status_code == 304
    assert queries <= QUERIES
    assert size(again) <= BYTES
    assert {"ETag", "Vary", "Cache-Control"} <= set(again.headers)


def test_the_polls_after_one_that_went_the_whole_way_ask_little_again(at_the_desk, batch, monkeypatch):
    url, query = asked_at("list", batch)
    at_the_desk.defaults["HTTP_ACCEPT_ENCODING"] = "gzip"
    first, _queries = poll(at_the_desk, url, **query)
    etag = first.headers["ETag"]
    assert etag.startswith("W/")  # the page is compressed, as every browser asks
    later = 1000.0 + conditional_polls.MAX_AGE_SECONDS
    monkeypatch.setattr(pulses.time, "monotonic", lambda: later)
    _whole, queries_of_whole = poll(at_the_desk, url, etag, **query)

    again, queries = poll(at_the_desk, url, etag, **query)

    assert queries_of_whole > QUERIES
    assert again.status_code == 304
    assert again.headers["ETag"] == etag
    assert queries <= QUERIES


@pytest.mark.parametrize("where", ["upload", "dashboard", "list"])
def test_who_has_signed_out_or_was_shut_out_is_not_told_that_nothing_is_new(at_the_desk, alice, batch, where):
    url, query = asked_at(where, batch)
    first, _queries = poll(at_the_desk, url, **query)
    etag = first.headers["ETag"]
    session = at_the_desk.session

    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert poll(at_the_desk, url, etag, **query)[0].status_code == 403

    User.objects.filter(pk=alice.pk).update(is_active=True, password="another")
    assert poll(at_the_desk, url, etag, **query)[0].status_code == 403

    User.objects.filter(pk=alice.pk).update(password=alice.password)
    Session.objects.filter(pk=session.session_key).delete()
    assert poll(at_the_desk, url, etag, **query)[0].status_code == 403


@pytest.mark.parametrize("where", ["upload", "dashboard", "list"])
def test_who_left_the_team_sees_its_documents_no_more(at_the_desk, alice, batch, where):
    url, query = asked_at(where, batch)
    first, _queries = poll(at_the_desk, url, **query)

    alice.memberships.all().delete()

    assert poll(at_the_desk, url, first.headers["ETag"], **query)[0].status_code != 304


def test_another_language_is_another_answer(at_the_desk, batch):
    first, _queries = poll(at_the_desk, DASHBOARD)

    french = {"If-None-Match": first.headers["ETag"], "Accept-Language": "fr"}

    assert at_the_desk.get(DASHBOARD, headers=HTMX | french).status_code == 200


def test_what_people_do_with_documents_is_news_in_the_list(at_the_desk, alice, batch):
    done = make_extraction(owner=alice, state="EXTRACTED", review_state="waiting", needs=2)
    first, _queries = poll(at_the_desk, LIST)

    assign(done, alice)

    assert poll(at_the_desk, LIST, first.headers["ETag"])[0].status_code == 200


def test_values_that_were_looked_for_are_news_in_the_list(at_the_desk, alice, batch):
    done = Extraction.objects.filter(pk=make_extraction(owner=alice, state="EXTRACTED").pk)
    done.update(evidence_due_at=timezone.now())
    first, _queries = poll(at_the_desk, LIST)

    done.update(evidence_due_at=None, needs=3, review_state="waiting")

    assert poll(at_the_desk, LIST, first.headers["ETag"])[0].status_code == 200


def test_views_that_are_saved_and_removed_are_news_in_the_list(at_the_desk, bob, batch):
    team = bob.memberships.get().team
    first, _queries = poll(at_the_desk, LIST)

    view = SavedView.objects.create(owner=bob, team=team, name="What Bob watches", query="show=running")
    saved, _queries = poll(at_the_desk, LIST, first.headers["ETag"])
    view.delete()
    removed, _queries = poll(at_the_desk, LIST, saved.headers["ETag"])

    assert saved.status_code == removed.status_code == 200
    assert "What Bob watches" in saved.content.decode()
    assert "What Bob watches" not in removed.content.decode()


def test_no_more_questions_are_remembered_than_fit(at_the_desk, batch, monkeypatch):
    monkeypatch.setattr(conditional_polls, "MAX_POLLS", 2)
    etags = [poll(at_the_desk, DASHBOARD, page=number)[0].headers["ETag"] for number in range(3)]

    asked = [poll(at_the_desk, DASHBOARD, etags[number], page=number)[1] for number in (2, 0)]

    assert asked[0] < asked[1]


@pytest.mark.parametrize(
    "change",
    [
        {"extraction_step": "IMAGES"},
        {"state": "FAILED", "state_changed_at": timezone.now() + timedelta(seconds=1)},
        {"error_code": "unreachable"},
        {"error_code": "unreachable", "next_try_at": timezone.now() + timedelta(hours=1)},
        {"cancel_requested_at": timezone.now()},
        {"status": "CREATED"},
    ],
)
@pytest.mark.parametrize("where", ["upload", "dashboard", "list"])
def test_whatever_a_row_shows_is_news(at_the_desk, batch, where, change):
    url, query = asked_at(where, batch)
    first, _queries = poll(at_the_desk, url, **query)

    Extraction.objects.filter(pk=Extraction.objects.latest("pk").pk).update(**change)

    assert poll(at_the_desk, url, first.headers["ETag"], **query)[0].status_code == 200


def test_a_stranger_at_work_is_no_news(at_the_desk, charlie, batch):
    first, _queries = poll(at_the_desk, DASHBOARD)

    make_extraction(owner=charlie, state="RUNNING")

    assert poll(at_the_desk, DASHBOARD, first.headers["ETag"])[0].status_code == 304


def test_nobody_is_told_that_another_persons_page_is_the_same(at_the_desk, client, bob, batch):
    first, _queries = poll(at_the_desk, DASHBOARD)
    client.force_login(bob)

    assert poll(client, DASHBOARD, first.headers["ETag"])[0].status_code == 200


def test_the_last_answer_stops_the_asking(at_the_desk, batch):
    Extraction.objects.update(state="EXTRACTED")

    response, _queries = poll(at_the_desk, UPLOAD, sent=batch)

    assert response.status_code == 286
    assert b"hx-get" not in response.content.split(b"<ul")[0]


def test_a_step_that_gets_slow_is_news(at_the_desk, batch, alice):
    for seconds in (1, 1, 1, 1, 1, 2):
        start = timezone.now()
        seen = {"OCR": start.isoformat(), "END": (start + timedelta(seconds=seconds)).isoformat()}
        make_extraction(owner=alice, state="EXTRACTED", steps_seen=seen)
    cache.clear()
    running = Extraction.objects.in_progress()
    running.update(extraction_step="OCR", steps_seen={"OCR": (timezone.now() - timedelta(seconds=1)).isoformat()})
    before, _queries = poll(at_the_desk, UPLOAD, sent=batch)
    running.update(steps_seen={"OCR": (timezone.now() - timedelta(seconds=30)).isoformat()})

    after, _queries = poll(at_the_desk, UPLOAD, before.headers["ETag"], sent=batch)

    assert "Slower than usual" in after.content.decode()


def test_a_step_looks_stuck_far_beyond_the_usual():
    now = timezone.now()
    seen = {"OCR": (now - timedelta(seconds=AT_LEAST + 1)).isoformat()}

    assert pace(seen, "OCR", {"OCR": Usual(4, 9, 20)}, now) == "stuck"
    assert pace(seen, "OCR", {"OCR": Usual(40, 90, 200)}, now) == ""
    assert pace(seen, "OCR", {"OCR": Usual(40, 90, 100)}, now) == "slow"
    assert pace(seen, "OCR", {}, now) == ""


def test_hundreds_of_documents_are_counted_and_some_are_shown(at_the_desk, alice):
    batch = uuid.uuid4()
    for number in range(30):
        make_extraction(owner=alice, form_token=f"{alice.pk}:{batch}.{number}")

    response, _queries = poll(at_the_desk, UPLOAD, sent=batch)

    page = response.content.decode()
    assert "30 running" in page
    assert page.count('class="sent-row"') == 12
    assert "18 more in the list" in page


def test_the_title_counts_what_runs(at_the_desk, batch):
    assert "<title>(3) " in " ".join(poll(at_the_desk, UPLOAD, sent=batch)[0].content.decode().split())


def test_without_a_script_the_page_comes_again_by_itself_while_something_runs(at_the_desk, batch):
    running = at_the_desk.get(UPLOAD, {"sent": batch}).content.decode()
    Extraction.objects.update(state="EXTRACTED")
    over = at_the_desk.get(UPLOAD, {"sent": batch}).content.decode()

    assert 'http-equiv="refresh"' in running
    assert 'http-equiv="refresh"' not in over
