"""Polls the service for a document's progress until it is done."""

from __future__ import annotations

import logging
import random
from datetime import datetime, timedelta
from typing import Any

from django.db import DataError
from django.db.models import F

from extractions import clock
from extractions.forwarding.api.answers import Answer
from extractions.forwarding.api.errors import ApiRejected, ApiUnavailable
from extractions.forwarding.steps import connection_state, webhook_health
from extractions.forwarding.steps.finish import record_failure, record_result
from extractions.forwarding.time_scale import span
from extractions.models import Extraction
from extractions.models.error_codes import ErrorCode
from portal.database_retry import retry_on_database_error

State = Extraction.State
Status = Extraction.Status

DAY_SECONDS = 24 * 3600.0
MAX_GAP_SECONDS = 60.0
FIRST_GAP_WITH_WEBHOOKS = 10.0
NO_CLIENT_SECONDS = 3600.0
MAX_NOT_FOUND = 5

log = logging.getLogger(__name__)


def follow(extraction: Extraction) -> None:
    """Poll once, record progress and schedule the next poll."""
    client = connection_state.client_for(extraction.connection)
    lease = _claim(extraction, span(NO_CLIENT_SECONDS) if client is None else poll_interval(extraction, clock.now()))
    if lease is None or client is None:
        return
    try:
        answer = client.retrieve(extraction.remote_id)
    except ApiRejected as error:
        retry_on_database_error(_not_found, extraction, lease, error)
    except ApiUnavailable as error:
        retry_on_database_error(_poll_later, extraction, lease, error)
    else:
        retry_on_database_error(_record_progress, extraction, lease, answer)


def poll_interval(extraction: Extraction, now: datetime) -> timedelta:
    """Frequent at first, then less and less; the embedded engine often enough to show every step. With 10% jitter.

    Where webhooks are reliable, they announce the end, and polling is only for progress and lost webhooks.
    """
    age = max(0.0, (now - extraction.state_changed_at) / span(1))
    if extraction.connection.embedded:
        wait = 0.5 if age < 60 and extraction.status != Status.CREATED else 1.0 if age < 600 else 5.0
    elif age < 60:
        wait = 3.0
    elif age < 600:
        wait = 3.0 + 12.0 * (age - 60) / 540
    else:
        wait = 60.0 if age < DAY_SECONDS else 3600.0
    if webhook_health.is_reliable(extraction.connection_id) and not extraction.connection.embedded:
        wait = max(wait, min(MAX_GAP_SECONDS, max(FIRST_GAP_WITH_WEBHOOKS, 3 * age)))
    return span(wait * random.uniform(0.9, 1.1))


def _claim(extraction: Extraction, wait: timedelta) -> int | None:
    """Claim the row for one poll by moving next_try_at to the next one; there is no lease to release."""
    rows = Extraction.objects.filter(pk=extraction.pk, state=State.RUNNING, lease=extraction.lease)
    taken = rows.update(lease=F("lease") + 1, lease_until=None, next_try_at=clock.now() + wait)
    return extraction.lease + 1 if taken else None


def _record_progress(extraction: Extraction, lease: int, answer: Answer) -> None:
    """FINISHED and ERROR are terminal; any other status means in progress."""
    # A document in the service's queue has not begun the step that the response names.
    seen = steps_seen(extraction, answer.extraction_step if answer.status != Status.CREATED else "")
    if answer.status in (Status.FINISHED, Status.ERROR):
        _end(extraction, lease, answer, seen)
        return
    news: dict[str, Any] = {
        "status": answer.status,
        "extraction_step": answer.extraction_step,
        "steps_seen": seen,
        "search_misses": 0,
        "error_code": ErrorCode.PAID_TWICE if extraction.other_remote_ids else "",
    }
    news = {name: value for name, value in news.items() if getattr(extraction, name) != value}
    if news:
        Extraction.objects.filter(pk=extraction.pk, state=State.RUNNING, lease=lease).update(**news)
    if clock.now() - extraction.state_changed_at > span(DAY_SECONDS):
        log.error("%s has been at the service for more than a day (%s)", extraction.key, answer.status)


def _end(extraction: Extraction, lease: int, answer: Answer, seen: dict[str, str]) -> None:
    try:
        (record_result if answer.status == Status.FINISHED else record_failure)(extraction, answer, seen)
    except (DataError, ValueError, RecursionError) as error:
        # The database will never accept this response; the result remains at the service.
        log.exception("The result of %s cannot be stored", extraction.key)
        extraction.transition(
            {State.RUNNING},
            State.FAILED,
            lease=lease,
            error_code=ErrorCode.CORRUPT,
            error_detail=str(error)[:500],
            finished_at=clock.now(),
            **Extraction.RESTING,
        )


def steps_seen(extraction: Extraction, step: str) -> dict[str, str]:
    """ISO time at which each step was first observed."""
    seen = dict(extraction.steps_seen)
    if step:
        seen.setdefault(step, clock.now().isoformat())
    return seen


def _not_found(extraction: Extraction, lease: int, error: ApiRejected) -> None:
    """Unknown to the service: a single 404 may come from a lagging replica, `MAX_NOT_FOUND` of them mean it is gone."""
    rows = Extraction.objects.filter(pk=extraction.pk, state=State.RUNNING, lease=lease)
    gone = extraction.search_misses + 1
    if gone < MAX_NOT_FOUND:
        wait = span((1.0 if extraction.connection.embedded else 5.0) * 2.0**gone)
        rows.update(search_misses=gone, next_try_at=clock.now() + wait)
    elif extraction.transition(
        {State.RUNNING},
        State.FAILED,
        lease=lease,
        error_code=ErrorCode.GONE,
        error_detail=error.detail,
        finished_at=clock.now(),
        **Extraction.RESTING,
    ):
        log.error("The service does not know %s (%s) any more", extraction.key, extraction.remote_id)


def _poll_later(extraction: Extraction, lease: int, error: ApiUnavailable) -> None:
    """Back off: the service continues on its own."""
    if error.code in connection_state.PAUSING_CODES:
        connection_state.pause_for_error(extraction.connection, error)
    age = clock.now() - extraction.state_changed_at
    wait = max(poll_interval(extraction, clock.now()), min(span(MAX_GAP_SECONDS), age / 4))
    if error.retry_after is not None:
        wait = max(wait, span(min(error.retry_after, connection_state.MAX_RATE_WAIT)))
    rows = Extraction.objects.filter(pk=extraction.pk, state=State.RUNNING, lease=lease)
    rows.update(next_try_at=clock.now() + wait, error_code=error.detailed_code, error_detail=error.detail)
