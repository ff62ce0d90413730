"""Who gets which document: a claim is made by a POST, and no two people are sent to the same document."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse
from django.utils import timezone

from extractions.models import Extraction
from extractions.review import review_queue
from tests.factories import make_person, make_team
from tests.review.making import DATA, make_bill

NEXT = "extractions:review_next"


@pytest.fixture
def bill(alice):
    return make_bill(alice)


def address(bill, name="review"):
    return reverse(f"extractions:{name}", args=[bill.key])


def holder_of(bill):
    return Extraction.objects.get(pk=bill.pk).claimed_by


def pages_about(bill):
    """Every address of the portal that is about the review, or about this document."""
    names = [name for name in get_resolver().namespace_dict["extractions"][1].reverse_dict if isinstance(name, str)]
    for name in names:
        if not name.startswith("review") and name not in ("detail", "list", "dashboard"):
            continue
        try:
            yield reverse(f"extractions:{name}")
        except NoReverseMatch:
            yield address(bill, name)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Purpose": "prefetch;prerender"},
        {"Purpose": "prefetch", "X-Moz": "prefetch"},
        {"User-Agent": "Slackbot-LinkExpanding 1.0"},
        {"X-Requested-With": "XMLHttpRequest"},
    ],
)
@pytest.mark.parametrize("method", ["get", "head"])
def test_no_get_claims(client, alice, bill, headers, method):
    client.force_login(alice)
    pages = list(pages_about(bill))
    assert len(pages) >= 9

    for page in pages:
        for query in ("", "?part=grids", "?part=comments", "?override=1", "?reject=1"):
            getattr(client, method)(page + query, headers=headers, follow=True)

    assert holder_of(bill) is None


def test_an_old_bookmark_of_the_next_document_leads_to_the_button(client, alice, bill):
    client.force_login(alice)

    answer = client.get(reverse(NEXT), follow=True)

    assert answer.redirect_chain == [(reverse("extractions:review_queue"), 302)]
    assert f'<form method="post" action="{reverse(NEXT)}">' in answer.content.decode()


def test_the_page_that_is_looked_at_claims(client, alice, bob, bill):
    client.force_login(alice)
    told = client.post(address(bill, "review_here"), json.dumps({"active": True}), content_type="application/json")
    assert told.json()["mine"]
    assert holder_of(bill) == alice

    client.force_login(bob)
    told = client.post(address(bill, "review_here"), json.dumps({"active": True}), content_type="application/json")
    assert not told.json()["mine"]
    assert (told.json()["holder"], told.json()["until"]) == (
        "Alice",
        f"{timezone.localtime(Extraction.objects.get(pk=bill.pk).claimed_until):%H:%M}",
    )
    assert holder_of(bill) == alice


def test_without_scripts_a_button_claims(client, alice, bob, bill):
    client.force_login(alice)
    page = unescape(client.get(address(bill)).content.decode())
    offered = re.search(r"<noscript>.*?</noscript>", page, re.DOTALL)
    assert offered
    assert 'name="do" value="claim"' in offered[0]

    answer = client.post(address(bill, "review_end"), {"do": "claim"}, follow=True)

    assert holder_of(bill) == alice
    assert "<noscript>" not in answer.content.decode()
    client.force_login(bob)
    assert "Alice opened this at" in client.get(address(bill)).content.decode()
    refused = client.post(address(bill, "review_end"), {"do": "claim"}, follow=True)
    assert "Nothing was done" in refused.content.decode()
    assert holder_of(bill) == alice


def test_saving_without_scripts_claims(client, alice, bill):
    client.force_login(alice)

    client.post(address(bill), {"do": "", "value:number": "A-1"})

    assert holder_of(bill) == alice


def test_the_next_document_is_claimed_before_its_page_is_loaded(client, alice, bob, bill):
    other = make_bill(alice)
    sent = []
    for person in (alice, bob):
        client.force_login(person)
        sent.append(client.post(reverse(NEXT))["Location"])

    assert sent == [address(bill), address(other)]
    client.force_login(make_person("Carol", team=bill.team))
    assert client.post(reverse(NEXT))["Location"] == reverse("extractions:review_queue")


def test_what_is_given_back_is_not_given_out_to_the_same_person_at_once(client, alice, bill):
    other = make_bill(alice)
    client.force_login(alice)
    client.post(address(bill, "review_end"), {"do": "claim"})

    answer = client.post(address(bill, "review_end"), {"do": "give_back"})

    assert answer["Location"] == address(other)
    assert (holder_of(bill), holder_of(other)) == (None, alice)


def test_scripts_hear_where_to_go_and_why_nothing_was_done(client, alice, bill):
    client.force_login(alice)
    other = make_bill(alice, evidence={}, data=DATA | {"number": "INV-2"})

    refused = client.post(address(bill, "review_end"), {"do": "approve"}, headers={"X-Part": "1"})
    done = client.post(address(other, "review_end"), {"do": "approve"}, headers={"X-Part": "1"})

    assert (refused.status_code, refused.json()) == (409, {"error": "1 field still needs somebody."})
    assert done.json() == {"to": address(bill)}


def test_eight_reviewers_who_press_at_once_get_eight_documents(transactional_db):
    team = make_team()
    people = [make_person(f"Person {number}", team=team) for number in range(8)]
    bills = [make_bill(people[0]) for _number in range(8)]
    together = Barrier(len(people))

    def press(person):
        client = Client()
        client.force_login(person)
        together.wait(60)
        try:
            return client.post(reverse(NEXT))["Location"]
        finally:
            connection.close()

    with ThreadPoolExecutor(len(people)) as pool:
        sent = list(pool.map(press, people))

    assert sorted(sent) == sorted(address(bill) for bill in bills)
    assert {holder_of(bill) for bill in bills} == set(people)
    assert review_queue.next_for(make_person("Late", team=team)) is None
