"""Which events there are, each from the place where it happens, in the transaction of what happened."""

import pytest
from django.db import transaction

from extractions.exports.exported import log_export
from extractions.forwarding.api.answers import read_answer
from extractions.forwarding.steps import evidence
from extractions.forwarding.steps.erase import erase
from extractions.forwarding.steps.finish import record_failure, record_result
from extractions.intake.receiving import StoredFile
from extractions.intake.submitting import Options, submit
from extractions.models import Event, Extraction, Value, WebhookMessage
from extractions.review import review_queue
from extractions.verification.grounding import request_grounding
from tests.factories import State, make_extraction, make_schema, make_team, make_webhook

pytestmark = pytest.mark.django_db
Review = Extraction.Review


@pytest.fixture
def webhook(team):
    return make_webhook(team)


def events(**fields):
    return list(WebhookMessage.objects.filter(**fields).order_by("pk").values_list("event", flat=True))


def facts():
    return WebhookMessage.objects.latest("pk").facts


def running(alice, **fields):
    return make_extraction(owner=alice, state=State.RUNNING, **fields)


def answer(**fields):
    return read_answer({"id": "there", "status": "FINISHED", "extracted_data": {"total": 12.5}} | fields)


def in_review(alice, **fields):
    row = make_extraction(owner=alice, state=State.EXTRACTED, review_state=Review.WAITING, **fields)
    Value.objects.create(extraction=row, position=0, path="total", text="12.5", extracted=12.5)
    return row


def test_received_in_the_transaction_that_makes_the_row(webhook, alice, team):
    stored = StoredFile(
        path="documents/a.pdf", name="a.pdf", sha256="0" * 64, size=1, mime="application/pdf", page_count=1
    )

    first = submit(stored, Options(), owner=alice, team=team, form_token="once")
    again = submit(stored, Options(), owner=alice, team=team, form_token="once")

    assert first == again
    assert events() == [Event.RECEIVED]
    assert facts() == {"state": "QUEUED", "review": ""}


def test_finished_and_then_needs_review_once(webhook, alice):
    row = running(alice)
    record_result(row, answer(), {})
    assert events() == [Event.FINISHED]

    row.refresh_from_db()
    evidence._store_evidence(row, Extraction.objects.filter(pk=row.pk))
    assert events() == [Event.FINISHED, Event.NEEDS_REVIEW]
    assert facts() == {"state": "EXTRACTED", "review": "waiting", "values_to_check": 1, "broken_rules": 0}

    request_grounding(row)
    evidence._store_evidence(row, Extraction.objects.filter(pk=row.pk))
    assert events() == [Event.FINISHED, Event.NEEDS_REVIEW], "weighed again is not a new request"


def test_without_values_nothing_needs_review(webhook, alice):
    row = running(alice)
    record_result(row, answer(extracted_data=None), {})

    assert events() == [Event.FINISHED]


@pytest.mark.parametrize(("state", "error"), [(State.FAILED, "service_error"), (State.REJECTED, "refused")])
def test_failed_says_why(webhook, alice, state, error):
    row = running(alice)
    if state == State.FAILED:
        record_failure(row, answer(status="ERROR"), {})
    else:
        assert row.transition({State.RUNNING}, state, error_code=error, **Extraction.RESTING)

    assert events() == [Event.FAILED]
    assert facts() == {"state": state, "review": "", "error": error}


def test_a_change_that_another_process_made_first_tells_nothing(webhook, alice):
    row = running(alice)
    stale = Extraction.objects.get(pk=row.pk)
    record_result(row, answer(), {})

    assert not record_failure(stale, answer(status="ERROR"), {})

    assert events() == [Event.FINISHED]


def test_what_is_rolled_back_tells_nothing(webhook, alice):
    row = running(alice)

    class Killed(Exception):
        pass

    with pytest.raises(Killed), transaction.atomic():  # noqa: PT012
        record_result(row, answer(), {})
        assert events() == [Event.FINISHED]
        raise Killed

    assert events() == []
    assert Extraction.objects.get(pk=row.pk).state == State.RUNNING


def test_states_on_the_way_tell_nothing(webhook, alice):
    row = make_extraction(owner=alice)
    assert row.transition({State.QUEUED}, State.SENDING, lease_until=row.next_try_at)
    assert row.cancel()

    assert events() == []


def test_approved_and_rejected_and_reopened(webhook, alice):
    row = in_review(alice)

    assert review_queue.approve(row, alice) == "approved"
    assert facts() == {"state": "EXTRACTED", "review": "approved"}
    assert review_queue.reopen(row, alice)
    assert review_queue.postpone(row, alice)
    Extraction.objects.filter(pk=row.pk).update(review_state=Review.WAITING)
    assert review_queue.reject(row, alice, "twice")

    assert events() == [Event.APPROVED, Event.NEEDS_REVIEW, Event.REJECTED]


def test_the_first_of_two_approvals_is_not_an_approval(webhook, alice, bob):
    row = in_review(alice, second_wanted=True)

    assert review_queue.approve(row, alice) == "second"
    assert events() == []
    assert review_queue.approve(row, bob) == "approved"
    assert events() == [Event.APPROVED]


def test_each_exported_document_once_an_export(webhook, alice):
    rows = [make_extraction(owner=alice, state=State.EXTRACTED) for _ in range(3)]
    numbers = [row.pk for row in rows]

    lines = log_export("csv", numbers[:2], person=alice)
    log_export("csv", numbers, person=alice, lines=lines)

    assert events() == [Event.EXPORTED] * 3
    assert sorted(WebhookMessage.objects.values_list("extraction", flat=True)) == numbers
    (line,) = lines.values()
    assert facts() == {"state": "EXTRACTED", "review": "", "export": line, "format": "csv"}


def test_deleted_once_it_is_erased(webhook, alice):
    row = make_extraction(owner=alice, state=State.EXTRACTED, remote_id="", handed_over_at=None)
    assert row.request_deletion()
    assert events() == [], "it can still be undone"

    erase(Extraction.objects.select_related("connection").get(pk=row.pk))

    assert events() == [Event.DELETED]


def test_only_webhooks_of_the_team_that_want_the_event_are_reported(alice, team):
    wanting = make_webhook(team, events=[Event.FAILED, Event.FINISHED])
    make_webhook(team, events=[Event.APPROVED])
    make_webhook(make_team())
    row = running(alice, schema=make_schema())

    record_result(row, answer(), {})

    assert events() == events(webhook=wanting) == [Event.FINISHED]


def test_a_paused_webhook_keeps_its_events(alice, team):
    make_webhook(team, pause="by_hand")

    record_result(running(alice), answer(), {})

    assert events() == [Event.FINISHED]


def test_without_webhooks_an_end_costs_few_queries(alice, django_assert_num_queries):
    row = running(alice)

    # The document, the webhooks, the event, and a notice: to whom, whether there is one to count it in, and a new one.
    with django_assert_num_queries(6):
        assert row.transition({State.RUNNING}, State.FAILED, **Extraction.RESTING)
