"""The chain of the log: what `verify_audit` finds, and that lines of many processes make one chain."""

import os
import subprocess
import sys
from datetime import timedelta
from importlib import import_module
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from portal.audit import chain, guard, witness
from portal.audit.models import Entry
from portal.audit.recording import Action, record
from tests.factories import make_extraction, make_team
from tests.migrated import copy_migrated_database

pytestmark = pytest.mark.django_db
LINES = 6


@pytest.fixture
def lines(alice):
    """Six lines of all sorts, chained."""
    record(Action.SIGN_IN_FAILED, after={"email": "é \U0001f4c4 <x>", "tries": 3, "share": 0.1, "nested": {"b": [1]}})
    for _number in range(LINES - 1):
        record(Action.DELETED, make_extraction(owner=alice), person=alice, before={"a": None})
    assert chain.chain_pending() == LINES
    return list(Entry.objects.order_by("position"))


def verify(**options):
    out = StringIO()
    call_command("verify_audit", stdout=out, stderr=out, **options)
    return out.getvalue()


def tamper(*statements):
    """As somebody does who may alter the database."""
    on_table = f" ON {guard.TABLE}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        for trigger in guard.TRIGGERS.triggers[connection.vendor]:
            cursor.execute(f"DROP TRIGGER IF EXISTS {trigger.name}{on_table}")
        for statement in statements:
            cursor.execute(statement)


def test_unbroken_log_is_said_to_be_so(lines):
    assert f"{LINES} lines, unbroken. The end of the log is {LINES}:{lines[-1].hash}" in verify()
    assert [line.position for line in lines] == list(range(1, LINES + 1))
    assert [line.previous_hash for line in lines] == [chain.GENESIS_HASH, *(line.hash for line in lines[:-1])]


def test_empty_log_is_unbroken():
    assert "0 lines" in verify()


SWAP = [
    f"UPDATE audit_entry SET id = {new} WHERE id = {old}" for old, new in (("{a}", -1), ("{b}", "{a}"), (-1, "{b}"))
]
SWAP_POSITIONS = [
    f"UPDATE audit_entry SET position = {new} WHERE position = {old}" for old, new in ((3, 99), (4, 3), (99, 4))
]

CLOSE_THE_GAP = [
    "DELETE FROM audit_entry WHERE position = 3",
    *(f"UPDATE audit_entry SET position = {number - 1} WHERE position = {number}" for number in (4, 5, 6)),
]


@pytest.mark.parametrize(
    ("statements", "named"),
    [
        (["UPDATE audit_entry SET person_name = 'Eve' WHERE position = 3"], "line 3: it is not"),
        (["UPDATE audit_entry SET after = '{{\"email\": \"x\"}}' WHERE position = 1"], "line 1: it is not"),
        (["UPDATE audit_entry SET person_id = NULL WHERE position = 2"], "line 2: it is not"),
        (["UPDATE audit_entry SET at = '2020-01-01 00:00:00+00' WHERE position = 6"], "line 6: it is not"),
        (["DELETE FROM audit_entry WHERE position = 3"], "line 3: line 3 is missing"),
        (["DELETE FROM audit_entry WHERE position < 4"], "line 1: lines 1 to 3 are missing"),
        (SWAP, "line 3: it is not"),
        (SWAP_POSITIONS, "line 3: it is not"),
        (CLOSE_THE_GAP, "line 3: it is not"),
    ],
)  # fmt: skip
def test_first_broken_line_is_named(lines, statements, named):
    tamper(*(statement.format(a=lines[2].pk, b=lines[3].pk) for statement in statements))

    with pytest.raises(CommandError) as broken:
        verify()

    assert f"Broken at {named}" in str(broken.value)
    assert broken.value.returncode == 1


def test_program_ends_with_one(lines, tmp_path):
    environment = os.environ | {"DATA_DIR": str(tmp_path), "DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3"}

    def manage(*words):
        command = [sys.executable, "manage.py", *words]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    copy_migrated_database(tmp_path / "db.sqlite3")
    added = "from portal.audit.recording import *; [record(Action.PAUSED) for _ in range(3)]"
    assert manage("shell", "-v0", "-c", added).returncode == 0
    assert manage("verify_audit").returncode == 0
    undone = "from django.db import connection as c; q = c.cursor(); q.execute('DROP TRIGGER audit_no_update');"
    undone += "q.execute(\"UPDATE audit_entry SET person_name = 'Eve' WHERE id = 2\")"
    assert manage("shell", "-v0", "-c", undone).returncode == 0

    ended = manage("verify_audit")

    assert ended.returncode == 1
    assert "Broken at line 2" in ended.stderr


def test_lines_cut_off_the_end_are_missed(lines):
    witness.note()
    noted = str(chain.head())
    tamper(f"DELETE FROM audit_entry WHERE position > {LINES - 2}")

    with pytest.raises(CommandError, match="line 5: lines 5 to 6 are missing at the end"):
        verify()
    witness.note()  # the worker goes on, and does not forget what it saw
    with pytest.raises(CommandError, match="lines 5 to 6 are missing"):
        verify()
    witness.path().unlink()
    assert chain.first_fault() == (None, chain.head())
    with pytest.raises(CommandError, match="lines 5 to 6 are missing"):
        verify(head=chain.Head.parse(noted))


def test_log_that_was_computed_anew_is_noticed(lines):
    witness.note()
    tamper(
        "UPDATE audit_entry SET person_name = 'Eve' WHERE position = 2",
        "UPDATE audit_entry SET position = NULL, hash = '', previous_hash = ''",
    )
    assert chain.chain_pending() == LINES
    assert chain.first_fault()[0] is None

    with pytest.raises(CommandError, match="written anew"):
        verify()


@pytest.mark.parametrize("way", ["cut off", "computed anew"])
def test_growing_beyond_the_noted_end_hides_nothing(lines, way, caplog):
    witness.note()
    if way == "cut off":
        tamper(f"DELETE FROM audit_entry WHERE position > {LINES - 2}")
    else:
        tamper(
            "UPDATE audit_entry SET person_name = 'Eve' WHERE position = 2",
            "UPDATE audit_entry SET position = NULL, hash = '', previous_hash = ''",
        )
    for _number in range(LINES):
        record(Action.PAUSED)
    chain.chain_pending()

    witness.note()

    assert "no longer has its noted line" in caplog.text
    assert witness.read() == chain.Head(LINES, lines[-1].hash)
    with pytest.raises(CommandError, match="written anew"):
        verify()


def test_noted_end_moves_on_with_an_unbroken_log(lines):
    witness.note()
    record(Action.PAUSED)
    chain.chain_pending()

    witness.note()

    assert witness.read() == chain.head()
    assert chain.head().position == LINES + 1


def test_end_of_a_backup_that_was_put_back_can_be_accepted(lines):
    witness.note()
    tamper("DELETE FROM audit_entry WHERE position > 3")

    with pytest.raises(SystemExit):  # the triggers are missing now
        verify(accept=True)

    assert witness.read() == chain.head()


def test_missing_guard_is_no_success(lines):
    tamper()

    with pytest.raises(SystemExit) as ended:
        verify()

    assert ended.value.code == 1


def test_line_that_nobody_chains_is_reported(lines):
    record(Action.PAUSED)
    verify()
    Entry.objects.create(action=Action.PAUSED, at=timezone.now() - timedelta(hours=1))

    with pytest.raises(CommandError, match="Not chained"):
        verify()


def test_lines_from_before_are_chained_by_the_migration(lines):
    expected = [(line.pk, line.position, line.hash) for line in lines]
    tamper("UPDATE audit_entry SET position = NULL, hash = '', previous_hash = ''")
    migration = import_module("portal.audit.migrations.0004_chained_lines")

    class Editor:
        pass

    Editor.connection = connection
    migration.chain(apps, Editor)

    assert list(Entry.objects.order_by("pk").values_list("pk", "position", "hash")) == expected
    assert chain.first_fault()[0] is None


WRITER = """
import sys, django
django.setup()
from django.db import connection, transaction
from portal.audit.chain import chain_pending
from portal.audit.recording import Action, record, record_each
from portal.people.models import Team
team = Team.objects.get()
print("ready", flush=True)
sys.stdin.readline()
for number in range(40):
    with transaction.atomic():
        record(Action.SETTING, team, after={"n": number, "by": sys.argv[1]})
        if number % 10 == 0:
            record_each(Action.SETTING, [team] * 3)
"""


@pytest.mark.django_db(transaction=True)
def test_processes_that_write_at_once_make_one_chain(settings):
    make_team("Ours")
    name = connection.settings_dict["NAME"]
    url = f"sqlite:///{name}" if connection.vendor == "sqlite" else _url_of(connection.settings_dict)
    environment = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "portal.settings"}
    environment["DATA_DIR"] = str(settings.DATA_DIR)
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(number)],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for number in range(3)
    ]
    for writer in writers:
        assert writer.stdout.readline() == b"ready\n"
    for writer in writers:
        writer.stdin.write(b"go\n")
        writer.stdin.flush()
    ended = [(writer.communicate(timeout=120)[1], writer.returncode) for writer in writers]
    assert ended == [(b"", 0)] * 3

    chain.chain_pending()

    assert Entry.objects.filter(action="setting").count() == 3 * (40 + 4 * 3)
    assert not Entry.objects.filter(hash="").exists()
    fault, last = chain.first_fault()
    assert fault is None
    assert last.position == Entry.objects.count()


def _url_of(database):
    place = f"{database['HOST']}:{database['PORT'] or 5432}"
    return f"postgres://{database['USER']}:{database['PASSWORD']}@{place}/{database['NAME']}"


@pytest.mark.django_db(transaction=True)
def test_line_is_chained_as_soon_as_it_is_committed():
    record(Action.PAUSED)

    assert Entry.objects.get().hash
    assert chain.first_fault() == (None, chain.head())


@pytest.mark.django_db(transaction=True)
def test_many_lines_of_a_transaction_are_chained_at_once(monkeypatch):
    from django.db import transaction

    calls = []
    monkeypatch.setattr(chain, "chain_pending", lambda: calls.append(1))

    with transaction.atomic():
        for _number in range(5):
            record(Action.PAUSED)

    assert calls == [1]
