"""What the upload page expects of *Automatic*, before anything is sent."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from extractions.models import RegionTie
from tests.extractions.test_drafts import FRAGMENT, put
from tests.factories import State, make_extraction
from tests.responses import text

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def usual(settings):
    settings.ANESYA_SERVER = "FR-2"
    settings.ANESYA_BASE_URL, settings.ANESYA_API_KEY = "https://api.example.com", "key"


def ended(owner, server, seconds, *, failed=False, count=6):
    now = timezone.now() - timedelta(minutes=5)
    for _number in range(count):
        make_extraction(
            owner=owner, state=State.FAILED if failed else State.EXTRACTED, server=server, document="",
            extraction_time=seconds, handed_over_at=now - timedelta(seconds=seconds), finished_at=now,
        )  # fmt: skip


@pytest.fixture
def outlook(client, alice, team):
    client.force_login(alice)
    batch = uuid.uuid4()
    put(client, batch)

    def look(server="auto"):
        fields = {"batch": batch, "team": team.pk, "server": server}
        return text(client.post(reverse("extractions:outlook"), fields, headers=FRAGMENT))

    return look


def test_the_usual_time_of_the_server_that_would_be_taken_is_reported(outlook, alice):
    ended(alice, "FR-2", 12)

    assert "usually 12 s at FR-2" in outlook()


def test_a_server_that_fails_is_not_what_is_expected(outlook, alice, team):
    RegionTie.objects.create(team=team, region="FR")
    ended(alice, "FR-2", 12)
    ended(alice, "FR-2", 12, failed=True)
    ended(alice, "FR-1", 20)
    ended(alice, "FR-3", 40)

    assert "usually 20 s at FR-1" in outlook()


def test_a_wait_behind_other_documents_is_reported(outlook, alice, team):
    RegionTie.objects.create(team=team, region="FR")
    for server in ("FR-1", "FR-2", "FR-3"):
        ended(alice, server, 12)
        for _number in range(12):
            make_extraction(owner=alice, state=State.RUNNING, server=server, document="")

    assert "usually 12 s at FR-2, after a wait of about 36 s" in outlook()


def test_nothing_is_told_of_a_server_that_is_not_known(outlook):
    assert "usually" not in outlook()
