"""The connection to the API: how to speak to it, why nothing is sent, and how sending starts again."""

from __future__ import annotations

import logging

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from extractions.forwarding.client import Client
from extractions.forwarding.errors import ApiUnavailable
from extractions.forwarding.times import span
from extractions.models import Classifier, Connection, Extraction, Schema
from portal.connection import connection_key, connection_url
from portal.sealing import Unreadable

Pause = Connection.Pause
State = Extraction.State

PAUSES = {
    "key_refused": Pause.KEY_REFUSED,
    "no_credits": Pause.NO_CREDITS,
    "rate": Pause.RATE,
    "wrong_address": Pause.WRONG_ADDRESS,
}
WAITS = {"key_refused": 60.0, "no_credits": 900.0, "rate": 60.0, "wrong_address": 60.0}
LONGEST_RATE_WAIT = 900.0
FAILURES_ALLOWED = 5
FIRST_WAIT, FIRST_WAIT_EMBEDDED = 30.0, 2.0
LONGEST_WAIT, LONGEST_WAIT_EMBEDDED = 600.0, 30.0
TRIAL_SECONDS = 300.0
# A document goes over a connection that works, or is the one that tries whether it works again.
# Without a join: with one, Django would move the conditions of an UPDATE, state and lease too, into a subquery, and
# PostgreSQL does not evaluate that again when somebody else was faster. Two workers would claim the same document.
MAY_BE_SENT = Q(connection__in=Connection.objects.filter(pause=Pause.NONE)) | Q(
    pk__in=Connection.objects.filter(trial__isnull=False).values("trial")
)

log = logging.getLogger(__name__)


def client_for(connection: Connection) -> Client | None:
    """None for an API whose key is gone: the settings do not name it any more, or what was entered cannot be read."""
    if connection.is_own:
        try:
            return Client(connection.base_url, connection.key(), settings.ANESYA_SCHEME_WORD)
        except Unreadable:
            return None
    if connection.base_url != connection_url():
        return None
    return Client(connection.base_url, connection_key(), settings.ANESYA_SCHEME_WORD)


def at_work() -> list[Connection]:
    """That of the settings, those of the site and of teams, and former ones as long as a document goes by them."""
    current = Connection.current()
    underway = Extraction.objects.filter(state__in=Extraction.UNDERWAY).values("connection")
    own = Q(pk__in=Connection.objects.own().filter(retired_at__isnull=True).values("pk"))
    rows = Connection.objects.filter(own | Q(pk__in=underway)).exclude(pk=current.pk)
    return [current, *rows.select_related("team").order_by("scope", "team__name", "pk")]


def is_served(connection: Connection) -> bool:
    """Whether we have the key of this connection of a team or of the site; one that cannot be read pauses it."""
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
    """Somebody wants to know whether the service answers to this key: ask something that is free."""
    begun = timezone.now()
    client = client_for(connection)
    outcome, detail = "", ""
    try:
        if client is None:
            outcome = "key_lost"
        else:
            client.ping()
    except ApiUnavailable as error:
        outcome, detail = error.code, error.detail
    rows = Connection.objects.filter(pk=connection.pk)
    rows.update(checked_at=begun, check_outcome=outcome, check_detail=detail[:500])
    if not outcome:
        connection.probe_now()


def pause_by(connection: Connection, error: ApiUnavailable) -> None:
    """The service said clearly that it takes nothing at the moment."""
    wait = WAITS[error.code]
    if error.code == "rate" and error.retry_after is not None:
        wait = min(max(error.retry_after, 1.0), LONGEST_RATE_WAIT)
    until = timezone.now() + span(wait)
    if connection.pause_for(PAUSES[error.code], until=until, detail=error.detail):
        log.warning("Nothing is sent to %s: %s. %s", connection.base_url, PAUSES[error.code].label, error.detail)


def failed(connection: Connection, detail: str) -> None:
    """One more failure in a row; too many of them pause the connection, longer each time."""
    Connection.objects.filter(pk=connection.pk).update(failures=F("failures") + 1)
    connection.refresh_from_db()
    if connection.failures < FAILURES_ALLOWED:
        return
    first, longest = FIRST_WAIT, LONGEST_WAIT
    if connection.embedded:
        first, longest = FIRST_WAIT_EMBEDDED, LONGEST_WAIT_EMBEDDED
    wait = min(longest, first * 2.0 ** min(connection.failures - FAILURES_ALLOWED, 20))
    if connection.pause in (Pause.NONE, Pause.UNREACHABLE) or connection.trial_id:
        until = timezone.now() + span(wait)
        connection.pause_for(Pause.UNREACHABLE, until=until, detail=detail)
        log.warning("%s does not answer (%s); the next try is in %.0f s", connection.base_url, detail, wait)


def worked(connection: Connection, trial: Extraction | None = None) -> None:
    """The service answered as it should; if that was the trial, or all that was missing, everything is sent again."""
    connection.refresh_from_db()
    was_trial = trial is not None and connection.trial_id == trial.pk
    if connection.pause == Pause.UNREACHABLE or (was_trial and connection.pause):
        resume(connection)
    elif connection.failures:
        Connection.objects.filter(pk=connection.pk).update(failures=0)


def ask_engine(connection: Connection) -> None:
    """Note whether the embedded engine is there and ready. It is our own part of the product, so its silence and its
    warming up are ours to tell."""
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
        rows.update(answered_at=timezone.now(), readiness=known)


def resume(connection: Connection) -> None:
    """Send again, and do not let anybody wait for the end of a back-off that has no reason any more."""
    with transaction.atomic():
        if connection.resume():
            log.info("Sending to %s again", connection.base_url)
            waiting = Extraction.objects.filter(connection=connection, state=State.QUEUED)
            waiting.update(next_try_at=timezone.now())


def probe(connection: Connection) -> None:
    """The pause is over: ask something that is free, then send one document, and only then all."""
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


def trouble(connection: Connection, error: ApiUnavailable) -> None:
    """Draw the consequences of a failure for the connection."""
    if error.code in PAUSES:
        pause_by(connection, error)
    else:
        failed(connection, error.detail or f"HTTP {error.http_status}")


def adopt() -> Connection:
    """The connection of the settings. What waits under an older key of the same address goes on with the new one."""
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
    """The free call failed. Silence says nothing new about a key or an address."""
    if error.code in PAUSES or connection.pause == Pause.UNREACHABLE:
        trouble(connection, error)
    else:
        later = timezone.now() + span(WAITS["key_refused"])
        Connection.objects.filter(pk=connection.pk, pause=connection.pause).update(next_probe_at=later)


def _choose_trial(connection: Connection) -> bool:
    """The document that waits longest goes alone; False if none waits."""
    now = timezone.now()
    waiting = Extraction.objects.filter(connection=connection, state=State.QUEUED, delete_requested_at__isnull=True)
    trial = waiting.order_by("received_at", "pk").first()
    if trial is None:
        return False
    until = now + span(TRIAL_SECONDS)
    chosen = Connection.objects.filter(pk=connection.pk, pause=connection.pause)
    if chosen.update(trial=trial, next_probe_at=until):
        waiting.filter(pk=trial.pk).update(next_try_at=now)
    return True
