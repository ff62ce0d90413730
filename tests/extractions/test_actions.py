import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from extractions.models import Extraction
from tests.factories import make_extraction

VERBS = ["cancel", "delete", "try_again", "again", "decide"]


def url(extraction, verb):
    return reverse(f"extractions:{verb}", args=[extraction.key])


def said(response) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


@pytest.mark.parametrize("verb", VERBS)
def test_nobody_acts_on_a_strangers_document(at_the_desk, charlie, verb):
    theirs = make_extraction(owner=charlie)

    assert at_the_desk.post(url(theirs, verb), {"choice": "send"}).status_code == 404
    assert Extraction.objects.get() == theirs
    assert Extraction.objects.get().state == "QUEUED"


@pytest.mark.parametrize("verb", VERBS)
def test_a_viewer_may_only_look(client, victor, alice, verb):
    extraction = make_extraction(owner=alice)
    client.force_login(victor)

    assert client.post(url(extraction, verb), {"choice": "send"}).status_code == 403
    assert Extraction.objects.get().state == "QUEUED"


@pytest.mark.parametrize("verb", ["cancel", "try_again", "again", "decide"])
def test_a_link_changes_nothing(at_the_desk, alice, verb):
    extraction = make_extraction(owner=alice)

    assert at_the_desk.get(url(extraction, verb)).status_code == 405


def test_a_waiting_document_is_cancelled_at_once(at_the_desk, alice):
    extraction = make_extraction(owner=alice)

    response = at_the_desk.post(url(extraction, "cancel"))

    assert response.url == extraction.get_absolute_url()
    assert Extraction.objects.get().state == "CANCELLED"
    assert "Nothing was charged" in said(response)


def test_what_is_finished_cannot_be_cancelled_and_that_is_reported(at_the_desk, alice):
    extraction = make_extraction(owner=alice, state="EXTRACTED")

    response = at_the_desk.post(url(extraction, "cancel"))

    assert Extraction.objects.get().state == "EXTRACTED"
    assert "is now “Finished”" in said(response)


def test_deleting_asks_first_without_a_script_too(at_the_desk, alice):
    extraction = make_extraction(owner=alice, state="EXTRACTED")

    page = at_the_desk.get(url(extraction, "delete")).content.decode()
    assert "This cannot be undone." in page
    assert Extraction.objects.visible_to(alice).exists()

    at_the_desk.post(url(extraction, "delete"))
    assert not Extraction.objects.visible_to(alice).exists()


def test_deleting_twice_is_not_found_the_second_time(at_the_desk, alice):
    extraction = make_extraction(owner=alice, state="EXTRACTED")

    at_the_desk.post(url(extraction, "delete"))

    assert at_the_desk.post(url(extraction, "delete")).status_code == 404


@pytest.mark.parametrize("state", ["REJECTED", "CANCELLED"])
def test_what_was_never_sent_is_sent_by_the_same_row(at_the_desk, alice, state):
    extraction = make_extraction(owner=alice, state=state)

    response = at_the_desk.post(url(extraction, "try_again"))

    assert response.url == extraction.get_absolute_url()
    assert Extraction.objects.get().state == "QUEUED"


def test_what_the_service_could_not_read_becomes_a_new_document_once(at_the_desk, alice):
    failed = make_extraction(owner=alice, state="FAILED", metadata={"a": "b"}, server="EU-1")

    first = at_the_desk.post(url(failed, "try_again"))
    second = at_the_desk.post(url(failed, "try_again"))

    new = Extraction.objects.exclude(pk=failed.pk).get()
    assert first.url == second.url == new.get_absolute_url()
    assert (new.state, new.server, new.metadata, new.sha256) == ("QUEUED", "EU-1", {"a": "b"}, failed.sha256)
    failed.refresh_from_db()
    assert failed.state == "FAILED"


def test_a_result_can_be_extracted_again(at_the_desk, alice):
    done = make_extraction(owner=alice, state="EXTRACTED")

    response = at_the_desk.post(url(done, "again"))

    assert response.url == Extraction.objects.exclude(pk=done.pk).get().get_absolute_url()


@pytest.mark.parametrize("verb", ["again", "try_again"])
def test_a_missing_original_is_reported(at_the_desk, alice, verb):
    failed = make_extraction(owner=alice, state="FAILED", document="")

    response = at_the_desk.post(url(failed, verb))

    assert "is missing" in said(response)
    assert Extraction.objects.count() == 1


@pytest.mark.parametrize(("choice", "state"), [("look", "CHECKING"), ("send", "QUEUED"), ("give_up", "CANCELLED")])
def test_a_doubt_is_decided_by_a_person_who_is_named(at_the_desk, alice, choice, state):
    extraction = make_extraction(owner=alice, state="UNDECIDED", handed_over_at=timezone.now())

    at_the_desk.post(url(extraction, "decide"), {"choice": choice})

    extraction.refresh_from_db()
    assert (extraction.state, extraction.decision, extraction.decided_by) == (state, choice, alice)


@pytest.mark.parametrize("choice", ["", "explode"])
def test_a_choice_that_is_none_is_refused(at_the_desk, alice, choice):
    extraction = make_extraction(owner=alice, state="UNDECIDED")

    assert at_the_desk.post(url(extraction, "decide"), {"choice": choice}).status_code == 400
    assert Extraction.objects.get().state == "UNDECIDED"


def test_deciding_too_late_is_reported(at_the_desk, alice):
    extraction = make_extraction(owner=alice, state="RUNNING")

    response = at_the_desk.post(url(extraction, "decide"), {"choice": "send"})

    assert Extraction.objects.get().state == "RUNNING"
    assert "Nothing was changed" in said(response)


@pytest.mark.parametrize(
    ("target", "taken"),
    [("/extractions/new/?sent=x", True), ("https://evil.example/", False), ("//evil.example", False)],
)
def test_a_button_leads_back_to_our_own_pages_only(at_the_desk, alice, target, taken):
    extraction = make_extraction(owner=alice)

    response = at_the_desk.post(url(extraction, "cancel"), {"next": target})

    assert response.url == (target if taken else extraction.get_absolute_url())
