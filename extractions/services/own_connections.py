"""A connection of a team's own, or of the site's: entered on a page, replaced, removed, tested."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from extractions import bell
from extractions.models import Connection
from portal.audit.recording import Action, record
from portal.connection import key_fingerprint
from portal.people.models import Team
from portal.sealing import seal

ENOUGH_TO_SHOW_AN_END = 12  # characters; of a shorter key the last four would tell too much


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was entered. Without a key the one that is kept stays."""

    base_url: str
    key: str = ""
    default_server: str = ""
    key_expires_on: date | None = None


def own_of(team: Team | None) -> Connection | None:
    """The connection that this team, or the site, has of its own now."""
    scope = Connection.Scope.SITE if team is None else Connection.Scope.TEAM
    return Connection.objects.filter(scope=scope, team=team, retired_at__isnull=True).first()


@transaction.atomic
def set_up(team: Team | None, wanted: Wanted) -> Connection:
    """Use this from now on. Another address or key is another connection, and the former one is retired.

    The worker then finds out whether both are one account at the service (`forwarding.succession`).
    """
    _one_at_a_time(team)
    former = own_of(team)
    facts: dict[str, Any] = {
        "default_server": wanted.default_server,
        "key_expires_on": wanted.key_expires_on,
        "check_wanted_at": timezone.now(),
    }
    if wanted.key:
        facts |= {"sealed_key": seal(wanted.key), "key_ending": _end_of(wanted.key)}
    before = told(former)
    kept = _the_same(team, wanted, former)
    if former is not None and kept != former:
        _retire(former)
    if kept is None:
        kept = Connection(
            scope=Connection.Scope.SITE if team is None else Connection.Scope.TEAM,
            team=team,
            base_url=wanted.base_url,
            key_fingerprint=key_fingerprint(wanted.key),
        )
    for name, value in (facts | {"retired_at": None, "successor": None}).items():
        setattr(kept, name, value)
    kept.save()
    if former is not None and kept != former:
        Connection.objects.filter(pk=former.pk).update(successor=kept)
    record(Action.SETTING, kept, before=before, after=told(kept))
    transaction.on_commit(bell.ring, robust=True)
    return kept


@transaction.atomic
def remove(team: Team | None) -> bool:
    """Nothing new is sent by it. Its key is kept for what was sent by it, until that is deleted."""
    _one_at_a_time(team)
    own = own_of(team)
    if own is None:
        return False
    _retire(own)
    record(Action.SETTING, own, before=told(own), after={"address": ""})
    transaction.on_commit(bell.ring, robust=True)
    return True


@transaction.atomic
def test(team: Team | None) -> bool:
    """Let the worker ask the service whether it answers to this key."""
    own = own_of(team)
    if own is None or not own.want_check():
        return False
    transaction.on_commit(bell.ring, robust=True)
    return True


def told(connection: Connection | None) -> dict[str, str] | None:
    """For the log: all but the key."""
    if connection is None:
        return None
    return {
        "address": connection.base_url,
        "key": f"…{connection.key_ending}",
        "server": connection.default_server,
        "expires": connection.key_expires_on.isoformat() if connection.key_expires_on else "",
    }


def _the_same(team: Team | None, wanted: Wanted, former: Connection | None) -> Connection | None:
    """The row of this address and key: the one in use, or one that was in use before."""
    same_key = former is not None and (not wanted.key or former.key_fingerprint == key_fingerprint(wanted.key))
    if former is not None and same_key and former.base_url == wanted.base_url:
        return former
    scope = Connection.Scope.SITE if team is None else Connection.Scope.TEAM
    rows = Connection.objects.filter(scope=scope, team=team, base_url=wanted.base_url)
    return rows.filter(key_fingerprint=key_fingerprint(wanted.key)).order_by("-pk").first() if wanted.key else None


def _retire(connection: Connection) -> None:
    Connection.objects.filter(pk=connection.pk).update(retired_at=timezone.now(), successor=None)


def _one_at_a_time(team: Team | None) -> None:
    """Of two who save at once, the second one sees what the first one made."""
    if team is not None:
        Team.objects.select_for_update().get(pk=team.pk)
    else:
        list(Connection.objects.select_for_update().filter(scope=Connection.Scope.SITE))


def _end_of(key: str) -> str:
    return key[-4:] if len(key) >= ENOUGH_TO_SHOW_AN_END else ""
