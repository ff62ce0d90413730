"""What programs that watch the portal are told."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from extractions.forwarding.steps import clone_guard
from extractions.models import Connection, Extraction, Installation, WorkerProcess
from extractions.monitoring import health
from extractions.services import own_connections as service
from extractions.services.own_connections import ConnectionSettings
from tests.factories import make_extraction


@pytest.fixture
def working(db):
    """A worker that began a while ago, and an engine that answers it."""
    now = timezone.now()
    process = WorkerProcess.objects.create(
        name="here:1", host="here", pid=1, lanes={"send": [3, 16]}, started_at=now - timedelta(minutes=5)
    )
    Connection.objects.filter(pk=Connection.current().pk).update(answered_at=now)
    return process


def metrics_of(response):
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(response.content.decode())
        for sample in family.samples
    }


def test_all_is_well(client, working):
    response = client.get("/healthz")

    assert (response.status_code, response.json()) == (200, {"status": "well", "reasons": []})


@pytest.mark.parametrize(("silence", "status"), [(50, 200), (61, 503)])
def test_a_worker_that_is_silent_for_a_minute_is_reported(client, working, silence, status):
    WorkerProcess.objects.update(seen_at=timezone.now() - timedelta(seconds=silence))

    response = client.get("/healthz")

    assert response.status_code == status
    assert ("No worker is running" in str(response.json()["reasons"])) is (status == 503)


def test_a_worker_that_stopped_is_told_at_once(client, working):
    WorkerProcess.objects.update(stopped_at=timezone.now())

    assert client.get("/healthz").status_code == 503


def test_who_only_takes_rows_off_a_queue_is_no_worker(client, working):
    """Without the other kind nothing is found that was lost, so it does not hide that it is missing."""
    WorkerProcess.objects.update(lanes={"queue": [0, 16]})

    assert "No worker is running" in str(client.get("/healthz").json()["reasons"])


def test_an_engine_that_does_not_answer_is_reported(client, working):
    Connection.objects.update(answered_at=timezone.now() - timedelta(seconds=56))

    assert client.get("/healthz").json()["reasons"] == ["The embedded engine does not answer: documents wait."]


def test_an_engine_without_its_models_is_reported(client, working):
    Connection.objects.update(readiness=Connection.Readiness.BROKEN)

    assert client.get("/healthz").json()["reasons"] == ["The embedded engine cannot load its models."]


def test_a_worker_that_hangs_is_not_taken_for_an_engine_that_does(client, working):
    """Nobody asks the engine any more, so its silence means nothing."""
    ago = timezone.now() - timedelta(seconds=70)
    WorkerProcess.objects.update(seen_at=ago)
    Connection.objects.update(answered_at=ago)

    [reason] = client.get("/healthz").json()["reasons"]

    assert "worker" in reason


def test_an_engine_may_take_a_minute_to_start(client, working):
    Connection.objects.update(answered_at=None)
    WorkerProcess.objects.update(started_at=timezone.now())

    assert client.get("/healthz").status_code == 200


PAUSES = Connection.Pause


@pytest.mark.parametrize(
    ("pause", "status", "code"),
    [
        (PAUSES.RATE, "degraded", 200),
        (PAUSES.UNREACHABLE, "degraded", 200),
        (PAUSES.BY_HAND, "degraded", 200),
        (PAUSES.KEY_REFUSED, "unwell", 503),
        (PAUSES.NO_CREDITS, "unwell", 503),
        (PAUSES.WRONG_ADDRESS, "unwell", 503),
        (PAUSES.COPIED, "unwell", 503),
        (PAUSES.STORE_AWAY, "unwell", 503),
    ],
)
def test_paused_sending_is_not_well(client, working, settings, pause, status, code):
    settings.ANESYA_BASE_URL = "https://api.example.com"
    Connection.current().pause_for(pause, until=None)

    answer = client.get("/healthz")

    assert (answer.status_code, answer.json()["status"]) == (code, status)
    assert answer.json()["reasons"] == [f"Sending is paused: {pause.label}."]


def test_a_service_that_is_silent_for_long_is_an_outage(client, alice, working, settings):
    settings.ANESYA_BASE_URL = "https://api.example.com"
    make_extraction(owner=alice, state_changed_at=timezone.now() - timedelta(minutes=11))
    Connection.current().pause_for(PAUSES.UNREACHABLE, until=None)

    assert client.get("/healthz").status_code == 503


def test_the_key_of_one_team_is_no_outage_for_all(client, team, working):
    own = service.set_up(team, ConnectionSettings("https://api.anesya.app", "sk-live-0123456789"))
    own.pause_for(PAUSES.KEY_REFUSED, until=None)

    answer = client.get("/healthz")

    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert "for a team with a connection of its own: Key refused." in answer.json()["reasons"][0]


@pytest.mark.parametrize(("minutes", "status"), [(9, "well"), (11, "degraded")])
def test_a_queue_that_is_older_than_usual_is_reported(client, alice, working, minutes, status):
    make_extraction(owner=alice, state_changed_at=timezone.now() - timedelta(minutes=minutes))

    answer = client.get("/healthz")

    assert (answer.status_code, answer.json()["status"]) == (200, status)


def test_a_queue_is_measured_against_what_is_usual(client, alice, working):
    now = timezone.now()
    for _ in range(3):
        row = make_extraction(owner=alice, state="EXTRACTED", received_at=now - timedelta(hours=2))
        row.tries.create(number=1, lease=1, started_at=now - timedelta(hours=1, minutes=30), outcome="accepted")
    make_extraction(owner=alice, state_changed_at=now - timedelta(hours=2))
    assert client.get("/healthz").json()["status"] == "well"

    Extraction.objects.filter(state="QUEUED").update(state_changed_at=now - timedelta(hours=3))

    assert client.get("/healthz").json()["reasons"] == ["Documents wait longer to be sent than usual."]


def test_a_worker_with_another_folder_is_told_and_stops_nobody(client, alice, working):
    other = WorkerProcess.objects.create(
        name="there:2", host="there", pid=2, lanes={"send": [0, 16]}, error_code="other_folder", data_dir="/srv/wrong"
    )

    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert "refuses to work" in answer.json()["reasons"][0]
    assert "/srv/wrong" not in answer.content.decode()
    alice.is_staff = True
    alice.save()
    client.force_login(alice)
    assert "there:2: other_folder in /srv/wrong" in client.get("/healthz").json()["checks"]["worker"]["detail"]

    working.delete()
    assert client.get("/healthz").status_code == 503
    other.error_code = "starting"
    other.save()
    assert client.get("/healthz").status_code == 200


def test_a_web_process_with_another_folder_is_reported(client, working, settings):
    clone_guard.is_recognised()
    settings.MEDIA_ROOT = settings.DATA_DIR / "elsewhere"
    settings.MEDIA_ROOT.mkdir()

    answer = client.get("/healthz")

    assert answer.status_code == 503
    assert answer.json()["reasons"] == [
        "The web process cannot reach the portal's folder of files: uploads are refused."
    ]


def test_health_and_figures_answer_while_the_disk_is_away(client, working, settings):
    settings.METRICS_TOKEN = "word"
    clone_guard.is_recognised()
    settings.DATA_DIR.rename(settings.DATA_DIR.with_name("away"))

    answer = client.get("/healthz")

    assert answer.status_code == 503
    assert "The disk of the portal is not there." in answer.json()["reasons"]
    figures = metrics_of(client.get("/metrics", headers={"Authorization": "Bearer word"}))
    assert figures["portal_up", (("part", "files"),)] == 0


def test_files_in_quarantine_are_reported(client, working, settings):
    settings.METRICS_TOKEN = "word"
    clone_guard.is_recognised()
    Installation.objects.update(quarantined_files=5, quarantined_bytes=1000, quarantined_since=timezone.now())

    answer = client.get("/healthz")

    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert answer.json()["reasons"] == ["5 files are in quarantine: no document knows them."]
    figures = metrics_of(client.get("/metrics", headers={"Authorization": "Bearer word"}))
    assert figures["portal_quarantined_files", ()] == 5
    assert figures["portal_degraded", (("part", "quarantine"),)] == 1
    assert figures["portal_up", (("part", "quarantine"),)] == 1


def test_a_full_disk_is_reported(client, working, monkeypatch):
    monkeypatch.setattr(health, "free_bytes", lambda: health.MIN_FREE_BYTES - 1)

    assert client.get("/healthz").json()["reasons"] == ["The disk is nearly full: uploads may be refused."]


def test_a_database_that_is_away_is_told_to_anybody(client, alice, working, monkeypatch):
    def refuse():
        raise DatabaseError("connection to server at 10.0.0.7 refused")

    with monkeypatch.context() as away:
        away.setattr(connection, "cursor", refuse)
        response = client.get("/healthz")

    assert response.status_code == 503
    assert response.json() == {"status": "unwell", "reasons": ["The database does not answer."]}


def test_strangers_read_no_details_and_staff_do(client, alice, working):
    assert "checks" not in client.get("/healthz").json()
    client.force_login(alice)
    assert "checks" not in client.get("/healthz").json()
    alice.is_staff = True
    alice.save()

    assert set(client.get("/healthz").json()["checks"]) == {
        *("database", "worker", "files", "engine", "sending", "queue", "quarantine", "backup", "disk")
    }


@pytest.mark.parametrize(
    ("known", "sent", "status"),
    [("", "Bearer ", 403), ("", "", 403), ("word", "", 403), ("word", "Bearer other", 403), ("word", "Basic word", 403),
     ("word", "Bearer word", 200)],
)  # fmt: skip
def test_figures_need_the_token_or_staff(client, working, settings, known, sent, status):
    settings.METRICS_TOKEN = known

    assert client.get("/metrics", headers={"Authorization": sent} if sent else {}).status_code == status


def test_staff_read_figures(client, alice, working):
    client.force_login(alice)
    assert client.get("/metrics").status_code == 403
    alice.is_staff = True
    alice.save()

    assert client.get("/metrics").status_code == 200


def test_figures_tell_what_there_is(client, alice, working, settings):
    settings.METRICS_TOKEN = "word"
    waiting = make_extraction(owner=alice, state_changed_at=timezone.now() - timedelta(minutes=3))
    make_extraction(owner=alice, state="EXTRACTED")
    make_extraction(owner=alice, state="SENDING", lease_until=timezone.now() + timedelta(minutes=1))
    waiting.tries.create(number=1, lease=1, outcome="not_sent", ended_at=timezone.now())

    found = metrics_of(client.get("/metrics", headers={"Authorization": "Bearer word"}))

    assert found["portal_documents", (("state", "queued"),)] == 1
    assert found["portal_documents", (("state", "extracted"),)] == 1
    assert found["portal_documents", (("state", "failed"),)] == 0
    assert found["portal_workers", ()] == 1
    assert found["portal_lane_busy", (("lane", "send"), ("worker", "here:1"))] == 3
    assert (found["portal_due", ()], found["portal_held", ()]) == (1, 1)
    assert found["portal_queue_age_seconds", ()] >= 180
    assert found["portal_attempts_last_hour", (("outcome", "not_sent"), ("server", "FR-1"))] == 1
    assert found["portal_up", (("part", "worker"),)] == 1
    assert found["portal_connection_paused", (("connection", "0"), ("pause", "none"))] == 1
    assert found["portal_disk_free_bytes", ()] > 0


def test_each_connection_tells_why_nothing_is_sent_by_it(client, team, working, settings):
    settings.METRICS_TOKEN = "word"
    own = service.set_up(team, ConnectionSettings("https://api.anesya.app", "sk-live-0123456789"))
    own.pause_for(Connection.Pause.NO_CREDITS, until=None)

    text = client.get("/metrics", headers={"Authorization": "Bearer word"}).content.decode()

    assert 'portal_connection_paused{connection="0",pause="none"} 1.0' in text
    assert f'portal_connection_paused{{connection="{own.pk}",pause="no_credits"}} 1.0' in text
    assert "anesya" not in text


def test_figures_tell_of_no_document_and_no_person(client, alice, working, settings):
    settings.METRICS_TOKEN = "word"
    row = make_extraction(owner=alice, name="secret.pdf")

    text = client.get("/metrics", headers={"Authorization": "Bearer word"}).content.decode()

    assert not [word for word in ("secret", str(row.key), alice.email, alice.name) if word in text]
