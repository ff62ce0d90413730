"""Documents that nobody takes up: due to be sent for minutes, while no worker runs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from extractions import clock
from extractions.models import Extraction, WorkerProcess

PATIENCE = timedelta(minutes=3)
"""Longer than a worker takes to start again."""


def are_unattended(documents: Iterable[Extraction]) -> bool:
    """Whether one of these waits for a worker, and none runs; asks the database only if one waits for long."""
    before = clock.now() - PATIENCE
    waiting = any(
        row.state == Extraction.State.QUEUED
        and not row.error_code
        and not row.connection.paused
        and row.state_changed_at < before
        and (row.next_try_at is None or row.next_try_at < before)
        for row in documents
    )
    return waiting and not WorkerProcess.objects.schedulers().exists()
