"""The hash chain of the audit log: the hash of each entry covers its content and the hash of the previous entry.

Entries are chained right after the transaction that added them commits, in a short transaction of their own. Chaining
within it would let one long transaction block all others, since the chain has a single end to append to. If another
process holds that end, chaining is left to the next append or to the worker, which checks every few seconds.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from django.db import DEFAULT_DB_ALIAS, OperationalError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from portal.audit.guard import CHAIN, CONTENT, TABLE
from portal.audit.models import Entry

GENESIS_HASH = "0" * 64
"""The previous hash of the first entry."""
FORMAT = 1
BATCH = 500
LOCK = 0x61756469  # key of the PostgreSQL advisory lock
SQLITE_BUSY_TIMEOUT_MS = 50


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain."""

    position: int = 0
    hash: str = GENESIS_HASH

    def __str__(self) -> str:
        return f"{self.position}:{self.hash}"

    @classmethod
    def parse(cls, text: str) -> Head:
        position, _colon, digest = text.strip().partition(":")
        if not position.isdecimal() or len(digest) != len(GENESIS_HASH):
            raise ValueError(text)
        return cls(int(position), digest)


def digest_of(line: dict[str, Any], position: int, previous: str) -> str:
    """The hash of a stored row as hexadecimal digits. The format must never change, or old entries fail to verify."""
    content: dict[str, Any] = {name: line[name] for name in CONTENT}
    content["at"] = _in_utc(line["at"])
    content |= {"format": FORMAT, "position": position, "previous": previous}
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def chain_on_commit() -> None:
    """Chain the entries of this transaction once it has committed."""
    connection = transaction.get_connection()
    planned = {callback for sids, callback, *_ in connection.run_on_commit if sids == set(connection.savepoint_ids)}
    if chain_pending not in planned:
        transaction.on_commit(chain_pending, robust=True)


def chain_pending(using: str = DEFAULT_DB_ALIAS) -> int:
    """Chain the pending entries; returns their number, 0 while another process holds the end of the chain."""
    connection = connections[using]
    pending = Entry.objects.using(using).filter(hash="").order_by("pk")
    if not pending.exists():
        return 0
    count = 0
    try:
        with _appending(connection) as is_ours:
            last = head(using)
            while is_ours and (lines := list(pending.values(*CONTENT)[:BATCH])):
                last = _append(connection, lines, last)
                count += len(lines)
                is_ours = len(lines) == BATCH
    except OperationalError as error:
        if connection.vendor == "sqlite" and "locked" in str(error):
            return 0
        raise
    return count


def _append(connection: BaseDatabaseWrapper, lines: list[dict[str, Any]], last: Head) -> Head:
    rows = []
    for line in lines:
        digest = digest_of(line, last.position + 1, last.hash)
        rows.append((last.position + 1, last.hash, digest, line["id"]))
        last = Head(last.position + 1, digest)
    with connection.cursor() as cursor:
        sql = f"UPDATE {TABLE} SET position = %s, previous_hash = %s, hash = %s WHERE id = %s"  # noqa: S608
        if len(rows) == 1:
            cursor.execute(sql, rows[0])
        else:
            cursor.executemany(sql, rows)
    return last


def head(using: str = DEFAULT_DB_ALIAS) -> Head:
    chained = Entry.objects.using(using).filter(position__isnull=False)
    last = chained.order_by("-position").values_list("position", "hash").first()
    return Head(last[0] or 0, last[1]) if last else Head()


class FaultKind(StrEnum):
    MISSING = "missing"
    DUPLICATED = "duplicated"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Fault:
    """The first position where the chain is broken."""

    position: int
    kind: FaultKind
    line: dict[str, Any] | None = None


def first_fault(using: str = DEFAULT_DB_ALIAS) -> tuple[Fault | None, Head]:
    """Verify the whole chain; returns the first fault, if any, and the last valid position."""
    last = Head()
    chained = Entry.objects.using(using).filter(position__isnull=False).order_by("position", "pk")
    for line in chained.values(*CONTENT, *CHAIN).iterator(chunk_size=2000):
        position = last.position + 1
        if line["position"] > position:
            return Fault(position, FaultKind.MISSING, line), last
        if line["position"] < position:
            return Fault(line["position"], FaultKind.DUPLICATED, line), last
        if line["previous_hash"] != last.hash or line["hash"] != digest_of(line, position, last.hash):
            return Fault(position, FaultKind.CHANGED, line), last
        last = Head(position, line["hash"])
    return None, last


@contextmanager
def _appending(connection: BaseDatabaseWrapper) -> Iterator[bool]:
    """A transaction with exclusive access to the end of the chain; False if another process has it.

    It need not be durable: entries whose chaining is lost in a power cut are chained again.
    """
    if connection.vendor == "postgresql":
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            async_commit = "set_config('synchronous_commit', 'off', true)"
            cursor.execute(f"SELECT pg_try_advisory_xact_lock(%s), {async_commit}", [LOCK])
            yield bool(cursor.fetchone()[0])
    elif connection.in_atomic_block:
        yield True  # SQLite allows one writer, and that is us.
    else:
        pragmas = {"busy_timeout": SQLITE_BUSY_TIMEOUT_MS, "synchronous": 1}
        with _pragmas(connection, pragmas), transaction.atomic(using=connection.alias):
            yield True


@contextmanager
def _pragmas(connection: BaseDatabaseWrapper, values: dict[str, int]) -> Iterator[None]:
    """Change SQLite pragmas for the duration of the block."""
    with connection.cursor() as cursor:
        before = {name: cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in values}
        try:
            for name, value in values.items():
                cursor.execute(f"PRAGMA {name} = {value}")
            yield
        finally:
            for name, value in before.items():
                cursor.execute(f"PRAGMA {name} = {value}")


def _in_utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
