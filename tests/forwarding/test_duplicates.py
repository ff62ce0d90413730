"""Documents that were sent twice are searched for again, and what is found is told, counted and can be claimed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.db.models import Sum
from django.utils import timezone

from extractions.forwarding.runtime.worker import Worker
from extractions.forwarding.steps import duplicates
from extractions.forwarding.steps.duplicates import fetch_price, next_due, next_unpriced, search_again
from extractions.forwarding.steps.sweep import tidy
from extractions.models import Attempt, Connection, DoublePayment, Extraction, Spending
from portal.audit.models import Entry
from tests.factories import State
from tests.fake_api import Fault
from tests.running import wait_for

pytestmark = pytest.mark.django_db

DONE = {"status": "FINISHED", "content": "text", "extracted_data": {"total": 1}, "credit_used": 3}


def row(extraction):
    return Extraction.objects.select_related("connection").get(pk=extraction.pk)


@pytest.fixture
def sent_twice(api, queued, drive, trusted, accept_another):
    """The first send was accepted and does not show, whatever the search; so it was sent again, and finished."""
    api.inject("create", Fault(502, b"<html>"))
    doubtful = drive.step(queued)
    api.hidden = set(api.documents)
    accept_another(seconds=60)
    running = drive.run(doubtful, until=(State.RUNNING,))
    assert api.accepted == {str(queued.key): 2}
    api.documents[running.remote_id].update(DONE)
    return drive.run(running, until=(State.EXTRACTED,))


@pytest.fixture
def first_id(api, sent_twice):
    (remote_id,) = api.hidden
    return remote_id


def search_when_due(clock):
    due = Extraction.objects.filter(duplicate_search_at__isnull=False).get()
    clock.reach(due.duplicate_search_at + timedelta(seconds=1))
    search_again(next_due(timezone.now()))


def price(clock):
    while payment := DoublePayment.objects.filter(credits_due_at__isnull=False).first():
        clock.reach(payment.credits_due_at + timedelta(seconds=1))
        fetch_price(next_unpriced(timezone.now()))


def test_what_is_sent_once_has_no_clock(api, queued, drive):
    assert drive.step(queued).duplicate_search_at is None


def test_a_second_send_is_searched_for_after_a_day_and_a_week(sent_twice, clock):
    handed_over_at = sent_twice.handed_over_at
    assert sent_twice.duplicate_search_at == handed_over_at + timedelta(days=1)

    search_when_due(clock)
    assert row(sent_twice).duplicate_search_at == handed_over_at + timedelta(days=7)

    search_when_due(clock)
    assert row(sent_twice).duplicate_search_at is None
    assert not DoublePayment.objects.exists()


def test_a_send_by_choice_of_a_person_is_searched_for_too(api, queued, drive, bob):
    api.inject("create", Fault(502, accept=False))
    undecided = drive.run(queued)
    undecided.decide("send", bob)

    assert drive.run(undecided, until=(State.RUNNING,)).duplicate_search_at is not None


def test_after_a_clear_refusal_nothing_was_sent_twice(api, queued, drive):
    api.inject("create", Fault(429, {}, {"Retry-After": "1"}, accept=False))
    waiting = drive.step(queued)
    Connection.objects.update(**Connection.WORKING)

    assert drive.run(waiting, until=(State.RUNNING,)).duplicate_search_at is None


def test_an_acceptance_that_shows_after_a_week_is_told_everywhere(api, sent_twice, first_id, clock, team):
    search_when_due(clock)
    api.hidden = set()
    api.documents[first_id].update(DONE)

    search_when_due(clock)
    price(clock)

    told = row(sent_twice)
    assert (told.state, told.error_code, told.other_remote_ids) == (State.EXTRACTED, "paid_twice", [first_id])
    payment = DoublePayment.objects.get()
    assert (payment.remote_id, payment.credits, payment.estimated) == (first_id, 3, False)
    assert payment.accepted_at is not None
    line = Entry.objects.get(action=Entry.Action.CHARGED_TWICE)
    assert (line.team_id, line.after) == (team.pk, {"remote_ids": [told.remote_id, first_id]})
    spent = Spending.objects.aggregate(credits=Sum("credits"), documents=Sum("documents"))
    assert spent == {"credits": 6, "documents": 1}


def test_found_again_it_is_counted_once(api, sent_twice, first_id, clock):
    api.hidden = set()

    search_when_due(clock)
    search_when_due(clock)

    assert DoublePayment.objects.count() == 1
    assert Entry.objects.filter(action=Entry.Action.CHARGED_TWICE).count() == 1


def test_a_service_that_is_away_is_asked_later(api, sent_twice, first_id, clock):
    api.inject("/extract/", Fault(500, b""))

    search_when_due(clock)

    later = row(sent_twice).duplicate_search_at
    assert timedelta(0) < later - timezone.now() < timedelta(hours=2)
    api.hidden = set()
    search_when_due(clock)
    assert row(sent_twice).other_remote_ids == [first_id]


def test_a_deleted_document_is_searched_for_and_what_shows_is_deleted_there_too(
    api, sent_twice, first_id, drive, clock
):
    sent_twice.request_deletion()
    erased = drive.run(sent_twice)
    assert erased.deleted_at is not None
    assert erased.duplicate_search_at is not None
    api.hidden = set()
    api.documents[first_id].update(DONE)

    search_when_due(clock)
    price(clock)
    gone = drive.run(erased)

    assert first_id not in api.documents
    assert (gone.name, gone.other_remote_ids, gone.next_try_at) == ("", [first_id], None)
    assert DoublePayment.objects.get().credits == 3


def test_what_was_given_up_is_searched_for_and_deleted_there(api, queued, drive, bob, clock):
    api.inject("create", Fault(502, b"<html>"))
    doubtful = drive.step(queued)
    api.hidden = set(api.documents)
    undecided = drive.run(doubtful)
    assert undecided.decide("give_up", bob)
    search_when_due(clock)
    api.hidden = set()

    search_when_due(clock)
    done = drive.run(row(undecided))

    assert (done.state, bool(done.remote_id)) == (State.CANCELLED, True)
    assert api.documents == {}


@pytest.mark.parametrize("handed_over", [False, True])
def test_the_searches_end_although_the_row_has_forgotten_its_hand_over(api, queued, clock, handed_over):
    """As after a refusal, or where the database is from before the hand-over."""
    now = clock()
    fields = {"state": State.CANCELLED, "state_changed_at": now, "next_try_at": None, "handed_over_at": None}
    Extraction.objects.filter(pk=queued.pk).update(duplicate_search_at=now, **fields)
    hours = sorted(settings.DUPLICATE_SEARCH_HOURS)
    since = now
    if handed_over:
        since = now - timedelta(minutes=5)
        attempt = {"extraction": queued, "number": 1, "lease": 1, "handed_over_at": since}
        Attempt.objects.create(**attempt, outcome=Attempt.Outcome.UNCLEAR)

    planned = []
    while row(queued).duplicate_search_at is not None and len(planned) <= len(hours):
        search_when_due(clock)
        planned.append(row(queued).duplicate_search_at)

    assert planned == [*(since + timedelta(hours=number) for number in hours), None]


def test_a_service_that_is_away_is_given_up_although_the_hand_over_is_forgotten(api, queued, clock):
    fields = {"state": State.CANCELLED, "state_changed_at": clock(), "next_try_at": None, "handed_over_at": None}
    Extraction.objects.filter(pk=queued.pk).update(duplicate_search_at=clock(), **fields)
    clock.advance(duplicates.GIVE_UP_HOURS * 3600 + 1)
    api.inject("/extract/", Fault(500, b""))

    search_when_due(clock)

    assert row(queued).duplicate_search_at is None


def test_what_the_service_does_not_price_is_taken_to_cost_the_same(api, sent_twice, first_id, clock):
    api.hidden = set()
    search_when_due(clock)
    del api.documents[first_id]

    price(clock)

    payment = DoublePayment.objects.get()
    assert (payment.credits, payment.estimated) == (3, True)


def test_clocks_that_were_set_in_a_wrong_year_are_put_right(sent_twice, clock):
    Extraction.objects.filter(pk=sent_twice.pk).update(duplicate_search_at=clock() + timedelta(days=365))

    tidy()

    assert row(sent_twice).duplicate_search_at <= clock()


def test_a_clock_of_next_week_is_left_alone(sent_twice, clock):
    planned = clock() + timedelta(days=7)
    Extraction.objects.filter(pk=sent_twice.pk).update(duplicate_search_at=planned)

    tidy()

    assert row(sent_twice).duplicate_search_at == planned


def test_the_hours_can_be_set(sent_twice, clock, settings):
    settings.DUPLICATE_SEARCH_HOURS = [1000.0, 30.0]
    search_when_due(clock)

    assert row(sent_twice).duplicate_search_at == sent_twice.handed_over_at + timedelta(hours=30)


def test_while_it_is_in_doubt_once_more_the_search_waits(api, sent_twice, clock):
    Extraction.objects.filter(pk=sent_twice.pk).update(state=State.CHECKING, next_try_at=clock())

    search_when_due(clock)

    assert row(sent_twice).duplicate_search_at > timezone.now()
    assert not any(request.query.get("meta_value") == str(sent_twice.key) for request in api.requests[-1:])


def test_settling_is_written_down_once(api, sent_twice, clock, bob):
    api.hidden = set()
    search_when_due(clock)
    payment = DoublePayment.objects.get()

    assert payment.settle(bob)
    assert not payment.settle(bob)

    assert Entry.objects.filter(action=Entry.Action.SETTLED).count() == 1
    assert not DoublePayment.objects.open().exists()


def test_a_late_answer_of_the_first_send_is_a_double_payment(api, sent_twice, first_id):
    """By a webhook, or by the sender that was thought to be lost."""
    from extractions.forwarding.steps import webhook_receiver

    webhook_receiver.handle(first_id)

    assert DoublePayment.objects.get().remote_id == first_id


@pytest.mark.django_db(transaction=True)
def test_the_worker_does_it(api, sent_twice, first_id, clock, monkeypatch):
    api.hidden = set()
    api.documents[first_id].update(DONE)
    Extraction.objects.filter(pk=sent_twice.pk).update(duplicate_search_at=clock())
    worker = Worker()

    def both_are_done():
        worker.tick()
        return DoublePayment.objects.filter(credits=3).exists()

    wait_for(both_are_done)
    worker.stop.set()
    worker._shut_down()
    assert duplicates.next_due(timezone.now()) is None
