"""The review pages, without scripts."""

from __future__ import annotations

import gzip
import json

import pytest
from django.urls import reverse
from django.utils import timezone

from extractions.models import Connection, Extraction, SecondPersonPolicy
from extractions.presentation import counts
from extractions.presentation.review import queue_page
from extractions.review import review_queue
from tests.factories import Role, make_extraction, make_person
from tests.review.making import DATA, make_bill
from tests.review.screens import address, say


@pytest.fixture
def bill(alice):
    return make_bill(alice)


def test_the_first_field_that_needs_somebody_is_open(client, alice, bill):
    client.force_login(alice)

    page = client.get(address(bill)).content.decode()

    assert 'data-path="due_date"' in page
    assert 'value="absent:due_date"' in page
    assert "1 needs you" in page


def test_a_long_queue_is_counted_only_so_far_and_what_is_held_exactly(client, alice, bill, monkeypatch):
    monkeypatch.setattr(queue_page, "SHOWN", 2)
    for module in (counts, queue_page):
        monkeypatch.setattr(module, "COUNTED", 3)
    client.force_login(alice)
    make_bill(alice)
    assert "The first" not in client.get(reverse("extractions:review_queue")).content.decode()

    rows = [make_bill(alice) for _number in range(2)]
    for _number in range(4):
        make_extraction(owner=alice, state=Extraction.State.QUEUED)
    Connection.objects.update(pause=Connection.Pause.BY_HAND, paused_at=timezone.now())
    page = " ".join(client.get(reverse("extractions:review_queue")).content.decode().split())

    assert "The first 2 of 3+." in page
    assert "4 documents wait safely; nothing was charged for them." in page
    Extraction.objects.filter(pk__in=[row.pk for row in rows[:1]]).update(review_state="approved")
    assert "The first 2 of 3." in client.get(reverse("extractions:review_queue")).content.decode()


def test_strangers_get_404_and_those_without_the_role_403(client, charlie, victor, team, bill):
    uploader = make_person("Ulla", team=team, role=Role.UPLOADER)
    for person, status in ((charlie, 404), (victor, 403), (uploader, 403)):
        client.force_login(person)
        assert client.get(address(bill)).status_code == status
        assert say(client, bill, do="confirm", path="total").status_code == status
        assert client.post(address(bill, "review_end"), {"do": "approve"}).status_code == status
        assert client.post(address(bill, "review_here"), "{}", content_type="application/json").status_code == status
        assert client.get(address(bill, "review_history")).status_code == status


def test_a_sign_of_life_tells_who_is_here_and_what_they_changed(client, alice, bob, bill):
    client.force_login(bob)
    client.post(address(bill, "review_here"), json.dumps({"path": "total"}), content_type="application/json")
    say(client, bill, do="set", path="total", text="7", version=0)
    client.force_login(alice)

    told = client.post(
        address(bill, "review_here"), json.dumps({"change": 0, "active": True}), content_type="application/json"
    ).json()

    assert told["others"] == [{"name": "Bob", "initials": "B", "path": "total"}]
    assert told["entries"]["total"]["text"] == "7.00"
    assert told["mine"] is True


def test_approving_opens_the_next_document(client, alice, bill):
    other = make_bill(alice)
    client.force_login(alice)
    client.get(address(bill))
    say(client, bill, do="confirm", path="due_date")

    answer = client.post(address(bill, "review_end"), {"do": "approve"}, follow=True)

    assert answer.redirect_chain[-1][0] == address(other)
    assert Extraction.objects.get(pk=bill.pk).review_state == "approved"


def test_approving_red_fields_is_refused_with_their_number(client, alice, bill):
    client.force_login(alice)

    page = client.post(address(bill, "review_end"), {"do": "approve"}, follow=True).content.decode()

    assert "1 field still needs somebody." in page


def test_the_queue_says_what_waits_who_holds_what_and_what_was_done(client, alice, bob, bill):
    client.force_login(alice)
    assert bill.name in client.get(reverse("extractions:review_queue")).content.decode()

    review_queue.claim(bill, bob)
    assert "Bob holds 1" in client.get(reverse("extractions:review_queue")).content.decode()

    client.force_login(bob)
    say(client, bill, do="confirm", path="due_date")
    client.post(address(bill, "review_end"), {"do": "approve"})
    assert "You reviewed 1 document in" in client.get(reverse("extractions:review_queue")).content.decode()


def test_keys_can_be_changed_and_switched_off(client, alice, bill):
    client.force_login(alice)
    usual = {"keys": "1", "key:edit": "e", "key:absent": "x", "key:illegible": "i", "key:help": "?"}
    client.post(reverse("extractions:review_keys"), usual)
    assert '"x": "absent"' in client.get(address(bill)).content.decode()

    client.post(reverse("extractions:review_keys"), usual | {"letters_off": "on"})
    assert '<script id="letters" type="application/json">{}</script>' in client.get(address(bill)).content.decode()


LONG = [{"label": f"Article {number}", "quantity": 1, "amount": 5.5} for number in range(660)]


def test_a_screen_takes_seventeen_queries_and_little_of_the_line_however_many_values(
    client, alice, django_assert_max_num_queries
):
    bill = make_bill(alice, data=DATA | {"lines": LONG, "invoice_date": "2026-11-17"}, page_count=200)
    client.force_login(alice)

    with django_assert_max_num_queries(17):  # the last one is the line of the log that it was looked at
        page = client.get(address(bill), headers={"Accept-Encoding": "gzip"})

    assert page.headers["Content-Encoding"] == "gzip"
    assert b"Article 659" in gzip.decompress(page.content)
    assert len(page.content) < 60_000


def test_a_comment_is_there_for_whoever_opens_the_document(client, alice, bob, bill):
    client.force_login(alice)
    client.post(address(bill, "review_end"), {"do": "comment", "text": "Called them <twice>."})
    client.post(address(bill, "review_end"), {"do": "comment", "text": "  "})
    client.force_login(bob)

    page = client.get(address(bill)).content.decode()

    assert "Called them &lt;twice&gt;." in page
    assert bill.comments.get().author == alice


def test_a_newer_extraction_of_the_file_is_told_and_ours_stays(client, alice, charlie, bill):
    client.force_login(alice)
    assert 'id="newer" hidden' in client.get(address(bill)).content.decode()
    make_bill(charlie, sha256=bill.sha256)
    assert 'id="newer" hidden' in client.get(address(bill)).content.decode()

    newer = make_bill(alice, sha256=bill.sha256)

    assert f'href="{newer.get_absolute_url()}">Compare' in client.get(address(bill)).content.decode()
    told = client.post(address(bill, "review_here"), "{}", content_type="application/json").json()
    assert told["newer"] == newer.get_absolute_url()
    assert client.post(address(newer, "review_here"), "{}", content_type="application/json").json()["newer"] == ""


def test_a_document_is_given_to_one_of_the_team(client, alice, bob, charlie, bill):
    client.force_login(alice)
    page = client.get(address(bill)).content.decode()
    assert f'<option value="{bob.pk}"' in page
    assert f'<option value="{charlie.pk}"' not in page

    client.post(address(bill, "review_end"), {"do": "assign", "to": bob.pk})
    client.post(address(bill, "review_end"), {"do": "assign", "to": charlie.pk})

    assert Extraction.objects.get(pk=bill.pk).assigned_to == bob


def test_the_first_chooses_the_second_person(client, alice, bob, bill):
    SecondPersonPolicy.objects.create(team=bill.team, schema=bill.schema, above=1000)
    client.force_login(alice)
    say(client, bill, do="confirm", path="due_date")
    page = client.get(address(bill)).content.decode()
    assert f'<option value="{bob.pk}">Bob</option>' in page[page.index('name="second"') :]

    client.post(address(bill, "review_end"), {"do": "approve", "second": alice.pk})
    assert Extraction.objects.get(pk=bill.pk).first_approved_by is None
    client.post(address(bill, "review_end"), {"do": "approve", "second": bob.pk})

    bill.refresh_from_db()
    assert (bill.first_approved_by, bill.assigned_to, bill.review_state) == (alice, bob, "waiting")


def test_a_document_without_a_schema_says_why_it_has_no_fields(client, alice):
    plain = make_extraction(owner=alice, state="EXTRACTED", schema=None, extracted_data=None)
    client.force_login(alice)

    assert "This document was read without a schema." in client.get(address(plain)).content.decode()


def test_a_document_that_is_being_read_has_no_review_yet(client, alice):
    running = make_extraction(owner=alice, state="RUNNING")
    client.force_login(alice)

    assert client.get(address(running)).url == running.get_absolute_url()
