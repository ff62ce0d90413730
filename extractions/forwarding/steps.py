"""What is next for a document. Running it twice is harmless, and any moment is good for starting again."""

from __future__ import annotations

import threading

from extractions.forwarding.erase import ON_THE_WAY, erase
from extractions.forwarding.follow import follow
from extractions.forwarding.look import look
from extractions.forwarding.pictures import fetch_pictures
from extractions.forwarding.send import send
from extractions.models import Extraction

State = Extraction.State


def step(pk: int, stop: threading.Event) -> None:
    """Do one thing for the row, and leave it with a clock or at rest."""
    rows = Extraction.objects.select_related("connection", "schema", "classifier")
    extraction = rows.defer("content", "extracted_data", "raw").filter(pk=pk).first()
    if extraction is None or stop.is_set():
        return
    if _must_go(extraction):
        erase(extraction)
        return
    match extraction.state:
        case State.QUEUED:
            send(extraction, stop)
        case State.CHECKING:
            look(extraction)
        case State.RUNNING:
            follow(extraction)
        case State.EXTRACTED | State.FAILED:
            fetch_pictures(extraction)


def _must_go(extraction: Extraction) -> bool:
    """Deleted, or cancelled after it was handed over. What is on its way is found out first."""
    if extraction.state in ON_THE_WAY or extraction.state == State.QUEUED:
        return False
    cancelled = extraction.state == State.CANCELLED or (
        extraction.state == State.RUNNING and extraction.cancel_requested_at is not None
    )
    return cancelled or extraction.delete_requested_at is not None
