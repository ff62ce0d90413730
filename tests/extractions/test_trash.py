"""The trash: what is deleted can be restored, until it is erased."""

from datetime import timedelta

import pytest
from django.conf import settings as real_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from extractions.forwarding.steps.trash import empty_due
from extractions.intake.receiving import receive
from extractions.intake.single_upload import AlreadySubmitted, Sender, submit_upload
from extractions.intake.submitting import Options
from extractions.intake.unattended import Arrival, submit_once
from extractions.models import Extraction
from extractions.services import holds, trash
from extractions.services.trash import keep_for
from portal.audit.models import Entry
from portal.environment import Environment
from tests.factories import Role, State, make_extraction, make_person, make_team, pdf

TRASH = reverse("extractions:trash")


@pytest.fixture(autouse=True)
def thirty_days(settings):
    settings.TRASH_DAYS = 30


@pytest.fixture
def deleted(alice):
    row = make_extraction(owner=alice, name="gone.pdf", state=State.EXTRACTED)
    row.request_deletion()
    return row


def fresh(row: Extraction) -> Extraction:
    return Extraction.objects.get(pk=row.pk)


def test_deleting_is_for_thirty_days_and_says_so(client, alice):
    row = make_extraction(owner=alice, name="gone.pdf", state=State.EXTRACTED)
    client.force_login(alice)

    assert "for 30 days" in client.get(reverse("extractions:delete", args=[row.key])).content.decode()
    page = client.post(reverse("extractions:delete", args=[row.key]), follow=True).content.decode()

    assert "“gone.pdf” is in the trash." in page
    assert reverse("extractions:restore_document", args=[row.key]) in page
    left = fresh(row).erase_due_at - timezone.now()
    assert timedelta(days=29) < left <= timedelta(days=30)
    assert fresh(row).next_try_at is None


def test_lists_searches_and_counts_leave_it_out_and_the_trash_has_it(client, alice, deleted):
    client.force_login(alice)

    assert "gone.pdf" not in client.get(reverse("extractions:list") + "?q=gone").content.decode()
    assert client.get(deleted.get_absolute_url()).status_code == 404
    page = client.get(TRASH)
    assert [row.name for row in page.context["page"]] == ["gone.pdf"]


def test_undo_brings_it_back_as_it_was(client, alice, deleted):
    before = {
        name: getattr(fresh(deleted), name) for name in ("state", "content", "extracted_data", "document", "sha256")
    }
    client.force_login(alice)

    answer = client.post(reverse("extractions:restore_document", args=[deleted.key]), follow=True)

    assert answer.redirect_chain[-1][0] == deleted.get_absolute_url()
    assert {name: getattr(fresh(deleted), name) for name in before} == before
    assert Extraction.objects.visible_to(alice).get() == deleted
    assert Entry.objects.filter(subject_id=str(deleted.key), action="restored", person=alice).exists()


def test_it_is_erased_once_its_time_is_over_and_not_before(alice, deleted):
    assert empty_due() == 0
    Extraction.objects.filter(pk=deleted.pk).update(erase_due_at=timezone.now())

    assert empty_due() == 1
    assert fresh(deleted).must_be_erased
    assert fresh(deleted).next_try_at <= timezone.now()
    assert not fresh(deleted).restore()


def test_a_choice_of_documents_is_restored_or_erased(client, alice):
    rows = [make_extraction(owner=alice, state=State.EXTRACTED) for _number in range(3)]
    for row in rows:
        row.request_deletion()
    client.force_login(alice)

    client.post(TRASH, {"action": "restore", "number": [rows[0].pk]})
    client.post(TRASH, {"action": "erase", "number": [rows[1].pk]})

    assert not fresh(rows[0]).delete_requested_at
    assert fresh(rows[1]).must_be_erased
    assert fresh(rows[2]).in_trash
    client.post(TRASH, {"action": "restore", "all": "1"})
    assert not fresh(rows[2]).in_trash


def test_only_who_may_delete_may_restore_or_erase(client, alice, victor, charlie, deleted):
    for person in (victor, charlie):
        client.force_login(person)
        client.post(TRASH, {"action": "erase", "number": [deleted.pk]})
        client.post(TRASH, {"action": "restore", "all": "1"})
        assert fresh(deleted).in_trash
    assert not trash.trash_of(charlie).exists()
    assert trash.trash_of(victor).get() == deleted


def test_what_was_not_sent_is_cancelled_and_what_was_is_followed_to_its_end(alice):
    queued, running = (make_extraction(owner=alice, state=state) for state in (State.QUEUED, State.RUNNING))
    for row in (queued, running):
        assert row.request_deletion()

    assert fresh(queued).state == State.CANCELLED
    assert fresh(queued).next_try_at is None
    assert fresh(running).state == State.RUNNING
    assert not fresh(running).must_be_erased


def test_the_same_file_is_not_paid_for_again_but_offered_from_the_trash(client, alice, team):
    content = pdf(text="paid once")
    row = make_extraction(owner=alice, state=State.EXTRACTED, content_of_file=content, server="FR-1")
    row.request_deletion()
    upload = SimpleUploadedFile("again.pdf", content, "application/pdf")

    with pytest.raises(AlreadySubmitted) as known:
        submit_upload(upload, Options(server="FR-1"), Sender(alice, team, row.key))

    assert known.value.earlier == row
    client.force_login(alice)
    assert "Restore" in client.get(reverse("extractions:restore_document", args=[row.key])).content.decode()


def test_what_comes_in_by_itself_comes_back_from_the_trash(alice, team):
    content = pdf(text="paid once")
    row = make_extraction(owner=alice, state=State.EXTRACTED, content_of_file=content, server="FR-1")
    row.request_deletion()
    stored = receive(SimpleUploadedFile("again.pdf", content, "application/pdf"))

    taken = submit_once(stored, Options(server="FR-1"), Arrival(alice, team))

    assert (taken.extraction, taken.is_new) == (row, False)
    assert not fresh(row).in_trash


def test_a_team_decides_how_long_and_without_a_trash_it_is_erased_at_once(client, team, alice):
    administrator = make_person("Ada", team=team, role=Role.ADMINISTRATOR)
    place = reverse("extractions:keeping", args=[team.pk])
    client.force_login(administrator)

    assert client.post(place, {"days": "-1"}).status_code == 422
    client.post(place, {"days": "0"})
    row = make_extraction(owner=alice, state=State.EXTRACTED)
    row.request_deletion()

    assert row.must_be_erased
    assert Entry.objects.filter(action="setting", team=team.pk, after={"days in the trash": 0}).exists()
    assert not keep_for(make_team("Other"), 30)


def test_the_setting_is_thirty_days_unless_it_is_set(monkeypatch):
    monkeypatch.delenv("TRASH_DAYS", raising=False)
    assert Environment().int("TRASH_DAYS", default=30) == 30
    assert real_settings.TRASH_DAYS == 30


def test_a_held_document_stays_in_the_trash(alice, deleted):
    holds.place(deleted, "Case 12", alice)
    Extraction.objects.filter(pk=deleted.pk).update(erase_due_at=timezone.now())

    assert empty_due() == 0
    assert not fresh(deleted).erase_now()
    assert fresh(deleted).in_trash
