"""Webhooks out: who is told what, the outbox of messages, and the log of attempts."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Self
from urllib.parse import urlsplit

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from extractions import clock, wakeup
from extractions.models import event_feed
from portal.people.models import Team, User
from portal.sealing import unseal

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

    from extractions.models.extraction import Extraction


class Event(models.TextChoices):
    """What a webhook can be told of a document."""

    RECEIVED = "document.received", _("Received")
    FINISHED = "document.finished", pgettext_lazy("event", "Finished")
    FAILED = "document.failed", pgettext_lazy("event", "Failed")
    NEEDS_REVIEW = "document.needs_review", _("Needs review")
    APPROVED = "document.approved", pgettext_lazy("event", "Approved")
    REJECTED = "document.rejected", pgettext_lazy("event", "Rejected")
    EXPORTED = "document.exported", pgettext_lazy("event", "Exported")
    DELETED = "document.deleted", pgettext_lazy("event", "Deleted")


TEST = "webhook.test"
BATCH = 500


class WebhookQuerySet(models.QuerySet["Webhook"]):
    def wanting(self, event: str) -> list[Webhook]:
        return [webhook for webhook in self if event in webhook.events]


class Webhook(models.Model):
    """An address of another program that a team wants told about its documents."""

    class Pause(models.TextChoices):
        NONE = "", _("Working")
        BY_HAND = "by_hand", _("Paused by an administrator")
        FAILING = "failing", _("Paused after long failure")
        GONE = "gone", _("Paused: the receiver wants no more")
        SECRET_LOST = "secret_lost", _("Paused: the secret cannot be read")
        RESTORED = "restored", _("Paused: a backup was restored")

    team = models.ForeignKey(Team, models.CASCADE, related_name="webhooks", verbose_name=_("team"))
    name = models.CharField(_("name"), max_length=100)
    url = models.CharField(_("address"), max_length=500)
    events = models.JSONField(_("events"), default=list)
    include_values = models.BooleanField(_("with name, metadata and values"), default=False)
    sealed_secret = models.TextField(_("sealed secret"), editable=False)
    sealed_former_secret = models.TextField(_("sealed former secret"), blank=True, editable=False)
    former_secret_until = models.DateTimeField(_("former secret valid until"), null=True, blank=True)
    portal_url = models.CharField(_("address of the portal"), max_length=300)
    """As the administrator reached it, for the links in messages: the worker knows no address."""
    created_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("created by")
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    pause = models.CharField(_("paused because"), max_length=20, choices=Pause.choices, default=Pause.NONE, blank=True)
    paused_at = models.DateTimeField(_("paused"), null=True, blank=True)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True)
    not_before = models.DateTimeField(_("next try"), null=True, blank=True)
    """While the receiver fails over and over, nothing is sent before this, and then one message."""

    WORKING: ClassVar[dict[str, object]] = {
        "pause": "", "paused_at": None, "failures": 0, "failing_since": None, "not_before": None,
    }  # fmt: skip

    objects = WebhookQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.name

    @property
    def origin(self) -> str:
        """The address without its path, which may hold a secret of the receiver; for the audit log."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def event_labels(self) -> list[str]:
        return [str(event.label) for event in Event if event in self.events]

    def secrets(self, now: datetime) -> list[str]:
        """The valid secrets, newest first; raises `portal.sealing.Unreadable`."""
        former = self.former_secret_until is not None and self.former_secret_until > now
        return [
            unseal(sealed) for sealed in (self.sealed_secret, self.sealed_former_secret if former else "") if sealed
        ]

    def pause_for(self, pause: str) -> bool:
        """Stop sending; its events are kept. Whether it was working before."""
        rows = Webhook.objects.filter(pk=self.pk, pause=self.Pause.NONE)
        return bool(rows.update(pause=pause, paused_at=clock.now(), not_before=None))

    def resume(self) -> bool:
        """Send again, at once, whatever was kept."""
        if not Webhook.objects.filter(pk=self.pk).exclude(pause=self.Pause.NONE).update(**self.WORKING):
            return False
        WebhookMessage.objects.filter(webhook=self).hasten()
        return True


class WebhookMessageQuerySet(models.QuerySet["WebhookMessage"]):
    def heads(self) -> Self:
        """Of each document the oldest message that waits: its events are delivered in order."""
        earlier = WebhookMessage.objects.filter(
            webhook=OuterRef("webhook"), extraction=OuterRef("extraction"), pk__lt=OuterRef("pk"),
            state=WebhookMessage.State.WAITING,
        )  # fmt: skip
        return self.filter(~Exists(earlier), state=WebhookMessage.State.WAITING)

    def due(self, now: datetime) -> Self:
        free = Q(lease_until__isnull=True) | Q(lease_until__lte=now)
        return self.heads().filter(free, next_try_at__lte=now).order_by("next_try_at", "pk")

    def hasten(self) -> int:
        """Have everything that waits tried at once."""
        transaction.on_commit(wakeup.notify_workers, robust=True)
        return self.filter(state=WebhookMessage.State.WAITING).update(next_try_at=clock.now())

    def forget_bodies(self) -> None:
        """Blank what was sent and answered; what still waits is sent without content."""
        numbers = list(self.values_list("pk", flat=True))
        WebhookMessage.objects.filter(pk__in=numbers).update(body="")
        WebhookAttempt.objects.filter(message__in=numbers).update(response_body="")


class WebhookMessage(models.Model):
    """One event for one webhook: a row of the outbox, written in the transaction of what happened.

    It is delivered at least once, always under the same `message_id`.
    """

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("webhook message", "Waiting")
        DELIVERED = "delivered", pgettext_lazy("webhook message", "Delivered")
        GIVEN_UP = "given_up", pgettext_lazy("webhook message", "Given up")

    key = models.UUIDField(_("key"), default=uuid.uuid4, unique=True, editable=False)
    webhook = models.ForeignKey(
        Webhook, models.CASCADE, related_name="messages", verbose_name=_("webhook"), db_index=False
    )
    extraction = models.ForeignKey(
        "Extraction", models.CASCADE, null=True, blank=True, related_name="webhook_messages",
        verbose_name=_("extraction"),
    )  # fmt: skip
    event = models.CharField(_("event"), max_length=40)
    happened_at = models.DateTimeField(_("happened"), default=timezone.now)
    facts = models.JSONField(_("facts at that time"), default=dict)
    """States and counts, never content of the document."""
    body = models.TextField(_("body"), blank=True)
    """As first sent, and the same at every further attempt."""
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    next_try_at = models.DateTimeField(_("next try"), null=True, blank=True, default=timezone.now)
    """Null once it no longer waits."""
    lease = models.PositiveIntegerField(_("lease"), default=0)
    lease_until = models.DateTimeField(_("lease until"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects = WebhookMessageQuerySet.as_manager()

    if TYPE_CHECKING:
        tries: RelatedManager[WebhookAttempt]

    class Meta:
        verbose_name = _("webhook message")
        verbose_name_plural = _("webhook messages")
        indexes = (
            models.Index(fields=("webhook", "-id"), name="webhook_log"),
            models.Index(fields=("webhook", "next_try_at"), name="webhook_due", condition=Q(state="waiting")),
            models.Index(fields=("webhook", "extraction", "id"), name="webhook_order", condition=Q(state="waiting")),
            models.Index(fields=("happened_at",), name="webhook_age"),
        )

    def __str__(self) -> str:
        return self.message_id

    @property
    def message_id(self) -> str:
        return f"msg_{self.key.hex}"

    @property
    def event_label(self) -> str:
        return str(Event(self.event).label) if self.event in Event.values else str(_("Test"))

    @property
    def waiting(self) -> bool:
        return self.state == self.State.WAITING

    def send_again(self) -> bool:
        """Deliver it once more, under the same id. False while it waits anyway."""
        rows = WebhookMessage.objects.filter(pk=self.pk).exclude(state=self.State.WAITING)
        now = clock.now()
        again = rows.update(state=self.State.WAITING, attempts=0, next_try_at=now, lease_until=None, ended_at=None)
        transaction.on_commit(wakeup.notify_workers, robust=True)
        return bool(again)


class WebhookAttempt(models.Model):
    """One request to a receiver, and what came back."""

    class Outcome(models.TextChoices):
        DELIVERED = "delivered", pgettext_lazy("webhook message", "Delivered")
        REFUSED = "refused", _("The receiver answered with an error")
        REDIRECT = "redirect", _("The receiver redirects, which is not followed: enter the new address")
        GONE = "gone", _("The receiver wants no more (410)")
        TIMED_OUT = "timed_out", _("No answer in time")
        NO_HOST = "no_host", _("The host name is not known")
        FORBIDDEN = "forbidden", _("The address leads into a private network, which this portal does not allow")
        INSECURE = "insecure", _("No secure connection: the certificate is not accepted")
        UNREACHABLE = "unreachable", _("No connection")
        SECRET_LOST = "secret_lost", _("The secret cannot be read, so nothing can be signed")

    message = models.ForeignKey(WebhookMessage, models.CASCADE, related_name="tries", verbose_name=_("webhook message"))
    at = models.DateTimeField(_("when"), default=timezone.now)
    seconds = models.FloatField(_("seconds"), default=0.0)
    outcome = models.CharField(_("outcome"), max_length=20, choices=Outcome.choices)
    http_status = models.PositiveIntegerField(_("HTTP status"), null=True, blank=True)
    response_body = models.TextField(_("response body"), blank=True)

    class Meta:
        verbose_name = _("webhook attempt")
        verbose_name_plural = _("webhook attempts")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.outcome}"


def publish(extraction: Extraction, event: str, **facts: object) -> None:
    """Put the event into the feed of the document's team, and into the outbox of each webhook that wants it.

    Call it in the transaction of what happened, after the UPDATE of the document: the lock on its row is what puts
    its events in order.
    """
    webhooks = Webhook.objects.filter(team__extractions=extraction.pk).wanting(event)
    _enqueue(webhooks, event, type(extraction).objects.filter(pk=extraction.pk), facts)


def publish_each(team: int, documents: models.QuerySet[Extraction], event: str, **facts: object) -> None:
    """As `publish`, for many documents of one team."""
    _enqueue(Webhook.objects.filter(team=team).wanting(event), event, documents, facts)


def _enqueue(
    webhooks: list[Webhook], event: str, documents: models.QuerySet[Extraction], facts: dict[str, object]
) -> None:
    now = clock.now()
    event_feed.note(documents, event, now, facts)
    if not webhooks:
        return
    WebhookMessage.objects.bulk_create(
        (
            WebhookMessage(
                webhook=webhook, extraction_id=pk, event=event, happened_at=now, next_try_at=now,
                facts={"state": state, "review": review} | facts,
            )
            for pk, state, review in documents.order_by("pk").values_list("pk", "state", "review_state")
            for webhook in webhooks
        ),
        batch_size=BATCH,
    )  # fmt: skip
    transaction.on_commit(wakeup.notify_workers, robust=True)
