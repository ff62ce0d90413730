# ruff: noqa: S608 - every name in these statements is our own
"""Database triggers that maintain the full-text index, the counters and the metadata pairs.

Triggers rather than calls, because no code path can forget them: any write to a document updates these in the same
transaction. Every `migrate` ends by comparing them with the code (see portal/triggers.py).
"""

from __future__ import annotations

import logging

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from portal import triggers
from portal.triggers import Function, Trigger, TriggerSet

log = logging.getLogger(__name__)
EXTRACTION, VALUE, WORDS, TALLY, PAIR = (
    "extractions_extraction",
    "extractions_value",
    "extractions_words",
    "extractions_tally",
    "extractions_metadatapair",
)
COUNTED = "team_id, state, schema_id, credit_used, received_at, delete_requested_at"
LONGEST_TEXT = 400_000  # characters of a document that PostgreSQL indexes; a tsvector takes no more than a megabyte
NAMES = ("words_in", "words_out", "words_anew", "tally_in", "tally_out", "tally_anew", "pairs_in", "pairs_anew")


def install(using: str = DEFAULT_DB_ALIAS, **_: object) -> None:
    """Create missing triggers and replace outdated ones. Also the receiver of `post_migrate`."""
    with transaction.atomic(using=using):  # on PostgreSQL, creating a trigger blocks writers
        if triggers.repair_after_migrate([EXTRACTION], using) and not _is_caught_up(connections[using]):
            log.warning("Documents changed while triggers were missing: rebuilding the index and the counters.")
            rebuild(using)


def uninstall(using: str = DEFAULT_DB_ALIAS) -> None:
    """Drop the triggers for a bulk load; then call `install` and `rebuild`."""
    on = f" ON {EXTRACTION}" if connections[using].vendor == "postgresql" else ""
    run(connections[using], [f"DROP TRIGGER IF EXISTS extractions_{name}{on}" for name in NAMES])


def rebuild(using: str = DEFAULT_DB_ALIAS) -> None:
    """Recompute index, counters and pairs from the documents."""
    connection = connections[using]
    statements = REBUILD_POSTGRESQL if connection.vendor == "postgresql" else REBUILD_SQLITE
    run(connection, [*statements, *(_rebuild_tally(connection.vendor)), *(_rebuild_pairs(connection.vendor))])


def _is_caught_up(connection: BaseDatabaseWrapper) -> bool:
    """A cheap check, by number of documents only, of the counters and the index."""
    shown = f"FROM {EXTRACTION} WHERE delete_requested_at IS NULL"
    counted = f"FROM {TALLY} WHERE moment IS NULL"
    indexed = WORDS if connection.vendor == "postgresql" else f"{WORDS}_docsize"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT team_id, state, count(*) {shown} GROUP BY team_id, state")
        there = set(cursor.fetchall())
        cursor.execute(
            f"SELECT team_number, state, sum(documents) {counted}"
            " GROUP BY team_number, state HAVING sum(documents) <> 0"
        )
        known = {(team, state, int(documents)) for team, state, documents in cursor.fetchall()}
        cursor.execute(f"SELECT (SELECT count(*) FROM {EXTRACTION}) = (SELECT count(*) FROM {indexed})")
        return there == known and bool(cursor.fetchone()[0])


def run(connection: BaseDatabaseWrapper, statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def installed(connection: BaseDatabaseWrapper) -> bool:
    """Whether all triggers exist and match the code."""
    return not any(difference.repairable for difference in triggers.differences(connection.alias, [EXTRACTION]))


def quarter(row: str, vendor: str) -> str:
    """SQL for the quarter hour of `received_at`: the day of every time zone begins at one."""
    if vendor == "postgresql":
        return f"to_timestamp(floor(extract(epoch FROM {row}received_at) / 900) * 900)"
    minute = f"printf('%02d', substr({row}received_at, 15, 2) / 15 * 15)"
    return f"substr({row}received_at, 1, 14) || {minute} || ':00'"


def _count(row: str, sign: str, vendor: str) -> str:
    columns = "(team_number, moment, state, schema_number, documents, credits)"
    credits = f"coalesce({row}.credit_used, 0)"
    ever = f"{row}.team_id, NULL, {row}.state, NULL, {sign}1, {sign}{credits}"
    then = f"{row}.team_id, {quarter(row + '.', vendor)}, {row}.state, {row}.schema_id, {sign}1, {sign}{credits}"
    shown = f"{row}.delete_requested_at IS NULL"
    cast = "::timestamptz" if vendor == "postgresql" else ""
    ever = ever.replace("NULL", f"NULL{cast}", 1)
    return (
        f"INSERT INTO {TALLY} {columns} SELECT {ever} WHERE {shown};"
        f" INSERT INTO {TALLY} {columns} SELECT {then} WHERE {shown};"
    )


# SQLite: an external-content FTS5 table, which keeps no copy of the texts.
SQLITE_TABLE = [
    f"""CREATE VIRTUAL TABLE IF NOT EXISTS {WORDS} USING fts5(name, content, team_id,
        content='{EXTRACTION}', content_rowid='id', tokenize="unicode61 remove_diacritics 2")""",
]
_IN = f"INSERT INTO {WORDS}(rowid, name, content, team_id) VALUES (NEW.id, NEW.name, NEW.content, NEW.team_id);"
_OUT = (
    f"INSERT INTO {WORDS}({WORDS}, rowid, name, content, team_id)"
    " VALUES ('delete', OLD.id, OLD.name, OLD.content, OLD.team_id);"
)
_PAIRS = (
    f"INSERT INTO {PAIR}(extraction_id, team_number, key, value) SELECT NEW.id, NEW.team_id, substr(key, 1, 200),"
    " substr(coalesce(value, ''), 1, 500) FROM json_each(NEW.metadata) WHERE key IS NOT NULL;"
)
_CHANGED = " OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in COUNTED.split(", "))
_WORDS_CHANGED = " OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in ("name", "content", "team_id"))
_HAS_PAIRS = "NEW.metadata <> '{}'"


def _trigger(name: str, event: str, when: str, body: str) -> Trigger:
    condition = f" WHEN {when}" if when else ""
    sql = f"CREATE TRIGGER extractions_{name} AFTER {event} ON {EXTRACTION}{condition} BEGIN {body} END"
    return Trigger(f"extractions_{name}", sql)


SQLITE = [
    _trigger("words_in", "INSERT", "", _IN),
    _trigger("words_out", "DELETE", "", _OUT),
    _trigger("words_anew", "UPDATE OF name, content, team_id", _WORDS_CHANGED, _OUT + _IN),
    _trigger("tally_in", "INSERT", "", _count("NEW", "", "sqlite")),
    _trigger("tally_out", "DELETE", "", _count("OLD", "-", "sqlite")),
    _trigger(
        "tally_anew", f"UPDATE OF {COUNTED}", _CHANGED, _count("OLD", "-", "sqlite") + _count("NEW", "", "sqlite")
    ),
    _trigger("pairs_in", "INSERT", _HAS_PAIRS, _PAIRS),
    _trigger(
        "pairs_anew",
        "UPDATE OF metadata, team_id",
        "OLD.metadata IS NOT NEW.metadata OR OLD.team_id IS NOT NEW.team_id",
        f"DELETE FROM {PAIR} WHERE extraction_id = NEW.id; {_PAIRS}",
    ),
]

# PostgreSQL: a tsvector of the text in lower case without accents, with a lexeme for the team.
FOLDING = 2
"""Version of `extractions_folded`; the worker reindexes what an earlier one folded (see reindexing.py)."""
_ACCENTS = "àáâãäåāăąçćčďđèéêëēėęěğìíîïīįıłĺľñńňòóôõöøōőŕřśšşșťțùúûüūůűųýÿžźż"
_PLAIN = "aaaaaaaaacccddeeeeeeeegiiiiiiilllnnnoooooooorrssssttuuuuuuuuyyzzz"


def _function(name: str, body: str) -> Function:
    body = f" BEGIN {body} RETURN NULL; END "
    sql = f"CREATE OR REPLACE FUNCTION extractions_{name}() RETURNS trigger LANGUAGE plpgsql AS $body${body}$body$"
    return Function(f"extractions_{name}", sql, body)


def _postgres_trigger(name: str, event: str, when: str = "") -> Trigger:
    condition = f" WHEN ({when})" if when else ""
    sql = (
        f"CREATE TRIGGER extractions_{name} AFTER {event} ON {EXTRACTION} FOR EACH ROW{condition}"
        f" EXECUTE FUNCTION extractions_{name}()"
    )
    return Trigger(f"extractions_{name}", sql)


_POSTGRES_CHANGED = _CHANGED.replace("IS NOT", "IS DISTINCT FROM")
_POSTGRES_WORDS_CHANGED = _WORDS_CHANGED.replace("IS NOT", "IS DISTINCT FROM")
_POSTGRES_PAIRS = (
    f"INSERT INTO {PAIR}(extraction_id, team_number, key, value) SELECT NEW.id, NEW.team_id, left(key, 200),"
    " left(coalesce(value, ''), 500) FROM jsonb_each_text("
    "CASE WHEN jsonb_typeof(NEW.metadata) = 'object' THEN NEW.metadata ELSE '{}'::jsonb END);"
)
VECTOR = "extractions_vector({row}name, {row}content, {row}team_id)"
_POSTGRES_IN = (
    f"INSERT INTO {WORDS}(id, vector, folding) VALUES (NEW.id, {VECTOR.format(row='NEW.')}, {FOLDING})"
    " ON CONFLICT (id) DO UPDATE SET vector = excluded.vector, folding = excluded.folding;"
)
POSTGRESQL_TABLES = [
    f"CREATE TABLE IF NOT EXISTS {WORDS} (id bigint PRIMARY KEY, vector tsvector NOT NULL)",
    f"CREATE INDEX IF NOT EXISTS {WORDS}_vector ON {WORDS} USING gin (vector)",
    f"ALTER TABLE {WORDS} ADD COLUMN IF NOT EXISTS folding smallint NOT NULL DEFAULT 1",
    f"CREATE INDEX IF NOT EXISTS {WORDS}_outdated ON {WORDS} (id) WHERE folding < {FOLDING}",
]
_FOLDED = f"""
        SELECT regexp_replace(translate(lower(regexp_replace(normalize(words, NFKD), '[\u0300-\u036f]', '', 'g')),
            '{_ACCENTS}{_ACCENTS.upper()}', '{_PLAIN}{_PLAIN}'), '[^[:alnum:]]+', ' ', 'g') """
_VECTOR = f""" BEGIN
        RETURN to_tsvector('simple', extractions_folded(name || ' ' || left(coalesce(content, ''), {LONGEST_TEXT})))
            || ('''team:' || team || '''')::tsvector;
        EXCEPTION WHEN program_limit_exceeded THEN
            RETURN to_tsvector('simple', extractions_folded(name)) || ('''team:' || team || '''')::tsvector;
        END """
POSTGRESQL_FUNCTIONS = [
    Function(
        "extractions_folded",
        "CREATE OR REPLACE FUNCTION extractions_folded(words text) RETURNS text LANGUAGE sql IMMUTABLE"
        f" AS $body${_FOLDED}$body$",
        _FOLDED,
    ),
    Function(
        "extractions_vector",
        "CREATE OR REPLACE FUNCTION extractions_vector(name text, content text, team bigint) RETURNS tsvector"
        f" LANGUAGE plpgsql IMMUTABLE AS $body${_VECTOR}$body$",
        _VECTOR,
    ),
    _function("words_in", _POSTGRES_IN),
    _function("words_anew", _POSTGRES_IN),
    _function("words_out", f"DELETE FROM {WORDS} WHERE id = OLD.id;"),
    _function("tally_in", _count("NEW", "", "postgresql")),
    _function("tally_out", _count("OLD", "-", "postgresql")),
    _function("tally_anew", _count("OLD", "-", "postgresql") + _count("NEW", "", "postgresql")),
    _function("pairs_in", _POSTGRES_PAIRS),
    _function("pairs_anew", f"DELETE FROM {PAIR} WHERE extraction_id = NEW.id; {_POSTGRES_PAIRS}"),
]
POSTGRESQL = [
    _postgres_trigger("words_in", "INSERT"),
    _postgres_trigger("words_out", "DELETE"),
    _postgres_trigger("words_anew", "UPDATE OF name, content, team_id", _POSTGRES_WORDS_CHANGED),
    _postgres_trigger("tally_in", "INSERT"),
    _postgres_trigger("tally_out", "DELETE"),
    _postgres_trigger("tally_anew", f"UPDATE OF {COUNTED}", _POSTGRES_CHANGED),
    _postgres_trigger("pairs_in", "INSERT", "NEW.metadata <> '{}'::jsonb"),
    _postgres_trigger(
        "pairs_anew",
        "UPDATE OF metadata, team_id",
        "OLD.metadata IS DISTINCT FROM NEW.metadata OR OLD.team_id IS DISTINCT FROM NEW.team_id",
    ),
]

TRIGGERS = TriggerSet(
    table=EXTRACTION,
    triggers={"sqlite": SQLITE, "postgresql": POSTGRESQL},
    functions=POSTGRESQL_FUNCTIONS,
    prepare={"sqlite": SQLITE_TABLE, "postgresql": POSTGRESQL_TABLES},
)

REBUILD_SQLITE = [f"INSERT INTO {WORDS}({WORDS}) VALUES ('rebuild')"]
REBUILD_POSTGRESQL = [
    f"TRUNCATE {WORDS}",
    f"INSERT INTO {WORDS}(id, vector, folding) SELECT id, {VECTOR.format(row='')}, {FOLDING} FROM {EXTRACTION}",
]


def _rebuild_tally(vendor: str) -> list[str]:
    columns = "(team_number, moment, state, schema_number, documents, credits)"
    sums = "count(*), coalesce(sum(credit_used), 0)"
    shown = f"FROM {EXTRACTION} WHERE delete_requested_at IS NULL"
    cast = "::timestamptz" if vendor == "postgresql" else ""
    ever = f"team_id, NULL{cast}, state, NULL, {sums} {shown} GROUP BY team_id, state"
    then = f"team_id, {quarter('', vendor)} AS quarter, state, schema_id, {sums} {shown}"
    then += " GROUP BY team_id, quarter, state, schema_id"
    into = f"INSERT INTO {TALLY} {columns}"
    return [f"DELETE FROM {TALLY}", f"{into} SELECT {ever}", f"{into} SELECT {then}"]


def pairs_of_documents(vendor: str, more: str = "") -> str:
    """SELECT list (key, value, `more`) and FROM clause. Qualified, for documents have a column `key`, too."""
    if vendor == "postgresql":
        columns, source = "left(pair.key, 200), left(coalesce(pair.value, ''), 500)", "jsonb_each_text"
    else:
        columns, source = "substr(pair.key, 1, 200), substr(coalesce(pair.value, ''), 1, 500)", "json_each"
    return f"{columns}{more} FROM {EXTRACTION}, {source}({EXTRACTION}.metadata) AS pair"


def _rebuild_pairs(vendor: str) -> list[str]:
    return [
        f"DELETE FROM {PAIR}",
        f"INSERT INTO {PAIR}(extraction_id, team_number, key, value) SELECT {EXTRACTION}.id, team_id, "
        + pairs_of_documents(vendor),
    ]
