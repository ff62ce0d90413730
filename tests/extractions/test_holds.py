"""Legal holds: nobody and nothing erases what is held."""

import threading

import pytest
from django.urls import reverse

from extractions.forwarding.steps.dispatch import step
from extractions.models import Extraction, LegalHold
from extractions.services import holds
from portal.audit.models import Entry
from tests.factories import Role, State, make_extraction, make_person


@pytest.fixture
def administrator(team):
    return make_person("Ada", team=team, role=Role.ADMINISTRATOR)


@pytest.fixture
def held(alice, administrator):
    row = make_extraction(owner=alice, name="held.pdf", state=State.EXTRACTED)
    assert holds.place(row, "Case 12", administrator)
    return row


def test_a_held_document_cannot_be_deleted_and_the_page_says_why(client, alice, held):
    client.force_login(alice)

    page = client.post(reverse("extractions:delete", args=[held.key]), follow=True).content.decode()

    assert "“held.pdf” is under a legal hold and stays." in page
    assert Extraction.objects.visible_to(alice).get() == held
    report = client.post(reverse("extractions:bulk"), {"action": "delete", "number": [held.pk]}).context["report"]
    assert [outcome.sentence for outcome in report.outcomes] == ["Not deleted: it is under a legal hold."]


def test_a_hold_that_comes_after_the_deletion_stops_the_erasure(alice, administrator):
    row = make_extraction(owner=alice, state=State.EXTRACTED, remote_id="", handed_over_at=None)
    row.request_deletion()
    holds.place(row, "Case 12", administrator)

    step(row.pk, threading.Event())
    assert Extraction.objects.get(pk=row.pk).content

    hold = LegalHold.objects.get()
    assert holds.release(hold, "settled", administrator)
    step(row.pk, threading.Event())
    assert Extraction.objects.get(pk=row.pk).deleted_at


def test_placing_and_releasing_stand_in_the_log_with_their_reasons(client, administrator, held):
    client.force_login(administrator)
    hold = LegalHold.objects.get()
    place = reverse("extractions:release_hold", args=[hold.pk])

    assert "a reason is needed" in client.post(place, {"reason": " "}, follow=True).content.decode()
    client.post(place, {"reason": "Case 12 is settled"})
    client.post(place, {"reason": "once more"})

    entries = Entry.objects.filter(subject_id=str(held.key)).order_by("pk").values_list("action", "after")
    assert list(entries) == [("held", {"reason": "Case 12"}), ("released", {"reason": "Case 12 is settled"})]
    assert held.request_deletion()


def test_one_hold_for_a_reason_and_several_for_several(held, administrator):
    assert not holds.place(held, "Case 12", administrator)
    assert holds.place(held, "Case 13", administrator)
    holds.release(LegalHold.objects.get(reason="Case 12"), "settled", administrator)

    assert not held.request_deletion()


def test_a_choice_is_held_by_administrators_only(client, alice, administrator):
    rows = [make_extraction(owner=alice, state=State.EXTRACTED) for _number in range(2)]
    form = {"action": "hold", "number": [row.pk for row in rows], "reason": "Audit 2026"}

    client.force_login(alice)
    assert client.post(reverse("extractions:bulk"), form).context["report"].done == 0
    client.force_login(administrator)
    assert client.post(reverse("extractions:bulk"), form).context["report"].done == 2
    assert LegalHold.objects.filter(reason="Audit 2026", placed_by=administrator).count() == 2
    assert "Audit 2026" in client.get(reverse("extractions:team_holds", args=[rows[0].team_id])).content.decode()
