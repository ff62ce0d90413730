# ruff: noqa: S608 - every name in these statements is our own
"""Triggers with which the database refuses to change, replace or delete audit entries.

The one exception is to give an entry its position in the chain, once (see chain.py). What triggers cannot prevent
(dropping the table, editing the database file), `manage.py verify_audit` detects.
"""

from __future__ import annotations

from portal.triggers import Function, Trigger, TriggerSet

TABLE = "audit_entry"
CONTENT = (
    "id", "at", "person_id", "person_name", "team_id", "action", "subject_kind", "subject_id", "subject_name",
    "before", "after", "address",
)  # fmt: skip
"""The hashed columns; they are immutable."""
CHAIN = ("position", "previous_hash", "hash")

_REFUSAL = "audit lines are only ever added"
_RAISE = f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
_UNCHANGED = " AND ".join(f'NEW."{column}" IS OLD."{column}"' for column in CONTENT)
_TAKEN = f"EXISTS (SELECT 1 FROM {TABLE} WHERE position = NEW.position)"
_CHAINS = f"OLD.hash = '' AND NEW.hash <> '' AND NEW.position IS NOT NULL AND NOT {_TAKEN} AND {_UNCHANGED}"

# REPLACE deletes rows without firing their delete trigger, so inserts must not reuse an id or a position.
SQLITE = (
    Trigger(
        "audit_no_replace",
        f"CREATE TRIGGER audit_no_replace BEFORE INSERT ON {TABLE}"
        f" WHEN EXISTS (SELECT 1 FROM {TABLE} WHERE id = NEW.id) OR {_TAKEN} {_RAISE}",
    ),
    Trigger(
        "audit_no_update",
        f"CREATE TRIGGER audit_no_update BEFORE UPDATE ON {TABLE} WHEN NOT ({_CHAINS}) {_RAISE}",
    ),
    Trigger("audit_no_delete", f"CREATE TRIGGER audit_no_delete BEFORE DELETE ON {TABLE} {_RAISE}"),
)

_CHAIN_ARRAY = ", ".join(f"'{column}'" for column in CHAIN)
_REFUSE_BODY = f" BEGIN RAISE EXCEPTION '{_REFUSAL}'; END "
_UPDATE_BODY = f""" BEGIN
    IF OLD.hash = '' AND NEW.hash <> '' AND NEW.position IS NOT NULL
        AND to_jsonb(NEW) - ARRAY[{_CHAIN_ARRAY}] = to_jsonb(OLD) - ARRAY[{_CHAIN_ARRAY}]
    THEN RETURN NEW; END IF;
    RAISE EXCEPTION '{_REFUSAL}';
END """


def _function(name: str, body: str) -> Function:
    sql = f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $body${body}$body$"
    return Function(name, sql, body)


def _postgresql(name: str, event: str, each: str, function: str) -> Trigger:
    sql = f"CREATE TRIGGER {name} BEFORE {event} ON {TABLE} FOR EACH {each} EXECUTE FUNCTION {function}()"
    return Trigger(name, sql, always=True)


POSTGRESQL = (
    _postgresql("audit_no_update", "UPDATE", "ROW", "audit_chained_once"),
    _postgresql("audit_no_delete", "DELETE", "ROW", "audit_append_only"),
    _postgresql("audit_no_truncate", "TRUNCATE", "STATEMENT", "audit_append_only"),
)

TRIGGERS = TriggerSet(
    table=TABLE,
    triggers={"sqlite": SQLITE, "postgresql": POSTGRESQL},
    functions=(_function("audit_append_only", _REFUSE_BODY), _function("audit_chained_once", _UPDATE_BODY)),
    columns=frozenset((*CONTENT, *CHAIN)),
)
