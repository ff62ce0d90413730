"""Refused accesses are in the log: who, where and when, and not a thousand times."""

import uuid

import pytest
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.urls import reverse

from portal.audit.models import Entry
from tests.factories import State, make_extraction

pytestmark = pytest.mark.django_db


def refused():
    entries = Entry.objects.filter(action="access_refused").order_by("pk")
    return [(line.person_name, line.after["path"], line.after["method"], line.after["status"]) for line in entries]


def test_wrong_role_and_another_team_are_lines(client, victor, charlie, alice):
    extraction = make_extraction(owner=alice, state=State.EXTRACTED)
    place = reverse("extractions:delete", args=[extraction.key])

    client.force_login(victor)
    client.post(place)
    client.get(reverse("extractions:worker"))
    client.force_login(charlie)
    client.get(place)

    assert refused() == [
        ("Victor", place, "POST", 403),
        ("Victor", reverse("extractions:worker"), "GET", 403),
        ("Charlie", place, "GET", 404),
    ]


def test_failed_token_of_a_form_is_a_line(alice):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)

    client.post(reverse("theme"), {"theme": "dark"})

    assert refused() == [("Alice", "/theme/", "POST", 403)]


def test_line_holds_no_word_of_a_link(client):
    client.get(reverse("invitation", args=["guessed-word"]))
    client.get(reverse("setup", args=["guessed-word"]))

    assert [place for _name, place, _method, _status in refused()] == [
        "/invitations/<str:token>/",
        "/setup/<str:token>/",
    ]
    assert "guessed-word" not in repr(list(Entry.objects.values()))


def test_the_same_in_a_minute_is_one_line(client, charlie, alice):
    extraction = make_extraction(owner=alice)
    client.force_login(charlie)

    for _number in range(50):
        client.get(extraction.get_absolute_url())
    assert len(refused()) == 1
    caches["shared"].clear()  # the minute is over
    client.get(extraction.get_absolute_url())
    assert len(refused()) == 2


def test_who_tries_one_after_the_other_does_not_fill_the_log(client, charlie, alice):
    client.force_login(charlie)

    for _number in range(100):
        client.get(reverse("extractions:detail", args=[uuid.uuid4()]))

    assert len(refused()) == 30


@pytest.mark.django_db(transaction=True)
def test_log_that_cannot_be_written_changes_no_refusal_and_counts_nothing(client, charlie, alice, caplog):
    extraction = make_extraction(owner=alice)
    client.force_login(charlie)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_entry RENAME TO put_away")
        try:
            assert client.get(extraction.get_absolute_url()).status_code == 404
        finally:
            cursor.execute("ALTER TABLE put_away RENAME TO audit_entry")
    assert "missing in the audit log" in caplog.text

    assert client.get(extraction.get_absolute_url()).status_code == 404
    assert len(refused()) == 1


def test_wrong_addresses_and_tabs_of_signed_out_people_are_no_lines(client, alice):
    extraction = make_extraction(owner=alice)
    client.get("/no-such-page/")
    client.get(reverse("extractions:progress", args=[extraction.key]), headers={"HX-Request": "true"})
    client.force_login(alice)
    client.get("/no-such-page/")

    assert refused() == []
