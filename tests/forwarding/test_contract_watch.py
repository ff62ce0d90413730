"""Answers that differ from the contract are told once and kept; nothing breaks."""

from __future__ import annotations

from collections import deque

import pytest
from django.urls import reverse

from extractions.forwarding.api import contract
from extractions.forwarding.steps import contract_watch, schemas
from extractions.models import ContractDifference
from portal.audit.models import Entry
from tests.factories import State, make_person
from tests.forwarding.finished import DONE

pytestmark = pytest.mark.django_db
SECRET = "Meyer & Sons, IBAN DE02"


@pytest.fixture(autouse=True)
def fresh():
    contract_watch.forget()


def told() -> set[tuple[str, str, str, str]]:
    contract_watch.store()
    return set(ContractDifference.objects.values_list("form", "kind", "path", "found"))


def test_an_added_field_and_an_added_status_are_kept_and_the_document_still_ends(api, queued, drive):
    running = drive.step(queued)
    added = {"confidence": 0.97, "owner": {"name": SECRET}}
    api.next_updates[running.remote_id] = deque([added | {"status": "POLISHING"}, DONE])

    drive.step(running)
    done = drive.step(running)

    assert done.state == State.EXTRACTED
    assert done.raw["owner"] == {"name": SECRET}
    assert told() == {
        ("Extract", "new_field", "confidence", "number"),
        ("Extract", "new_field", "owner", "object"),
        ("Extract", "unknown_value", "status", "POLISHING"),
    }


def test_a_service_that_keeps_to_the_contract_is_not_spoken_of(api, queued, drive, connection):
    api.schemas = [{"id": "s", "name": "n", "description": "d", "schema": None}]
    running = drive.step(queued)
    api.documents[running.remote_id].update(DONE)

    drive.step(running)
    schemas.refresh(connection)

    assert told() == set()


def test_no_content_is_kept(api, queued, drive):
    running = drive.step(queued)
    odd = {"content": [SECRET], "status": SECRET, "owner": {SECRET: SECRET}, "credit_used": SECRET}
    api.next_updates[running.remote_id] = deque([odd, DONE | odd])

    drive.step(running)

    assert len(told()) == 4
    kept = str(list(ContractDifference.objects.values()))
    assert "Meyer" not in kept
    assert "DE02" not in kept


def test_missing_and_differently_typed_fields_are_named(api, queued, drive):
    running = drive.step(queued)
    there = api.documents[running.remote_id]
    del there["created_at"]
    there |= {"credit_used": "3", "content_images": [{"url": "/images/1/", "width": 7}, {"name": "a"}]}

    drive.step(running)

    assert told() == {
        ("Extract", "missing_field", "created_at", ""),
        ("Extract", "other_type", "credit_used", "string"),
        ("Extract", "new_field", "content_images[].width", "integer"),
        ("Extract", "missing_field", "content_images[].url", ""),
    }
    example = ContractDifference.objects.get(path="content_images[].width").outline
    assert example == {"url": "string", "width": "integer"}


def test_each_is_told_once_however_often_it_is_seen(api, queued, drive, caplog):
    running = drive.step(queued)
    api.documents[running.remote_id]["confidence"] = 1

    for _ in range(3):
        drive.step(running)
        contract_watch.store()
    contract_watch.forget()  # a worker that was started again
    drive.step(running)
    contract_watch.store()

    assert ContractDifference.objects.count() == 1
    assert caplog.text.count("answers otherwise") == 1


def test_names_without_end_do_not_fill_the_database(connection, monkeypatch):
    monkeypatch.setattr(ContractDifference, "MOST", 5)
    observe = contract_watch.observer(connection)

    for number in range(20):
        observe("ExtractSchema", {"id": "1", "name": "", "description": "", "schema": None, f"field_{number}": 1})

    assert len(told()) == 5


def test_an_answer_that_cannot_be_looked_at_is_recorded_all_the_same(api, queued, drive, monkeypatch, caplog):
    def broken(name, answer):
        raise RuntimeError("odd")

    monkeypatch.setattr(contract, "differences", broken)

    running = drive.step(queued)

    assert running.state == State.RUNNING
    assert "could not be held against the contract" in caplog.text


@pytest.fixture
def difference(connection):
    contract_watch.observer(connection)("Extract", {"id": "x", "confidence": 1})
    contract_watch.store()
    return ContractDifference.objects.get(path="confidence")


def test_staff_are_told_until_they_acknowledge_it_and_can_take_that_back(client, difference):
    staff = make_person("Root", is_staff=True, is_superuser=True)
    client.force_login(staff)
    page, acknowledge = (
        reverse("extractions:contract_differences"),
        ("extractions:acknowledge_difference", [difference.pk]),
    )
    banner = "answers otherwise than we know it"
    assert banner in client.get(reverse("extractions:dashboard")).text

    for row in ContractDifference.objects.all():
        client.post(reverse("extractions:acknowledge_difference", args=[row.pk]), {"next": page})

    assert banner not in client.get(reverse("extractions:dashboard")).text
    assert "confidence" in client.get(page).text
    assert Entry.objects.filter(action="setting", subject_kind="connection").exists()

    client.post(reverse(acknowledge[0], args=acknowledge[1]), {"back": "1"})

    assert banner in client.get(reverse("extractions:dashboard")).text


def test_others_are_not_told(client, difference, alice):
    client.force_login(alice)

    assert "answers otherwise" not in client.get(reverse("extractions:dashboard")).text
    assert client.get(reverse("extractions:contract_differences")).status_code == 403
    assert client.post(reverse("extractions:acknowledge_difference", args=[difference.pk])).status_code == 404


def test_the_worker_page_says_how_many_differ(client, difference):
    client.force_login(make_person("Root", is_staff=True, is_superuser=True))

    page = client.get(reverse("extractions:worker")).text

    assert reverse("extractions:contract_differences") in page
    assert "new difference" in page
