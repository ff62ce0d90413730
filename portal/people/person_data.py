"""All that the portal keeps of one person, for a request of access: the account, and every row that points to it.

Rows are found by the relations of the models, so that no table is forgotten; apps add what no relation shows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import models
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext, gettext_lazy

from portal.audit.models import Entry
from portal.people.models import User

Rows = list[dict[str, Any]]
Collector = Callable[[User], Mapping[str, Rows]]
SECRET = ("password", "token", "hash", "secret", "sealed", "key_data", "session_epoch", "data")
"""Parts of names of columns that are not handed out."""
LONG = ("content", "extracted_data", "raw", "definition", "schema", "words", "steps_seen", "row_edits")
"""Columns with the contents of documents, which are the team's and not about the person."""
AUDIT_COLUMNS = (
    "id", "at", "person_name", "team", "action", "subject_kind", "subject_id", "subject_name", "before", "after",
    "address",
)  # fmt: skip

DONE_BY, ABOUT = "audit: done by the person", "audit: about the person"
LABELS: dict[str, str | Promise] = {
    DONE_BY: gettext_lazy("Audit log: done by the person"),
    ABOUT: gettext_lazy("Audit log: about the person"),
}
_collectors: list[Collector] = []


def register(collector: Collector, labels: Mapping[str, str | Promise]) -> None:
    """With the names of its sections for people."""
    LABELS.update(labels)
    if collector not in _collectors:
        _collectors.append(collector)


def collect(person: User) -> dict[str, Any]:
    """By section, each with its rows; a section has the name of a table, or of table and column."""
    sections = {name: rows for name, rows in _all_sections(person) if rows}
    return {
        "format": 1,
        "made_at": timezone.now().isoformat(timespec="seconds"),
        "account": _plain(person),
        "sections": sections,
    }


def counts(person: User) -> dict[str, int]:
    return {name: len(rows) for name, rows in _all_sections(person) if rows}


def label_of(section: str) -> str:
    """The name of a section for people: what the rows are, and what the person is to them."""
    if section in LABELS:
        return str(LABELS[section])
    model, _dot, column = section.rpartition(".")
    meta = apps.get_model(model)._meta
    heading = gettext("%(label)s:") % {"label": capfirst(meta.verbose_name_plural)}
    return f"{heading} {meta.get_field(column).verbose_name}"


def _all_sections(person: User) -> Iterator[tuple[str, Rows]]:
    yield DONE_BY, _entries(person=person.pk)
    yield ABOUT, _entries(subject_kind="user", subject_id=str(person.pk))
    for model, column in related_columns():
        rows = model._base_manager.filter(**{column.name: person.pk})
        yield f"{model._meta.label_lower}.{column.name}", [_plain(row) for row in rows.iterator(chunk_size=500)]
    for collector in _collectors:
        yield from collector(person).items()


def related_columns() -> Iterator[tuple[type[models.Model], models.ForeignKey[Any, Any]]]:
    """Every column that refers to an account, except those of the audit log."""
    for model in apps.get_models(include_auto_created=True):
        if model is Entry or model._meta.proxy or not model._meta.managed:
            continue
        for column in model._meta.concrete_fields:
            if isinstance(column, models.ForeignKey) and column.related_model is User:
                yield model, column


def _entries(**conditions: Any) -> Rows:
    rows = Entry.objects.filter(**conditions).order_by("pk").values(*AUDIT_COLUMNS)
    return [{name: _written(value) for name, value in row.items()} for row in rows.iterator(chunk_size=500)]


def _plain(row: models.Model) -> dict[str, Any]:
    names = [column.attname for column in row._meta.concrete_fields]
    shown = [name for name in names if name not in LONG and not any(part in name for part in SECRET)]
    return {name: _written(value) for name in shown if (value := getattr(row, name)) not in (None, "", [], {})}


def _written(value: object) -> Any:
    match value:
        case bool() | int() | float() | str() | dict() | list() | None:
            return value
        case datetime():
            return value.isoformat(timespec="seconds")
    return str(value)
