"""The menu and the banners of a page that stays open, and a document that was deleted elsewhere."""

from __future__ import annotations

import pytest
from django.urls import reverse

from extractions.models import Connection, Extraction
from tests.factories import make_extraction
from tests.responses import text

pytestmark = pytest.mark.django_db
FRAGMENT = {"HX-Request": "true"}
WARMING = "The embedded engine is warming up."


def asked(client, **parameters):
    return client.get(reverse("extractions:menu"), parameters, headers=FRAGMENT)


def test_counts_are_those_of_the_moment(at_the_desk, alice):
    page = text(at_the_desk.get(reverse("extractions:upload")))
    make_extraction(owner=alice, state="EXTRACTED", review_state=Extraction.Review.WAITING)

    news = text(asked(at_the_desk))

    assert 'id="menu-live"' in page
    assert "count-need" not in page.split('id="nav-review"')[1][:120]
    assert "count-need" in news.split('id="nav-review" hx-swap-oob="true"')[1][:120]


def test_it_answers_nothing_new_without_a_body(at_the_desk, alice):
    first = asked(at_the_desk)

    again = at_the_desk.get(reverse("extractions:menu"), headers=FRAGMENT | {"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.content) == (304, b"")


def test_the_banner_of_a_warming_engine_leaves_by_itself(at_the_desk):
    connection = Connection.current()
    Connection.objects.filter(pk=connection.pk).update(embedded=True, readiness=Connection.Readiness.WARMING)
    page = text(at_the_desk.get(reverse("extractions:upload")))

    Connection.objects.filter(pk=connection.pk).update(readiness=Connection.Readiness.READY)
    news = text(asked(at_the_desk))

    assert WARMING in page
    assert 'data-live=""' in page
    assert WARMING not in news
    assert 'data-live="on-demand"' in news


def test_a_document_that_was_put_in_the_trash_says_so_and_asks_no_more(at_the_desk, alice, settings):
    settings.TRASH_DAYS = 30
    row = make_extraction(owner=alice, state="EXTRACTED", name="mine.pdf")
    before = text(asked(at_the_desk, document=row.key))
    row.request_deletion()

    after = text(asked(at_the_desk, document=row.key))

    assert "was deleted" not in before
    assert "“mine.pdf” was deleted in the meantime." in after
    assert reverse("extractions:restore_document", args=[row.key]) in after
    assert "hx-get" not in after.split('id="menu-live"')[1].split("banner")[0]


def test_a_document_of_others_is_told_like_one_that_never_was(at_the_desk, charlie):
    theirs = make_extraction(owner=charlie, name="secret.pdf")
    sentence = "This document is not here any more."

    told = text(asked(at_the_desk, document=theirs.key))

    assert sentence in told
    assert "secret.pdf" not in told


def test_a_page_without_a_menu_gets_the_banners_alone(at_the_desk, alice):
    row = make_extraction(owner=alice, state="EXTRACTED")

    news = text(asked(at_the_desk, document=row.key, without_menu=""))

    assert "nav-review" not in news
    assert "connection-banner" in news
    assert "without_menu" in news


@pytest.mark.parametrize("page", ["detail", "review"])
def test_pages_of_a_document_ask_for_it(at_the_desk, alice, page):
    row = make_extraction(owner=alice, state="EXTRACTED", review_state=Extraction.Review.WAITING)

    shown = text(at_the_desk.get(reverse(f"extractions:{page}", args=[row.key])))

    assert f"{reverse('extractions:menu')}?document={row.key}" in shown
