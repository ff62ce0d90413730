"""What a proof sheet says of a document, as JSON; the PDF shows the same, and has it attached."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language

from extractions.models import Change, Extraction, Value
from extractions.presentation.document.fields import Field, Group, Outline, full_label, outline
from extractions.result.rows import RowEdits
from extractions.verification.review_status import current, current_data_of
from portal.audit import chain
from portal.audit.models import Entry
from portal.audit.recording import Action

FORMAT = "extraction-portal proof sheet 1"
WITHOUT = (Action.SEEN, Action.FILE_SEEN, Action.LINK_OPENED)
"""Entries that are only about looking at the document."""
MOST_ENTRIES = 500


class NotApproved(Exception):
    """Proof sheets are made of approved documents."""


def canonical(value: object) -> bytes:
    """JSON in one form only, for hashes and signatures."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=str).encode("ascii")


def digest(value: object) -> str:
    return hashlib.sha256(canonical(value)).hexdigest()


def result_of(extraction: Extraction, values: Sequence[Value] | None = None) -> Any:
    """The current data, as the hash of a result is made of it."""
    return current_data_of(extraction, list(extraction.values.all()) if values is None else values)


class Contents:
    """The facts of one document at one moment. Raises `NotApproved`."""

    def __init__(self, extraction: Extraction, *, made_by: str) -> None:
        if extraction.review_state != Extraction.Review.APPROVED:
            raise NotApproved
        self.extraction = extraction
        self.made_by = made_by
        self.made_at = timezone.now()
        self.values = list(extraction.values.select_related("confirmed_by"))
        self.data = result_of(extraction, self.values)
        schema = extraction.schema.schema if extraction.schema else None
        edits = RowEdits.read(extraction.row_edits)
        self.outline: Outline = outline(self.data, schema, self.values, edits=edits)
        self.changes = _last_changes(extraction)
        chain.chain_pending()
        self.entries = list(_entries_about(extraction))
        self.head = chain.head()

    def payload(self) -> dict[str, Any]:
        extraction = self.extraction
        return {
            "format": FORMAT,
            "made_at": _moment(self.made_at),
            "made_by": self.made_by,
            "language": get_language(),
            "document": {
                "id": str(extraction.key),
                "name": extraction.name,
                "sha256": extraction.sha256,
                "bytes": extraction.size,
                "pages": extraction.page_count,
                "received_at": _moment(extraction.received_at),
                "received_from": str(extraction.owner or ""),
                "team": str(extraction.team),
                "schema": str(extraction.schema or ""),
                "schema_version": str(extraction.schema_version or ""),
            },
            "approval": {
                "approved_by": str(extraction.approved_by or ""),
                "approved_at": _moment(extraction.approved_at),
                "first_approved_by": str(extraction.first_approved_by or ""),
                "override_reason": extraction.override_reason,
            },
            "result": {"sha256": digest(self.data), "data": self.data},
            "values": [self._value(value) for value in self.values if not value.removed],
            "audit": {
                "entries": [
                    {"position": entry.position, "hash": entry.hash, "at": _moment(entry.at), "action": entry.action,
                     "person": entry.person_name}
                    for entry in self.entries
                ],
                "end": {"position": self.head.position, "hash": self.head.hash},
            },
        }  # fmt: skip

    def _value(self, value: Value) -> dict[str, Any]:
        change = self.changes.get(value.path)
        return {
            "path": value.path,
            "value": current(value),
            "extracted": value.extracted,
            "answer": value.answer,
            "status": value.standing,
            "evidence": value.evidence,
            "evidence_text": value.evidence_text,
            "page": value.page,
            "boxes": value.boxes,
            "corrected": value.corrected,
            "confirmed_by": str(value.confirmed_by or ""),
            "confirmed_at": _moment(value.confirmed_at),
            "changed_by": str(change.author or "") if change else "",
            "changed_at": _moment(change.at) if change else None,
        }

    @property
    def single_fields(self) -> list[tuple[str, Field]]:
        """Those outside of tables that have a value, or an answer instead, with their labels."""
        groups = (section for section in self.outline.sections if isinstance(section, Group))
        fields = ((full_label(group, item), item) for group in groups for item in group.fields)
        return [(label, item) for label, item in fields if not item.empty or _answered(item)]


def _answered(item: Field) -> bool:
    return item.value is not None and bool(item.value.answer)


def _last_changes(extraction: Extraction) -> dict[str, Change]:
    """The change that each value owes its present state to, by path."""
    rows = extraction.changes.filter(undone_by__isnull=True).exclude(kind=Change.Kind.WITHDRAW)
    return {change.path: change for change in rows.select_related("author").order_by("pk")}


def _entries_about(extraction: Extraction) -> list[Entry]:
    """The newest entries, oldest first."""
    about = Entry.objects.about("extraction", str(extraction.key)).exclude(action__in=WITHOUT)
    return list(about.filter(position__isnull=False).order_by("-position")[:MOST_ENTRIES])[::-1]


def _moment(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat(timespec="seconds") if at else None
