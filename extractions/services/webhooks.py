"""Webhooks of a team: set up, changed, rotated, paused, tested, and messages sent again."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import transaction
from django.db.models import F

from extractions import clock, wakeup
from extractions.models import Webhook, WebhookMessage
from extractions.models.webhook import TEST
from portal.audit.recording import Action, record
from portal.people.models import Team, User
from portal.sealing import seal

MOST = 20  # webhooks of a team
FORMER_SECRET_LIFETIME = timedelta(hours=24)
SECRET_BYTES = 32


class TooMany(Exception):
    """The team has as many webhooks as it may have."""


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """The submitted form."""

    name: str
    url: str
    events: list[str] = field(default_factory=list)
    include_values: bool = False


@transaction.atomic
def create(team: Team, wanted: WebhookSettings, *, person: User, portal_url: str) -> tuple[Webhook, str]:
    """The webhook and its secret, which is not shown again. Raises `TooMany`."""
    Team.objects.select_for_update().get(pk=team.pk)  # of two that are made at once, one counts the other
    if Webhook.objects.filter(team=team).count() >= MOST:
        raise TooMany
    secret = _new_secret()
    webhook = Webhook.objects.create(
        team=team, name=wanted.name, url=wanted.url, events=wanted.events, include_values=wanted.include_values,
        sealed_secret=seal(secret), portal_url=portal_url, created_by=person,
    )  # fmt: skip
    record(Action.SETTING, webhook, after=_audit_facts(webhook))
    return webhook, secret


@transaction.atomic
def change(webhook: Webhook, wanted: WebhookSettings, *, portal_url: str) -> bool:
    """Use these settings from now on, for messages that wait as well. Whether anything changed."""
    before, moved = _audit_facts(webhook), webhook.url != wanted.url
    fields: dict[str, object] = {
        "name": wanted.name, "url": wanted.url, "events": wanted.events, "include_values": wanted.include_values,
    }  # fmt: skip
    if all(getattr(webhook, name) == value for name, value in fields.items()):
        return False
    fields["portal_url"] = portal_url
    if moved:
        fields |= {"failures": 0, "failing_since": None, "not_before": None}
    Webhook.objects.filter(pk=webhook.pk).update(**fields)
    for name, value in fields.items():
        setattr(webhook, name, value)
    if moved:
        WebhookMessage.objects.filter(webhook=webhook, lease_until__isnull=True).hasten()
    record(Action.SETTING, webhook, before=before, after=_audit_facts(webhook) | ({"path": "…"} if moved else {}))
    return True


@transaction.atomic
def rotate(webhook: Webhook) -> str:
    """A new secret, not shown again. Messages are signed with both for `FORMER_SECRET_LIFETIME`."""
    secret = _new_secret()
    until = clock.now() + FORMER_SECRET_LIFETIME
    fields = {"sealed_secret": seal(secret), "former_secret_until": until}
    Webhook.objects.filter(pk=webhook.pk).update(sealed_former_secret=F("sealed_secret"), **fields)
    webhook.refresh_from_db()
    record(Action.SETTING, webhook, after={"secret": "…"})
    return secret


@transaction.atomic
def remove(webhook: Webhook) -> None:
    """With its messages and their log."""
    record(Action.SETTING, webhook, before=_audit_facts(webhook), after={"address": ""})
    webhook.delete()


@transaction.atomic
def pause(webhook: Webhook) -> bool:
    if not webhook.pause_for(Webhook.Pause.BY_HAND):
        return False
    record(Action.SETTING, webhook, before={"paused": False}, after={"paused": True})
    return True


@transaction.atomic
def resume(webhook: Webhook) -> bool:
    if not webhook.resume():
        return False
    record(Action.SETTING, webhook, before={"paused": True}, after={"paused": False})
    return True


@transaction.atomic
def test(webhook: Webhook) -> WebhookMessage:
    """Have the worker send a message that is about no document. It is tried once, also while the webhook is paused."""
    now = clock.now()
    message = WebhookMessage.objects.create(webhook=webhook, event=TEST, happened_at=now, next_try_at=now)
    transaction.on_commit(wakeup.notify_workers, robust=True)
    return message


@transaction.atomic
def send_again(message: WebhookMessage) -> bool:
    if not message.send_again():
        return False
    record(Action.SETTING, message.webhook, after={"sent_again": message.message_id})
    return True


@transaction.atomic
def send_given_up_again(webhook: Webhook) -> int:
    """Everything that was given up, oldest first within each document."""
    given_up = WebhookMessage.objects.filter(webhook=webhook, state=WebhookMessage.State.GIVEN_UP).exclude(event=TEST)
    count = given_up.update(
        state=WebhookMessage.State.WAITING, attempts=0, next_try_at=clock.now(), lease_until=None, ended_at=None
    )
    if count:
        record(Action.SETTING, webhook, after={"sent_again": count})
        transaction.on_commit(wakeup.notify_workers, robust=True)
    return count


def _new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def _audit_facts(webhook: Webhook) -> dict[str, object]:
    """For the audit log: everything but the secret and the path of the address, which may be one."""
    return {
        "name": webhook.name,
        "address": webhook.origin,
        "events": [event.removeprefix("document.") for event in webhook.events],
        "values": webhook.include_values,
    }
