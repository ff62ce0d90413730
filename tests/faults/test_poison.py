"""One document breaks every process that sends it, among healthy ones; and workers are killed for no reason at all."""

from __future__ import annotations

import hashlib
import random
import time

import pytest

from tests.fake_api import Ledger
from tests.faults.judging import rows_of
from tests.faults.kill_storm import document
from tests.faults.processes import Person
from tests.running import PATIENCE, wait_for

pytestmark = pytest.mark.long


def revive(portal):
    for process in portal.processes:
        if not process.alive:
            process.start()


@pytest.fixture
def started(portal_with):
    portals = []

    def start(poison, **settings):
        portal = portal_with(
            FORWARDING_TIME_SCALE="0.05",
            DJANGO_SETTINGS_MODULE="tests.faults.poisoned_settings",
            POISON=hashlib.sha256(poison).hexdigest(),
            **settings,
        )
        portal.workers = 1
        portals.append(portal)
        portal.start()
        return portal

    yield start
    for portal in portals:
        portal.stop()


def test_only_the_document_that_breaks_its_sender_is_rejected(started):
    chance = random.Random(3)
    poison, *healthy = (document(chance, str(number)) for number in range(9))
    portal = started(poison)
    person = Person(portal)
    person.sign_in()
    for content in (*healthy[:4], poison, *healthy[4:]):
        assert person.upload("a.pdf", content, deadline=time.monotonic() + PATIENCE)

    def settled():
        revive(portal)
        rows = {row["sha256"]: row for row in rows_of(portal.database_url)}
        return rows if all(row["state"] in {"EXTRACTED", "REJECTED"} for row in rows.values()) else None

    rows = wait_for(settled)

    blamed = rows.pop(hashlib.sha256(poison).hexdigest())
    assert (blamed["state"], blamed["error_code"], blamed["error_detail"]) == ("REJECTED", "crashes", "SIGSEGV")
    assert {row["state"] for row in rows.values()} == {"EXTRACTED"}
    assert len(Ledger(portal.ledger).charges()) == len(healthy)
