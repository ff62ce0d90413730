"""What people can do for documents that wait or went wrong, without breaking a rule of forwarding."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Case, F, PositiveIntegerField, Q, QuerySet, Value, When
from django.utils import timezone

from extractions import bell
from extractions.models import Connection, Extraction, Server, WorkerProcess
from extractions.services.budget import expected, reserve
from extractions.services.submitting import Options, extract_again
from portal.people.models import User

State = Extraction.State
WAITING = (State.QUEUED, State.CHECKING, State.RUNNING)
STILL_HERE = (State.QUEUED, State.REJECTED, State.CANCELLED)
HELD = (State.SENDING, State.SENT, State.CHECKING)
MOST_AT_ONCE = 500
# The service surely has not got it.
NOT_THERE = Q(remote_id="", delete_requested_at__isnull=True) & (
    Q(state=State.REJECTED) | Q(handed_over_at__isnull=True)
)


def try_now(extraction: Extraction) -> bool:
    """Let nobody wait for a clock that has lost its reason. Whether there was anything to hurry."""
    if extraction.state == State.QUEUED and extraction.connection.paused:
        hurried = extraction.connection.probe_now()
    else:
        row = Extraction.objects.filter(pk=extraction.pk, state__in=WAITING).exclude(trouble="rate")
        # One whose time has come in the meantime needs no hurry, and is tried now all the same.
        hurried = _hurry(row) > 0 or row.filter(next_try_at__lte=timezone.now()).exists()
    transaction.on_commit(bell.ring, robust=True)
    return hurried


def try_everything(connection: Connection) -> int:
    """All that back off, and the connection itself where it is paused; how many documents that were."""
    connection.probe_now()
    backing_off = Extraction.objects.filter(connection=connection, state__in=(State.QUEUED, State.RUNNING))
    hurried = _hurry(backing_off.exclude(trouble__in=("", "rate")))
    transaction.on_commit(bell.ring, robust=True)
    return hurried


def use_server(extraction: Extraction, server: str) -> bool:
    """Send it to another server; only while it is surely at none."""
    if server not in Server.values or server == extraction.server:
        return False
    return extraction._move(
        {State.QUEUED},
        State.QUEUED,
        where=NOT_THERE,
        raise_lease=True,
        server=server,
        next_try_at=timezone.now(),
        trouble="",
        trouble_detail="",
    )


def send_with(extraction: Extraction, options: Options, person: User) -> Extraction:
    """The same file with other options: the same row if the service never took it, else a new one that is paid for.

    Raises `OverBudget` as `submit` does.
    """
    if extraction.state not in STILL_HERE or not extraction.never_handed_over:
        return extract_again(extraction, person, options)
    with transaction.atomic():
        return _same_row(extraction, options) or extract_again(extraction, person, options)


def _same_row(extraction: Extraction, options: Options) -> Extraction | None:
    chosen = _as_fields(options)
    for name, value in chosen.items():
        setattr(extraction, name, value)
    if extraction.state == State.QUEUED:
        extraction.credits_expected = expected(extraction)
    else:
        reserve(extraction)
    sent_again = extraction._move(
        STILL_HERE,
        State.QUEUED,
        where=NOT_THERE,
        raise_lease=True,
        connection=Connection.of_team(extraction.team_id),
        next_try_at=timezone.now(),
        # There may be pages now that nobody asked for before.
        pages_due_at=timezone.now(),
        decision="",
        credits_expected=extraction.credits_expected,
        **chosen,
        **Extraction.UNTRIED,
    )
    return extraction if sent_again else None


def _as_fields(options: Options) -> dict[str, Any]:
    """The options as fields of a row."""
    return {name: getattr(options, name) for name in options.__dataclass_fields__}


def look_again(person: User) -> int:
    """Search once more for every document of which nobody knows whether it arrived; the decision has its author."""
    undecided = Extraction.objects.filter(state=State.UNDECIDED, delete_requested_at__isnull=True)
    return sum(row.decide("look", person) for row in undecided.only("pk", "state")[:MOST_AT_ONCE])


def orphaned() -> QuerySet[Extraction]:
    """Documents that are held by a worker of which nothing was heard for a minute."""
    living = WorkerProcess.objects.alive().values("name")
    return Extraction.objects.filter(state__in=HELD, lease_until__gt=timezone.now()).exclude(held_by__in=living)


def release(extraction: Extraction) -> bool:
    """End the lease of a dead worker; the sweep then does what it does with every lease that ran out.

    Should the worker live after all, it can write only facts: the gate asks for the lease.
    """
    released = orphaned().filter(pk=extraction.pk, lease=extraction.lease).update(lease_until=timezone.now())
    transaction.on_commit(bell.ring, robust=True)
    return bool(released)


def _hurry(rows: QuerySet[Extraction]) -> int:
    """Make them due. A search that a person asks for comes on top of the planned ones and does not count as one."""
    now = timezone.now()
    waiting = rows.filter(state__in=WAITING, next_try_at__gt=now)
    fewer = Case(
        When(state=State.CHECKING, looks__gt=0, then=F("looks") - Value(1)),
        default=F("looks"),
        output_field=PositiveIntegerField(),
    )
    return waiting.update(next_try_at=now, looks=fewer)
