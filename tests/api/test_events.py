"""Events for programs that poll: each once, in order, whatever order transactions end in."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from extractions.exports.exported import log_export
from extractions.forwarding.steps import event_order
from extractions.forwarding.steps.erase import erase
from extractions.models import DocumentEvent, Event, Extraction, publish
from extractions.review import review_queue
from portal.audit.models import Entry
from tests.factories import State, make_extraction, make_team, pdf
from tests.running import PATIENCE

EVENTS = "/api/v1/events/"


@pytest.fixture
def row(alice):
    return make_extraction(owner=alice, state=State.EXTRACTED, review_state="waiting", remote_id="there")


def told(answer):
    assert answer.status_code == 200, answer.content
    return [(item["type"], item["data"]["id"]) for item in answer.json()["results"]]


def follow(program, answer):
    return program.get(answer.json()["next"].removeprefix("http://testserver"))


@pytest.mark.django_db
def test_what_happens_is_told_once_and_in_order(program, row, alice, bob):
    sent = program.upload(pdf(9)).json()
    review_queue.reject(row, bob, "illegible")
    publish(row, Event.FAILED, error="unreadable")
    first = program.get(f"{EVENTS}?size=2")
    second = follow(program, first)
    review_queue.reopen(row, bob)
    third = follow(program, second)

    assert told(first) == [("document.received", sent["id"]), ("document.rejected", str(row.key))]
    assert told(second) == [("document.failed", str(row.key))]
    assert told(third) == [("document.needs_review", str(row.key))]
    assert (first.json()["more"], second.json()["more"]) == (True, False)
    assert told(follow(program, third)) == []
    data = first.json()["results"][1]["data"]
    assert (data["service_id"], data["state"], data["review"]) == ("there", "EXTRACTED", "rejected")
    assert data["links"]["page"].endswith(row.get_absolute_url())
    assert second.json()["results"][0]["data"]["error"] == "unreadable"


@pytest.mark.django_db
def test_at_latest_only_what_comes_is_reported(program, row):
    publish(row, Event.RECEIVED)
    now = program.get(f"{EVENTS}?cursor=latest")
    publish(row, Event.FINISHED)

    assert told(now) == []
    assert told(follow(program, now)) == [("document.finished", str(row.key))]


@pytest.mark.django_db
def test_an_export_tells_of_each_document(program, row, alice):
    other = make_extraction(owner=alice, state=State.EXTRACTED)
    log_export("csv", [row.pk, other.pk])

    answer = program.get(EVENTS)

    assert told(answer) == [("document.exported", str(row.key)), ("document.exported", str(other.key))]
    assert answer.json()["results"][0]["data"]["format"] == "csv"


@pytest.mark.django_db
def test_a_single_download_is_told_like_an_export(program, client, row, alice):
    Extraction.objects.filter(pk=row.pk).update(extracted_data={"total": 1})
    client.force_login(alice)

    program.get(f"/extract/{row.key}/?download=json")
    client.get(f"/extractions/{row.key}/download/?download=xlsx")
    client.get(f"/extractions/{row.key}/")

    events = program.get(EVENTS).json()["results"]
    entries = Entry.objects.filter(action="exported", subject_id=str(row.key)).order_by("pk")
    assert [event["type"] for event in events] == ["document.exported"] * 2
    assert [event["data"]["format"] for event in events] == ["json", "xlsx"]
    assert [event["data"]["export"] for event in events] == [entry.pk for entry in entries]


@pytest.mark.django_db
def test_of_other_teams_and_of_what_is_erased_nothing_is_shown(program, connect, charlie, row):
    publish(row, Event.FINISHED)
    Extraction.objects.filter(pk=row.pk).update(remote_id="", handed_over_at=None)
    assert Extraction.objects.get().request_deletion()
    erase(Extraction.objects.select_related("connection").get())

    answer = program.get(EVENTS)

    assert told(connect(charlie).get(EVENTS)) == []
    assert told(answer) == [("document.finished", str(row.key)), ("document.deleted", str(row.key))]
    assert all("links" not in item["data"] for item in answer.json()["results"])


@pytest.mark.django_db
def test_what_moved_to_another_team_is_told_without_links(program, row):
    publish(row, Event.FINISHED)
    Extraction.objects.filter(pk=row.pk).update(team=make_team("Elsewhere"))

    [event] = program.get(EVENTS).json()["results"]

    assert (event["data"]["id"], "links" in event["data"]) == (str(row.key), False)


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["cursor=yesterday", "cursor=1", "cursor=-1-2", "size=0", "size=x"])
def test_what_is_no_cursor_is_refused(program, query):
    answer = program.get(f"{EVENTS}?{query}")

    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json")


@pytest.mark.django_db
def test_it_takes_the_scope_read(connect, alice):
    assert connect(alice, scopes=["upload", "export", "manage", "review"]).get(EVENTS).status_code == 403


@pytest.mark.django_db
def test_whoever_was_away_too_long_is_told_so(program, row, settings):
    publish(row, Event.RECEIVED)
    start = program.get(EVENTS)
    publish(row, Event.FINISHED)
    DocumentEvent.objects.update(happened_at=timezone.now() - timedelta(days=settings.WEBHOOK_LOG_DAYS + 1))
    publish(row, Event.APPROVED)
    event_order.put_in_order()

    assert event_order.clear() == 2
    late = follow(program, start)
    again = program.get(EVENTS)

    assert (late.status_code, late.json()["status"]) == (410, 410)
    assert told(again) == [("document.approved", str(row.key))]
    assert told(follow(program, again)) == []


@pytest.mark.django_db
def test_the_worker_orders_what_nobody_follows(row, team):
    for _ in range(3):
        publish(row, Event.FINISHED)
    event_order.put_in_order()

    assert not DocumentEvent.objects.filter(batch=None).exists()
    assert list(DocumentEvent.objects.order_by("batch", "pk").values_list("pk", flat=True)) == sorted(
        DocumentEvent.objects.values_list("pk", flat=True)
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_a_transaction_that_ends_late_is_not_passed_over(program, alice):
    slow, fast = (make_extraction(owner=alice, state=State.EXTRACTED) for _ in range(2))
    written, finish = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic():
            publish(slow, Event.FINISHED)
            written.set()
            finish.wait(PATIENCE)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert written.wait(PATIENCE)
    publish(fast, Event.FINISHED)
    first = program.get(EVENTS)
    finish.set()
    thread.join(PATIENCE)
    second = follow(program, first)

    numbers = dict(DocumentEvent.objects.values_list("extraction", "pk"))
    assert numbers[slow.pk] < numbers[fast.pk]
    assert told(first) == [("document.finished", str(fast.key))]
    assert told(second) == [("document.finished", str(slow.key))]
