"""Who is next, and what happens to documents that were under way when the engine stopped."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from engine.models import Extract, Status
from engine.processing.work_queue import claim_next, recover
from tests.engine.conftest import extract_of, upload_by

pytestmark = pytest.mark.django_db(transaction=True)


def test_accounts_take_turns(client, stranger, pdf):
    alices = [extract_of(upload_by(client, pdf)) for _ in range(4)]
    charlies = [extract_of(upload_by(stranger, pdf)) for _ in range(2)]

    order = [claim_next() for _ in range(6)]

    assert order == [alices[0], charlies[0], alices[1], charlies[1], alices[2], alices[3]]
    assert claim_next() is None


def test_who_has_least_under_way_comes_first(client, stranger, pdf):
    for _ in range(3):
        upload_by(client, pdf)
    claimed = [claim_next(), claim_next()]
    latecomer = extract_of(upload_by(stranger, pdf))

    assert len(claimed) == 2
    assert claim_next() == latecomer


def test_a_document_is_claimed_once_however_many_try(client, pdf):
    for _ in range(10):
        upload_by(client, pdf)
    claimed: list[Extract | None] = []

    def take() -> None:
        claimed.extend(claim_next() for _ in range(5))
        connection.close()

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    taken = [extract.pk for extract in claimed if extract]
    assert len(taken) == len(set(taken)) == 10


def test_what_was_under_way_is_taken_up_again_in_its_turn(client, pdf):
    first, second = (extract_of(upload_by(client, pdf)) for _ in range(2))
    claim_next()

    recover()

    assert Extract.objects.get(pk=first.pk).status == Status.IN_PROGRESS
    assert [claim_next(), claim_next()] == [first, second]
    assert Extract.objects.get(pk=first.pk).attempts == 2


def test_what_has_ended_is_left_alone(client, pdf):
    extract = extract_of(upload_by(client, pdf))
    Extract.objects.filter(pk=extract.pk).update(status=Status.FINISHED)

    recover()

    assert claim_next() is None
