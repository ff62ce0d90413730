"""When a key is replaced: whether the new one opens the same account, and what becomes of the documents then.

Nobody is asked, for the service knows: a document that it has from us, and that the new key can read, is proof. With it
all documents go on with the new key, and the old one is forgotten. Without it the old ones keep the old key.
"""

from __future__ import annotations

import logging

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from extractions.forwarding import connections
from extractions.forwarding.errors import ApiRejected, ApiUnavailable
from extractions.forwarding.turns import written_at_once
from extractions.models import Classifier, Connection, Extraction, Preset, Schema

State = Extraction.State
BATCH = 500
UNSENT = Q(state__in=(State.QUEUED, State.REJECTED, State.CANCELLED), remote_id="", handed_over_at__isnull=True)
# What was chosen means something to the old account only.
PLAIN = Q(schema__isnull=True, classifier__isnull=True)

log = logging.getLogger(__name__)


def settle(former: Connection) -> None:
    """Find out, if it can be found out now, and draw the consequences."""
    successor = former.successor
    if successor is None:
        return
    same = _is_same_account(former, successor)
    if same is None:
        _move_unsent(former, successor)
        if _is_empty(former):
            _move_choices(former, successor)
            _forget(former)
    elif same:
        _move_all(former, successor)
        _move_choices(former, successor)
        _forget(former)
    else:
        log.info("The new key for %s opens another account; documents keep the one they have", former.base_url)
        Connection.objects.filter(pk=former.pk).update(successor=None)


def forget_keys() -> None:
    """The key of a retired connection is of no use once nothing of its account is left here."""
    left = Extraction.objects.filter(connection=OuterRef("pk"), deleted_at__isnull=True)
    retired = Connection.objects.own().filter(retired_at__isnull=False).exclude(sealed_key="")
    retired.exclude(Exists(left)).update(sealed_key="")


def _is_same_account(former: Connection, successor: Connection) -> bool | None:
    """None where nothing that the service has could tell, or it does not say now."""
    client = connections.client_for(successor)
    has = Extraction.objects.filter(connection=former, delete_requested_at__isnull=True).exclude(remote_id="")
    known = has.exclude(trouble="gone").only("key", "remote_id").order_by("-received_at", "-pk").first()
    if client is None or known is None:
        return None
    if former.base_url != successor.base_url:
        return False
    try:
        return client.retrieve(known.remote_id).portal_key == str(known.key)
    except ApiRejected:
        return False
    except ApiUnavailable as error:
        log.info("Whether both keys open one account cannot be told now: %s", error.detail or error.code)
        return None


@written_at_once()
def _move_unsent(former: Connection, successor: Connection) -> None:
    """What the service surely has not got may go by any key, unless there is a document that only the old one opens."""
    rows = Extraction.objects.filter(connection=former)
    if rows.exclude(UNSENT).exclude(state=State.SENDING).filter(deleted_at__isnull=True).exists():
        return
    # The lease makes the claim of whoever has read the row already come to nothing.
    moved = rows.filter(UNSENT, PLAIN)
    moved.filter(state=State.QUEUED).update(connection=successor, lease=F("lease") + 1, next_try_at=timezone.now())
    moved.update(connection=successor)


def _move_all(former: Connection, successor: Connection) -> None:
    """A few at a time, so that nobody who sends waits for it."""
    while numbers := list(Extraction.objects.filter(connection=former).values_list("pk", flat=True)[:BATCH]):
        with written_at_once():
            Extraction.objects.filter(pk__in=numbers, connection=former).update(connection=successor)


@written_at_once()
def _move_choices(former: Connection, successor: Connection) -> None:
    """Schemas and classifiers with their rules and presets; those that the new one fetched already give way."""
    for choices, names in ((Schema, ("rules", "presets", "export_mappings")), (Classifier, ("presets",))):
        theirs = choices.objects.filter(connection=former)
        fetched = choices.objects.filter(connection=successor, remote_id__in=theirs.values("remote_id"))
        _unused(fetched, ("extractions", *names)).delete()
        kept = choices.objects.filter(connection=successor).values("remote_id")
        theirs.exclude(remote_id__in=kept).update(connection=successor)
    taken = Preset.objects.filter(connection=successor)
    for preset in Preset.objects.filter(connection=former):
        if not taken.filter(team=preset.team_id, owner=preset.owner_id, name=preset.name).exists():
            Preset.objects.filter(pk=preset.pk).update(connection=successor)
    Connection.objects.filter(pk=successor.pk).update(refresh_wanted_at=timezone.now())


def _unused(rows: QuerySet[Schema] | QuerySet[Classifier], names: tuple[str, ...]) -> QuerySet[Schema]:
    for name in names:
        rows = rows.filter(**{f"{name}__isnull": True})
    return rows  # type: ignore[return-value]


def _is_empty(former: Connection) -> bool:
    return not Extraction.objects.filter(connection=former, deleted_at__isnull=True).exists()


def _forget(former: Connection) -> None:
    log.info("%s: all documents go on with the new key; the old one is forgotten", former.base_url)
    Connection.objects.filter(pk=former.pk).update(successor=None, sealed_key="")
