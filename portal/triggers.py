"""Declared database triggers, and whether the database has them exactly as declared.

A trigger can vanish (SQLite drops them when a migration rebuilds their table), stay behind (an old body after an
update), or be altered or disabled by hand. Each app declares its own in a `TriggerSet`; the declared text is their
version. `migrate` creates whatever is missing or differs. Every start and `manage.py check --database default` compare.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Trigger:
    """`sql` is its CREATE statement. On PostgreSQL, `always` makes it fire for replicated rows, too."""

    name: str
    sql: str
    always: bool = False


@dataclass(frozen=True, slots=True)
class Function:
    """A PostgreSQL trigger function. `sql` creates or replaces it; `body` is the body within `sql`."""

    name: str
    sql: str
    body: str


@dataclass(frozen=True, slots=True)
class TriggerSet:
    """The triggers on one table. Nothing is created before the table has `columns`."""

    table: str
    triggers: Mapping[str, Sequence[Trigger]]
    """By database vendor."""
    functions: Sequence[Function] = ()
    columns: frozenset[str] = frozenset()
    prepare: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Statements that create what the triggers write to, if it is missing; by vendor."""


class Problem(StrEnum):
    MISSING = "missing"
    CHANGED = "changed"
    UNKNOWN = "unknown"
    """The code declares no such trigger."""


@dataclass(frozen=True, slots=True)
class Difference:
    """How a trigger or function in the database differs from its declaration."""

    table: str
    name: str
    problem: Problem

    @property
    def repairable(self) -> bool:
        """Unknown triggers are reported but never dropped."""
        return self.problem is not Problem.UNKNOWN

    def __str__(self) -> str:
        return f"{self.name} on {self.table} is {self.problem}"


declared: dict[str, TriggerSet] = {}
"""By table."""


def declare(triggers: TriggerSet) -> None:
    declared[triggers.table] = triggers


def differences(using: str = DEFAULT_DB_ALIAS, tables: Sequence[str] | None = None) -> list[Difference]:
    """How the database differs from what is declared; empty for tables that do not exist yet."""
    connection = connections[using]
    found: list[Difference] = []
    for triggers in declared.values():
        if (tables is None or triggers.table in tables) and connection.vendor in triggers.triggers:
            found += _differences_of(connection, triggers)
    return found


def repair(using: str = DEFAULT_DB_ALIAS, tables: Sequence[str] | None = None) -> list[Difference]:
    """Create missing and replace changed triggers, in one transaction per table; returns what was repaired."""
    repaired = [difference for difference in differences(using, tables) if difference.repairable]
    connection = connections[using]
    for table in dict.fromkeys(difference.table for difference in repaired):
        names = {difference.name for difference in repaired if difference.table == table}
        with transaction.atomic(using=using), connection.cursor() as cursor:
            for statement in _creation(connection, declared[table], names):
                cursor.execute(statement)
            _sign(cursor, connection, declared[table], names)
    return repaired


def drop(using: str = DEFAULT_DB_ALIAS) -> None:
    """All triggers on tables with declared ones, so that rows can be put back as they were; `repair` restores them."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for table in declared:
            on_table = f" ON {table}" if connection.vendor == "postgresql" else ""
            for name in _SIGNATURES[connection.vendor](cursor, table):
                cursor.execute(f"DROP TRIGGER {name}{on_table}")


def repair_after_migrate(tables: Sequence[str], using: str = DEFAULT_DB_ALIAS) -> list[Difference]:
    """Repair and log; returns what was repaired."""
    repaired = repair(using, tables)
    for difference in repaired:
        if difference.problem is Problem.CHANGED:
            log.warning("Replaced the trigger or function %s, which differed from its declaration.", difference.name)
    return repaired


def report_differences(using: str = DEFAULT_DB_ALIAS) -> list[Difference]:
    """Log an error per difference. For startup, which must not depend on it: database errors are only logged."""
    try:
        found = differences(using)
    except DatabaseError as error:
        log.warning("The triggers of the database could not be compared with the code: %s", error)
        return []
    for difference in found:
        log.error("Database trigger: %s.%s", difference, " Run manage.py migrate." if difference.repairable else "")
    return found


def _differences_of(connection: BaseDatabaseWrapper, triggers: TriggerSet) -> Iterator[Difference]:
    with connection.cursor() as cursor:
        if not _has_table(cursor, connection, triggers):
            return
        existing = _SIGNATURES[connection.vendor](cursor, triggers.table)
        if connection.vendor == "postgresql":
            bodies = _function_bodies(cursor, [function.name for function in triggers.functions])
            for function in triggers.functions:
                if bodies.get(function.name) != function.body:
                    yield Difference(triggers.table, function.name, _problem(function.name in bodies))
    expected = {trigger.name: trigger for trigger in triggers.triggers[connection.vendor]}
    for name, trigger in expected.items():
        if not existing.get(name, _Signature()).matches(trigger):
            yield Difference(triggers.table, name, _problem(name in existing))
    for name in existing.keys() - expected.keys():
        yield Difference(triggers.table, name, Problem.UNKNOWN)


def _problem(exists: bool) -> Problem:
    return Problem.CHANGED if exists else Problem.MISSING


@dataclass(frozen=True, slots=True)
class _Signature:
    """A trigger as the database reports it. SQLite keeps the CREATE statement. PostgreSQL keeps a parsed form only, so
    a digest of that and of the CREATE statement is stored in the trigger's comment.
    """

    definition: str = ""
    comment: str | None = None

    def matches(self, trigger: Trigger) -> bool:
        if self.comment is None:
            return self.definition == trigger.sql
        return self.comment == _digest(trigger.sql, self.definition)


def _sqlite_signatures(cursor: CursorWrapper, table: str) -> dict[str, _Signature]:
    cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [table])
    return {name: _Signature(sql) for name, sql in cursor.fetchall()}


def _postgresql_signatures(cursor: CursorWrapper, table: str) -> dict[str, _Signature]:
    cursor.execute(
        "SELECT tgname, tgenabled::text || ' ' || pg_get_triggerdef(oid),"
        " coalesce(obj_description(oid, 'pg_trigger'), '')"
        " FROM pg_trigger WHERE tgrelid = to_regclass(%s) AND NOT tgisinternal",
        [table],
    )
    return {name: _Signature(definition, comment) for name, definition, comment in cursor.fetchall()}


_SIGNATURES = {"sqlite": _sqlite_signatures, "postgresql": _postgresql_signatures}


def _function_bodies(cursor: CursorWrapper, names: list[str]) -> dict[str, str]:
    cursor.execute(
        "SELECT proname, prosrc FROM pg_proc WHERE proname = ANY(%s) AND pronamespace = current_schema()::regnamespace",
        [names],
    )
    return dict(cursor.fetchall())


def _has_table(cursor: CursorWrapper, connection: BaseDatabaseWrapper, triggers: TriggerSet) -> bool:
    if connection.vendor == "postgresql":
        cursor.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(%s) AND NOT attisdropped", [triggers.table]
        )
    else:
        cursor.execute("SELECT name FROM pragma_table_info(%s)", [triggers.table])
    columns = {name for (name,) in cursor.fetchall()}
    return bool(columns) and columns >= triggers.columns


def _creation(connection: BaseDatabaseWrapper, triggers: TriggerSet, names: set[str]) -> Iterator[str]:
    yield from triggers.prepare.get(connection.vendor, ())
    on_table = f" ON {triggers.table}" if connection.vendor == "postgresql" else ""
    if connection.vendor == "postgresql":
        yield from (function.sql for function in triggers.functions)
    for trigger in triggers.triggers[connection.vendor]:
        if trigger.name in names:
            yield f"DROP TRIGGER IF EXISTS {trigger.name}{on_table}"
            yield trigger.sql
            if trigger.always:
                yield f"ALTER TABLE {triggers.table} ENABLE ALWAYS TRIGGER {trigger.name}"


def _sign(cursor: CursorWrapper, connection: BaseDatabaseWrapper, triggers: TriggerSet, names: set[str]) -> None:
    if connection.vendor != "postgresql":
        return
    existing = _postgresql_signatures(cursor, triggers.table)
    for trigger in triggers.triggers["postgresql"]:
        if trigger.name in names:
            digest = _digest(trigger.sql, existing[trigger.name].definition)
            cursor.execute(f"COMMENT ON TRIGGER {trigger.name} ON {triggers.table} IS '{digest}'")


def _digest(*parts: Any) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
