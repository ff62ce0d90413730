"""Accounts and their API keys."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.timezone import now

from engine import keys
from engine.models.choices import UNFINISHED


class AccountQuerySet(models.QuerySet["Account"]):
    def in_fair_order(self, shorter_than: int | None = None) -> AccountQuerySet:
        """Accounts with a waiting document: those with the fewest running first, then those served longest ago."""
        from engine.models.extracts import Extract  # which imports accounts

        own = Q(account=OuterRef("pk"))
        running = Extract.objects.running().filter(own).order_by().values("account").annotate(count=Count("pk"))
        return (
            self.filter(Exists(Extract.objects.waiting(shorter_than).filter(own)))
            .annotate(running=Coalesce(Subquery(running.values("count")), 0))
            .order_by("running", F("last_turn_at").asc(nulls_first=True), "created_at")
        )


class Account(models.Model):
    """The owner of documents, schemas and credits; accounts see nothing of each other."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200, unique=True)
    credits_granted = models.PositiveIntegerField(null=True, blank=True, help_text="Empty: no limit.")
    credits_used = models.PositiveIntegerField(default=0)
    last_turn_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    # Read by REST framework, to which an account is the user.
    is_authenticated = True

    objects = AccountQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    @property
    def balance(self) -> int | None:
        """Credits left once all unfinished documents are paid for; None means no limit."""
        if self.credits_granted is None:
            return None
        pending = self.extracts.filter(status__in=UNFINISHED).aggregate(sum=Sum("price"))["sum"] or 0
        return self.credits_granted - self.credits_used - pending

    def charge(self, price: int) -> None:
        Account.objects.filter(pk=self.pk).update(credits_used=F("credits_used") + price)


class ApiKey(models.Model):
    """An API key, stored as a hash only. Keys are long and random, so a fast hash is enough."""

    LIFETIMES: ClassVar[dict[str, int | None]] = {"1m": 30, "3m": 91, "6m": 182, "inf": None}  # days

    account = models.ForeignKey(Account, models.CASCADE, related_name="keys")
    name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name

    @classmethod
    def issue(cls, account: Account, name: str, lifetime: str, key: str = "") -> str:
        """Create the row and return the key, which cannot be recovered later."""
        key = key or keys.new_key()
        days = cls.LIFETIMES[lifetime]
        expires_at = None if days is None else now() + timedelta(days=days)
        cls.objects.create(account=account, name=name, digest=keys.digest(key), expires_at=expires_at)
        return key

    @property
    def expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= now()
