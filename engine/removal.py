"""How a document goes: its row, its files and its traces; and whoever waits for its session is told."""

from __future__ import annotations

from django.db import transaction

from engine import files, traces, webhooks
from engine.models import Extract


def remove(extract: Extract) -> None:
    folder = extract.folder  # deleting empties the key
    with transaction.atomic():
        webhooks.announce_without(extract)
        extract.delete()
    files.remove(folder)
    traces.wipe_soon()
