"""Rows in a form that does not depend on the database: a line of JSON for each, its values in the order of the columns.

The digest of a table is the sum of those of its rows, so the order in which a database returns them does not matter.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from django.apps.registry import Apps
from django.core.management.color import no_style
from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

BATCH = 1000
MODULUS = 2**256


@dataclass(frozen=True, slots=True)
class Content:
    """What a table held: the same for the same rows in any database."""

    rows: int
    digest: str


@dataclass(slots=True)
class _Sum:
    rows: int = 0
    total: int = 0

    def add(self, values: list[Any]) -> None:
        canonical = json.dumps(_canonical(values), sort_keys=True, separators=(",", ":"))
        self.rows += 1
        self.total = (self.total + int.from_bytes(hashlib.sha256(canonical.encode()).digest())) % MODULUS

    def content(self) -> Content:
        return Content(self.rows, f"{self.total:064x}")


def stored_models(apps: Apps) -> list[type[models.Model]]:
    """All that have a table, those between two others too."""
    every = apps.get_models(include_auto_created=True)
    return [model for model in every if model._meta.managed and not model._meta.proxy]


def columns_of(model: type[models.Model]) -> list[str]:
    """Sorted: a model of an earlier migration has the same fields in another order."""
    return sorted(column.attname for column in model._meta.concrete_fields)


def write(model: type[models.Model], using: str, path: Path) -> Content:
    """All rows of the table into a compressed file."""
    added = _Sum()
    with gzip.open(path, "wt", compresslevel=3, encoding="utf-8", newline="\n") as file:
        for values in _rows(model, using):
            added.add(values)
            file.write(json.dumps(values, ensure_ascii=False, separators=(",", ":")))
            file.write("\n")
    return added.content()


def content_of(model: type[models.Model], using: str) -> Content:
    added = _Sum()
    for values in _rows(model, using):
        added.add(values)
    return added.content()


def content_in(file: IO[bytes]) -> Content:
    """What a compressed file of rows holds."""
    added = _Sum()
    for values in read(file):
        added.add(values)
    return added.content()


def read(file: IO[bytes]) -> Iterator[list[Any]]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def load(model: type[models.Model], using: str, columns: list[str], rows: Iterable[list[Any]]) -> None:
    """Rows as they were: neither `save` nor automatic dates nor signals take part."""
    connection = connections[using]
    by_name = {column.attname: column for column in model._meta.concrete_fields}
    fields = [by_name[name] for name in columns]
    quote = connection.ops.quote_name
    names = ", ".join(quote(str(column.column)) for column in fields)
    marks = ", ".join(["%s"] * len(fields))
    statement = f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES ({marks})"  # noqa: S608 - our own names
    with connection.cursor() as cursor:
        iterator = iter(rows)
        while some := list(islice(iterator, BATCH)):
            cursor.executemany(statement, [_prepared(fields, row, connection) for row in some])


def highest_number(model: type[models.Model], using: str) -> int:
    """The highest primary key that the database ever gave; 0 where it gives none. Numbers are not given twice."""
    connection = connections[using]
    key = model._meta.pk
    if not isinstance(key, models.AutoField):
        return 0
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [model._meta.db_table])
        else:
            cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [model._meta.db_table, key.column])
            sequence = cursor.fetchone()[0]
            cursor.execute(f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {sequence}")  # noqa: S608
        found = cursor.fetchone()
    return int(found[0]) if found else 0


def continue_numbers(model: type[models.Model], using: str, highest: int) -> None:
    """New rows get numbers above those that were ever given."""
    connection = connections[using]
    key = model._meta.pk
    if not isinstance(key, models.AutoField):
        return
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, highest])
        elif highest:
            cursor.execute("SELECT setval(pg_get_serial_sequence(%s, %s), %s)", [table, key.column, highest])
        else:
            for statement in connection.ops.sequence_reset_sql(no_style(), [model]):
                cursor.execute(statement)


def _rows(model: type[models.Model], using: str) -> Iterator[list[Any]]:
    rows = model._base_manager.using(using).order_by("pk").values_list(*columns_of(model))
    for row in rows.iterator(chunk_size=BATCH):
        yield [_neutral(value) for value in row]


def _neutral(value: Any) -> Any:
    """Each can be read again by the field that it belongs to."""
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat()
        case date() | time():
            return value.isoformat()
        case Decimal() | UUID():
            return str(value)
        case timedelta():
            return str(value.total_seconds())
        case bytes() | memoryview():
            return base64.b64encode(bytes(value)).decode("ascii")
        case _:
            return value


def _prepared(fields: list[models.Field[Any, Any]], row: list[Any], connection: BaseDatabaseWrapper) -> list[Any]:
    pairs = zip(fields, row, strict=True)
    return [column.get_db_prep_save(column.to_python(value), connection) for column, value in pairs]


def _canonical(value: Any) -> Any:
    """Databases write the same number of a JSON value as 1e16 or 10000000000000000."""
    match value:
        case float() if value.is_integer():
            return int(value)
        case dict():
            return {name: _canonical(item) for name, item in value.items()}
        case list():
            return [_canonical(item) for item in value]
        case _:
            return value
