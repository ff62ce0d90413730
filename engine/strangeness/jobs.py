"""Plays of the work itself: jobs that are slow or fail, webhooks that come twice."""

from __future__ import annotations

import threading
from uuid import UUID

from django.conf import settings

from engine.strangeness.orders import bound, standing
from engine.strangeness.plays import Scope, names
from reading.errors import Damaged


def before_job(extract: UUID, stopping: threading.Event) -> None:
    """What was ordered with this document, or for whichever comes next."""
    if not settings.ENGINE_STRANGENESS:
        return
    for order in bound.take(str(extract)) or standing.take(names(Scope.JOB)):
        if order.name == "slow-job":
            stopping.wait(order.number if order.number is not None else 30)
        else:
            raise Damaged("as ordered")


def times_to_deliver() -> int:
    if not settings.ENGINE_STRANGENESS:
        return 1
    return 2 if standing.take(names(Scope.WEBHOOK)) else 1
