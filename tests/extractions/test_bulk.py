"""The same for many documents at once."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from extractions.forwarding.steps.trash import empty_due
from extractions.models import Extraction, Tag
from extractions.services import bulk
from portal.audit.models import Entry
from tests.factories import Role, State, make_extraction, make_person, make_schema

Review = Extraction.Review


@pytest.fixture
def do(client):
    """Send the form of the list, as a browser without scripts does."""

    def send(action, rows=(), **more):
        fields = {"action": action, "number": [row.pk for row in rows]} | more
        return client.post(reverse("extractions:bulk"), fields)

    return send


def undo(client, page) -> str:
    word = re.search(r'name="word" value="([^"]+)"', page.content.decode()).group(1)
    answer = client.post(reverse("extractions:undo_bulk"), {"word": word, "query": ""}, follow=True)
    return answer.content.decode()


def outcomes(page) -> dict[str, str]:
    return {outcome.extraction.name: outcome.sentence for outcome in page.context["report"].outcomes}


def test_retry_answers_for_each_document(client, alice, do):
    rejected = make_extraction(owner=alice, name="rejected", state=State.REJECTED)
    failed = make_extraction(owner=alice, name="failed", state=State.FAILED)
    running = make_extraction(owner=alice, name="running", state=State.RUNNING)
    lost = make_extraction(owner=alice, name="lost", state=State.FAILED)
    Path(settings.MEDIA_ROOT, lost.document.name).unlink()
    client.force_login(alice)

    page = do("retry", [rejected, failed, running, lost])

    assert outcomes(page) == {
        "rejected": "Tried again.",
        "failed": "Tried again as a new document, which is paid for.",
        "running": "Not tried again: it is “Being read”.",
        "lost": "Our copy of the file is missing. Upload it again.",
    }
    assert Extraction.objects.get(pk=rejected.pk).state == State.QUEUED
    assert Extraction.objects.filter(name="failed").count() == 2


def test_nobody_touches_what_is_not_theirs(client, alice, charlie, victor, do):
    row = make_extraction(owner=alice, state=State.REJECTED)
    client.force_login(charlie)
    assert do("delete", [row]).status_code == 302
    client.force_login(victor)

    page = do("delete", [row])

    assert outcomes(page) == {row.name: "Viewers may look at documents but not change them."}
    row.refresh_from_db()
    assert row.delete_requested_at is None


def test_all_that_match_are_those_of_the_search(client, alice, do):
    for number in range(3):
        make_extraction(owner=alice, name=f"f{number}", state=State.REJECTED)
    other = make_extraction(owner=alice, name="other", state=State.FAILED)
    client.force_login(alice)

    page = do("retry", [other], all="1", query="state=REJECTED")

    assert set(outcomes(page)) == {"f0", "f1", "f2"}


def test_more_than_can_be_done_at_once_is_reported(client, alice, do, monkeypatch):
    monkeypatch.setattr(bulk, "MAX_DOCUMENTS", 2)
    for _number in range(3):
        make_extraction(owner=alice, state=State.REJECTED)
    client.force_login(alice)

    page = do("retry", all="1", query="")

    assert len(outcomes(page)) == 2
    assert "do it once more for the rest" in page.content.decode()


def test_tags_are_put_on_and_taken_off_and_undone(client, alice, do):
    rows = [make_extraction(owner=alice, name=name) for name in ("a", "b")]
    client.force_login(alice)

    page = do("tag", rows, tag="  Tax   2026 ")

    assert outcomes(page) == {"a": "Tagged “Tax 2026”.", "b": "Tagged “Tax 2026”."}
    assert outcomes(do("tag", rows[:1], tag="Tax 2026")) == {"a": "Had the tag “Tax 2026” already."}
    assert "Tax 2026" in client.get(reverse("extractions:list"), {"cols": "tags"}).content.decode()
    off = do("untag", rows, tag="Tax 2026")
    assert not rows[0].taggings.exists()
    assert "Undone for 2 documents" in undo(client, off)
    assert rows[0].taggings.exists()
    assert "Undone for 2 documents" in undo(client, page)
    assert not rows[1].taggings.exists()
    assert Tag.objects.count() == 1


def test_assigned_documents_go_back_to_whom_they_had(client, alice, bob, charlie, do):
    row = make_extraction(owner=alice, assigned_to=alice)
    client.force_login(alice)

    page = do("assign", [row], person=bob.pk)

    row.refresh_from_db()
    assert row.assigned_to == bob
    undo(client, page)
    row.refresh_from_db()
    assert row.assigned_to == alice
    assert do("assign", [row], person=charlie.pk).status_code == 400


def test_nobody_gets_back_what_they_may_not_review_any_more(client, alice, bob, do):
    rows = [make_extraction(owner=alice, assigned_to=bob), make_extraction(owner=alice)]
    client.force_login(alice)
    page = do("assign", rows, person=alice.pk)

    bob.memberships.update(role=Role.VIEWER)

    assert "Undone for 1 document" in undo(client, page)
    assert [Extraction.objects.get(pk=row.pk).assigned_to for row in rows] == [alice, None]


def test_approval_is_only_for_what_nothing_speaks_against(client, alice, do):
    good = make_extraction(owner=alice, name="good", state=State.EXTRACTED, review_state=Review.WAITING)
    red = make_extraction(owner=alice, name="red", state=State.EXTRACTED, review_state=Review.WAITING, needs=2)
    client.force_login(alice)

    page = do("approve", [good, red])

    assert outcomes(page)["good"] == "Approved."
    assert outcomes(page)["red"].startswith("Not approved: values still need review.")
    uploader = make_person("Uma", team=good.team, role=Role.UPLOADER)
    client.force_login(uploader)
    assert outcomes(do("approve", [red])) == {"red": "Not approved: only reviewers of the team can."}


def test_deleted_documents_come_back_until_their_clock_rings(client, alice, do):
    done = make_extraction(owner=alice, name="done", state=State.EXTRACTED)
    failed = make_extraction(owner=alice, name="failed", state=State.FAILED)
    client.force_login(alice)

    page = do("delete", [done, failed])

    assert not Extraction.objects.visible_to(alice).exists()
    assert Extraction.objects.filter(erase_due_at__gt=timezone.now()).count() == 2
    Extraction.objects.filter(pk=failed.pk).update(erase_due_at=timezone.now())
    empty_due()
    assert "Undone for 1 document" in undo(client, page)
    assert [row.name for row in Extraction.objects.visible_to(alice)] == ["done"]
    assert "too late" in undo(client, page)


@pytest.mark.django_db(transaction=True)
def test_no_worker_is_woken_for_a_document_that_can_still_come_back(client, alice, do, monkeypatch):
    row = make_extraction(owner=alice, state=State.EXTRACTED)
    seen = []
    monkeypatch.setattr(
        "extractions.wakeup.notify_workers", lambda: seen.append(Extraction.objects.get(pk=row.pk).must_be_erased)
    )
    client.force_login(alice)

    do("delete", [row])

    assert seen
    assert not any(seen)


def test_that_a_deletion_was_undone_stands_in_the_log(client, alice, do):
    row = make_extraction(owner=alice, state=State.EXTRACTED)
    client.force_login(alice)

    undo(client, do("delete", [row]))

    last = Entry.objects.filter(subject_id=str(row.key)).order_by("-pk").first()
    assert (last.action, last.person_id) == ("restored", alice.pk)


def test_way_back_is_only_for_who_went_there(client, alice, bob, do):
    row = make_extraction(owner=alice, state=State.EXTRACTED)
    client.force_login(alice)
    page = do("delete", [row])
    client.force_login(bob)

    assert "too late" in undo(client, page)
    assert (
        "too late"
        in client.post(reverse("extractions:undo_bulk"), {"word": "forged", "query": ""}, follow=True).content.decode()
    )


def test_another_schema_shows_its_price_and_makes_new_documents(client, alice, do):
    rows = [make_extraction(owner=alice, state=State.EXTRACTED) for _number in range(2)]
    schema = make_schema("Receipt")
    client.force_login(alice)

    page = do("choose", rows).content.decode()
    assert "for about 6 credits in all" in page
    report = do("schema", rows, schema=schema.pk)

    assert set(outcomes(report).values()) == {"Extracted again with Receipt."}
    assert Extraction.objects.filter(schema=schema).count() == 2
    assert Extraction.objects.count() == 4


def test_selection_leads_to_its_export(client, alice, do):
    row = make_extraction(owner=alice)
    client.force_login(alice)

    assert do("export", [row]).url == f"{reverse('extractions:new_export')}?numbers={row.pk}"
    assert do("export", [row], all="1", query="show=mine").url == f"{reverse('extractions:new_export')}?show=mine"


def test_nothing_selected_is_reported(client, alice, do):
    client.force_login(alice)

    page = client.post(reverse("extractions:bulk"), {"action": "retry", "query": ""}, follow=True).content.decode()

    assert "Nothing was selected" in page
    assert do("nonsense", [make_extraction(owner=alice)]).status_code == 400
