"""The end: data, values and state in one write. Nothing leads back from here."""

from __future__ import annotations

import logging
from typing import Any

from django.db.models import Q
from django.utils import timezone

from extractions.assessing import assess
from extractions.evidence.leaves import leaves
from extractions.forwarding.answers import Answer
from extractions.forwarding.turns import written_at_once
from extractions.models import ContentImage, Extraction, Spending, Value

State = Extraction.State

log = logging.getLogger(__name__)


def finished(extraction: Extraction, answer: Answer, seen: dict[str, str]) -> bool:
    return _end(extraction, State.EXTRACTED, answer, seen, trouble="paid_twice" if extraction.other_remote_ids else "")


def failed(extraction: Extraction, answer: Answer, seen: dict[str, str]) -> bool:
    """The service gave up. It tells no reason: the step that it reached is the only clue."""
    return _end(extraction, State.FAILED, answer, seen, trouble="service_error")


@written_at_once()
def _end(extraction: Extraction, state: str, answer: Answer, seen: dict[str, str], trouble: str) -> bool:
    now = timezone.now()
    happened = extraction._move(
        {State.RUNNING},
        state,
        # The answer is a fact, whoever asked; but nothing is written for a document that somebody deletes.
        where=Q(delete_requested_at__isnull=True),
        raise_lease=True,
        lease_until=None,
        # The pictures are still to be fetched.
        next_try_at=now if answer.content_images else None,
        finished_at=now,
        steps_seen=seen | {"END": now.isoformat()},
        trouble=trouble,
        trouble_detail=", ".join(extraction.other_remote_ids),
        looks=0,
        evidence_due_at=now if state == State.EXTRACTED else None,
        **_fields(answer),
    )
    if not happened:
        return False
    if answer.credit_used:
        Spending.objects.add(extraction, answer.credit_used, now)
    _keep_pieces(extraction, answer)
    assess(extraction)
    if answer.unknown_fields:
        log.info("The service sent fields that we do not know: %s", ", ".join(answer.unknown_fields))
    return True


def _keep_pieces(extraction: Extraction, answer: Answer) -> None:
    ContentImage.objects.bulk_create(
        ContentImage(extraction=extraction, position=position, remote_id=picture.id, name=picture.name, url=picture.url)
        for position, picture in enumerate(answer.content_images)
    )
    Value.objects.bulk_create(
        (
            Value(
                extraction=extraction,
                position=position,
                path=leaf.path,
                text=leaf.text,
                number=leaf.number,
                date=leaf.date,
                page=leaf.page,
                boxes=leaf.boxes,
                extracted=leaf.value,
            )
            for position, leaf in enumerate(leaves(answer.extracted_data, answer.locations))
        ),
        batch_size=500,
    )


def _fields(answer: Answer) -> dict[str, Any]:
    names = (
        "document_name", "document_url", "status", "extraction_step", "extraction_time", "credit_used",
        "classifier_result", "workflow", "workflow_session_id", "created_at", "content", "extracted_data", "raw",
    )  # fmt: skip
    return {name: getattr(answer, name) for name in names} | {"unknown_fields": list(answer.unknown_fields)}
