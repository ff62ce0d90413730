# ruff: noqa: S608 - every name in these statements is our own
"""What the database keeps up to date by itself: the index of words, the counters, the pairs of metadata.

Triggers, and not calls, because then no code can forget them: whoever changes a document, in whatever way, changes
these in the same transaction. SQLite forgets triggers when a migration rebuilds a table, so they are looked after at
the end of every `migrate`.
"""

from __future__ import annotations

from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

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


def install(using: str = DEFAULT_DB_ALIAS, **_: Any) -> None:
    """Make what is missing. Handles the signal `post_migrate`, too."""
    connection = connections[using]
    if EXTRACTION not in connection.introspection.table_names() or installed(connection):
        return
    run(connection, POSTGRESQL if connection.vendor == "postgresql" else [*SQLITE_TABLE, *SQLITE])


def uninstall(using: str = DEFAULT_DB_ALIAS) -> None:
    """Without triggers, for loading very many rows at once; then `install` and `rebuild`."""
    on = f" ON {EXTRACTION}" if connections[using].vendor == "postgresql" else ""
    run(connections[using], [f"DROP TRIGGER IF EXISTS extractions_{name}{on}" for name in NAMES])


def rebuild(using: str = DEFAULT_DB_ALIAS) -> None:
    """All of it anew from the documents."""
    connection = connections[using]
    statements = REBUILD_POSTGRESQL if connection.vendor == "postgresql" else REBUILD_SQLITE
    run(connection, [*statements, *(_rebuild_tally(connection.vendor)), *(_rebuild_pairs(connection.vendor))])


def run(connection: BaseDatabaseWrapper, statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def installed(connection: BaseDatabaseWrapper) -> bool:
    """Whether all triggers are there."""
    if connection.vendor == "postgresql":
        question = "SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'extractions\\_%%' AND NOT tgisinternal"
    else:
        question = (
            "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'extractions\\_%%' ESCAPE '\\'"
        )
    with connection.cursor() as cursor:
        cursor.execute(question, [])
        return bool(cursor.fetchone()[0] >= len(NAMES))


def quarter(row: str, vendor: str) -> str:
    """The beginning of the quarter of an hour: every time zone's day begins with one."""
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


# SQLite: FTS5 reads the texts from the documents' own table and keeps no copy.
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


def _trigger(name: str, event: str, when: str, body: str) -> str:
    condition = f" WHEN {when}" if when else ""
    return f"CREATE TRIGGER IF NOT EXISTS extractions_{name} AFTER {event} ON {EXTRACTION}{condition} BEGIN {body} END"


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

# PostgreSQL: the words as a tsvector, folded to plain small letters without accents, with a word for the team.
_ACCENTS = "àáâãäåāăąçćčďđèéêëēėęěğìíîïīįıłĺľñńňòóôõöøōőŕřśšşșťțùúûüūůűųýÿžźż"
_PLAIN = "aaaaaaaaacccddeeeeeeeegiiiiiiilllnnnoooooooorrssssttuuuuuuuuyyzzz"


def _function(name: str, body: str) -> str:
    return (
        f"CREATE OR REPLACE FUNCTION extractions_{name}() RETURNS trigger LANGUAGE plpgsql AS"
        f" $body$ BEGIN {body} RETURN NULL; END $body$"
    )


def _postgres_trigger(name: str, event: str, when: str = "") -> str:
    condition = f" WHEN ({when})" if when else ""
    return (
        f"CREATE OR REPLACE TRIGGER extractions_{name} AFTER {event} ON {EXTRACTION} FOR EACH ROW{condition}"
        f" EXECUTE FUNCTION extractions_{name}()"
    )


_POSTGRES_CHANGED = _CHANGED.replace("IS NOT", "IS DISTINCT FROM")
_POSTGRES_WORDS_CHANGED = _WORDS_CHANGED.replace("IS NOT", "IS DISTINCT FROM")
_POSTGRES_PAIRS = (
    f"INSERT INTO {PAIR}(extraction_id, team_number, key, value) SELECT NEW.id, NEW.team_id, left(key, 200),"
    " left(coalesce(value, ''), 500) FROM jsonb_each_text("
    "CASE WHEN jsonb_typeof(NEW.metadata) = 'object' THEN NEW.metadata ELSE '{}'::jsonb END);"
)
VECTOR = "extractions_vector({row}name, {row}content, {row}team_id)"
_POSTGRES_IN = (
    f"INSERT INTO {WORDS}(id, vector) VALUES (NEW.id, {VECTOR.format(row='NEW.')})"
    " ON CONFLICT (id) DO UPDATE SET vector = excluded.vector;"
)
POSTGRESQL = [
    f"""CREATE INDEX IF NOT EXISTS {VALUE}_begins ON {VALUE}
        (team_number, name, upper(substr(text, 1, 60)) text_pattern_ops, extraction_id)""",
    f"CREATE TABLE IF NOT EXISTS {WORDS} (id bigint PRIMARY KEY, vector tsvector NOT NULL)",
    f"CREATE INDEX IF NOT EXISTS {WORDS}_vector ON {WORDS} USING gin (vector)",
    f"""CREATE OR REPLACE FUNCTION extractions_folded(words text) RETURNS text LANGUAGE sql IMMUTABLE AS $body$
        SELECT regexp_replace(translate(lower(words), '{_ACCENTS}{_ACCENTS.upper()}', '{_PLAIN}{_PLAIN}'),
            '[^[:alnum:]]+', ' ', 'g') $body$""",
    f"""CREATE OR REPLACE FUNCTION extractions_vector(name text, content text, team bigint) RETURNS tsvector
        LANGUAGE plpgsql IMMUTABLE AS $body$ BEGIN
        RETURN to_tsvector('simple', extractions_folded(name || ' ' || left(coalesce(content, ''), {LONGEST_TEXT})))
            || ('''team:' || team || '''')::tsvector;
        EXCEPTION WHEN program_limit_exceeded THEN
            RETURN to_tsvector('simple', extractions_folded(name)) || ('''team:' || team || '''')::tsvector;
        END $body$""",
    _function("words_in", _POSTGRES_IN),
    _function("words_anew", _POSTGRES_IN),
    _function("words_out", f"DELETE FROM {WORDS} WHERE id = OLD.id;"),
    _function("tally_in", _count("NEW", "", "postgresql")),
    _function("tally_out", _count("OLD", "-", "postgresql")),
    _function("tally_anew", _count("OLD", "-", "postgresql") + _count("NEW", "", "postgresql")),
    _function("pairs_in", _POSTGRES_PAIRS),
    _function("pairs_anew", f"DELETE FROM {PAIR} WHERE extraction_id = NEW.id; {_POSTGRES_PAIRS}"),
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

REBUILD_SQLITE = [f"INSERT INTO {WORDS}({WORDS}) VALUES ('rebuild')"]
REBUILD_POSTGRESQL = [
    f"TRUNCATE {WORDS}",
    f"INSERT INTO {WORDS}(id, vector) SELECT id, {VECTOR.format(row='')} FROM {EXTRACTION}",
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
    """Key, value and whatever more, and where they come from. The documents have a column `key`, too."""
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
