import json
from datetime import timedelta

import pytest
from django.urls import reverse

from extractions import wakeup
from extractions.forwarding.steps import webhook_receiver
from extractions.models import Extraction
from tests.factories import State, make_extraction

pytestmark = pytest.mark.django_db


@pytest.fixture
def rung(monkeypatch):
    words = []
    monkeypatch.setattr(wakeup, "notify_workers", words.append)
    return words


def post(client, body, word=None):
    url = reverse("extractions:hook", args=[word or webhook_receiver.secret()])
    return client.post(url, body, content_type="application/json")


def test_the_id_is_passed_on_and_answered_at_once(client, rung):
    body = {"id": "hook", "event": "extract.completed", "data": {"id": "abc-1", "status": "FINISHED", "content": "x"}}

    response = post(client, json.dumps(body))

    assert (response.status_code, response.content) == (204, b"")
    assert rung == ["abc-1"]


@pytest.mark.parametrize(
    "body", ["", "no json", "[]", '{"data": 5}', '{"data": {"id": "../../x"}}', '{"data": {"id": 5}}', "[" * 50_000]
)
def test_rubbish_is_answered_the_same_and_forgotten(client, rung, body):
    assert post(client, body).status_code == 204
    assert rung == []


def test_strangers_find_nothing(client, rung):
    assert post(client, json.dumps({"data": {"id": "abc-1"}}), word="guess").status_code == 404
    assert rung == []


def test_a_known_document_is_asked_about_now(alice, clock, api, monkeypatch):
    woken = []
    monkeypatch.setattr(wakeup, "notify_workers", lambda: woken.append(Extraction.objects.get().next_try_at))
    row = make_extraction(owner=alice, state=State.RUNNING, remote_id="abc-1")
    Extraction.objects.update(next_try_at=clock() + timedelta(hours=1))

    webhook_receiver.handle("abc-1")

    row.refresh_from_db()
    assert woken == [row.next_try_at], "after it was written, for the worker may sleep by now"
    assert row.next_try_at <= clock()
    assert api.requests == [], "the worker's next step asks"


def test_it_may_ring_before_our_own_upload_was_answered(alice, clock, api, drive):
    row = make_extraction(owner=alice, state=State.CHECKING, handed_over_at=clock())
    there = api.add("x.pdf", {"portal_key": str(row.key)})

    webhook_receiver.handle(there["id"])

    row.refresh_from_db()
    assert (row.state, row.remote_id) == (State.RUNNING, there["id"])


@pytest.mark.parametrize(
    "metadata", [{}, {"portal_key": "no uuid"}, {"portal_key": "3f1c0d3e-0000-4000-8000-000000000000"}]
)
def test_a_document_that_is_not_ours_is_left_alone(alice, clock, api, metadata):
    there = api.add("x.pdf", metadata)

    webhook_receiver.handle(there["id"])

    assert not Extraction.objects.exists()


def test_a_forged_id_leads_nowhere(alice, clock, api):
    webhook_receiver.handle("abc-1")

    assert not Extraction.objects.exists()


def test_a_late_ring_changes_no_result(alice, clock, api):
    row = make_extraction(owner=alice, state=State.EXTRACTED, remote_id="abc-1")

    webhook_receiver.handle("abc-1")

    row.refresh_from_db()
    assert (row.state, row.next_try_at) == (State.EXTRACTED, None)
