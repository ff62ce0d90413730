"""A backup is put back over a portal that has gone on working, in the ways that administrators do it."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tests.fake_api import FakeApi
from tests.faults.judging import DONE, rows_of
from tests.faults.kill_storm import document
from tests.faults.processes import KEY, Portal, own_database
from tests.running import PATIENCE, ROOT, wait_for

pytestmark = pytest.mark.long
POSTGRES_URL = os.environ.get("TEST_POSTGRES_URL", "postgres://postgres@127.0.0.1:5432/postgres")
VERIFY = (
    "from extractions.forwarding.steps.clone_guard import verify_identity;"
    "print('verdict', repr(str(verify_identity())))"
)
GO_ON = (
    "from extractions.forwarding.steps.clone_guard import confirm_sole_copy;"
    " from portal.people.models import User; confirm_sole_copy(User.objects.get())"
)
TIDY = "from extractions.forwarding.steps.sweep import tidy; tidy()"
TOLD = (
    "from extractions.monitoring.health import checks; from extractions.models import Installation; "
    "print(Installation.objects.get().quarantined_files, [check.sentence for check in checks() if not check.well])"
)


class Backed:
    """A portal with one document in its backup and five that came after it."""

    def __init__(self, portal: Portal, *, later: int = 5) -> None:
        self.portal, self.folder = portal, portal.folder
        self.backup = self.folder.with_name("backup")
        self.database_backup = self.folder.with_name("database.dump")
        self._upload("before")
        self._work()
        self._back_up()
        self._upload(*(f"later-{number}" for number in range(later)))
        self._work()

    def shell(self, program: str) -> str:
        command = [sys.executable, "manage.py", "shell", "--verbosity", "0", "--command", program]
        done = subprocess.run(
            command, cwd=ROOT, env=self.portal.environment, check=True, capture_output=True, text=True
        )
        return done.stdout

    def verdict(self) -> str:
        return self.shell(VERIFY).split("verdict ")[1].strip().strip("'")

    def originals(self) -> list[Path]:
        return list((self.folder / "files").rglob("*.pdf"))

    @contextlib.contextmanager
    def worker(self):
        """Ended as it should be, so that SQLite leaves no journal."""
        worker = self.portal._process("worker", "manage.py", "worker")
        worker.start()
        try:
            yield worker
            worker.signal(signal.SIGTERM)
            worker.running.wait(PATIENCE)
        finally:
            worker.stop()

    def _work(self) -> None:
        with self.worker():
            wait_for(lambda: all(row["state"] in DONE for row in rows_of(self.portal.database_url)))
            time.sleep(6)  # the counter advances every five seconds

    def _upload(self, *names: str) -> None:
        pairs = []
        for name in names:
            file = self.folder.with_name(f"{name}.original")
            file.write_bytes(document(random.Random(name), name))
            pairs += [str(file), name]
        command = [sys.executable, "-m", "tests.faults.one_step", "upload", *pairs]
        subprocess.run(command, cwd=ROOT, env=self.portal.environment, check=True, capture_output=True)

    def _back_up(self) -> None:
        run("cp", "-a", f"{self.folder}/.", str(self.backup))
        if self.portal.database_url.startswith("postgres"):
            run("pg_dump", "--format=custom", f"--file={self.database_backup}", self.portal.database_url)


def run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


def needs(program: str) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")


@pytest.fixture
def api(portal_with, tmp_path):
    portal = portal_with(LOG_LEVEL="INFO", WITNESS_DIR=str(tmp_path / "witness"))
    with FakeApi(portal.ledger, {"job_seconds": [0, 0.1]}, port=portal.api_port, key=KEY) as api:
        api.portal = portal
        yield api


def everything_by_cp(backed):
    run("cp", "-a", f"{backed.backup}/.", str(backed.folder))


def everything_by_rsync_in_place(backed):
    """Nothing newer is left in the folder, and no inode is new: only WITNESS_DIR tells."""
    needs("rsync")
    run("rsync", "-a", "--inplace", "--delete", f"{backed.backup}/", f"{backed.folder}/")


def everything_by_tar(backed):
    subprocess.run(f"tar -C {backed.backup} -c . | tar -C {backed.folder} -x", shell=True, check=True)


def everything_anew(backed):
    shutil.rmtree(backed.folder)
    run("cp", "-a", str(backed.backup), str(backed.folder))


def files_only(backed):
    run("cp", "-a", f"{backed.backup}/files/.", f"{backed.folder}/files")


def database_only(backed):
    run("cp", "-a", f"{backed.backup}/portal.sqlite3", str(backed.folder))


def test_every_way_of_putting_a_backup_back_is_noticed(api, tmp_path):
    backed = Backed(api.portal, later=1)
    latest = tmp_path / "latest"
    run("cp", "-a", f"{backed.folder}/.", str(latest))
    witness = tmp_path / "witness"
    assert backed.verdict() == ""

    verdicts = {}
    for put_back in (
        *(everything_by_cp, everything_by_tar, files_only, database_only),
        *(everything_by_rsync_in_place, everything_anew),
    ):
        if put_back is everything_by_rsync_in_place and shutil.which("rsync") is None:
            continue
        put_back(backed)
        verdicts[put_back.__name__] = backed.verdict()
        # Forward again into the very files, for the next way.
        run("cp", "-a", f"{latest}/.", str(backed.folder))

    assert list(witness.iterdir())
    assert verdicts.pop("files_only") == "folder_older"
    assert verdicts.pop("database_only") == "database_older"
    assert verdicts.pop("everything_by_cp") == "set_back"
    assert all(verdicts.values()), verdicts


def test_originals_received_since_the_backup_outlive_its_return(api):
    """A copy over the folder, and a day later: six originals stay six."""
    backed = Backed(api.portal)
    assert len(backed.originals()) == 6
    everything_by_cp(backed)
    for path in backed.originals():
        two_days_ago = time.time() - 2 * 24 * 3600
        os.utime(path, (two_days_ago, two_days_ago))

    with backed.worker():
        wait_for(lambda: "restored or copied portal" in (backed.folder / "worker.log").read_text())
        backed.shell(TIDY)
        assert len(list((backed.folder / "files" / "documents").rglob("*.pdf"))) == 6
    backed.shell(GO_ON)
    backed.shell(TIDY)

    aside = list((backed.folder / "files" / "quarantine").rglob("*.pdf"))
    assert len(backed.originals()) == 6
    assert len(aside) == 5
    manifest = (backed.folder / "files" / "quarantine" / "manifest.jsonl").read_text()
    assert manifest.count('"set aside"') == 5
    told = backed.shell(TOLD)
    assert told.startswith("5 ")
    assert "5 files are in quarantine" in told
    assert set(api.ledger.times_paid().values()) == {1}


def test_a_database_that_pg_restore_put_back_is_noticed(tmp_path):
    for program in ("pg_dump", "pg_restore"):
        needs(program)
    try:
        psycopg.connect(POSTGRES_URL, connect_timeout=2).close()
    except psycopg.Error as error:
        pytest.skip(f"No PostgreSQL answers: {error}")
    folder = tmp_path / "portal"
    folder.mkdir()
    with own_database(POSTGRES_URL) as url:
        portal = Portal(folder, 0, "{}", url, {"LOG_LEVEL": "INFO"})
        portal.prepare()
        with FakeApi(portal.ledger, {"job_seconds": [0, 0.1]}, port=portal.api_port, key=KEY):
            backed = Backed(portal, later=1)
        restore = ("pg_restore", "--clean", "--if-exists", f"--dbname={url}", str(backed.database_backup))

        run(*restore)
        assert backed.verdict() == "database_older"

        run(*restore)
        everything_by_cp(backed)
        assert backed.verdict() == "set_back"
