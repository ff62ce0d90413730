"""Checks that the service's search index is fresh, before "not found" may mean "not there".

A stale index still finds older documents. So just before the search, a canary has to be found: one of our documents
accepted after the hand-over in question. An index that contains the later one would contain the earlier one.
"""

from __future__ import annotations

import logging
from enum import Enum

from django.db.models import Exists, OuterRef, QuerySet

from extractions import clock
from extractions.forwarding.api.client import Client
from extractions.forwarding.steps.service_search import find_by_key
from extractions.forwarding.time_scale import settling
from extractions.models import Attempt, Connection, Extraction
from extractions.models.error_codes import ErrorCode

State = Extraction.State

CANARIES_PER_END = 2
BATCH = 500

log = logging.getLogger(__name__)


class Freshness(Enum):
    """The value is the error code of a document that stays undecided because of it."""

    FRESH = ""
    UNPROVEN = "unproven"
    """No canary: nothing was accepted since."""
    STALE = "stale"
    """A settled canary is not found."""


def freshness(extraction: Extraction, client: Client) -> Freshness:
    """Freshness of the search relative to the document's hand-over. Raises as `find_by_key` does."""
    if extraction.connection.embedded:
        return Freshness.FRESH  # our engine searches its own table, without an index that lags
    canaries = _canaries(extraction)
    for known in canaries:
        if known.remote_id in {hit.id for hit in find_by_key(extraction.connection, client, str(known.key))}:
            return Freshness.FRESH
    missed = next((known for known in canaries if _has_settled(known)), None)
    if missed is None:
        return Freshness.UNPROVEN
    log.error("The search of %s is stale: it does not find %s", extraction.connection.base_url, missed.key)
    Connection.objects.filter(pk=extraction.connection_id).update(search_trusted_at=None)
    return Freshness.STALE


def recheck_provable() -> int:
    """Resume reconciliation of documents left undecided for lack of proof, once there is proof; how many.

    Otherwise people who send rarely would have to decide about every ambiguous send.
    """
    moved = 0
    waiting = Extraction.objects.filter(
        state=State.UNDECIDED,
        error_code__in=(Freshness.UNPROVEN.value, Freshness.STALE.value),
        delete_requested_at__isnull=True,
    )
    for extraction in waiting.select_related("connection").defer("content", "extracted_data", "raw")[:BATCH]:
        trusted_at = extraction.connection.search_trusted_at
        if not extraction.connection.search_is_trusted() or trusted_at is None:
            continue
        if extraction.error_code == Freshness.STALE.value and trusted_at <= extraction.state_changed_at:
            continue
        if extraction.connection.embedded or any(map(_has_settled, _canaries(extraction))):
            now = clock.now()
            moved += extraction.transition({State.UNDECIDED}, State.CHECKING, lease=extraction.lease, next_try_at=now)
    return moved


def _canaries(extraction: Extraction) -> list[Extraction]:
    """The earliest, which are indexed first, and the latest that have had time to be indexed."""
    rows = _accepted_after(extraction).only("key", "remote_id", "handed_over_at")
    settled = rows.filter(handed_over_at__lte=clock.now() - settling())
    chosen = [
        *rows.order_by("handed_over_at")[:CANARIES_PER_END],
        *settled.order_by("-handed_over_at")[:CANARIES_PER_END],
    ]
    return list({row.pk: row for row in chosen}.values())


def _has_settled(known: Extraction) -> bool:
    return known.handed_over_at is not None and known.handed_over_at <= clock.now() - settling()


def _accepted_after(extraction: Extraction) -> QuerySet[Extraction]:
    """Documents at the same account, confirmed by the service, whose accepted attempt was handed over later.

    The row's `handed_over_at` is its last hand-over, but a document that was sent again may be found through an earlier
    attempt. So only the attempt whose response carried the remote id counts.
    """
    if extraction.handed_over_at is None:
        return Extraction.objects.none()
    answered = Attempt.objects.filter(
        extraction=OuterRef("pk"),
        remote_id=OuterRef("remote_id"),
        outcome=Attempt.Outcome.ACCEPTED,
        handed_over_at__gt=extraction.handed_over_at,
    )
    accepted = Extraction.objects.filter(
        Exists(answered),
        connection=extraction.connection_id,
        state__in=(State.RUNNING, State.EXTRACTED, State.FAILED),
        handed_over_at__gt=extraction.handed_over_at,
        delete_requested_at__isnull=True,
    )
    return accepted.exclude(remote_id="").exclude(error_code=ErrorCode.GONE).exclude(pk=extraction.pk)
