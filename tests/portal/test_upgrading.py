"""A newer version begins with a backup, an older one refuses; by the commands and in processes of their own."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from tests.running import PATIENCE, ROOT

pytestmark = pytest.mark.long
FORMER = "0024_mailboxes"
"""A version of the documents' tables before the present one."""
PASSPHRASE = "correct horse battery"


def manage(folder, *words, **more):
    environment = os.environ | {
        "DATA_DIR": str(folder / "data"), "DATABASE_URL": "", "ANESYA_BASE_URL": "",
        "DJANGO_SETTINGS_MODULE": "portal.settings",
    }  # fmt: skip
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT, env=environment | more, capture_output=True, text=True, check=False, timeout=4 * PATIENCE,
    )  # fmt: skip


def rows(folder, query):
    with closing(sqlite3.connect(folder / "data/portal.sqlite3")) as database:
        return database.execute(query).fetchall()


def applied(folder):
    return {name for (name,) in rows(folder, "SELECT name FROM django_migrations WHERE app = 'extractions'")}


@pytest.fixture
def former(tmp_path):
    """A portal of an earlier version, with a person and a file."""
    assert manage(tmp_path, "migrate", "--verbosity", "0").returncode == 0
    assert manage(tmp_path, "migrate", "extractions", FORMER, "--verbosity", "0").returncode == 0
    ask = (
        "from portal.people.models import User; User.objects.create_user(email='ada@example.com', password='x')\n"
        "from django.conf import settings; (settings.MEDIA_ROOT / 'kept').write_bytes(b'a document')"
    )
    assert manage(tmp_path, "shell", "--verbosity", "0", "--command", ask).returncode == 0
    return tmp_path


def test_an_upgrade_takes_a_backup_that_can_be_restored(former):
    done = manage(former, "upgrade", BACKUP_PASSPHRASE=PASSPHRASE)

    assert done.returncode == 0, done.stderr
    assert FORMER in applied(former)
    assert len(applied(former)) > 24
    (manifest,) = (former / "data/before-upgrades").glob("*/manifest.json")
    taken = json.loads(manifest.read_text())
    assert taken["migrations"]["extractions"][-1] == FORMER
    assert taken["files"] == 1
    restored = manage(
        former, "restore", str(former / "data/before-upgrades"), BACKUP_PASSPHRASE=PASSPHRASE,
        DATA_DIR=str(former / "restored"), DATABASE_URL=f"sqlite:///{former}/restored/portal.sqlite3",
    )  # fmt: skip
    assert restored.returncode == 0, restored.stderr
    assert (former / "restored/files/kept").read_bytes() == b"a document"
    again = manage(former, "upgrade", BACKUP_PASSPHRASE=PASSPHRASE)
    assert (again.returncode, again.stdout) == (0, "")
    assert len(list((former / "data/before-upgrades").glob("*/manifest.json"))) == 1


def test_without_a_backup_nothing_is_migrated(former):
    """Its folder cannot be made, for a file has its name."""
    (former / "taken").write_text("")
    before = applied(former)

    refused = manage(former, "upgrade", BACKUP_DIR=str(former / "taken"))

    assert refused.returncode != 0
    assert "Nothing was migrated" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert applied(former) == before
    for command in ("web", "worker"):
        assert "Run manage.py upgrade first" in manage(former, command).stderr
    allowed = manage(former, "upgrade", BACKUP_DIR=str(former / "taken"), BACKUP_BEFORE_UPGRADE="false")
    assert allowed.returncode == 0, allowed.stderr
    assert applied(former) > before


def test_an_older_version_refuses_a_newer_database(tmp_path):
    assert manage(tmp_path, "upgrade").stdout == ""
    with closing(sqlite3.connect(tmp_path / "data/portal.sqlite3")) as database, database:
        insert = "INSERT INTO django_migrations (app, name, applied) VALUES ('extractions', '9000_later', '2030-01-01')"
        database.execute(insert)

    for command in ("up", "upgrade", "web", "worker"):
        refused = manage(tmp_path, command)
        assert refused.returncode == 1, command
        assert "newer version" in refused.stderr, command
        assert "extractions.9000_later" in refused.stderr, command
        assert "Traceback" not in refused.stderr, command
    assert not (tmp_path / "data/before-upgrades").exists()
