"""Adds what an approved document shows to the counts, and takes it out again when it is reopened.

Runs in the transaction of the approval. A count is raised by an upsert, in the order of its key, so that concurrent
approvals wait for each other instead of deadlocking.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Model

from extractions.accuracy import issuer
from extractions.accuracy.facts import Corrected, Part, any_touched, corrections_of, parts_of
from extractions.accuracy.second_looks import draw
from extractions.models import (
    Correction,
    CountedDocument,
    DocumentCount,
    Extraction,
    FieldCount,
    ReviewStatus,
    SecondLook,
    Value,
    month_of,
)
from extractions.models.accuracy import LONGEST_TEXT
from extractions.verification.evidence_policy import Threshold
from extractions.verification.review_status import current

LONGEST_REVIEW = 3600.0
"""Seconds. Whoever took longer was doing something else as well."""
FIELD_KEY = ("team_number", "issuer", "schema_number", "version", "month", "field", "mark", "confidence_bin", "blind")
FIELD_SUMS = ("kept", "changed", "untouched", "confidence")
DOCUMENT_KEY = ("team_number", "issuer", "schema_number", "version", "month")
DOCUMENT_SUMS = (
    "documents", "untouched", "timed", "seconds", "timed_values", "kept", "changed", "untouched_values", "confirmed",
    "confirmed_changed",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Upsert:
    """Rows of one table with sums to add, by their key."""

    model: type[Model]
    key: Sequence[str]
    sums: Sequence[str]

    def add(self, rows: Iterable[dict[str, object]], sign: int) -> None:
        for row in sorted(rows, key=lambda row: tuple(str(row[name]) for name in self.key)):
            self._add(row, sign)

    def _add(self, row: dict[str, Any], sign: int) -> None:
        quoted = connection.ops.quote_name
        table = quoted(self.model._meta.db_table)
        columns = (*self.key, *self.sums)
        added = ", ".join(f"{quoted(name)} = {table}.{quoted(name)} + excluded.{quoted(name)}" for name in self.sums)
        sql = (
            f"INSERT INTO {table} ({', '.join(map(quoted, columns))}) VALUES ({', '.join(['%s'] * len(columns))})"  # noqa: S608
            f" ON CONFLICT ({', '.join(map(quoted, self.key))}) DO UPDATE SET {added}"
        )
        adapt = connection.ops.adapt_datefield_value
        keys = [adapt(row[name]) if isinstance(row[name], date) else row[name] for name in self.key]
        with connection.cursor() as cursor:
            cursor.execute(sql, [*keys, *(sign * row[name] for name in self.sums)])


_FIELDS = _Upsert(FieldCount, FIELD_KEY, FIELD_SUMS)
_DOCUMENTS = _Upsert(DocumentCount, DOCUMENT_KEY, DOCUMENT_SUMS)


@transaction.atomic
def count_approval(extraction: Extraction, approved_at: datetime, *, seconds: float | None = None) -> bool:
    """Count an approved document, and maybe draw it for a second look; False if it was counted before.

    The caller holds the document's lock. `seconds` is the time in review, if somebody held the document.
    """
    if CountedDocument.objects.filter(extraction=extraction.pk).exists():
        return False
    values = list(Value.objects.filter(extraction=extraction.pk))
    # Whoever approves all the same decides about what was left open, without touching a value.
    left_open = bool(extraction.needs or extraction.broken_count)
    counted = CountedDocument(
        extraction_id=extraction.pk,
        team_number=extraction.team_id,
        schema_number=extraction.schema_id or 0,
        version=version_of(extraction),
        issuer=issuer_of(extraction, values),
        month=month_of(approved_at),
        approved_at=approved_at,
        touched=left_open or any_touched(values),
        seconds=seconds if seconds is not None and 0 < seconds <= LONGEST_REVIEW else None,
        parts=[part.as_json() for part in parts_of(values, Threshold(extraction))],
    )
    counted.save(force_insert=True)
    _apply(counted, 1)
    _keep_corrections(counted, corrections_of(values))
    if not counted.touched:
        draw(extraction)
    return True


@transaction.atomic
def withdraw_approval(extraction: Extraction) -> bool:
    """Take a document that is no longer approved out of the counts; False if it was not counted."""
    counted = CountedDocument.objects.select_for_update().filter(extraction=extraction.pk).first()
    if counted is None:
        return False
    _apply(counted, -1)
    _drop_empty(counted)
    counted.delete()
    SecondLook.objects.filter(extraction=extraction.pk, done_at__isnull=True).delete()
    return True


@transaction.atomic
def forget_values(extraction: Extraction) -> None:
    """The document is erased: its numbers stay in the counts, its issuer and the texts of its corrections do not."""
    SecondLook.objects.filter(extraction=extraction.pk).delete()
    counted = CountedDocument.objects.select_for_update().filter(extraction=extraction.pk).first()
    if counted is not None:
        _apply(counted, -1, only_issuer=True)
        _drop_empty(counted)
        counted.delete()


def count_look(extraction: Extraction, moment: datetime, parts: Sequence[Part]) -> None:
    """Count the result of a blind second look. It says nothing of an issuer: looks are too few for that."""
    key: dict[str, object] = {
        "team_number": extraction.team_id, "issuer": "", "schema_number": extraction.schema_id or 0,
        "version": version_of(extraction), "month": month_of(moment),
    }  # fmt: skip
    _FIELDS.add((_field_row(key, part, blind=True) for part in parts), 1)


def recount_moved(extraction: Extraction) -> None:
    """Move what the document contributed to the counts of its present team."""
    before = CountedDocument.objects.filter(extraction=extraction.pk).first()
    if before is not None and withdraw_approval(extraction):
        count_approval(extraction, before.approved_at, seconds=before.seconds)


def version_of(extraction: Extraction) -> str:
    """The version of the schema, where the document kept one."""
    return extraction.schema_version or ""


def issuer_of(extraction: Extraction, values: Iterable[Value]) -> str:
    schema = extraction.schema.schema if extraction.schema else None
    texts = {value.path: str(current(value) or "") for value in values if "[" not in value.path}
    return issuer.issuer_of(issuer.issuer_paths(schema), texts)[:LONGEST_TEXT].strip()


def _apply(counted: CountedDocument, sign: int, *, only_issuer: bool = False) -> None:
    parts = [Part.read(part) for part in counted.parts]
    issuers = [*([] if only_issuer else [""]), *([counted.issuer] if counted.issuer else [])]
    keys = [{name: getattr(counted, name) for name in DOCUMENT_KEY} | {"issuer": name} for name in issuers]
    _DOCUMENTS.add((key | _document_sums(counted, parts) for key in keys), sign)
    _FIELDS.add((_field_row(key, part, blind=False) for key in keys for part in parts), sign)


def _field_row(key: dict[str, object], part: Part, *, blind: bool) -> dict[str, object]:
    sums = {name: getattr(part, name) for name in FIELD_SUMS}
    return {**key, "field": part.field, "mark": part.mark, "confidence_bin": part.bin, "blind": blind, **sums}


def _document_sums(counted: CountedDocument, parts: Sequence[Part]) -> dict[str, int]:
    judged = sum(part.judged for part in parts)
    timed = counted.seconds is not None and judged > 0
    confirmed = [part for part in parts if part.mark == ReviewStatus.BY_EVIDENCE]
    return {
        "documents": 1,
        "untouched": int(not counted.touched),
        "timed": int(timed),
        "seconds": round(counted.seconds or 0) if timed else 0,
        "timed_values": judged if timed else 0,
        "kept": sum(part.kept for part in parts),
        "changed": sum(part.changed for part in parts),
        "untouched_values": sum(part.untouched for part in confirmed),
        "confirmed": sum(part.values for part in confirmed),
        "confirmed_changed": sum(part.changed for part in confirmed),
    }


def _keep_corrections(counted: CountedDocument, corrections: Sequence[Corrected]) -> None:
    key = {name: getattr(counted, name) for name in DOCUMENT_KEY}
    Correction.objects.bulk_create(
        (
            Correction(counted=counted, field=item.field, before=item.before, after=item.after, **key)
            for item in corrections
        ),
        batch_size=500,
    )


def _drop_empty(counted: CountedDocument) -> None:
    """Rows of an issuer that count nothing any more: its name is a value."""
    if counted.issuer:
        of_issuer = {"team_number": counted.team_number, "issuer": counted.issuer}
        FieldCount.objects.filter(**of_issuer, kept=0, changed=0, untouched=0).delete()
        DocumentCount.objects.filter(**of_issuer, documents=0).delete()
