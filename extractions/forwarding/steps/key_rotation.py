"""Key rotation: whether a new key belongs to the same account, and what happens to the documents.

The service can prove it: if the new key can read one of our documents, the account is the same. Then all documents move
to the new key and the old one is discarded; otherwise existing documents keep the old key.
"""

from __future__ import annotations

import logging

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from extractions import clock
from extractions.forwarding.api.errors import ApiRejected, ApiUnavailable
from extractions.forwarding.serialized import serialized_atomic
from extractions.forwarding.steps import connection_state
from extractions.models import Classifier, Connection, Extraction, Preset, Schema
from extractions.models.error_codes import ErrorCode

State = Extraction.State
BATCH = 500
UNSENT = Q(state__in=(State.QUEUED, State.REJECTED, State.CANCELLED), remote_id="", handed_over_at__isnull=True)
# Schemas and classifiers belong to the old account.
PLAIN = Q(schema__isnull=True, classifier__isnull=True)

log = logging.getLogger(__name__)


def resolve(former: Connection) -> None:
    """Compare the accounts if that is possible now, and move or keep the documents."""
    successor = former.successor
    if successor is None:
        return
    same = _is_same_account(former, successor)
    if same is None:
        _move_unsent(former, successor)
        if _is_empty(former):
            _move_choices(former, successor)
            _discard_key(former)
    elif same:
        _move_all(former, successor)
        _move_choices(former, successor)
        _discard_key(former)
    else:
        log.info("The new key for %s belongs to another account; documents keep the old key", former.base_url)
        Connection.objects.filter(pk=former.pk).update(successor=None)


def discard_unused_keys() -> None:
    """Discard keys of retired connections that have no documents left."""
    left = Extraction.objects.filter(connection=OuterRef("pk"), deleted_at__isnull=True)
    retired = Connection.objects.own().filter(retired_at__isnull=False).exclude(sealed_key="")
    retired.exclude(Exists(left)).update(sealed_key="")


def _is_same_account(former: Connection, successor: Connection) -> bool | None:
    """None if there is no document to test with, or the service is unavailable."""
    client = connection_state.client_for(successor)
    has = Extraction.objects.filter(connection=former, delete_requested_at__isnull=True).exclude(remote_id="")
    known = has.exclude(error_code=ErrorCode.GONE).only("key", "remote_id").order_by("-received_at", "-pk").first()
    if client is None or known is None:
        return None
    if former.base_url != successor.base_url:
        return False
    try:
        answer = client.retrieve(known.remote_id)
    except ApiRejected:
        return False
    except ApiUnavailable as error:
        log.info("Cannot compare the accounts of both keys now: %s", error.detail or error.code)
        return None
    return answer.portal_key == str(known.key) or not client.tells_keys


@serialized_atomic()
def _move_unsent(former: Connection, successor: Connection) -> None:
    """Unsent documents may use either key, unless there are documents that only the old key can read."""
    rows = Extraction.objects.filter(connection=former)
    if rows.exclude(UNSENT).exclude(state=State.SENDING).filter(deleted_at__isnull=True).exists():
        return
    # Raising the lease invalidates claims on rows that were read before.
    moved = rows.filter(UNSENT, PLAIN)
    moved.filter(state=State.QUEUED).update(connection=successor, lease=F("lease") + 1, next_try_at=clock.now())
    moved.update(connection=successor)


def _move_all(former: Connection, successor: Connection) -> None:
    """In batches, so that senders are not blocked."""
    while numbers := list(Extraction.objects.filter(connection=former).values_list("pk", flat=True)[:BATCH]):
        with serialized_atomic():
            Extraction.objects.filter(pk__in=numbers, connection=former).update(connection=successor)


@serialized_atomic()
def _move_choices(former: Connection, successor: Connection) -> None:
    """Move schemas and classifiers with their rules and presets, replacing unused copies fetched with the new key."""
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
    Connection.objects.filter(pk=successor.pk).update(refresh_wanted_at=clock.now())


def _unused(rows: QuerySet[Schema] | QuerySet[Classifier], names: tuple[str, ...]) -> QuerySet[Schema]:
    for name in names:
        rows = rows.filter(**{f"{name}__isnull": True})
    return rows  # type: ignore[return-value]


def _is_empty(former: Connection) -> bool:
    return not Extraction.objects.filter(connection=former, deleted_at__isnull=True).exists()


def _discard_key(former: Connection) -> None:
    log.info("%s: all documents moved to the new key; the old one is discarded", former.base_url)
    Connection.objects.filter(pk=former.pk).update(successor=None, sealed_key="")
