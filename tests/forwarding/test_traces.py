"""Nothing of a deleted document is left in the database's files, in its log or in the folder."""

import contextlib
import sqlite3
import threading
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection as database
from django.utils import timezone

from extractions.forwarding.runtime.worker import Worker
from extractions.forwarding.steps import erased_traces
from extractions.forwarding.steps.dispatch import step
from extractions.models import Extraction, Installation
from extractions.search import erasure
from tests.factories import make_extraction
from tests.markers import SECRETS, make_document_with_secrets
from tests.running import wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_index")]

State = Extraction.State
OTHERS = 40


@pytest.fixture(autouse=True)
def no_rest(monkeypatch):
    monkeypatch.setattr(erased_traces, "_rest_until", 0.0)


@pytest.fixture
def installation(db):
    return Installation.objects.create(place="here", begun_at=timezone.now())


def delete(extraction):
    extraction.request_deletion()
    step(extraction.pk, threading.Event())
    extraction.refresh_from_db()
    assert extraction.deleted_at is not None


def left_in_database():
    """Which secrets stand in the bytes of the database's own files."""
    if database.vendor == "sqlite":
        main = Path(database.settings_dict["NAME"])
        content = b"".join(path.read_bytes() for path in main.parent.glob(f"{main.name}*"))
    else:
        with database.cursor() as cursor:
            cursor.execute("CHECKPOINT")
            cursor.execute(
                "SELECT pg_read_binary_file(pg_relation_filepath(oid), 0, 100000000, true) FROM pg_class"
                " WHERE relkind IN ('r', 'i', 't') AND relname NOT LIKE 'pg\\_stat%%' AND relfilenode > 0"
            )
            content = b"".join(bytes(row[0] or b"") for row in cursor.fetchall())
    # The audit log says which file was deleted, by its name; it is never altered.
    return {where for where, word in SECRETS.items() if word.encode() in content} - {"name"}


def left_in_folder():
    files = [path for path in Path(settings.DATA_DIR).rglob("*") if path.is_file()]
    content = b"".join(path.read_bytes() for path in files)
    return {where for where, word in SECRETS.items() if word.encode() in content}


def words_of_index(where):
    """Documents that are found by a word."""
    with database.cursor() as cursor:
        if database.vendor == "sqlite":
            cursor.execute("SELECT rowid FROM extractions_words WHERE extractions_words MATCH %s", [SECRETS[where]])
        else:
            cursor.execute(
                "SELECT id FROM extractions_words WHERE vector @@ to_tsquery('simple', %s)", [SECRETS[where]]
            )
        return cursor.fetchall()


def only(vendor):
    return pytest.mark.skipif(database.vendor != vendor, reason=f"for {vendor}")


def test_all_words_of_a_document_are_gone_once_its_traces_are_removed(api, connection, alice, installation):
    for number in range(OTHERS):
        make_extraction(owner=alice, state=State.EXTRACTED, content=f"other words {number} stay here")
    document = make_document_with_secrets(alice)
    assert left_in_database() == set(SECRETS) - {"picture", "name"}
    assert words_of_index("name")
    assert left_in_folder() >= {"picture"}

    delete(document)
    assert not left_in_folder()
    assert left_in_database(), "or there is nothing to remove"
    if database.vendor == "postgresql":
        wait_for(removed_with_all_space)  # PostgreSQL's own statistics read tables now and then
    else:
        assert erased_traces.remove_if_due()

    assert left_in_database() == set()
    assert not words_of_index("name")
    assert not erased_traces.remove_if_due(), "there is nothing more to do"
    with database.cursor() as cursor:
        if database.vendor == "sqlite":
            cursor.execute("INSERT INTO extractions_words(extractions_words) VALUES ('integrity-check')")


def removed():
    """Tests beside this one have transactions in databases of their own, which it has to wait for."""
    erased_traces._rest_until = 0.0
    return erased_traces.remove_if_due()


def removed_with_all_space():
    with contextlib.suppress(CommandError):
        call_command("remove_traces", "--rewrite-tables")
        return True


@only("postgresql")
def test_while_an_older_query_sees_deleted_rows_nobody_says_that_they_are_gone(
    api, connection, alice, installation, monkeypatch
):
    monkeypatch.setattr(erasure, "SNAPSHOT_SECONDS", 0.2)
    document = make_document_with_secrets(alice)
    with psycopg.connect(**database.get_connection_params() | {"cursor_factory": None}) as reader:
        reader.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        reader.execute("SELECT count(*) FROM django_migrations")
        delete(document)

        with pytest.raises(CommandError, match="run this again"):
            call_command("remove_traces", "--rewrite-tables")
        assert not erased_traces.remove_if_due()
        assert erased_traces.is_due()
        reader.rollback()

    wait_for(removed_with_all_space)
    assert left_in_database() == set()


@only("postgresql")
def test_while_another_database_has_an_older_transaction_nobody_says_that_they_are_gone(
    api, connection, alice, installation, monkeypatch
):
    """VACUUM's own snapshot is as old as the oldest transaction of the whole cluster, and keeps what that could see."""
    monkeypatch.setattr(erasure, "SNAPSHOT_SECONDS", 0.2)
    document = make_document_with_secrets(alice)
    elsewhere = database.get_connection_params() | {"cursor_factory": None, "dbname": "postgres"}
    with psycopg.connect(**elsewhere) as writer:
        writer.execute("SELECT pg_current_xact_id()")
        delete(document)

        with pytest.raises(CommandError, match="run this again"):
            call_command("remove_traces", "--rewrite-tables")
        assert not erased_traces.remove_if_due()
        writer.rollback()

    wait_for(removed_with_all_space)
    assert left_in_database() == set()


@only("postgresql")
def test_on_postgresql_the_worker_frees_index_and_tables_without_locking_them(api, connection, alice, installation):
    delete(make_document_with_secrets(alice))

    wait_for(removed)

    with database.cursor() as cursor:
        cursor.execute("SELECT pg_read_binary_file(pg_relation_filepath('extractions_words_vector'::regclass))")
        index = bytes(cursor.fetchone()[0])
        cursor.execute("SELECT sum(n_dead_tup) FROM pg_stat_user_tables WHERE relname LIKE 'extractions%'")
    assert not {where for where, word in SECRETS.items() if word.encode() in index}


def test_nothing_is_done_while_nothing_was_deleted(api, connection, alice, installation):
    make_document_with_secrets(alice)

    assert not erased_traces.is_due()
    assert not erased_traces.remove_if_due()


@only("sqlite")
def test_a_log_that_somebody_reads_is_emptied_later(api, connection, alice, installation, monkeypatch):
    delete(make_document_with_secrets(alice))
    monkeypatch.setattr(erased_traces, "_rest_until", 0.0)
    reader = sqlite3.connect(database.settings_dict["NAME"], isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM extractions_extraction").fetchone()
    with database.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 100")
    try:
        assert not erased_traces.remove_if_due()
        assert erased_traces.is_due()
        reader.execute("COMMIT")
    finally:
        reader.close()
        database.close()  # the next connection waits as long as the settings say
    monkeypatch.setattr(erased_traces, "_rest_until", 0.0)
    assert erased_traces.remove_if_due()

    assert left_in_database() == set()
    assert not erased_traces.is_due()


def test_the_worker_looks_for_traces_by_itself(db, monkeypatch):
    done = threading.Event()
    monkeypatch.setattr(erased_traces, "remove_if_due", done.set)
    worker = Worker()
    try:
        wait_for(lambda: worker.tick() and done.is_set())
    finally:
        worker.stop.set()
        worker._shut_down()
