# ruff: noqa: S608 - every name in these statements is our own
"""Whether what triggers maintain (see index_triggers.py) agrees with the documents."""

from __future__ import annotations

from django.db import DatabaseError, connection, transaction

from extractions.search import index_triggers
from extractions.search.index_triggers import EXTRACTION, PAIR, TALLY, WORDS

_KIND = "team_number, moment, state, schema_number"
_PAIR = "extraction_id, team_number, key, value"


def differences() -> dict[str, int]:
    """How many counters, metadata pairs and full-text entries are wrong, by name; kinds without errors are left out."""
    found = {"counters": _count(_counters()), "pairs of metadata": _count(_pairs()), "documents in the index": _words()}
    return {name: count for name, count in found.items() if count}


def _count(sql: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return int(cursor.fetchone()[0])


def _counters() -> str:
    """Sums stored counters and negated actual counts; groups that agree sum to zero."""
    cast = "::timestamptz" if connection.vendor == "postgresql" else ""
    credits = "-coalesce(credit_used, 0)"
    quarter = index_triggers.quarter("", connection.vendor)
    shown = f"FROM {EXTRACTION} WHERE delete_requested_at IS NULL"
    return (
        f"SELECT count(*) FROM (SELECT {_KIND} FROM ("
        f"SELECT {_KIND}, documents, credits FROM {TALLY}"
        f" UNION ALL SELECT team_id, NULL{cast}, state, NULL, -1, {credits} {shown}"
        f" UNION ALL SELECT team_id, {quarter}, state, schema_id, -1, {credits} {shown}"
        f") AS held GROUP BY {_KIND} HAVING sum(documents) <> 0 OR sum(credits) <> 0) AS wrong"
    )


def _pairs() -> str:
    return (
        f"SELECT count(*) FROM (SELECT {_PAIR} FROM (SELECT {_PAIR}, 1 AS held FROM {PAIR}"
        f" UNION ALL SELECT {EXTRACTION}.id, team_id, {index_triggers.pairs_of_documents(connection.vendor, ', -1')}"
        f") AS both_sides GROUP BY {_PAIR} HAVING sum(held) <> 0) AS wrong"
    )


def _words() -> int:
    """On SQLite at most 1: its integrity check only tells that the index is wrong somewhere."""
    if connection.vendor == "postgresql":
        vector = index_triggers.VECTOR.format(row="document.")
        joined = f"{EXTRACTION} AS document FULL JOIN {WORDS} AS kept ON kept.id = document.id"
        return _count(
            f"SELECT count(*) FROM {joined} WHERE kept.vector IS DISTINCT FROM {vector} OR document.id IS NULL"
        )
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {WORDS}({WORDS}, rank) VALUES ('integrity-check', 1)")
    except DatabaseError:
        return 1
    return 0
