"""Webhook subscriptions and their deliveries."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.timezone import now

from engine.models.accounts import Account
from engine.models.extracts import Extract


class WebhookTarget(models.Model):
    """A subscription: the URL that an account wants to be called for an event."""

    class Event(models.TextChoices):
        EXTRACT_COMPLETED = "extract.completed"
        EXTRACT_FAILED = "extract.failed"
        WORKFLOW_COMPLETED = "workflow.completed"
        WORKFLOW_FAILED = "workflow.failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="webhook_targets")
    event = models.CharField(max_length=30, choices=Event)
    url = models.URLField(max_length=1000)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.event} to {self.url}"


class WebhookDelivery(models.Model):
    """One event for one target. The payload is built when it is sent, so a deleted document leaves nothing here."""

    target = models.ForeignKey(WebhookTarget, models.CASCADE, related_name="deliveries")
    extract = models.ForeignKey(Extract, models.CASCADE, related_name="deliveries")
    happened_at = models.DateTimeField(default=now)
    attempts = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, default=now, db_index=True)
    delivered_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return f"{self.target} about {self.extract_id}"
