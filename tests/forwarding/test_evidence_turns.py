"""Whose values are looked for next."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from extractions.forwarding.fairness import Party
from extractions.forwarding.runtime.worker import Worker
from extractions.forwarding.steps import evidence
from extractions.forwarding.steps.evidence import CANDIDATES, next_due
from extractions.models import Extraction
from tests.factories import make_extraction

pytestmark = pytest.mark.django_db(transaction=True)


def due(owner, pages, seconds_ago):
    at = timezone.now() - timedelta(seconds=seconds_ago)
    return make_extraction(owner=owner, state="EXTRACTED", page_count=pages, evidence_due_at=at)


def test_a_short_document_does_not_wait_behind_long_ones_that_came_before(alice, team):
    for _number in range(3):
        due(alice, 300, seconds_ago=60)
    short = due(alice, 1, seconds_ago=1)

    assert next_due(timezone.now(), Party(team.pk, alice.pk)) == short


def test_a_long_document_has_its_turn_in_the_end(alice, team):
    long = due(alice, 100, seconds_ago=600)
    due(alice, 1, seconds_ago=5)

    assert next_due(timezone.now(), Party(team.pk, alice.pk)) == long


def test_among_very_many_a_short_one_is_seen(alice, team):
    long = due(alice, 300, seconds_ago=60)
    fields = {name.attname: getattr(long, name.attname) for name in Extraction._meta.concrete_fields}
    del fields["id"], fields["key"]
    Extraction.objects.bulk_create(Extraction(**fields) for _number in range(CANDIDATES + 5))
    short = due(alice, 1, seconds_ago=1)

    assert next_due(timezone.now(), Party(team.pk, alice.pk)) == short


def test_the_worker_asks_for_the_next_when_it_is_free(alice, monkeypatch):
    due(alice, 300, seconds_ago=60)
    short = due(alice, 2, seconds_ago=1)
    asked = []
    monkeypatch.setattr(evidence, "find_evidence", asked.append)
    worker = Worker()

    worker._hand_out_evidence(timezone.now())
    worker.stop.set()
    worker._shut_down()

    assert asked == [short]


def test_what_is_not_due_is_left_alone(alice, team):
    due(alice, 1, seconds_ago=-30)

    assert next_due(timezone.now(), Party(team.pk, alice.pk)) is None
