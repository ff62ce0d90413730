"""Every column of every row, and the search index."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction

from extractions.folding import plain
from extractions.search.index_triggers import WORDS
from extractions.traces.blocks import Haystack
from extractions.traces.dictionary import words_in_index
from extractions.traces.needle import Needle
from extractions.traces.report import Place

BATCH = 500
INDEX_TABLES = tuple(f"{WORDS}_{part}" for part in ("data", "idx", "docsize", "config", "content"))
STAYS = {
    "audit_entry": "The audit log cannot be changed: its lines name people, documents and what was searched for.",
}


def look_at_rows(haystack: Haystack) -> None:
    place, rows = haystack.place, 0
    tables = [name for name in sorted(connection.introspection.table_names()) if not _is_of_index(name)]
    for table in tables:
        before = place.count
        rows += _look_at_table(haystack, table)
        if place.count > before and table in STAYS:
            place.remarks.append(STAYS[table])
    place.looked_at = f"{rows:,} rows of {len(tables)} tables, all columns"


def _is_of_index(table: str) -> bool:
    return connection.vendor == "sqlite" and (table == WORDS or table in INDEX_TABLES)


def _look_at_table(haystack: Haystack, table: str) -> int:
    count = 0
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608
        names: list[str] = []
        while rows := cursor.fetchmany(BATCH):
            names = names or [column[0] for column in cursor.description]
            count += len(rows)
            for row in rows:
                _look_at_row(haystack, table, names, row)
    return count


def _look_at_row(haystack: Haystack, table: str, names: Sequence[str], row: Sequence[Any]) -> None:
    for name, value in zip(names, row, strict=True):
        where = f"{table}.{name}, row {row[0]}"
        match value:
            case str():
                haystack.look_in_text(value, where)
            case bytes() | memoryview():
                haystack.look(iter([bytes(value)]), where)
            case dict() | list():
                haystack.look_in_text(json.dumps(value, ensure_ascii=False, default=str), where)


def look_at_index(haystack: Haystack) -> None:
    """SQLite's full-text index: what it finds, and which words it still has. PostgreSQL's is a table with an index."""
    place = haystack.place
    with connection.cursor() as cursor:
        for needle in haystack.needles:
            cursor.execute(f"SELECT rowid FROM {WORDS} WHERE {WORDS} MATCH %s", [f'"{" ".join(needle.words)}"'])  # noqa: S608
            for (number,) in cursor.fetchall():
                place.found(f"the search finds document {number}", "words")
    words = 0
    wanted = {word: needle for needle in haystack.needles for word in needle.words}
    there: dict[str, int] = {}
    for word in words_in_index():
        words += 1
        for part in wanted:
            if part in plain(word):
                there[part] = there.get(part, 0) + 1
    for needle in haystack.needles:
        _note_words(place, needle, there)
    place.looked_at = f"{words:,} words in its segments, those of deleted documents too, and what a search finds"


def _note_words(place: Place, needle: Needle, there: dict[str, int]) -> None:
    """One word tells. Several words may stand in different documents, which the index alone cannot say."""
    if not all(word in there for word in needle.words):
        return
    if len(needle.words) == 1:
        place.found(f"{there[needle.words[0]]} entries in its segments", "words")
    else:
        place.remarks.append("All words of a text are in the index, perhaps of different documents.")
