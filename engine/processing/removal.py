"""Deletes a document: its row, its files and its remains in the database, and tells its session's subscribers."""

from __future__ import annotations

from django.db import transaction

from engine.models import Extract
from engine.processing import erasure, files, webhook_events


def remove(extract: Extract) -> None:
    folder = extract.folder  # deleting clears the primary key
    with transaction.atomic():
        webhook_events.record_deletion(extract)
        extract.delete()
    files.remove(folder)
    erasure.request_erasure()
