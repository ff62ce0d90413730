# ruff: noqa: S608 - every name in these statements is our own
"""Whether what the database keeps by itself (see upkeep.py) still agrees with the documents."""

from __future__ import annotations

from django.db import DatabaseError, connection, transaction

from extractions.search import upkeep
from extractions.search.upkeep import EXTRACTION, PAIR, TALLY, WORDS

_KIND = "team_number, moment, state, schema_number"
_PAIR = "extraction_id, team_number, key, value"


def differences() -> dict[str, int]:
    """How many counters, pairs and documents in the index of words are wrong; without those of which none is."""
    found = {"counters": _one(_counters()), "pairs of metadata": _one(_pairs()), "documents in the index": _words()}
    return {name: count for name, count in found.items() if count}


def _one(sql: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return int(cursor.fetchone()[0])


def _counters() -> str:
    """What is kept and what is there, with opposite signs: the sums of what agrees are nothing."""
    cast = "::timestamptz" if connection.vendor == "postgresql" else ""
    credits = "-coalesce(credit_used, 0)"
    shown = f"FROM {EXTRACTION} WHERE delete_requested_at IS NULL"
    return (
        f"SELECT count(*) FROM (SELECT {_KIND} FROM ("
        f"SELECT {_KIND}, documents, credits FROM {TALLY}"
        f" UNION ALL SELECT team_id, NULL{cast}, state, NULL, -1, {credits} {shown}"
        f" UNION ALL SELECT team_id, {upkeep.quarter('', connection.vendor)}, state, schema_id, -1, {credits} {shown}"
        f") AS held GROUP BY {_KIND} HAVING sum(documents) <> 0 OR sum(credits) <> 0) AS wrong"
    )


def _pairs() -> str:
    return (
        f"SELECT count(*) FROM (SELECT {_PAIR} FROM (SELECT {_PAIR}, 1 AS held FROM {PAIR}"
        f" UNION ALL SELECT {EXTRACTION}.id, team_id, {upkeep.pairs_of_documents(connection.vendor, ', -1')}"
        f") AS both_sides GROUP BY {_PAIR} HAVING sum(held) <> 0) AS wrong"
    )


def _words() -> int:
    """SQLite can only tell that the index is wrong somewhere."""
    if connection.vendor == "postgresql":
        vector = upkeep.VECTOR.format(row="document.")
        joined = f"{EXTRACTION} AS document FULL JOIN {WORDS} AS kept ON kept.id = document.id"
        return _one(f"SELECT count(*) FROM {joined} WHERE kept.vector IS DISTINCT FROM {vector} OR document.id IS NULL")
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {WORDS}({WORDS}, rank) VALUES ('integrity-check', 1)")
    except DatabaseError:
        return 1
    return 0
