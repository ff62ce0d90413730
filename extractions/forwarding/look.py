"""Finding out whether a document arrived, before it is sent again."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone

from extractions.forwarding import connections
from extractions.forwarding.answers import Answer
from extractions.forwarding.client import Client
from extractions.forwarding.errors import ApiRejected, ApiUnavailable
from extractions.forwarding.facts import arrived
from extractions.forwarding.heartbeat import worker_name
from extractions.forwarding.surely import surely
from extractions.forwarding.times import hours, look_gap, settling, span
from extractions.models import Attempt, Extraction

State = Extraction.State

LEASE = 300.0
GAPS = (5.0, 10.0, 15.0, 30.0, 60.0)
MOST_CANDIDATES = 100
MOST_HAND_OVERS = 3
GIVE_UP_UNREACHABLE, GIVE_UP_UNREADABLE = 72.0, 0.5  # hours
LONGEST_GAP = 600.0
PAUSING = frozenset({"key_refused", "rate"})

log = logging.getLogger(__name__)


def look(extraction: Extraction) -> None:
    """One search for a document in doubt."""
    client = connections.client_for(extraction.connection)
    lease = _claim(extraction)
    if lease is None:
        return
    begun = timezone.now()
    if client is None:
        _cannot_tell(extraction, lease, "wrong_address")
        return
    try:
        hits = find(client, str(extraction.key))
    except ApiUnavailable as error:
        surely(_look_failed, extraction, lease, error)
        return
    if hits:
        surely(found, extraction, hits)
    else:
        surely(_not_found, extraction, lease, begun)


def find(client: Client, key: str) -> list[Answer]:
    """The extracts whose own metadata carry exactly this key, the oldest first.

    The service may search as it likes, so every candidate is opened; what cannot be searched to the end raises.
    """
    complete = True
    for query in ({"meta_key": "portal_key", "meta_value": key}, {"search": key}):
        listed = client.search(**query)
        complete &= listed.complete
        candidates = [str(item.get("id", "")) for item in listed.items if not _is_other(item, key)]
        if len(candidates) > MOST_CANDIDATES:
            complete = False
        hits = _confirmed(client, candidates[:MOST_CANDIDATES], key)
        if hits:
            return hits
    if not complete:
        raise ApiUnavailable("corrupt", "the search does not come to an end")
    return []


def found(extraction: Extraction, hits: list[Answer]) -> None:
    """Each hit is a fact. The first is the one we keep unless an id is known already."""
    for hit in hits:
        arrived(extraction, hit)
    attempts = Attempt.objects.filter(extraction=extraction, remote_id="").order_by("-number", "-pk")
    if last := attempts.first():
        Attempt.objects.filter(pk=last.pk).update(remote_id=hits[0].id)


def _is_other(item: dict[str, Any], key: str) -> bool:
    """Whether the list itself says that this is another one of our documents."""
    metadata = item.get("metadata")
    theirs = metadata.get("portal_key") if isinstance(metadata, dict) else None
    return isinstance(theirs, str) and theirs != key


def _confirmed(client: Client, candidates: list[str], key: str) -> list[Answer]:
    hits = []
    for remote_id in candidates:
        if not remote_id:
            continue
        try:
            answer = client.retrieve(remote_id)
        except ApiRejected:
            continue
        if answer.portal_key == key:
            hits.append(answer)
    return sorted(hits, key=lambda hit: (hit.created_at is None, hit.created_at.timestamp() if hit.created_at else 0))


def _claim(extraction: Extraction) -> int | None:
    """Take the row for one search; its lease, or None if somebody else was faster."""
    lease = extraction.lease
    rows = Extraction.objects.filter(pk=extraction.pk, state=State.CHECKING, lease=lease)
    until = timezone.now() + span(LEASE)
    return lease + 1 if rows.update(lease=F("lease") + 1, lease_until=until, held_by=worker_name()) else None


def _look_failed(extraction: Extraction, lease: int, error: ApiUnavailable) -> None:
    """It does not count, and is made again; but what never tells is for a person to decide."""
    if error.code in PAUSING:
        connections.pause_by(extraction.connection, error)
    age = timezone.now() - extraction.state_changed_at
    if age > hours(GIVE_UP_UNREADABLE if error.code == "corrupt" else GIVE_UP_UNREACHABLE):
        _cannot_tell(extraction, lease, "undecided", error.detail)
        return
    asked = span(error.retry_after or 0.0)
    _again(extraction, lease, min(span(LONGEST_GAP), max(look_gap(GAPS[0]), age / 4, asked)))


def _not_found(extraction: Extraction, lease: int, begun: datetime) -> None:
    looks = extraction.looks + 1
    settled = (extraction.handed_over_at or begun) + settling()
    if looks < len(GAPS):
        _again(extraction, lease, look_gap(GAPS[looks]), looks=looks)
    elif begun < settled:
        _again(extraction, lease, min(settled - begun, settling()), looks=looks)
    else:
        _surely_not_there(extraction, lease, looks)


def _surely_not_there(extraction: Extraction, lease: int, looks: int) -> None:
    extraction.connection.refresh_from_db()
    extraction.refresh_from_db(fields=["cancel_requested_at", "delete_requested_at"])
    handed_over = extraction.tries.filter(handed_over_at__isnull=False).exclude(outcome=Attempt.Outcome.REFUSED).count()
    if extraction.cancel_requested_at or extraction.delete_requested_at:
        due = timezone.now() if extraction.delete_requested_at else None
        extraction._move({State.CHECKING}, State.CANCELLED, lease=lease, next_try_at=due, lease_until=None, looks=looks)
    elif not extraction.connection.search_is_trusted():
        _cannot_tell(extraction, lease, "undecided", "the search of the service is not proved")
    elif handed_over >= MOST_HAND_OVERS:
        _cannot_tell(extraction, lease, "undecided", f"handed over {handed_over} times and never found")
    else:
        log.warning("%s did not arrive; it is sent again", extraction.key)
        extraction._move(
            {State.CHECKING},
            State.QUEUED,
            lease=lease,
            next_try_at=timezone.now(),
            lease_until=None,
            looks=looks,
            trouble="not_arrived",
            trouble_detail="",
        )


def _cannot_tell(extraction: Extraction, lease: int, code: str, detail: str = "") -> None:
    """A person decides, unless a person has decided already."""
    wished = Extraction.objects.filter(pk=extraction.pk).exclude(
        cancel_requested_at__isnull=True, delete_requested_at__isnull=True
    )
    state = State.CANCELLED if wished.exists() else State.UNDECIDED
    due = timezone.now() if state == State.CANCELLED else None
    log.warning("%s: not known whether it arrived (%s %s)", extraction.key, code, detail)
    extraction._move(
        {State.CHECKING}, state, lease=lease, next_try_at=due, lease_until=None, trouble=code, trouble_detail=detail
    )


def _again(extraction: Extraction, lease: int, wait: timedelta, **fields: Any) -> None:
    """The next look is planned from this one, so that a clock that jumps shortens one gap only."""
    rows = Extraction.objects.filter(pk=extraction.pk, state=State.CHECKING, lease=lease)
    rows.update(next_try_at=timezone.now() + wait, lease_until=None, **fields)
