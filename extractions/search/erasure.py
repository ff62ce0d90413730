"""Erasing what a database keeps of deleted rows: words in the full-text index, bytes in free pages and in the WAL.

SQLite's FTS5 only marks a deleted document's words and drops them when their segments are merged. PostgreSQL's GIN
index keeps every word until it is rebuilt.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import connection

from extractions.search.index_triggers import EXTRACTION, VALUE, WORDS

PAGES_PER_MERGE = 500
"""Pages of the index that one transaction rewrites: about a tenth of a second."""
TABLES = (
    EXTRACTION,
    VALUE,
    WORDS,
    *(
        f"extractions_{name}"
        for name in ("pagewords", "change", "comment", "metadatapair", "contentimage", "pageimage")
    ),
)

Write = Callable[[Callable[[], Any]], Any]


def remove_traces(write: Write, *, rewrite_tables: bool = False) -> bool:
    """Erase all traces of deleted documents; False if a concurrent reader kept the WAL from being truncated.

    `write` runs a function in a short transaction. On PostgreSQL the space of deleted rows becomes reusable; its bytes
    are gone at once only with `rewrite_tables`, which locks each table while it is rewritten.
    """
    if connection.vendor == "postgresql":
        _vacuum(rewrite_tables=rewrite_tables)
        return True
    _merge_index(write)
    return _truncate_wal()


def _merge_index(write: Write) -> None:
    """FTS5: a negative number starts merging all segments into one; positive ones continue until done."""
    more = write(partial(_merge_some, -PAGES_PER_MERGE))
    while more:
        more = write(partial(_merge_some, PAGES_PER_MERGE))


def _merge_some(pages: int) -> bool:
    """Whether there may be more to merge: fewer than two changed rows mean that nothing was done (FTS5, 6.9)."""
    with connection.cursor() as cursor:
        before = _total_changes(cursor)
        cursor.execute(f"INSERT INTO {WORDS}({WORDS}, rank) VALUES ('merge', %s)", [pages])  # noqa: S608
        return _total_changes(cursor) - before >= 2


def _total_changes(cursor: Any) -> int:
    cursor.execute("SELECT total_changes()")
    return int(cursor.fetchone()[0])


def _truncate_wal() -> bool:
    """Checkpoint and truncate the WAL, which holds old pages."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return bool(cursor.fetchone()[0] == 0)


def _vacuum(*, rewrite_tables: bool) -> None:
    with connection.cursor() as cursor:
        if not rewrite_tables:  # VACUUM FULL rebuilds the indexes as well
            cursor.execute(f"REINDEX INDEX CONCURRENTLY {WORDS}_vector")
        how = "(FULL)" if rewrite_tables else ""
        for table in TABLES:
            cursor.execute(f"VACUUM {how} {table}")
