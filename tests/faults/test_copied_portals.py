"""Real data folders and databases, copied while the original lives on, or put back from a backup."""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.fake_api import FakeApi
from tests.faults.judging import DONE, rows_of
from tests.faults.kill_storm import document
from tests.faults.processes import KEY, Portal, own_database
from tests.running import ROOT, wait_for

pytestmark = pytest.mark.long
POSTGRES_URL = os.environ.get("TEST_POSTGRES_URL", "postgres://postgres@127.0.0.1:5432/postgres")
SETTINGS = {"FORWARDING_TIME_SCALE": "0.03", "LOG_LEVEL": "INFO"}
GO_ON = (
    "from extractions.forwarding.steps.clone_guard import confirm_sole_copy;"
    " from portal.people.models import User; confirm_sole_copy(User.objects.get())"
)


@pytest.fixture
def portal(portal_with):
    return portal_with(**SETTINGS)


@pytest.fixture
def portal_on_postgresql(tmp_path):
    try:
        psycopg.connect(POSTGRES_URL, connect_timeout=2).close()
    except psycopg.Error as error:
        pytest.skip(f"No PostgreSQL answers: {error}")
    folder = tmp_path / "original"
    folder.mkdir()
    with own_database(POSTGRES_URL) as url:
        portal = Portal(folder, 0, "{}", url, SETTINGS)
        portal.prepare()
        yield portal


def upload(portal, name):
    """Through the code of the upload page; the hash of the document."""
    content = document(random.Random(name), name)
    file = portal.folder / f"{name}.pdf"
    file.write_bytes(content)
    command = [sys.executable, "-m", "tests.faults.one_step", "upload", str(file), name]
    subprocess.run(command, cwd=ROOT, env=portal.environment, check=True, capture_output=True)
    return hashlib.sha256(content).hexdigest()


@contextlib.contextmanager
def working(portal):
    worker = portal._process("worker", "manage.py", "worker")
    worker.start()
    try:
        yield
    finally:
        worker.stop()


def state_of(portal, sha256):
    return next(row["state"] for row in rows_of(portal.database_url) if row["sha256"] == sha256)


def finishes(portal, sha256):
    wait_for(lambda: state_of(portal, sha256) in DONE)


def is_paused(portal):
    log = (portal.folder / "worker.log").read_text()
    return "restored or copied portal" in log


def copy_of(portal, database_url=""):
    """As an administrator makes it: the folder with `cp -a`, the database beside it."""
    folder = shutil.copytree(portal.folder, portal.folder.with_name("copy"))
    (folder / "worker.log").unlink()
    copy = Portal(folder, 0, "{}", database_url, SETTINGS)
    copy.environment["ANESYA_BASE_URL"] = portal.api
    return copy


def original_and_copy(portal, make_copy):
    with FakeApi(portal.ledger, {"job_seconds": [0, 0.1]}, port=portal.api_port, key=KEY) as api:
        with working(portal):
            finishes(portal, upload(portal, "sent before the copy"))
        waiting = upload(portal, "waiting when the copy was made")
        copy = make_copy()

        with working(copy):
            wait_for(lambda: is_paused(copy))
            assert api.ledger.times_paid()[waiting] == 0
            with working(portal):
                finishes(portal, waiting)
            assert not is_paused(portal)
            assert state_of(copy, waiting) == "QUEUED"
            copy.manage("shell", "--verbosity", "0", "--command", GO_ON)
            finishes(copy, waiting)

        assert api.ledger.times_paid()[waiting] == 1


def test_a_copied_portal_waits_and_then_looks(portal):
    original_and_copy(portal, lambda: copy_of(portal))


def test_a_copied_portal_on_postgresql_waits_and_then_looks(portal_on_postgresql):
    portal = portal_on_postgresql
    name = urlsplit(portal.database_url).path.strip("/")

    def make_copy():
        with psycopg.connect(POSTGRES_URL, autocommit=True) as server:
            server.execute(f'CREATE DATABASE "{name}_copy" TEMPLATE "{name}"')
        return copy_of(portal, f"{portal.database_url}_copy")

    try:
        original_and_copy(portal, make_copy)
    finally:
        with psycopg.connect(POSTGRES_URL, autocommit=True) as server:
            server.execute(f'DROP DATABASE IF EXISTS "{name}_copy" WITH (FORCE)')


def test_a_restored_backup_sends_nothing_and_keeps_newer_files(portal):
    """The backup is put back into the very file, so that only what was sent since tells them apart."""
    database, backup = portal.folder / "portal.sqlite3", portal.folder / "backup.sqlite3"
    with FakeApi(portal.ledger, {"job_seconds": [0, 0.1]}, port=portal.api_port, key=KEY) as api:
        with working(portal):
            finishes(portal, upload(portal, "sent before the backup"))
        waiting = upload(portal, "waiting in the backup")
        copy_database(database, backup)
        with working(portal):
            finishes(portal, waiting)
            newer = upload(portal, "received after the backup")
            finishes(portal, newer)
        files = kept(portal)

        copy_database(backup, database)
        (portal.folder / "worker.log").unlink()
        with working(portal):
            wait_for(lambda: is_paused(portal))
            assert state_of(portal, waiting) == "QUEUED"
            portal.manage("shell", "--verbosity", "0", "--command", GO_ON)
            finishes(portal, waiting)

        assert api.ledger.times_paid() == dict.fromkeys(api.ledger.times_paid(), 1)
        assert files - kept(portal) == set()
        assert newer in {hashlib.sha256(path.read_bytes()).hexdigest() for path in kept(portal)}


def copy_database(source: Path, target: Path) -> None:
    with contextlib.closing(sqlite3.connect(source)) as one, contextlib.closing(sqlite3.connect(target)) as other:
        one.backup(other)


def kept(portal):
    return {path for path in (portal.folder / "files" / "documents").rglob("*") if path.is_file()}
