"""What the service charged twice: told on the document, on the page about credits, and to those with the money."""

from __future__ import annotations

import csv
import io

import pytest
from django.urls import reverse
from django.utils import timezone

from extractions.models import DoublePayment, Extraction
from extractions.monitoring.metrics import prometheus_text
from extractions.presentation.document.sentences import explanation_of
from portal.audit.models import Entry
from tests.factories import Role, State, make_extraction, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(team):
    return make_person("Ada", team=team, role=Role.ADMINISTRATOR)


@pytest.fixture
def paid(alice):
    return pay_twice(make_extraction(owner=alice, state=State.EXTRACTED, name="rent.pdf", error_code="paid_twice"))


def pay_twice(extraction, credits=3):
    Extraction.objects.filter(pk=extraction.pk).update(other_remote_ids=["second-id"])
    extraction.refresh_from_db()
    return DoublePayment.objects.create(
        extraction=extraction, remote_id="second-id", credits=credits, accepted_at=timezone.now()
    )


def credits_page(client, team):
    return client.get(reverse("extractions:credits"), {"team": team.pk}).content.decode()


def claim(client, team):
    response = client.get(reverse("extractions:double_payments", args=[team.pk]))
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))


STATES = [("EXTRACTED", ""), ("RUNNING", ""), ("FAILED", "service_error"), ("CANCELLED", "")]


@pytest.mark.parametrize(("state", "error_code"), STATES)
def test_the_document_says_so_whatever_became_of_it(alice, state, error_code):
    extraction = make_extraction(owner=alice, state=state, error_code=error_code, other_remote_ids=["second-id"])

    account = explanation_of(extraction)

    assert "charged" in str(account)
    assert "twice" in str(account)
    assert "credits" in [button.verb for button in account.buttons]


@pytest.mark.parametrize(
    ("error_code", "words"),
    [
        ("unsearchable", "could not be read to the end"),
        ("unproven", "no later document proves"),
        ("stale", "its search is out of date"),
        ("undecided", "We do not know whether the service took this document."),
    ],
)
def test_a_document_in_doubt_says_why(alice, error_code, words):
    account = explanation_of(make_extraction(owner=alice, state=State.UNDECIDED, error_code=error_code))

    assert words in str(account)
    assert [button.choice for button in account.buttons] == ["look", "send", "give_up"]


def test_the_page_about_credits_lists_what_to_claim_back(client, alice, team, paid):
    client.force_login(alice)

    page = credits_page(client, team)

    assert "1 document to claim back, 3 credits." in page
    for fact in ("rent.pdf", paid.extraction.remote_id, "second-id", str(paid.extraction.key)):
        assert fact in page


def test_the_table_has_all_that_a_claim_needs(client, alice, team, paid):
    client.force_login(alice)

    (line,) = claim(client, team)

    assert line["id_charged_again"] == "second-id"
    assert line["id_used"] == paid.extraction.remote_id
    assert (line["credits"], line["portal_key"]) == ("3", str(paid.extraction.key))
    assert line["charged_again"].endswith("+00:00")


def test_a_deleted_document_stays_in_the_list_without_its_name(client, alice, team, paid):
    Extraction.objects.update(delete_requested_at=timezone.now(), deleted_at=timezone.now(), name="")
    client.force_login(alice)

    page = credits_page(client, team)

    assert "Deleted document" in page
    assert paid.extraction.get_absolute_url() not in page
    assert claim(client, team)[0]["id_charged_again"] == "second-id"


def test_administrators_settle_and_it_stays_in_the_list(client, ada, alice, team, paid):
    address = reverse("extractions:settle_double_payment", args=[paid.pk])
    client.force_login(alice)
    assert client.post(address).status_code == 403
    client.force_login(ada)

    response = client.post(address, follow=True)

    assert "Everything is settled." in response.content.decode()
    assert "second-id" in response.content.decode()
    line = Entry.objects.get(action=Entry.Action.SETTLED)
    assert (line.person_id, line.after) == (ada.pk, {"remote_id": "second-id", "credits": 3})


def test_the_banner_is_for_those_who_look_after_the_money(client, ada, alice, charlie, team, paid):
    staff = make_person("Sam", is_staff=True, team=charlie.teams.get())
    shown = {}
    for person in (ada, alice, charlie, staff):
        client.force_login(person)
        page = client.get(reverse("extractions:dashboard")).content.decode()
        shown[person.name] = "The service charged 1 document twice." in page

    assert shown == {"Ada": True, "Alice": False, "Charlie": False, "Sam": True}

    paid.settle(ada)
    client.force_login(ada)
    assert "charged 1 document twice" not in client.get(reverse("extractions:dashboard")).content.decode()


def test_the_banner_of_staff_leads_to_no_page_that_they_may_not_open(client, charlie, team, paid):
    client.force_login(make_person("Sam", is_staff=True, team=charlie.teams.get()))

    page = client.get(reverse("extractions:dashboard")).content.decode()

    assert f"?team={team.pk}#double-payments" not in page


def test_staff_see_it_on_the_page_of_the_worker_and_monitors_too(client, paid):
    client.force_login(make_person("Sam", is_staff=True, is_superuser=True))

    page = client.get(reverse("extractions:worker")).content.decode()

    assert "charged twice, 3 credits to claim" in page
    metrics = prometheus_text().decode()
    assert "portal_double_payments 1.0" in metrics
    assert "portal_double_payment_credits 3.0" in metrics
