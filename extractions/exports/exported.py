"""Audits exports: one entry per team concerned, linked to the exported documents.

An entry per document would flood the log. One entry for several teams could not be shown to any team's administrators
without revealing the other teams' documents.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import connection, transaction
from django.db.models import BigIntegerField, Count
from django.db.models import Value as Literal

from extractions.exports.reading import listed
from extractions.models import Event, ExportedDocument, Extraction, publish, publish_each
from portal.audit.recording import Action, record
from portal.people.models import User

AuditEntries = dict[str, int]
"""Ids of the audit entries, by team id as a string, for JSON has no other keys."""


def log_export(
    form: str,
    numbers: Sequence[int],
    *,
    search: str = "",
    person: User | None = None,
    lines: Mapping[str, int] | None = None,
) -> AuditEntries:
    """Create the entries, or add documents to those of an earlier call, passed in as `lines`."""
    known: AuditEntries = dict(lines or {})
    for team, count in _by_team(numbers).items():
        with transaction.atomic():
            if str(team) not in known:
                after = {"form": form, "documents": count} | ({"search": search} if search else {})
                known[str(team)] = record(Action.EXPORTED, team=team, person=person, after=after).pk
            _publish(known[str(team)], team, numbers, form)
            _add(known[str(team)], team, numbers)
    return known


@transaction.atomic
def log_download(extraction: Extraction, form: str) -> None:
    """Of one document, handed out at once: an entry about it, and the event that exports publish."""
    line = record(Action.EXPORTED, extraction, after={"form": form})
    ExportedDocument.objects.create(extraction=extraction, entry_number=line.pk)
    publish(extraction, Event.EXPORTED, export=line.pk, format=form)


def _publish(line: int, team: int, numbers: Sequence[int], form: str) -> None:
    """Of the documents that no earlier call has added."""
    documents = Extraction.objects.filter(pk__in=listed(numbers), team=team).exclude(exported__entry_number=line)
    publish_each(team, documents, Event.EXPORTED, export=line, format=form)


def _by_team(numbers: Sequence[int]) -> dict[int, int]:
    rows = Extraction.objects.filter(pk__in=listed(numbers)).order_by()
    return dict(rows.values_list("team").annotate(Count("pk")))


def _add(line: int, team: int, numbers: Sequence[int]) -> None:
    """One INSERT … SELECT, for there may be a hundred thousand documents."""
    documents = Extraction.objects.filter(pk__in=listed(numbers), team=team).order_by()
    marked = documents.annotate(line=Literal(line, output_field=BigIntegerField())).values_list("pk", "line")
    sql, parameters = marked.query.sql_with_params()
    into = f"INSERT INTO {ExportedDocument._meta.db_table} (extraction_id, entry_number)"
    with connection.cursor() as cursor:
        cursor.execute(f"{into} {sql} ON CONFLICT DO NOTHING", parameters)
