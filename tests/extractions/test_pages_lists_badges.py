from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from extractions.models import Connection
from extractions.presentation.document.badges import badge_of
from tests.factories import State, make_extraction, make_schema


@pytest.mark.parametrize(
    ("state", "fields", "kind", "words"),
    [
        (State.QUEUED, {}, "", "Waiting to be sent"),
        (State.QUEUED, {"error_code": "unavailable", "server": "FR-2"}, "need", "FR-2 did not answer trying again"),
        (State.QUEUED, {"error_code": "rate"}, "need", "Asked to slow down trying again"),
        (State.QUEUED, {"cancel_requested_at": timezone.now()}, "", "Being cancelled"),
        (State.SENDING, {"lease_until": timezone.now()}, "run", "Sending"),
        (State.SENT, {"lease_until": timezone.now()}, "run", "Handed over"),
        (State.CHECKING, {}, "need", "Did it arrive? we are looking"),
        (State.UNDECIDED, {}, "need", "Did it arrive? you decide"),
        (State.RUNNING, {"extraction_step": "PARSING"}, "run", "Target data extraction"),
        (State.RUNNING, {"extraction_step": "FOLDING"}, "run", "FOLDING"),
        (State.RUNNING, {"extraction_step": ""}, "run", "Being read"),
        (State.RUNNING, {"error_code": "unavailable"}, "need", "No news from FR-1 we ask again"),
        (State.EXTRACTED, {"schema": None}, "", "Finished, no schema"),
        (State.EXTRACTED, {"error_code": "paid_twice"}, "need", "Finished probably charged twice"),
        (State.FAILED, {}, "failed", "Could not be read Target data extraction"),
        (State.FAILED, {"error_code": "gone"}, "failed", "Unknown to the service"),
        (State.REJECTED, {"error_code": "refused"}, "failed", "Not sent refused by the service"),
        (State.CANCELLED, {}, "", "Cancelled"),
    ],
)
def test_every_state_has_its_words(alice, state, fields, kind, words):
    row = make_extraction(owner=alice, state=state, **fields)

    badge = badge_of(row)

    assert badge.kind == kind
    assert f"{badge.word} {badge.more}".strip() == words
    assert badge.icon


def test_finished_is_neutral(alice):
    badge = badge_of(make_extraction(owner=alice, state=State.EXTRACTED, schema=make_schema()))

    assert (badge.kind, badge.word) == ("", "Finished")


def test_next_try_tells_its_time(alice):
    soon = timezone.now() + timedelta(minutes=5)
    row = make_extraction(owner=alice, error_code="unavailable", next_try_at=soon)

    assert badge_of(row).more == f"next try {timezone.localtime(soon):%H:%M}"


def test_waiting_for_a_paused_connection_names_the_pause(alice):
    row = make_extraction(owner=alice)
    row.connection.pause_for(Connection.Pause.NO_CREDITS, until=None)
    row.connection.refresh_from_db()

    badge = badge_of(row)

    assert (badge.kind, badge.word, badge.more) == ("need", "Out of credits", "waits safely")


def test_clock_of_a_running_document_begins_with_its_step(alice):
    seen = timezone.now() - timedelta(seconds=9)
    row = make_extraction(owner=alice, state=State.RUNNING, steps_seen={"OCR": seen.isoformat()})

    assert badge_of(row).since == seen


def test_step_that_takes_much_longer_than_usual_says_so(alice):
    now = timezone.now()
    for _number in range(10):
        seen = {"OCR": now.isoformat(), "END": (now + timedelta(seconds=4)).isoformat()}
        make_extraction(owner=alice, state=State.EXTRACTED, server="EU-1", steps_seen=seen, document="x.pdf")
    started = {"OCR": (now - timedelta(seconds=60)).isoformat()}
    row = make_extraction(owner=alice, state=State.RUNNING, server="EU-1", steps_seen=started)

    badge = badge_of(row)

    assert (badge.kind, badge.more) == ("need", "slower than usual")


@pytest.mark.parametrize("pause", [pause for pause in Connection.Pause.values if pause])
def test_every_pause_is_one_banner_with_what_waits(client, alice, charlie, pause):
    make_extraction(owner=alice)
    make_extraction(owner=charlie)
    Connection.current().pause_for(pause, until=timezone.now() + timedelta(minutes=3))
    client.force_login(alice)

    page = client.get(reverse("extractions:list")).content.decode()

    assert page.count('id="connection-banner"') == 1
    assert ("1 document waits safely" in page) is (pause != "copied"), "a copy cannot know what was sent"
    assert reverse("admin:extractions_connection_changelist") not in page


def test_no_banner_while_sending_works(client, alice):
    make_extraction(owner=alice)
    client.force_login(alice)

    page = client.get(reverse("extractions:list")).content.decode()

    assert "waits safely" not in page


def test_embedded_engine_is_named_and_says_how_to_leave_it(client, alice, settings):
    client.force_login(alice)
    page = client.get(reverse("extractions:list")).content.decode()
    assert "Embedded engine" in page
    assert "ANESYA_BASE_URL" in page
    assert "ANESYA_API_KEY" in page

    settings.ANESYA_BASE_URL = "https://api.example.com"

    assert "Embedded engine" not in client.get(reverse("extractions:list")).content.decode()


def test_navigation_counts_what_runs_for_this_person(client, alice, charlie):
    make_extraction(owner=alice, state=State.RUNNING)
    make_extraction(owner=charlie, state=State.RUNNING)
    client.force_login(alice)

    page = " ".join(client.get(reverse("team")).content.decode().split())

    assert '<span class="count"> 1 running </span>' in page
