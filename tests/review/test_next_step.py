"""From the page of a result: review it, approve it, go on to the next one, take it along."""

from __future__ import annotations

import io
from datetime import timedelta
from types import SimpleNamespace

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone, translation

from extractions.models import Extraction
from extractions.presentation.document.badges import badge_of
from extractions.presentation.document.next_step import NextStep
from tests.factories import Role, make_extraction, make_person
from tests.review.making import DATA, make_bill

Review = Extraction.Review


@pytest.fixture
def open_result(client):
    """What the page of a result offers this person: words and addresses, and which of them is the primary one."""

    def open_result(person, extraction):
        client.force_login(person)
        page = client.get(extraction.get_absolute_url())
        head = page.content.decode().partition('<dl class="facts">')[0]
        return SimpleNamespace(step=page.context["next_step"], head=head, primary=head.count("button-primary"))

    return open_result


def words(extraction):
    badge = badge_of(extraction)
    return f"{badge.word} {badge.more}".strip()


def quiet_bill(owner, **fields):
    """Nothing on it asks."""
    return make_bill(owner, evidence={}, **fields)


def test_the_state_says_what_is_next(alice, bob):
    asks, quiet, checked = make_bill(alice), quiet_bill(alice), quiet_bill(alice)
    first = quiet_bill(alice, first_approved_by=bob)
    Extraction.objects.filter(pk=checked.pk).update(evidence_due_at=timezone.now())
    checked.refresh_from_db()

    assert words(asks) == "Waits for review 1 needs you"
    assert words(quiet) == "Waits for approval"
    assert words(checked) == "Being checked"
    assert words(first) == "Waits for a second person"


def test_what_asks_leads_to_the_review(open_result, alice):
    bill = make_bill(alice)

    offered = open_result(alice, bill)

    assert (offered.step.reviews, offered.step.approves, offered.primary) == (True, False, 1)
    assert reverse("extractions:review", args=[bill.key]) in offered.head


def test_what_asks_nothing_is_approved_in_one_press_and_leads_on(client, open_result, alice):
    bill = quiet_bill(alice)
    offered = open_result(alice, bill)
    assert (offered.step.approves, offered.primary) == (True, 1)

    answer = client.post(reverse("extractions:review_end", args=[bill.key]), {"do": "approve", "back": "result"})

    assert answer.url == bill.get_absolute_url()
    bill.refresh_from_db()
    assert (bill.review_state, bill.approved_by) == (Review.APPROVED, alice)
    after = open_result(alice, bill)
    assert not after.step.reviews
    assert "is approved" in after.head


def test_a_refused_approval_stays_on_the_page_and_says_why(client, open_result, alice):
    bill = make_bill(alice)
    client.force_login(alice)

    answer = client.post(reverse("extractions:review_end", args=[bill.key]), {"do": "approve", "back": "result"})

    assert answer.url == bill.get_absolute_url()
    assert (
        "1 field still needs somebody" in open_result(alice, bill).head
        or "still needs somebody" in open_result(alice, bill).head
    )
    bill.refresh_from_db()
    assert bill.review_state == Review.WAITING


def test_the_next_one_is_another_one(client, open_result, alice):
    """Also where the one that is left comes first in the queue."""
    first, second = make_bill(alice), make_bill(alice)
    for left, other in ((first, second), (second, first)):
        Extraction.objects.update(claimed_by=None, claimed_until=None)
        offered = open_result(alice, left)
        assert offered.step.others_wait

        answer = client.post(reverse("extractions:review_next"), {"beside": str(left.key)})

        assert answer.url == reverse("extractions:review", args=[other.key])
    odd = client.post(reverse("extractions:review_next"), {"beside": "none"})
    assert odd.status_code == 302


def test_once_it_is_approved_the_next_one_is_first(open_result, alice):
    bill = quiet_bill(alice, review_state=Review.APPROVED, approved_by=alice)
    Extraction.objects.filter(pk=bill.pk).update(review_state=Review.APPROVED)
    bill.refresh_from_db()
    assert open_result(alice, bill).primary == 0
    make_bill(alice)

    offered = open_result(alice, bill)

    assert (offered.step.reviews, offered.step.others_wait, offered.primary) == (False, True, 1)


def test_nobody_is_offered_what_they_may_not_do(open_result, alice, bob, victor, team):
    bill = quiet_bill(alice, first_approved_by=bob)
    uploader = make_person("Una", team=team, role=Role.UPLOADER)

    assert open_result(alice, bill).step.approves
    for person in (victor, uploader):
        step = open_result(person, bill).step
        assert step == NextStep()
    assert not open_result(bob, bill).step.approves, "bob gave the first approval"


def test_what_somebody_else_holds_is_not_approved_beside_them(open_result, alice, bob):
    bill = quiet_bill(alice, claimed_by=bob, claimed_until=timezone.now() + timedelta(minutes=5))

    offered = open_result(alice, bill)

    assert (offered.step.approves, offered.step.held_by) == (False, "Bob")
    assert "Bob is reviewing it" in offered.head


@pytest.mark.parametrize("state", ["QUEUED", "RUNNING", "FAILED"])
def test_without_a_result_there_is_nothing_to_review(open_result, alice, state):
    offered = open_result(alice, make_extraction(owner=alice, state=state))

    assert not offered.step.reviews
    assert "download=xlsx" not in offered.head


def test_it_is_taken_along_as_a_spreadsheet_named_like_the_document(client, alice):
    bill = quiet_bill(alice, name="facture 7.pdf")
    client.force_login(alice)
    address = reverse("extractions:download", args=[bill.key])

    excel = client.get(f"{address}?download=xlsx")
    with translation.override("en"):  # what the request activates would stay
        table = client.get(f"{address}?download=items", headers={"Accept-Language": "fr"})

    assert "facture 7.xlsx" in excel.headers["Content-Disposition"]
    book = openpyxl.load_workbook(io.BytesIO(b"".join(excel.streaming_content)))
    cells = {cell for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row}
    assert {DATA["number"], DATA["total"]} <= cells
    assert "facture 7.csv" in table.headers["Content-Disposition"]
    assert b";" in b"".join(table.streaming_content).splitlines()[0]


def dashboard(client, person):
    client.force_login(person)
    return " ".join(client.get(reverse("extractions:dashboard")).content.decode().split())


def test_the_dashboard_lists_what_waits_with_its_reasons_and_starts(client, alice):
    asks, quiet = make_bill(alice, name="asks.pdf"), quiet_bill(alice, name="quiet.pdf")
    done = quiet_bill(alice, name="done.pdf")
    Extraction.objects.filter(pk=done.pk).update(review_state=Review.APPROVED)

    page = dashboard(client, alice)

    waiting = page.partition('id="to-review"')[2].partition("</section>")[0]
    assert waiting.index("asks.pdf") < waiting.index("quiet.pdf"), "in the order of the queue"
    assert "1 field" in waiting
    assert "Only to approve" in waiting
    assert "done.pdf" not in waiting
    assert f'action="{reverse("extractions:review_next")}"' in waiting
    assert all(reverse("extractions:review", args=[bill.key]) in waiting for bill in (asks, quiet))


def test_what_just_finished_says_what_it_waits_for(client, alice):
    make_bill(alice, finished_at=timezone.now())

    finished = dashboard(client, alice).partition('id="just-finished"')[2]

    assert "Waits for review" in finished
    assert "1 needs you" in finished


def test_who_may_not_review_is_shown_no_queue(client, alice, victor):
    make_bill(alice)

    assert 'id="to-review"' not in dashboard(client, victor)
    assert 'id="to-review"' in dashboard(client, alice)


def test_nothing_waits_nothing_is_listed(client, alice):
    assert 'id="to-review"' not in dashboard(client, alice)


def test_the_dashboard_changes_once_the_values_are_checked(client, alice):
    bill = make_bill(alice, finished_at=timezone.now())
    Extraction.objects.filter(pk=bill.pk).update(evidence_due_at=timezone.now())
    client.force_login(alice)
    before = client.get(reverse("extractions:dashboard"), headers={"HX-Request": "true"})
    assert "Being checked" in before.content.decode()
    Extraction.objects.filter(pk=bill.pk).update(evidence_due_at=None)

    after = client.get(
        reverse("extractions:dashboard"), headers={"HX-Request": "true", "If-None-Match": before.headers["ETag"]}
    )

    assert after.status_code == 200
    assert "Waits for review" in after.content.decode()
