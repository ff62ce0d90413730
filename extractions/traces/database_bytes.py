"""The bytes of the database's own files: freed pages, dead rows and the write-ahead log, which no query shows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from django.db import Error, connection, transaction

from extractions.traces.blocks import BLOCK, Haystack, blocks_of

PERMISSION = "The database user may not read the server's files: make it a member of pg_read_server_files"


def look_at_bytes(haystack: Haystack) -> None:
    if connection.vendor == "sqlite":
        _look_at_sqlite(haystack)
    else:
        _look_at_tables(haystack)


def _look_at_sqlite(haystack: Haystack) -> None:
    main = Path(connection.settings_dict["NAME"])
    files = sorted(path for path in main.parent.glob(f"{main.name}*") if path.is_file())
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_size")
        size = int(cursor.fetchone()[0])
    for path in files:
        with path.open("rb") as file:
            haystack.look(blocks_of(file), path.name, lambda at: f"page {at // size + 1}")
    names = ", ".join(path.name for path in files)
    haystack.place.looked_at = f"{haystack.bytes / 1e6:,.1f} MB of {names}, with freed pages"


def _look_at_tables(haystack: Haystack) -> None:
    """Of tables, their indexes and what they keep apart. Values that PostgreSQL has compressed cannot be seen so."""
    with connection.cursor() as cursor:
        try:
            with transaction.atomic():
                cursor.execute("CHECKPOINT")
        except Error:
            haystack.place.blind.append("The server did not write its pages to disk first: no right to CHECKPOINT.")
        cursor.execute(
            "SELECT relname, pg_relation_filepath(oid) FROM pg_class"
            " WHERE relkind IN ('r', 'i', 't', 'm') AND relfilenode > 0 AND relnamespace <> 'pg_catalog'::regnamespace"
        )
        files = cursor.fetchall()
    try:
        for name, path in files:
            haystack.look(_blocks_of_table(path), name)
    except Error as error:
        haystack.place.blind.append(f"{PERMISSION} ({str(error).strip().splitlines()[0]}).")
    haystack.place.looked_at = f"{haystack.bytes / 1e6:,.1f} MB of {len(files)} tables and indexes, with freed space"


def look_at_wal(haystack: Haystack) -> None:
    """PostgreSQL's write-ahead log, which the server recycles as it needs room."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT name FROM pg_ls_waldir() ORDER BY name")
            names = [name for (name,) in cursor.fetchall()]
        for name in names:
            haystack.look(_blocks(f"pg_wal/{name}"), f"pg_wal/{name}")
    except Error as error:
        haystack.place.blind.append(f"{PERMISSION} and of pg_monitor ({str(error).strip().splitlines()[0]}).")
        return
    haystack.place.looked_at = f"{haystack.bytes / 1e6:,.1f} MB in {len(names)} segments"


def _blocks_of_table(path: str) -> Iterator[bytes]:
    """A table beyond a gigabyte goes on in files with a number."""
    number, name = 0, path
    while True:
        empty = True
        for block in _blocks(name):
            empty = False
            yield block
        if empty:
            return
        number += 1
        name = f"{path}.{number}"


def _blocks(path: str) -> Iterator[bytes]:
    position = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_read_binary_file(%s, %s, %s, true)", [path, position, BLOCK])
            block = bytes(cursor.fetchone()[0] or b"")
        if not block:
            return
        position += len(block)
        yield block
