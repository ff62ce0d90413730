from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from django.db import connection

from extractions.incoming import folders
from extractions.models import Mailbox, WatchedFolder
from portal.sealing import seal
from tests.factories import pdf
from tests.intake.imap_server import PASSWORD, USER, ImapServer, certificate
from tests.running import ROOT


@pytest.fixture
def root(settings, tmp_path):
    """A folder that the settings allow to be watched."""
    place = (tmp_path / "shares").resolve()
    place.mkdir()
    settings.WATCHED_FOLDER_ROOTS = [str(place)]
    return place


@pytest.fixture
def inbox(root):
    place = root / "inbox"
    place.mkdir()
    return place


@pytest.fixture
def watched(inbox, alice, team, monkeypatch):
    """Files count as settled at once."""
    monkeypatch.setattr(folders, "STABLE_SECONDS", 0.0)
    return WatchedFolder.objects.create(path=str(inbox), team=team, person=alice, server="FR-1")


def run_due(folder: WatchedFolder) -> WatchedFolder:
    """A run now, in this thread."""
    folder.run_now()
    folders.run(WatchedFolder.objects.get(pk=folder.pk), threading.Event())
    return WatchedFolder.objects.get(pk=folder.pk)


def environment(settings) -> dict[str, str]:
    """For processes that work on the database and the files of this test."""
    facts = connection.settings_dict
    if connection.vendor == "sqlite":
        url = f"sqlite:///{facts['NAME']}"
    else:
        who = facts["USER"] + (f":{facts['PASSWORD']}" if facts["PASSWORD"] else "")
        url = f"postgres://{who}@{facts['HOST']}:{facts['PORT']}/{facts['NAME']}"
    return os.environ | {
        "DATA_DIR": str(settings.DATA_DIR),
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "WATCHED_FOLDER_ROOTS": ",".join(getattr(settings, "WATCHED_FOLDER_ROOTS", [])),
    }


def killed_run(settings, module: str, attribute: str, moment: str, **more: str) -> None:
    command = [sys.executable, "-m", "tests.intake.killed", module, attribute, moment]
    done = subprocess.run(
        command, cwd=ROOT, env=environment(settings) | more, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == -signal.SIGKILL, done.stderr


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())


def put(folder: Path, name: str = "invoice.pdf", content: bytes | None = None) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pdf(text=name) if content is None else content)
    return path


@pytest.fixture
def pem(tmp_path, monkeypatch):
    path = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    return path


@pytest.fixture
def server(pem):
    server = ImapServer(pem)
    yield server
    server.close()


@pytest.fixture
def mailbox(server, alice, team):
    facts = {"host": "127.0.0.1", "port": server.port, "username": USER, "sealed_password": seal(PASSWORD)}
    return Mailbox.objects.create(team=team, person=alice, from_start=True, server="FR-1", **facts)
