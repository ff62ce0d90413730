"""Asking how far the service is, until it is done."""

from __future__ import annotations

import logging
import random
from datetime import datetime, timedelta
from typing import Any

from django.db import DataError
from django.db.models import F
from django.utils import timezone

from extractions.forwarding import connections, rings
from extractions.forwarding.answers import Answer
from extractions.forwarding.errors import ApiRejected, ApiUnavailable
from extractions.forwarding.finish import failed, finished
from extractions.forwarding.surely import surely
from extractions.forwarding.times import span
from extractions.models import Extraction

State = Extraction.State
Status = Extraction.Status

PAUSING = frozenset({"key_refused", "rate"})
A_DAY = 24 * 3600.0
LONGEST_GAP = 60.0
RUNG_FIRST_GAP = 10.0
NOT_CONFIGURED = 3600.0
GONE_MOST = 5

log = logging.getLogger(__name__)


def follow(extraction: Extraction) -> None:
    """Ask once, write down what is new, and plan the next time."""
    client = connections.client_for(extraction.connection)
    lease = _claim(extraction, span(NOT_CONFIGURED) if client is None else next_ask(extraction, timezone.now()))
    if lease is None or client is None:
        return
    try:
        answer = client.retrieve(extraction.remote_id)
    except ApiRejected as error:
        surely(_unknown_there, extraction, lease, error)
    except ApiUnavailable as error:
        surely(_ask_later, extraction, lease, error)
    else:
        surely(_note, extraction, lease, answer)


def next_ask(extraction: Extraction, now: datetime) -> timedelta:
    """Often at first, then less and less; the embedded engine so often that each step is seen as it happens.

    Where webhooks come, they tell the end, and asking is only for the steps and for a webhook that is lost.
    """
    age = max(0.0, (now - extraction.state_changed_at) / span(1))
    if extraction.connection.embedded:
        wait = 0.5 if age < 60 and extraction.status != Status.CREATED else 1.0 if age < 600 else 5.0
    elif age < 60:
        wait = 3.0
    elif age < 600:
        wait = 3.0 + 12.0 * (age - 60) / 540
    else:
        wait = 60.0 if age < A_DAY else 3600.0
    if rings.are_believed(extraction.connection_id) and not extraction.connection.embedded:
        wait = max(wait, min(LONGEST_GAP, max(RUNG_FIRST_GAP, 3 * age)))
    return span(wait * random.uniform(0.9, 1.1))


def _claim(extraction: Extraction, wait: timedelta) -> int | None:
    """Take the row for one question. Setting the clock for the next one is all the holding there is."""
    rows = Extraction.objects.filter(pk=extraction.pk, state=State.RUNNING, lease=extraction.lease)
    taken = rows.update(lease=F("lease") + 1, lease_until=None, next_try_at=timezone.now() + wait)
    return extraction.lease + 1 if taken else None


def _note(extraction: Extraction, lease: int, answer: Answer) -> None:
    """Only the two known ends are ends; whatever else the service says, it is still at work."""
    # A document that waits its turn has begun no step, whatever the answer names.
    seen = steps_seen(extraction, answer.extraction_step if answer.status != Status.CREATED else "")
    if answer.status in (Status.FINISHED, Status.ERROR):
        _end(extraction, lease, answer, seen)
        return
    news: dict[str, Any] = {
        "status": answer.status,
        "extraction_step": answer.extraction_step,
        "steps_seen": seen,
        "looks": 0,
        "trouble": "paid_twice" if extraction.other_remote_ids else "",
    }
    news = {name: value for name, value in news.items() if getattr(extraction, name) != value}
    if news:
        Extraction.objects.filter(pk=extraction.pk, state=State.RUNNING, lease=lease).update(**news)
    if timezone.now() - extraction.state_changed_at > span(A_DAY):
        log.error("%s has been at the service for more than a day (%s)", extraction.key, answer.status)


def _end(extraction: Extraction, lease: int, answer: Answer, seen: dict[str, str]) -> None:
    try:
        (finished if answer.status == Status.FINISHED else failed)(extraction, answer, seen)
    except (DataError, ValueError, RecursionError) as error:
        # What no database takes will not get better by asking again; at the service it is still there.
        log.exception("The answer about %s cannot be stored", extraction.key)
        extraction._move(
            {State.RUNNING},
            State.FAILED,
            lease=lease,
            trouble="corrupt",
            trouble_detail=str(error)[:500],
            finished_at=timezone.now(),
            **Extraction.RESTING,
        )


def steps_seen(extraction: Extraction, step: str) -> dict[str, str]:
    """When each step was first seen by us."""
    seen = dict(extraction.steps_seen)
    if step:
        seen.setdefault(step, timezone.now().isoformat())
    return seen


def _unknown_there(extraction: Extraction, lease: int, error: ApiRejected) -> None:
    """The service does not know it. Said once, it may be a slow copy of its database; said often, it is gone."""
    rows = Extraction.objects.filter(pk=extraction.pk, state=State.RUNNING, lease=lease)
    gone = extraction.looks + 1
    if gone < GONE_MOST:
        wait = span((1.0 if extraction.connection.embedded else 5.0) * 2.0**gone)
        rows.update(looks=gone, next_try_at=timezone.now() + wait)
    elif extraction._move(
        {State.RUNNING},
        State.FAILED,
        lease=lease,
        trouble="gone",
        trouble_detail=error.detail,
        finished_at=timezone.now(),
        **Extraction.RESTING,
    ):
        log.error("The service does not know %s (%s) any more", extraction.key, extraction.remote_id)


def _ask_later(extraction: Extraction, lease: int, error: ApiUnavailable) -> None:
    """The document goes on there without us; we ask again, less often."""
    if error.code in PAUSING:
        connections.pause_by(extraction.connection, error)
    age = timezone.now() - extraction.state_changed_at
    wait = max(next_ask(extraction, timezone.now()), min(span(LONGEST_GAP), age / 4))
    if error.retry_after is not None:
        wait = max(wait, span(min(error.retry_after, connections.LONGEST_RATE_WAIT)))
    rows = Extraction.objects.filter(pk=extraction.pk, state=State.RUNNING, lease=lease)
    rows.update(next_try_at=timezone.now() + wait, trouble=error.trouble, trouble_detail=error.detail)
