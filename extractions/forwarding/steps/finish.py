"""The terminal step: result, values and state in one transaction."""

from __future__ import annotations

import logging
from typing import Any

from extractions import clock
from extractions.forwarding.api.answers import Answer
from extractions.forwarding.serialized import serialized_atomic
from extractions.models import KEPT, ContentImage, Extraction, NextStep, Spending, Value
from extractions.models.error_codes import ErrorCode
from extractions.models.studio import version_of
from extractions.result.leaves import leaves
from extractions.verification.review_status import refresh_status

State = Extraction.State

log = logging.getLogger(__name__)


def record_result(extraction: Extraction, answer: Answer, seen: dict[str, str]) -> bool:
    error_code = ErrorCode.PAID_TWICE if extraction.other_remote_ids else ""
    return _end(extraction, State.EXTRACTED, answer, seen, error_code=error_code)


def record_failure(extraction: Extraction, answer: Answer, seen: dict[str, str]) -> bool:
    """The service failed. API 0.8.1 gives no reason; the last step is the only clue."""
    return _end(extraction, State.FAILED, answer, seen, error_code=ErrorCode.SERVICE_ERROR)


@serialized_atomic()
def _end(extraction: Extraction, state: str, answer: Answer, seen: dict[str, str], error_code: str) -> bool:
    now = clock.now()
    happened = extraction.transition(
        {State.RUNNING},
        state,
        # No lease check: the response is a fact, whoever fetched it. But do not write to a document being erased.
        where=KEPT,
        raise_lease=True,
        lease_until=None,
        # Content images are still to be downloaded.
        next_try_at=now if answer.content_images else None,
        finished_at=now,
        steps_seen=seen | {"END": now.isoformat()},
        error_code=error_code,
        error_detail=", ".join(extraction.other_remote_ids) or _reason(answer),
        search_misses=0,
        evidence_due_at=now if state == State.EXTRACTED else None,
        schema_version=version_of(extraction.schema) if extraction.schema else None,
        **_fields(answer),
    )
    if not happened:
        return False
    if answer.credit_used:
        Spending.objects.add(extraction, answer.credit_used, now)
    _store_parts(extraction, answer)
    if state == State.EXTRACTED:
        NextStep.plan(extraction, answer.classifier_result or "")
    refresh_status(extraction)
    if answer.unknown_fields:
        log.info("Unknown fields in the response: %s", ", ".join(answer.unknown_fields))
    return True


def _reason(answer: Answer) -> str:
    """Why it failed, where the service says so; 0.8.1 does not."""
    reason = answer.raw.get("x_error")
    return reason[:500] if isinstance(reason, str) else ""


def _store_parts(extraction: Extraction, answer: Answer) -> None:
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
