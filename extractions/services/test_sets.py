"""Approved documents on which schemas are tested before they are published."""

from __future__ import annotations

from extractions.models import Extraction, TestDocument
from portal.audit.recording import Action, record
from portal.people.models import User


def add(extraction: Extraction, person: User) -> bool:
    """False if it is in the set already. Raises `ValueError` unless it is approved and was read with a schema."""
    if extraction.review_state != Extraction.Review.APPROVED or extraction.schema_id is None:
        raise ValueError(extraction.review_state)
    _row, new = TestDocument.objects.get_or_create(extraction=extraction, defaults={"person": person})
    if new:
        record(Action.SETTING, extraction, person=person, after={"test_set": True})
    return new


def take_out(extraction: Extraction, person: User) -> bool:
    gone, _rows = TestDocument.objects.filter(extraction=extraction).delete()
    if gone:
        record(Action.SETTING, extraction, person=person, before={"test_set": True}, after={"test_set": False})
    return bool(gone)
