"""Erasing what a database keeps of deleted rows: words in the full-text index, bytes in free pages and in the WAL.

SQLite's FTS5 only marks a deleted document's words and drops them when their segments are merged. PostgreSQL's GIN
index keeps every word until it is rebuilt.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import connection

from extractions.search.index_triggers import EXTRACTION, VALUE, WORDS

PAGES_PER_MERGE = 500
"""Pages of the index that one transaction rewrites: about a tenth of a second."""
SNAPSHOT_SECONDS = 5.0
"""How long to wait for queries that began before a removal of traces."""
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
    """Erase all traces of deleted documents; False if a concurrent reader, who may still see them, prevents that.

    `write` runs a function in a short transaction. On PostgreSQL the space of deleted rows becomes reusable; its bytes
    are gone at once only with `rewrite_tables`, which locks each table while it is rewritten.
    """
    if connection.vendor == "postgresql":
        if not _wait_for_older_snapshots():
            return False
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


def _wait_for_older_snapshots() -> bool:
    """Wait until no other session has a snapshot from before now: VACUUM keeps the deleted rows that one still sees.

    Sessions of other database users show their snapshots to superusers and members of `pg_read_all_stats` only.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::xid")
        (now,) = cursor.fetchone()
        until = time.monotonic() + SNAPSHOT_SECONDS
        while True:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                " AND age(backend_xmin) > age(%s::xid)",
                [str(now)],
            )
            if not cursor.fetchone()[0]:
                return True
            if time.monotonic() > until:
                return False
            time.sleep(0.05)


def _vacuum(*, rewrite_tables: bool) -> None:
    with connection.cursor() as cursor:
        if not rewrite_tables:  # VACUUM FULL rebuilds the indexes as well
            cursor.execute(f"REINDEX INDEX CONCURRENTLY {WORDS}_vector")
        how = "(FULL)" if rewrite_tables else ""
        for table in TABLES:
            cursor.execute(f"VACUUM {how} {table}")
