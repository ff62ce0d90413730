"""Connections of a team or of the site: set up, replaced, removed, tested."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import transaction

from extractions import clock, wakeup
from extractions.models import Connection
from portal.audit.recording import Action, record
from portal.default_api import key_fingerprint
from portal.people.models import Team
from portal.sealing import seal

MIN_LENGTH_FOR_ENDING = 12  # of a shorter key, the last four characters would reveal too much


@dataclass(frozen=True, slots=True)
class ConnectionSettings:
    """The submitted form. An empty key keeps the stored one."""

    base_url: str
    key: str = ""
    dialect: str = Connection.Dialect.V0_8_1
    default_server: str = ""
    key_expires_on: date | None = None


def own_connection(team: Team | None) -> Connection | None:
    """The current own connection of the team, or of the site."""
    scope = Connection.Scope.SITE if team is None else Connection.Scope.TEAM
    return Connection.objects.filter(scope=scope, team=team, retired_at__isnull=True).first()


@transaction.atomic
def set_up(team: Team | None, wanted: ConnectionSettings) -> Connection:
    """Use these settings from now on. Another address or key is a new connection, and the former one is retired.

    The worker then checks whether both use the same account (`forwarding.steps.key_rotation`).
    """
    _lock(team)
    former = own_connection(team)
    facts: dict[str, object] = {
        "default_server": wanted.default_server,
        "key_expires_on": wanted.key_expires_on,
        "check_wanted_at": clock.now(),
    }
    if wanted.key:
        facts |= {"sealed_key": seal(wanted.key), "key_ending": _key_ending(wanted.key)}
    before = audit_facts(former)
    kept = _existing_row(team, wanted, former)
    if former is not None and kept != former:
        _retire(former)
    if kept is None:
        kept = Connection(
            scope=Connection.Scope.SITE if team is None else Connection.Scope.TEAM,
            team=team,
            base_url=wanted.base_url,
            dialect=wanted.dialect,
            key_fingerprint=key_fingerprint(wanted.key) if wanted.key or former is None else former.key_fingerprint,
        )
        if not wanted.key and former is not None:
            kept.sealed_key, kept.key_ending = former.sealed_key, former.key_ending
    for name, value in (facts | {"retired_at": None, "successor": None}).items():
        setattr(kept, name, value)
    kept.save()
    if former is not None and kept != former and kept.dialect == former.dialect:
        Connection.objects.filter(pk=former.pk).update(successor=kept)
    record(Action.SETTING, kept, before=before, after=audit_facts(kept))
    transaction.on_commit(wakeup.notify_workers, robust=True)
    return kept


@transaction.atomic
def remove(team: Team | None) -> bool:
    """Retire the connection. Its key is kept until its documents are deleted."""
    _lock(team)
    own = own_connection(team)
    if own is None:
        return False
    _retire(own)
    record(Action.SETTING, own, before=audit_facts(own), after={"address": ""})
    transaction.on_commit(wakeup.notify_workers, robust=True)
    return True


@transaction.atomic
def test(team: Team | None) -> bool:
    """Request a connection test by the worker."""
    own = own_connection(team)
    if own is None or not own.request_check():
        return False
    transaction.on_commit(wakeup.notify_workers, robust=True)
    return True


def audit_facts(connection: Connection | None) -> dict[str, str] | None:
    """For the audit log: everything but the key."""
    if connection is None:
        return None
    return {
        "address": connection.base_url,
        "version": connection.dialect,
        "key": f"…{connection.key_ending}",
        "server": connection.default_server,
        "expires": connection.key_expires_on.isoformat() if connection.key_expires_on else "",
    }


def _existing_row(team: Team | None, wanted: ConnectionSettings, former: Connection | None) -> Connection | None:
    """The current or a retired row with this address and key."""
    same_key = former is not None and (not wanted.key or former.key_fingerprint == key_fingerprint(wanted.key))
    if former is not None and same_key and former.base_url == wanted.base_url and former.dialect == wanted.dialect:
        return former
    scope = Connection.Scope.SITE if team is None else Connection.Scope.TEAM
    rows = Connection.objects.filter(scope=scope, team=team, base_url=wanted.base_url, dialect=wanted.dialect)
    return rows.filter(key_fingerprint=key_fingerprint(wanted.key)).order_by("-pk").first() if wanted.key else None


def _retire(connection: Connection) -> None:
    Connection.objects.filter(pk=connection.pk).update(retired_at=clock.now(), successor=None)


def _lock(team: Team | None) -> None:
    """Serialise concurrent saves."""
    if team is not None:
        Team.objects.select_for_update().get(pk=team.pk)
    else:
        list(Connection.objects.select_for_update().filter(scope=Connection.Scope.SITE))


def _key_ending(key: str) -> str:
    return key[-4:] if len(key) >= MIN_LENGTH_FOR_ENDING else ""
