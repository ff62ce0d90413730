"""Manual interventions for waiting or failed documents that keep the guarantees of forwarding."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Case, F, PositiveIntegerField, Q, QuerySet, Value, When

from extractions import clock, wakeup
from extractions.intake.budget import expected_credits, reserve
from extractions.intake.routing import assign, permitted_servers
from extractions.intake.submitting import Options, extract_again
from extractions.models import Connection, Extraction, Server, WorkerProcess
from portal.people.models import User

State = Extraction.State
WAITING = (State.QUEUED, State.CHECKING, State.RUNNING)
STILL_HERE = (State.QUEUED, State.REJECTED, State.CANCELLED)
HELD = (State.SENDING, State.SENT, State.CHECKING)
MAX_SEARCHES = 500
# Definitely not at the service.
NOT_AT_SERVICE = Q(remote_id="", delete_requested_at__isnull=True) & (
    Q(state=State.REJECTED) | Q(handed_over_at__isnull=True)
)


def try_now(extraction: Extraction) -> bool:
    """Skip the backoff. Whether there was anything to speed up."""
    if extraction.state == State.QUEUED and extraction.connection.paused:
        made_due = extraction.connection.probe_now()
    else:
        row = Extraction.objects.filter(pk=extraction.pk, state__in=WAITING).exclude(error_code="rate")
        # One that has become due in the meantime is tried now all the same.
        made_due = _make_due(row) > 0 or row.filter(next_try_at__lte=clock.now()).exists()
    transaction.on_commit(wakeup.notify_workers, robust=True)
    return made_due


def retry_all(connection: Connection) -> int:
    """Skip the backoff of the connection and of its documents; how many documents."""
    connection.probe_now()
    backing_off = Extraction.objects.filter(connection=connection, state__in=(State.QUEUED, State.RUNNING))
    made_due = _make_due(backing_off.exclude(error_code__in=("", "rate")))
    transaction.on_commit(wakeup.notify_workers, robust=True)
    return made_due


def use_server(extraction: Extraction, server: str) -> bool:
    """Change the server of a document that is definitely at none."""
    if server not in Server.values or server == extraction.server:
        return False
    permitted = permitted_servers(extraction.team_id, extraction.schema_id)
    if permitted is not None and server not in permitted:
        return False
    return extraction.transition(
        {State.QUEUED},
        State.QUEUED,
        where=NOT_AT_SERVICE,
        raise_lease=True,
        server=server,
        routing=None,
        next_try_at=clock.now(),
        error_code="",
        error_detail="",
    )


def send_with(extraction: Extraction, options: Options, person: User) -> Extraction:
    """Resend with other options: the same row if it was never accepted, else a new, charged one.

    Raises `OverBudget` as `submit` does.
    """
    if extraction.state not in STILL_HERE or not extraction.never_handed_over:
        return extract_again(extraction, person, options)
    with transaction.atomic():
        return _same_row(extraction, options) or extract_again(extraction, person, options)


def _same_row(extraction: Extraction, options: Options) -> Extraction | None:
    connection = Connection.for_team(extraction.team_id)
    schema = options.schema.pk if options.schema else None
    assigned = assign(connection, extraction.team_id, schema, options.server)
    chosen = _as_fields(options) | {"server": assigned.server, "routing": assigned.routing}
    for name, value in chosen.items():
        setattr(extraction, name, value)
    if extraction.state == State.QUEUED:
        extraction.credits_expected = expected_credits(extraction)
    else:
        reserve(extraction)
    sent_again = extraction.transition(
        STILL_HERE,
        State.QUEUED,
        where=NOT_AT_SERVICE,
        raise_lease=True,
        connection=connection,
        next_try_at=clock.now(),
        # The new page range may include pages that were not rendered.
        pages_due_at=clock.now(),
        decision="",
        credits_expected=extraction.credits_expected,
        **chosen,
        **Extraction.UNTRIED,
    )
    return extraction if sent_again else None


def _as_fields(options: Options) -> dict[str, Any]:
    """The options that a row keeps. What its folder was to become is decided when it is sent."""
    kept = [name for name in options.__dataclass_fields__ if name != "folder_as_metadata"]
    return {name: getattr(options, name) for name in kept}


def search_again(person: User) -> int:
    """Resume reconciliation of all undecided documents on behalf of the person; how many."""
    undecided = Extraction.objects.filter(state=State.UNDECIDED, delete_requested_at__isnull=True)
    return sum(row.decide(Extraction.Decision.SEARCH, person) for row in undecided.only("pk", "state")[:MAX_SEARCHES])


def orphaned() -> QuerySet[Extraction]:
    """Documents leased to workers without a recent heartbeat."""
    living = WorkerProcess.objects.alive().values("name")
    return Extraction.objects.filter(state__in=HELD, lease_until__gt=clock.now()).exclude(held_by__in=living)


def release(extraction: Extraction) -> bool:
    """Expire the lease of a dead worker; the sweep recovers the row as usual.

    Safe even if the worker is alive: the gate checks the lease, so it can only record facts.
    """
    released = orphaned().filter(pk=extraction.pk, lease=extraction.lease).update(lease_until=clock.now())
    transaction.on_commit(wakeup.notify_workers, robust=True)
    return bool(released)


def _make_due(rows: QuerySet[Extraction]) -> int:
    """Make them due now. A requested search comes on top of the scheduled ones and does not count."""
    now = clock.now()
    waiting = rows.filter(state__in=WAITING, next_try_at__gt=now)
    uncounted = Case(
        When(state=State.CHECKING, search_misses__gt=0, then=F("search_misses") - Value(1)),
        default=F("search_misses"),
        output_field=PositiveIntegerField(),
    )
    return waiting.update(next_try_at=now, search_misses=uncounted)
