"""Restored for real, by the commands and in processes of their own: 200 documents in every state, faults, storms."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tests.fake_api import FakeApi
from tests.faults.conftest import portal_with, prepared  # noqa: F401 - fixtures
from tests.faults.judging import DONE, rows_of
from tests.faults.kill_storm import document
from tests.faults.processes import KEY, SECRET_KEY, Portal, own_database
from tests.migrated import copy_migrated_database
from tests.running import PATIENCE, ROOT, wait_for

pytestmark = pytest.mark.long
POSTGRES_URL = os.environ.get("TEST_POSTGRES_URL", "postgres://postgres@127.0.0.1:5432/postgres")
DOCUMENTS = 200
PASSPHRASE = "correct horse"
# What belongs to the copy: that it is one; what is built anew; the backup that was running.
OWN = ("extractions_installation", "extractions_words", "django_migrations", "sqlite_", "extractions_backup")


def run(environment, *words):
    """`python …`, with its output."""
    environment = environment | {"BACKUP_PASSPHRASE": PASSPHRASE}
    return subprocess.run(
        [sys.executable, *words], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def must(environment, *words):
    done = run(environment, *words)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def machine(folder, **settings):
    """The environment of an empty machine, whose secret key is its own."""
    environment = os.environ | {
        "DATA_DIR": str(folder), "DATABASE_URL": f"sqlite:///{folder}/portal.sqlite3", "ANESYA_BASE_URL": "",
        "DJANGO_SETTINGS_MODULE": "portal.settings",
    }  # fmt: skip
    environment.pop("SECRET_KEY", None)
    return environment | settings


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    folder = tmp_path_factory.mktemp("original")
    environment = machine(folder)
    copy_migrated_database(folder / "portal.sqlite3")
    person = "email='a@example.com', name='A', password='a long phrase', team='T'"
    claim = f"from portal.people.setup import claim; claim({person})"
    must(environment, "manage.py", "shell", "--verbosity", "0", "--command", claim)
    must(environment, "-m", "tests.backups.populate", str(DOCUMENTS))
    return folder


@pytest.fixture(scope="module")
def backup(original, tmp_path_factory):
    place = tmp_path_factory.mktemp("place") / "backups"
    told = must(machine(original), "manage.py", "backup", str(place))
    assert f"{DOCUMENTS} documents" in told
    return place


def parsed(row):
    """The row with what its texts say where they are JSON."""
    return [loaded(value) if isinstance(value, str) and value[:1] in ("{", "[") else value for value in row]


def loaded(text):
    """In a form that is the same for equal numbers and for any order of keys."""
    content = json.loads(text, parse_int=float)
    return json.dumps(content, sort_keys=True)


def rows(folder, form=tuple):
    """Every row of every table, as SQLite has it."""
    with contextlib.closing(sqlite3.connect(folder / "portal.sqlite3")) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        columns = {table: sorted(row[1] for row in database.execute(f"PRAGMA table_info({table})")) for table in tables}
        return {
            table: sorted(repr(form(row)) for row in database.execute(f"SELECT {names(columns[table])} FROM {table}"))
            for table in tables
            if not table.startswith(OWN)
        }


def names(columns):
    return ", ".join(f'"{column}"' for column in columns)


def files(folder):
    stored = folder / "files"
    passing = {"incoming", ".store.json"}
    return {
        str(path.relative_to(stored)): path.read_bytes()
        for path in stored.rglob("*")
        if path.is_file() and not passing & set(path.relative_to(stored).parts)
    }


def test_every_row_and_file_comes_back_on_an_empty_machine(original, backup, tmp_path):
    told = must(machine(tmp_path / "copy"), "manage.py", "restore", str(backup), "--keep-access")

    assert f"{DOCUMENTS} documents" in told
    before, after = rows(original), rows(tmp_path / "copy")
    assert before.keys() == after.keys()
    assert {table for table in before if before[table] != after[table]} <= {
        "extractions_tally",
        "extractions_metadatapair",
    }
    assert files(original) == files(tmp_path / "copy")
    assert (original / "secret.key").read_text() == (tmp_path / "copy" / "secret.key").read_text()
    must(machine(tmp_path / "copy"), "manage.py", "check_search")
    must(machine(tmp_path / "copy"), "manage.py", "verify_audit")


def test_no_token_link_or_webhook_of_a_backup_works_until_somebody_confirms_it(backup, tmp_path):
    copy = machine(tmp_path / "copy")
    told = must(copy, "manage.py", "restore", str(backup))
    listed = must(copy, "manage.py", "restored_access")
    must(copy, "manage.py", "restored_access", "--revoke", *keys_of(listed, "Scanner"))
    left = must(copy, "manage.py", "restored_access", "--confirm", "all")
    epochs = rows_in(tmp_path / "copy", "SELECT session_epoch FROM people_user WHERE NOT is_service")

    assert "5 tokens, guest links, invitations and webhooks are suspended" in told
    assert [line.split()[1] for line in listed.splitlines()] == ["suspended"] * 5
    assert "Scanner" not in left
    assert left.count("works again") == 4
    assert "Nothing is suspended" in must(copy, "manage.py", "restored_access")
    assert epochs == [(1,)]
    assert rows_in(tmp_path / "copy", "SELECT count(*) FROM people_apitoken WHERE revoked_at IS NULL") == [(1,)]


def test_a_portal_that_only_moves_keeps_its_tokens(backup, tmp_path):
    copy = machine(tmp_path / "copy")
    must(copy, "manage.py", "restore", str(backup), "--keep-access")

    assert "Nothing is suspended" in must(copy, "manage.py", "restored_access")
    assert rows_in(tmp_path / "copy", "SELECT count(*) FROM extractions_webhook WHERE pause = ''") == [(1,)]


def keys_of(listed, name):
    return [line.split()[0] for line in listed.splitlines() if name in line]


def rows_in(folder, statement):
    with contextlib.closing(sqlite3.connect(folder / "portal.sqlite3")) as database:
        return database.execute(statement).fetchall()


def test_it_moves_to_postgresql_and_back(original, backup, tmp_path):
    try:
        psycopg.connect(POSTGRES_URL, connect_timeout=2).close()
    except psycopg.Error as error:
        pytest.skip(f"No PostgreSQL answers: {error}")
    with own_database(POSTGRES_URL) as url:
        there = machine(tmp_path / "there", DATABASE_URL=url)
        must(there, "manage.py", "restore", str(backup))
        must(there, "manage.py", "check_search")
        must(there, "manage.py", "verify_audit")
        must(there, "manage.py", "backup", str(tmp_path / "moved.tar"))
    must(machine(tmp_path / "back"), "manage.py", "restore", str(tmp_path / "moved.tar"))

    # PostgreSQL keeps neither the order of keys nor 1e16 as it was written.
    before, after = rows(original, parsed), rows(tmp_path / "back", parsed)
    assert before["extractions_extraction"] == after["extractions_extraction"]
    assert before["audit_entry"] == after["audit_entry"]
    assert before["extractions_value"] == after["extractions_value"]
    assert files(original) == files(tmp_path / "back")


@pytest.mark.parametrize("case", ["not empty", "wrong passphrase", "damaged"])
def test_it_refuses_and_changes_nothing(original, backup, tmp_path, case):
    environment, place = machine(tmp_path / "copy"), backup
    if case == "not empty":
        shutil.copytree(original, tmp_path / "copy")
    if case == "wrong passphrase":
        (tmp_path / "word").write_text("wrong horse")
    if case == "damaged":
        place = shutil.copytree(backup, tmp_path / "damaged")
        next(place.glob("objects/??/*")).write_bytes(b"something else")
    before = files(tmp_path / "copy")
    wrong = ["--passphrase-file", str(tmp_path / "word")] if case == "wrong passphrase" else []

    done = run(environment, "manage.py", "restore", str(place), *wrong)

    assert done.returncode == 1
    reason = {"not empty": "documents already", "wrong passphrase": "not the one", "damaged": "nothing was restored"}
    assert reason[case] in done.stderr
    assert files(tmp_path / "copy") == before


def test_a_backup_that_is_killed_anywhere_harms_none_before_it(original, backup, tmp_path):
    place = shutil.copytree(backup, tmp_path / "place")
    (only,) = [path.name for path in place.iterdir() if path.name.endswith("Z")]
    environment = machine(original) | {"BACKUP_PASSPHRASE": PASSPHRASE}
    chance = random.Random(4)
    started = time.monotonic()
    must(environment, "manage.py", "backup", str(tmp_path / "timed"))
    usual = time.monotonic() - started
    for _ in range(6):
        for path in (original / "files" / "documents").rglob("*.pdf"):
            path.touch()  # so that all are read again
        process = subprocess.Popen(
            [sys.executable, "manage.py", "backup", str(place)],
            cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        time.sleep(chance.uniform(0.3, 1.0) * usual)
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
        process.wait()

        must(environment, "manage.py", "verify_backup", str(place), "--name", only)

    must(environment, "manage.py", "backup", str(place))
    must(environment, "manage.py", "verify_backup", str(place))
    assert not (place / ".unfinished").exists()


def upload(portal, *names, pause="0"):
    return subprocess.Popen(
        [sys.executable, "-m", "tests.faults.one_step", "upload", *originals(portal, names)],
        cwd=ROOT, env=portal.environment | {"PAUSE": pause}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def originals(portal, names):
    pairs = []
    for name in names:
        file = portal.folder.with_name(f"{name}.original")
        file.write_bytes(document(random.Random(name), name))
        pairs += [str(file), name]
    return pairs


def test_a_backup_in_a_storm_of_uploads_has_a_file_for_every_row(portal_with, tmp_path):  # noqa: F811
    portal = portal_with()
    storm = upload(portal, *(f"storm-{number}" for number in range(500)), pause="0.1")
    wait_for(lambda: len(rows_of(portal.database_url)) > 10)

    told = must(portal.environment, "manage.py", "backup", str(tmp_path / "place"))
    still_storming = storm.poll() is None
    storm.kill()
    storm.wait()

    assert still_storming, "the storm was over before the backup"
    assert "which is not there" not in told
    verified = must(portal.environment, "manage.py", "verify_backup", str(tmp_path / "place"))
    assert "is whole" in verified
    must(machine(tmp_path / "copy", SECRET_KEY=SECRET_KEY), "manage.py", "restore", str(tmp_path / "place"))
    restored = rows_of(f"sqlite:///{tmp_path / 'copy'}/portal.sqlite3")
    assert 10 < len(restored) <= len(rows_of(portal.database_url))
    kept = {path.name for path in Path(tmp_path / "copy" / "files" / "documents").rglob("*.pdf")}
    assert len(kept) >= len(restored)


GO_ON = (
    "from extractions.forwarding.steps.clone_guard import confirm_sole_copy;"
    " from portal.people.models import User; confirm_sole_copy(User.objects.get())"
)


@pytest.mark.parametrize("before", [0, 1])
def test_a_restored_copy_pays_for_nothing_again(portal_with, tmp_path, before):  # noqa: F811
    """Taken while everything waits, before or after a worker ran; the original sends it all; then the copy starts."""
    portal = portal_with()
    quick = {"FORWARDING_TIME_SCALE": "0.05"}
    with FakeApi(portal.ledger, {"job_seconds": [0, 0.1]}, port=portal.api_port, key=KEY) as api:
        if before:
            upload(portal, "before").wait(PATIENCE)
            finish(portal)
        upload(portal, *(f"paid-{number}" for number in range(6 - before))).wait(PATIENCE)
        must(portal.environment, "manage.py", "backup", str(tmp_path / "place"))
        finish(portal)
        assert len(api.ledger.times_paid()) == 6
        folder = tmp_path / "copy"
        settings = {"SECRET_KEY": SECRET_KEY, "ANESYA_BASE_URL": portal.api, "ANESYA_API_KEY": KEY, "LOG_LEVEL": "INFO"}
        must(machine(folder, **settings), "manage.py", "restore", str(tmp_path / "place"))
        copy = Portal(folder, 0, "{}", settings=settings | quick | {"ANESYA_BASE_URL": portal.api})
        with worker_of(copy):
            wait_for(lambda: "refuses to work" in (folder / "worker.log").read_text())
            time.sleep(3)
            waiting = [row for row in rows_of(copy.database_url) if row["state"] == "QUEUED"]
            assert len(waiting) == 6 - before, "it sent without being told"
            copy.manage("shell", "--verbosity", "0", "--command", GO_ON)
            wait_for(lambda: all(row["state"] in DONE for row in rows_of(copy.database_url)), 2 * PATIENCE)

        assert set(api.ledger.times_paid().values()) == {1}


def finish(portal):
    with worker_of(portal):
        wait_for(lambda: all(row["state"] in DONE for row in rows_of(portal.database_url)))


@contextlib.contextmanager
def worker_of(portal):
    worker = portal._process("worker", "manage.py", "worker")
    worker.start()
    try:
        yield worker
    finally:
        worker.signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            worker.running.wait(PATIENCE)
        worker.stop()


def test_the_worker_keeps_the_schedule(portal_with, tmp_path):  # noqa: F811
    place = tmp_path / "scheduled"
    portal = portal_with(BACKUP_DIR=str(place), BACKUP_EVERY_HOURS="24", BACKUP_PASSPHRASE=PASSPHRASE)

    with worker_of(portal):
        wait_for(lambda: place.exists() and any(entry.name.endswith("Z") for entry in place.iterdir()))

    assert "with keys" in must(portal.environment, "manage.py", "verify_backup", str(place))
