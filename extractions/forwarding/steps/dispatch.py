"""Chooses a document's next step. Idempotent and restartable at any point."""

from __future__ import annotations

import threading

from extractions.forwarding.steps.content_images import fetch_content_images
from extractions.forwarding.steps.erase import erase
from extractions.forwarding.steps.follow import follow
from extractions.forwarding.steps.reconcile import reconcile
from extractions.forwarding.steps.send import send_document
from extractions.models import Extraction
from extractions.models.lifecycle import IN_FLIGHT

State = Extraction.State


def step(pk: int, stop: threading.Event, *, isolated: bool = False) -> None:
    """Run one step; the row is left with a due time or at rest."""
    rows = Extraction.objects.select_related("connection", "schema", "classifier")
    extraction = rows.defer("content", "extracted_data", "raw").filter(pk=pk).first()
    if extraction is None or stop.is_set():
        return
    if _must_go(extraction):
        erase(extraction)
        return
    match extraction.state:
        case State.QUEUED:
            send_document(extraction, stop, isolated=isolated)
        case State.CHECKING:
            reconcile(extraction)
        case State.RUNNING:
            follow(extraction)
        case State.EXTRACTED | State.FAILED:
            fetch_content_images(extraction)


def _must_go(extraction: Extraction) -> bool:
    """Whether it goes, in whole or in part, or was cancelled after the hand-over. In flight it is reconciled first."""
    if extraction.state in IN_FLIGHT or extraction.state == State.QUEUED:
        return False
    cancelled = extraction.state == State.CANCELLED or (
        extraction.state == State.RUNNING and extraction.cancel_requested_at is not None
    )
    return cancelled or extraction.must_be_erased or extraction.must_lose_original
