"""Mail to a team's administrators when one of its webhooks pauses itself."""

from __future__ import annotations

from functools import partial

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from extractions.models import Webhook
from portal.people.mail_queue import mail_queue
from portal.people.models import Membership


def send_on_commit(webhook: Webhook, reason: Webhook.Pause) -> None:
    """The banner in the team's settings says it in any case; mail only where mail is set up."""
    if settings.MAIL_WORKS:
        transaction.on_commit(lambda: _enqueue(webhook, reason), robust=True)


def _enqueue(webhook: Webhook, reason: Webhook.Pause) -> None:
    administrators = Membership.objects.filter(
        team=webhook.team_id, role=Membership.Role.ADMINISTRATOR, person__is_active=True
    )
    for address in administrators.values_list("person__email", flat=True):
        mail_queue.enqueue(partial(_send, webhook, reason, address))


def _send(webhook: Webhook, reason: Webhook.Pause, address: str) -> None:
    link = webhook.portal_url.rstrip("/") + reverse("extractions:webhook", args=[webhook.team_id, webhook.pk])
    subject = _("Webhook “%(name)s” is paused") % {"name": webhook.name}
    text = _(
        "The webhook “%(name)s” of %(team)s to %(address)s sends nothing any more. %(reason)s.\n\n"
        "Its events are kept. Look at what the receiver answered, and resume it here:\n%(link)s\n"
    ) % {
        "name": webhook.name, "team": webhook.team, "address": webhook.origin, "reason": reason.label, "link": link,
    }  # fmt: skip
    EmailMessage(subject, text, to=[address]).send()
