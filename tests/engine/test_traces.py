"""Nothing is left of a deleted document, wherever one looks."""

from __future__ import annotations

import contextlib

import pytest
from django.db import OperationalError, connection

from engine.processing import erasure as wiping
from tests.engine.running import RunningEngine
from tests.reading import making
from tests.running import wait_for

SECRET, ALSO_SECRET = "Zanzibarwhisper", "tell-no-body"


@pytest.fixture
def engine(tmp_path):
    engine = RunningEngine(tmp_path / "engine", faulty_jobs=True, ENGINE_PROCESSES="1")
    yield engine
    engine.process.kill()
    engine.process.wait()


def upload(engine, tmp_path):
    document = making.pdf(tmp_path / f"{SECRET}.pdf", f"The {SECRET} of the house")
    return engine.upload(document, metadata=f'{{"note": "{ALSO_SECRET}"}}').json()["id"]


def traces(engine):
    """The files that still hold something of it."""
    found = []
    for path in engine.data_dir.rglob("*"):
        with contextlib.suppress(OSError):  # some come and go
            content = path.read_bytes()
            if SECRET.encode() in content or ALSO_SECRET.encode() in content:
                found.append(path.name)
    return found


def test_a_document_that_was_read(engine, tmp_path):
    identity = upload(engine, tmp_path)
    assert SECRET in engine.ended(identity)["content"]
    assert traces(engine)

    engine.delete(f"/extract/{identity}/")

    wait_for(lambda: not traces(engine))


def test_a_document_that_is_being_read(engine, tmp_path):
    engine.inject_job("slow:60")
    identity = upload(engine, tmp_path)
    wait_for(lambda: engine.get(f"/extract/{identity}/").json()["status"] == "IN_PROGRESS")
    wait_for(engine.job_faults_are_taken)

    engine.delete(f"/extract/{identity}/")

    wait_for(lambda: not traces(engine))


def test_a_document_that_was_deleted_just_before_the_engine_was_killed(engine, tmp_path):
    identity = upload(engine, tmp_path)
    engine.ended(identity)
    engine.delete(f"/extract/{identity}/")
    engine.stop(9)

    engine.start()

    wait_for(lambda: not traces(engine))


@pytest.mark.django_db(transaction=True)
def test_what_could_not_be_wiped_is_wiped_later(monkeypatch):
    def locked():
        raise OperationalError("database is locked")

    wiping.request_erasure()
    with monkeypatch.context() as patched:
        patched.setattr(wiping, "_checkpoint", locked)
        with pytest.raises(OperationalError):
            wiping.erase()
    done = []
    monkeypatch.setattr(wiping, "_checkpoint", lambda: done.append(True))

    wiping.erase()

    assert done == [True]


@pytest.mark.django_db(transaction=True)
def test_wiping_leaves_the_patience_of_the_connection_as_it_was():
    def patience():
        with connection.cursor() as cursor:
            return cursor.execute("PRAGMA busy_timeout").fetchone()[0]

    before = patience()
    wiping.request_erasure()

    wiping.erase()

    assert patience() == before
