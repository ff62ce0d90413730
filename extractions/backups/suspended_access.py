"""What a restored backup would bring back to life: tokens, guest links, invitations and webhooks that were ended since.

Nobody can tell which these are, so all of them are suspended until an administrator of the portal confirms or ends
them. Sessions and reset links simply end.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.apps import apps as present_apps
from django.apps.registry import Apps
from django.db import models, transaction

from extractions import clock
from extractions.models import GuestLink, Installation, Webhook
from portal.audit.recording import Action, record
from portal.people.models import ApiToken, Invitation

SUSPENDED = (("people", "ApiToken"), ("people", "Invitation"), ("extractions", "GuestLink"))
Access = ApiToken | Invitation | GuestLink | Webhook


@dataclass(frozen=True, slots=True)
class Suspended:
    """`kind` is token, link, invitation or webhook."""

    kind: str
    row: Access

    @property
    def key(self) -> str:
        """Names it in forms and on the command line."""
        return f"{self.kind}:{self.row.pk}"


def suspend_all(apps: Apps = present_apps) -> None:
    """With the models of an earlier version: whatever these have. Call it in the transaction that restores them."""
    now = clock.now()
    for label, name in SUSPENDED:
        model = _model(apps, label, name)
        if model is not None and _has(model, "suspended_at"):
            model._base_manager.filter(suspended_at=None).update(suspended_at=now)
    if (webhooks := _model(apps, "extractions", "Webhook")) is not None:
        webhooks._base_manager.filter(pause=Webhook.Pause.NONE).update(pause=Webhook.Pause.RESTORED, paused_at=now)
    if (people := _model(apps, "people", "User")) is not None and _has(people, "session_epoch"):
        people._base_manager.update(session_epoch=models.F("session_epoch") + 1)
    installations = _model(apps, "extractions", "Installation")
    if installations is not None and _has(installations, "access_suspended_at"):
        installations._base_manager.update(access_suspended_at=now)


def suspended() -> list[Suspended]:
    """Those that would work again; what has expired meanwhile is left out."""
    tokens = ApiToken.objects.unended().filter(suspended_at__isnull=False).select_related("person", "team")
    links = GuestLink.objects.open().filter(suspended_at__isnull=False).select_related("created_by", "team")
    invitations = Invitation.objects.pending().filter(suspended_at__isnull=False).select_related("invited_by", "team")
    webhooks = Webhook.objects.filter(pause=Webhook.Pause.RESTORED).select_related("team")
    return [
        *(Suspended("token", token) for token in tokens),
        *(Suspended("link", link) for link in links),
        *(Suspended("invitation", invitation) for invitation in invitations),
        *(Suspended("webhook", webhook) for webhook in webhooks),
    ]


@transaction.atomic
def confirm(chosen: Collection[Suspended]) -> int:
    """Let them work again; returns how many did."""
    confirmed = [item for item in chosen if _resume(item.row)]
    for item in confirmed:
        record(Action.ACCESS_CONFIRMED, item.row)
    note_end()
    return len(confirmed)


def _resume(row: Access) -> bool:
    if isinstance(row, Webhook):
        return Webhook.objects.filter(pk=row.pk, pause=Webhook.Pause.RESTORED).exists() and row.resume()
    rows = type(row)._base_manager.filter(pk=row.pk, suspended_at__isnull=False)
    return bool(rows.update(suspended_at=None))


def note_end() -> None:
    """Once nothing waits any more, the banner goes."""
    if not suspended():
        Installation.objects.update(access_suspended_at=None)


def _model(apps: Apps, label: str, name: str) -> type[models.Model] | None:
    try:
        return apps.get_model(label, name)
    except LookupError:  # the version of the backup had none
        return None


def _has(model: type[models.Model], name: str) -> bool:
    return any(column.name == name for column in model._meta.get_fields())
