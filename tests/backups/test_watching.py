"""Staff see the last backup on the worker page, monitoring in health and metrics; the worker keeps the schedule."""

from __future__ import annotations

from datetime import timedelta

import pytest

from extractions import clock
from extractions.backups import history
from extractions.models import Backup

pytestmark = pytest.mark.django_db
TOKEN = "token-of-monitoring"


@pytest.fixture
def scheduled(settings, tmp_path):
    settings.BACKUP_DIR = str(tmp_path / "backups")
    settings.BACKUP_EVERY_HOURS = 24
    settings.METRICS_TOKEN = TOKEN


def make_backup(hours_ago=1.0, **fields):
    then = clock.now() - timedelta(hours=hours_ago)
    finished = None if fields.get("error") else then
    values = {"begun_at": then, "finished_at": finished, "place": "/backup", "documents": 7, "bytes": 4_000_000}
    return Backup.objects.create(**values | fields)


def health_of_backups(client):
    answer = client.get("/healthz", headers={"Authorization": f"Bearer {TOKEN}"})
    return answer.json()["checks"]["backup"]


def test_without_a_schedule_nobody_is_bothered(client, settings):
    settings.METRICS_TOKEN = TOKEN

    assert "sentence" not in str(health_of_backups(client).get("reason", ""))
    assert not history.is_due(clock.now())
    assert not history.is_late(clock.now())


def test_a_backup_on_time_is_well(client, scheduled):
    make_backup()

    assert health_of_backups(client)["status"] == "well"


@pytest.mark.parametrize(
    ("hours", "fields", "sentence"),
    [(37, {}, "older than the schedule allows"), (1, {"error": "The disk is full."}, "The last backup failed.")],
)
def test_a_late_or_failed_backup_is_reported(client, scheduled, hours, fields, sentence):
    make_backup(hours, **fields)

    answer = client.get("/healthz", headers={"Authorization": f"Bearer {TOKEN}"})

    assert answer.json()["checks"]["backup"]["status"] == "degraded"
    assert sentence in str(answer.json()["reasons"])
    assert "The disk is full." not in str(answer.json()["reasons"])


def test_metrics_have_age_size_and_failure(client, scheduled):
    make_backup(2, bytes=4_000_000)

    text = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).content.decode()

    assert "portal_backup_bytes 4e+06" in text
    assert "portal_backup_failed 0.0" in text
    age = float(text.split("\nportal_backup_age_seconds ")[1].split()[0])
    assert 7200 <= age < 7800


def test_metrics_tell_no_age_where_there_is_no_backup(client, scheduled):
    text = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).content.decode()

    assert "portal_backup_age_seconds" not in text


@pytest.mark.parametrize(
    ("hours", "fields", "due"),
    [
        (23, {}, False),
        (25, {}, True),
        (0.5, {"error": "The disk is full."}, False),
        (1.5, {"error": "The disk is full."}, True),
    ],
)
def test_one_is_due_by_the_schedule_and_a_failed_one_after_an_hour(scheduled, hours, fields, due):
    make_backup(hours, **fields)

    assert history.is_due(clock.now()) is due


def test_the_first_one_is_due_at_once(scheduled):
    assert history.is_due(clock.now())


def test_staff_see_the_last_one_and_what_went_wrong(client, alice, scheduled):
    alice.is_staff = alice.is_superuser = True
    alice.save()
    client.force_login(alice)
    make_backup(3)
    make_backup(1, error="The disk is full.")

    page = client.get("/worker/").content.decode()

    assert "7 documents, 4" in page
    assert "The disk is full." in page
    assert "every 24 hours" in page
