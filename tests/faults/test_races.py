"""Two who want the same row at the same moment, on databases that let them wait for each other."""

from __future__ import annotations

import threading

import pytest
from django.db import connection as database
from django.db import transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from extractions.forwarding.steps.send_attempt import claim
from extractions.models import Extraction
from tests.factories import make_extraction
from tests.running import PATIENCE, wait_for

State = Extraction.State


@pytest.fixture
def document(transactional_db):
    from tests.factories import make_person, make_team

    return make_extraction(owner=make_person(team=make_team()), next_try_at=timezone.now())


def again(extraction):
    return Extraction.objects.select_related("connection").get(pk=extraction.pk)


def at_the_same_time(first, second):
    """`second` begins while the transaction of `first` is open, and waits for it if the database makes it wait."""
    answers = {}
    begun = threading.Event()

    def later():
        begun.set()
        try:
            answers["second"] = second()
        finally:
            database.close()

    thread = threading.Thread(target=later)
    with transaction.atomic():
        answers["first"] = first()
        thread.start()
        begun.wait(PATIENCE)
        if database.vendor == "postgresql":
            wait_for(somebody_waits)
    thread.join(PATIENCE)
    return answers["first"], answers["second"]


def somebody_waits():
    with database.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return cursor.fetchone()[0]


def test_one_of_two_workers_claims_a_document(document):
    one, other = again(document), again(document)

    first, second = at_the_same_time(lambda: claim(one, threading.Event()), lambda: claim(other, threading.Event()))

    assert first is not None
    assert second is None
    assert document.tries.count() == 1


def test_a_cancelled_document_does_not_pass_the_gate(document):
    sending = claim(again(document), threading.Event())

    cancelled, released = at_the_same_time(again(document).cancel, sending._hand_over)

    assert cancelled
    assert not released
    assert again(document).state == State.CANCELLED


def test_a_document_past_its_gate_is_not_cancelled_at_once(document):
    sending = claim(again(document), threading.Event())
    cancelling = again(document)

    released, _ = at_the_same_time(sending._hand_over, cancelling.cancel)

    assert released
    row = again(document)
    assert row.state == State.SENT
    assert row.cancel_requested_at is not None


def test_conditions_on_the_row_stand_in_the_update_itself(document):
    """In a subquery on the same table PostgreSQL would not look at them again after it waited for the row."""
    with CaptureQueriesContext(
        database,
    ) as captured:
        sending = claim(again(document), threading.Event())
        assert sending._hand_over()

    updates = [query["sql"] for query in captured if query["sql"].startswith('UPDATE "extractions_extraction"')]
    assert len(updates) == 2
    for update in updates:
        assert 'FROM "extractions_extraction"' not in update
        assert "JOIN" not in update
