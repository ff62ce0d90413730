"""A circuit breaker per connection: its client, why it is paused, and how it is probed and resumed."""

from __future__ import annotations

import logging

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from extractions import clock
from extractions.forwarding.api.client import Client
from extractions.forwarding.api.client_v0 import ClientV0
from extractions.forwarding.api.errors import ApiUnavailable
from extractions.forwarding.steps import contract_watch
from extractions.forwarding.steps.service_search import INCONCLUSIVE
from extractions.forwarding.time_scale import span
from extractions.models import Classifier, Connection, Extraction, Schema, Trial
from extractions.models.error_codes import ErrorCode
from portal.default_api import connection_key, connection_url
from portal.sealing import Unreadable

Pause = Connection.Pause
State = Extraction.State

PAUSES = {
    ErrorCode.KEY_REFUSED: Pause.KEY_REFUSED,
    ErrorCode.NO_CREDITS: Pause.NO_CREDITS,
    ErrorCode.RATE_LIMIT: Pause.RATE,
    ErrorCode.WRONG_ADDRESS: Pause.WRONG_ADDRESS,
}
PAUSE_SECONDS = {
    ErrorCode.KEY_REFUSED: 60.0,
    ErrorCode.NO_CREDITS: 900.0,
    ErrorCode.RATE_LIMIT: 60.0,
    ErrorCode.WRONG_ADDRESS: 60.0,
}
PAUSING_CODES = frozenset({ErrorCode.KEY_REFUSED, ErrorCode.RATE_LIMIT})
"""Codes that pause the connection even when the call was not a send."""
MAX_RATE_WAIT = 900.0
FAILURES_ALLOWED = 5
FIRST_WAIT, FIRST_WAIT_EMBEDDED = 30.0, 2.0
MAX_WAIT, MAX_WAIT_EMBEDDED = 600.0, 30.0
TRIAL_SECONDS = 300.0
# A document may be sent over a connection that is not paused, or as the trial document of one that is.
# No join: Django would move all conditions of the UPDATE, state and lease included, into a subquery, which PostgreSQL
# does not re-evaluate after waiting for a concurrent update. Two workers would then claim the same document.
SENDABLE = Q(connection__in=Connection.objects.filter(pause=Pause.NONE)) | Q(
    pk__in=Connection.objects.filter(trial__isnull=False).values("trial")
)

log = logging.getLogger(__name__)


def client_for(connection: Connection) -> Client | None:
    """None if the key is gone: the settings name another address, or the sealed key cannot be decrypted."""
    key = _key_of(connection)
    if key is None:
        return None
    observer = contract_watch.observer(connection)
    if connection.dialect == Connection.Dialect.V0:
        return ClientV0(connection.base_url, key, observer)
    return Client(connection.base_url, key, settings.ANESYA_SCHEME_WORD, observer)


def _key_of(connection: Connection) -> str | None:
    if connection.is_own:
        try:
            return connection.key()
        except Unreadable:
            return None
    return connection_key() if connection.base_url == connection_url() else None


def active_connections() -> list[Connection]:
    """The settings' connection first, those of the site and of teams, and retired ones with documents underway."""
    current = Connection.current()
    underway = Extraction.objects.filter(state__in=Extraction.UNDERWAY).values("connection")
    tried = Trial.objects.filter(state__in=Trial.UNDERWAY).values("connection")
    own = Q(pk__in=Connection.objects.own().filter(retired_at__isnull=True).values("pk"))
    rows = Connection.objects.filter(own | Q(pk__in=underway) | Q(pk__in=tried)).exclude(pk=current.pk)
    return [current, *rows.select_related("team").order_by("scope", "team__name", "pk")]


def is_served(connection: Connection) -> bool:
    """Whether the sealed key of a team or site connection can be used; an unreadable one pauses the connection."""
    if not connection.sealed_key:
        return False
    readable = client_for(connection) is not None
    if not readable and connection.pause != Pause.KEY_LOST:
        log.error("The key for %s cannot be read: the portal's secret has changed", connection.base_url)
        connection.pause_for(Pause.KEY_LOST, until=None)
    if readable and connection.pause == Pause.KEY_LOST:
        resume(connection)
    return readable


def check(connection: Connection) -> None:
    """Test address and key with a free call, on request."""
    begun = clock.now()
    client = client_for(connection)
    outcome, detail = "", ""
    try:
        if client is None:
            outcome = ErrorCode.KEY_LOST
        else:
            client.ping()
    except ApiUnavailable as error:
        outcome, detail = error.code, error.detail
    rows = Connection.objects.filter(pk=connection.pk)
    rows.update(checked_at=begun, check_outcome=outcome, check_detail=detail[:500])
    if not outcome:
        connection.probe_now()


def pause_for_error(connection: Connection, error: ApiUnavailable) -> None:
    """Pause for an unambiguous refusal; `error.code` must be one of `PAUSES`."""
    wait = PAUSE_SECONDS[error.code]
    if error.code == ErrorCode.RATE_LIMIT and error.retry_after is not None:
        wait = min(max(error.retry_after, 1.0), MAX_RATE_WAIT)
    until = clock.now() + span(wait)
    if connection.pause_for(PAUSES[error.code], until=until, detail=error.detail):
        log.warning("Nothing is sent to %s: %s. %s", connection.base_url, PAUSES[error.code].label, error.detail)


def record_failure(connection: Connection, detail: str) -> None:
    """Count a consecutive failure; from `FAILURES_ALLOWED` on, pause with exponential backoff."""
    Connection.objects.filter(pk=connection.pk).update(failures=F("failures") + 1)
    connection.refresh_from_db()
    if connection.failures < FAILURES_ALLOWED:
        return
    first, longest = FIRST_WAIT, MAX_WAIT
    if connection.embedded:
        first, longest = FIRST_WAIT_EMBEDDED, MAX_WAIT_EMBEDDED
    wait = min(longest, first * 2.0 ** min(connection.failures - FAILURES_ALLOWED, 20))
    if connection.pause in (Pause.NONE, Pause.UNREACHABLE) or connection.trial_id:
        until = clock.now() + span(wait)
        connection.pause_for(Pause.UNREACHABLE, until=until, detail=detail)
        log.warning("%s does not answer (%s); next attempt in %.0f s", connection.base_url, detail, wait)


def record_success(connection: Connection, trial: Extraction | None = None) -> None:
    """Reset the failure count; a success of the trial document, or after UNREACHABLE, resumes the connection."""
    connection.refresh_from_db()
    was_trial = trial is not None and connection.trial_id == trial.pk
    if connection.pause == Pause.UNREACHABLE or (was_trial and connection.pause):
        resume(connection)
    elif connection.failures:
        Connection.objects.filter(pk=connection.pk).update(failures=0)


def check_engine(connection: Connection) -> None:
    """Record whether the embedded engine is reachable and ready, for the health page."""
    client = client_for(connection)
    if client is None:
        return
    rows = Connection.objects.filter(pk=connection.pk)
    try:
        client.ping()
        said = client.engine_readiness()
    except ApiUnavailable as error:
        log.info("The embedded engine does not answer: %s", error.detail or error.code)
        rows.update(readiness=Connection.Readiness.UNKNOWN)
    else:
        known = said if said in Connection.Readiness.values else Connection.Readiness.UNKNOWN
        rows.update(answered_at=clock.now(), readiness=known)


def resume(connection: Connection) -> None:
    """Resume sending and reset the backoff of queued documents."""
    with transaction.atomic():
        if connection.resume():
            log.info("Sending to %s again", connection.base_url)
            waiting = Extraction.objects.filter(connection=connection, state=State.QUEUED)
            waiting.update(next_try_at=clock.now())


def probe(connection: Connection) -> None:
    """Half-open: after the pause, make a free call, then send one trial document, and only then all."""
    client = client_for(connection)
    if client is None or connection.pause in (Pause.NONE, Pause.BY_HAND, Pause.COPIED, Pause.KEY_LOST):
        return
    if connection.pause in (Pause.KEY_REFUSED, Pause.WRONG_ADDRESS, Pause.UNREACHABLE):
        try:
            client.ping()
        except ApiUnavailable as error:
            _still_paused(connection, error)
            return
    if connection.pause == Pause.KEY_REFUSED or not _choose_trial(connection):
        resume(connection)


def record_error(connection: Connection, error: ApiUnavailable) -> None:
    """Pause or count the failure. An inconclusive search says nothing about the connection."""
    if error.code in PAUSES:
        pause_for_error(connection, error)
    elif error.code not in INCONCLUSIVE:
        record_failure(connection, error.detail or f"HTTP {error.http_status}")


def adopt_settings_connection() -> Connection:
    """The settings' connection. Documents, schemas and classifiers of an older key at the same address move to it."""
    current = Connection.current()
    formers = Connection.objects.filter(base_url=current.base_url, scope=Connection.Scope.SETTINGS)
    for former in formers.exclude(pk=current.pk):
        waiting = Q(next_try_at__isnull=False) | Q(state__in=(State.UNDECIDED, State.REJECTED, State.CANCELLED))
        Extraction.objects.filter(waiting | Q(lease_until__isnull=False), connection=former).update(connection=current)
        for options in (Schema, Classifier):
            known = options.objects.filter(connection=current).values("remote_id")
            options.objects.filter(connection=former).exclude(remote_id__in=known).update(connection=current)
    return current


def _still_paused(connection: Connection, error: ApiUnavailable) -> None:
    """The probe failed. A timeout says nothing new about a refused key or a wrong address."""
    if error.code in PAUSES or connection.pause == Pause.UNREACHABLE:
        record_error(connection, error)
    else:
        later = clock.now() + span(PAUSE_SECONDS[ErrorCode.KEY_REFUSED])
        Connection.objects.filter(pk=connection.pk, pause=connection.pause).update(next_probe_at=later)


def _choose_trial(connection: Connection) -> bool:
    """Make the longest-waiting document the trial; False if none is queued. One that is held back by an inconclusive
    search would prove nothing, so it is the last choice."""
    now = clock.now()
    waiting = Extraction.objects.filter(connection=connection, state=State.QUEUED, delete_requested_at__isnull=True)
    longest = waiting.order_by("received_at", "pk")
    trial = longest.exclude(error_code__in=INCONCLUSIVE).first() or longest.first()
    if trial is None:
        return False
    until = now + span(TRIAL_SECONDS)
    chosen = Connection.objects.filter(pk=connection.pk, pause=connection.pause)
    if chosen.update(trial=trial, next_probe_at=until):
        waiting.filter(pk=trial.pk).update(next_try_at=now)
    return True
