"""What the database refuses, and that its triggers are what the code declares."""

import logging
import os
import subprocess
import sys
from dataclasses import replace

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.utils import IntegrityError

from extractions.search import index_triggers
from portal import triggers
from portal.audit import chain, guard
from portal.audit.models import Entry
from portal.audit.recording import Action, record
from portal.checks import check_triggers
from tests.factories import make_extraction
from tests.migrated import copy_migrated_database

pytestmark = pytest.mark.django_db
sqlite, postgresql = connection.vendor == "sqlite", connection.vendor == "postgresql"

COLUMNS = ", ".join(f'"{name}"' for name in (*guard.CONTENT, *guard.CHAIN))
FORGED = ", ".join({"person_name": "'Eve'"}.get(name, f'"{name}"') for name in (*guard.CONTENT, *guard.CHAIN))
OVER_POSITION = FORGED.replace('"id"', "id + 1000")


@pytest.fixture
def guarded(monkeypatch):
    """All triggers, also those that the tests otherwise do without (see conftest)."""
    monkeypatch.setitem(triggers.declared, guard.TABLE, guard.TRIGGERS)
    triggers.repair()
    assert triggers.differences() == []


@pytest.fixture
def line(guarded, alice):
    record(Action.DELETED, make_extraction(owner=alice))
    record(Action.DELETED, make_extraction(owner=alice))
    chain.chain_pending()
    return Entry.objects.order_by("pk")[0]


def execute(*statements):
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


ANYWHERE = [
    "UPDATE audit_entry SET person_name = 'Eve'",
    "UPDATE audit_entry SET hash = '', position = NULL",
    "UPDATE audit_entry SET hash = 'f'",
    "DELETE FROM audit_entry",
    "DELETE FROM audit_entry WHERE id = (SELECT max(id) FROM audit_entry)",
]
ON_SQLITE = [
    f"INSERT OR REPLACE INTO audit_entry ({COLUMNS}) SELECT {FORGED} FROM audit_entry",
    f"REPLACE INTO audit_entry ({COLUMNS}) SELECT {FORGED} FROM audit_entry",
    f"INSERT OR REPLACE INTO audit_entry ({COLUMNS}) SELECT {OVER_POSITION} FROM audit_entry",
    "UPDATE OR REPLACE audit_entry SET id = id + 1",
    f"INSERT INTO audit_entry ({COLUMNS}) SELECT {FORGED} FROM audit_entry WHERE true"
    " ON CONFLICT (id) DO UPDATE SET person_name = 'Eve'",
]
ON_POSTGRESQL = [
    "TRUNCATE audit_entry",
    "TRUNCATE audit_entry CASCADE",
    f"INSERT INTO audit_entry ({COLUMNS}) SELECT {FORGED} FROM audit_entry"
    " ON CONFLICT (id) DO UPDATE SET person_name = 'Eve'",
    "SET LOCAL session_replication_role = replica; DELETE FROM audit_entry",
]


@pytest.mark.parametrize("statement", ANYWHERE + (ON_SQLITE if sqlite else ON_POSTGRESQL))
def test_database_refuses_to_alter_a_line(line, statement):
    before = list(Entry.objects.order_by("pk").values())

    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
        execute(statement)

    assert list(Entry.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("column", [column for column in guard.CONTENT if column != "id"])
def test_chaining_a_line_changes_nothing_else(guarded, alice, column):
    """The one update that is let through must not carry another."""
    record(Action.DELETED, make_extraction(owner=alice), before={}, after={})
    values = {"at": "'2020-01-01 00:00:00+00'", "person_id": "77", "team_id": "77", "before": "'{\"a\": 1}'"}
    value = values.get(column, "'{\"b\": 2}'")

    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
        execute(f"UPDATE audit_entry SET \"{column}\" = {value}, hash = 'f', position = 1")
    execute("UPDATE audit_entry SET hash = 'f', position = 1")


@pytest.mark.skipif(not sqlite, reason="PostgreSQL knows no REPLACE")
def test_a_line_does_not_take_the_place_of_another(line):
    record(Action.DELETED)

    with pytest.raises((DatabaseError, IntegrityError)), transaction.atomic():
        execute("UPDATE OR REPLACE audit_entry SET position = 1, hash = 'f' WHERE hash = ''")

    assert Entry.objects.count() == 3


def test_every_column_is_guarded_and_hashed():
    names = {field.column for field in Entry._meta.get_fields()}

    assert names == {*guard.CONTENT, *guard.CHAIN}


def test_fresh_database_has_what_the_code_declares(guarded):
    assert check_triggers(["default"]) == []
    assert set(triggers.declared) == {guard.TABLE, index_triggers.EXTRACTION}


def drop(name, table):
    execute(f"DROP TRIGGER {name}" + (f" ON {table}" if postgresql else ""))


def test_missing_trigger_is_reported_and_created_by_migrate(guarded, caplog):
    drop("audit_no_update", guard.TABLE)
    drop("extractions_words_in", index_triggers.EXTRACTION)

    with caplog.at_level(logging.ERROR):
        found = triggers.report_differences()
    assert {(item.name, item.problem) for item in found} == {
        ("audit_no_update", "missing"),
        ("extractions_words_in", "missing"),
    }
    assert "audit_no_update" in caplog.text
    assert [warning.id for warning in check_triggers(["default"])] == ["portal.W001"] * 2

    call_command("migrate", verbosity=0)
    assert triggers.differences() == []


@pytest.mark.skipif(not sqlite, reason="only SQLite rebuilds tables")
def test_rebuilding_the_table_does_not_lose_the_triggers(guarded):
    """As a migration that alters a column does on SQLite."""
    execute(
        "CREATE TABLE rebuilt AS SELECT * FROM audit_entry", "DROP TABLE audit_entry",
        "ALTER TABLE rebuilt RENAME TO audit_entry",
    )  # fmt: skip
    assert {difference.problem for difference in triggers.differences()} == {"missing"}

    call_command("migrate", verbosity=0)

    assert triggers.differences() == []
    with pytest.raises(DatabaseError, match="only ever added"):
        execute("INSERT INTO audit_entry (id, hash) VALUES (1, '')", "DELETE FROM audit_entry")


def test_changed_body_is_renewed_by_migrate(alice):
    """What an update of the code brings: the same names, another body."""
    body = index_triggers._PAIRS.replace(
        "SELECT NEW.id, NEW.team_id, substr(key, 1, 200)", "SELECT NEW.id, NEW.team_id, 'stale'"
    )
    if sqlite:
        stale = index_triggers._trigger("pairs_in", "INSERT", index_triggers._HAS_PAIRS, body)
        drop(stale.name, index_triggers.EXTRACTION)
    else:
        body = index_triggers._POSTGRES_PAIRS.replace("left(key, 200)", "'stale'")
        stale = index_triggers._function("pairs_in", body)
    execute(stale.sql)
    assert pairs_of(alice) == ["stale"]
    assert [difference.problem for difference in triggers.differences()] == ["changed"]

    call_command("migrate", verbosity=0)

    assert triggers.differences() == []
    assert pairs_of(alice) == ["colour"]


def pairs_of(owner):
    row = make_extraction(owner=owner, metadata={"colour": "red"})
    return list(row.pairs.values_list("key", flat=True))


def test_changed_condition_is_renewed_by_migrate():
    """The declared text is the version: another one replaces the trigger."""
    declared = index_triggers.TRIGGERS.triggers[connection.vendor]
    changed = [
        replace(item, sql=item.sql.replace("metadata, ", "metadata, name, "))
        if item.name.endswith("pairs_anew")
        else item
        for item in declared
    ]
    triggers.declared[index_triggers.EXTRACTION] = replace(
        index_triggers.TRIGGERS, triggers={connection.vendor: changed}
    )
    try:
        assert [difference.name for difference in triggers.differences()] == ["extractions_pairs_anew"]
        call_command("migrate", verbosity=0)
        assert triggers.differences() == []
    finally:
        triggers.declared[index_triggers.EXTRACTION] = index_triggers.TRIGGERS
    assert [item.name for item in triggers.repair()] == ["extractions_pairs_anew"]


def test_repair_of_a_table_is_all_or_nothing(alice):
    """Where one of its triggers cannot be created, those that were there stay."""
    declared = index_triggers.TRIGGERS.triggers[connection.vendor]
    changed = [replace(item, sql=item.sql.replace("AFTER", "AFTER ", 1)) for item in declared[:-1]]
    broken = replace(declared[-1], sql=declared[-1].sql.replace("CREATE TRIGGER", "CREATE TRIGER"))
    triggers.declared[index_triggers.EXTRACTION] = replace(
        index_triggers.TRIGGERS, triggers={connection.vendor: [*changed, broken]}
    )
    try:
        with pytest.raises(DatabaseError):
            triggers.repair()
    finally:
        triggers.declared[index_triggers.EXTRACTION] = index_triggers.TRIGGERS

    assert triggers.differences(tables=[index_triggers.EXTRACTION]) == []


@pytest.mark.skipif(not postgresql, reason="SQLite cannot disable a trigger")
def test_disabled_trigger_is_noticed(guarded):
    execute("ALTER TABLE audit_entry DISABLE TRIGGER audit_no_delete")

    assert [str(difference) for difference in triggers.differences()] == ["audit_no_delete on audit_entry is changed"]
    triggers.repair()
    assert triggers.differences() == []


def test_trigger_of_somebody_else_is_reported_and_kept(guarded):
    """It could swallow lines, or be an administrator's own; nobody but that administrator knows."""
    if sqlite:
        execute("CREATE TRIGGER swallow BEFORE INSERT ON audit_entry BEGIN SELECT RAISE(IGNORE); END")
    else:
        execute("CREATE TRIGGER swallow BEFORE INSERT ON audit_entry FOR EACH ROW EXECUTE FUNCTION audit_append_only()")

    assert [str(difference) for difference in triggers.differences()] == ["swallow on audit_entry is unknown"]
    assert triggers.repair() == []
    assert len(check_triggers(["default"])) == 1


def test_start_reports_and_repairs(tmp_path):
    """`up` migrates when only a trigger differs; web and worker say so."""
    environment = os.environ | {"DATA_DIR": str(tmp_path), "DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3"}

    def manage(*words):
        command = [sys.executable, "manage.py", *words]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    copy_migrated_database(tmp_path / "db.sqlite3")
    start = "from portal import triggers; triggers.report_differences()"
    assert manage("shell", "-v0", "-c", start).stderr == ""
    dropped = "from django.db import connection as c; c.cursor().execute('DROP TRIGGER audit_no_update')"
    assert manage("shell", "-v0", "-c", dropped).returncode == 0

    assert "audit_no_update on audit_entry is missing" in manage("shell", "-v0", "-c", start).stderr
    assert "portal.W001" in manage("check", "--database", "default").stderr
    repaired = manage("shell", "-v0", "-c", "from portal.upgrading import upgrade; upgrade(print)")
    assert "audit_no_update on audit_entry is missing" in repaired.stderr
    assert manage("shell", "-v0", "-c", start).stderr == ""
