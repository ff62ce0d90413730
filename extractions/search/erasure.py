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
    *(
        f"extractions_{name}"
        for name in ("webhookmessage", "webhookattempt", "invoicekeys", "trialdocument", "attempt")
    ),
    *(f"extractions_{name}" for name in ("incomingmail", "incomingattachment", "incomingfile")),
    *(f"extractions_{name}" for name in ("counteddocument", "correction", "documentcount", "fieldcount")),
)

Write = Callable[[Callable[[], object]], object]


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


OLDER_TRANSACTION = "SELECT pg_snapshot_xmin(pg_current_snapshot()) < %s::text::xid8"
"""A transaction that has written, in any database of the cluster: every new snapshot is as old as the oldest of them,
also the one that VACUUM itself takes."""
OLDER_SNAPSHOT = """
SELECT count(*) > 0 FROM (
    SELECT backend_xmin AS xmin FROM pg_stat_activity
        WHERE (datname = current_database() OR backend_type = 'walsender') AND pid <> pg_backend_pid()
    UNION ALL SELECT xmin FROM pg_replication_slots
) AS held WHERE age(xmin) > age(%s::text::xid)
"""
"""A session that still reads, or a replica that says that one of its own does."""


def _wait_for_older_snapshots() -> bool:
    """Wait until nobody can see rows that were deleted before now: VACUUM keeps those.

    Sessions of other database users show their snapshots to superusers and members of `pg_read_all_stats` only.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()")
        (now,) = cursor.fetchone()
        until = time.monotonic() + SNAPSHOT_SECONDS
        # In this order: once no older transaction is left, no older snapshot can be taken any more.
        for older, number in ((OLDER_TRANSACTION, now), (OLDER_SNAPSHOT, int(now) % 2**32)):
            while _answer(cursor, older, number):
                if time.monotonic() > until:
                    return False
                time.sleep(0.05)
    return True


def _answer(cursor: Any, question: str, transaction: Any) -> bool:
    cursor.execute(question, [str(transaction)])
    return bool(cursor.fetchone()[0])


def _vacuum(*, rewrite_tables: bool) -> None:
    with connection.cursor() as cursor:
        if not rewrite_tables:  # VACUUM FULL rebuilds the indexes as well
            cursor.execute(f"REINDEX INDEX CONCURRENTLY {WORDS}_vector")
        how = "(FULL)" if rewrite_tables else ""
        for table in TABLES:
            cursor.execute(f"VACUUM {how} {table}")
