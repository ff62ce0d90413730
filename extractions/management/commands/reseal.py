"""`manage.py reseal`: re-encrypts stored credentials after a new key was prepended to SEALING_KEYS."""

from __future__ import annotations

from django.core.management.base import BaseCommand

from extractions.models import Connection, Mailbox, ProofKey, Webhook
from portal.people.second_factors import reseal_all
from portal.sealing import Unreadable, reseal


class Command(BaseCommand):
    help = "Seal keys of services, secrets of webhooks, passwords and seeds of second factors with the newest key."

    def handle(self, **options: object) -> None:
        connections = self._reseal(Connection, "sealed_key", "The key of connection")
        webhooks = self._reseal(Webhook, "sealed_secret", "The secret of webhook")
        self._reseal(Webhook, "sealed_former_secret", "The former secret of webhook")
        mailboxes = self._reseal(Mailbox, "sealed_password", "The password of mailbox")
        self._reseal(ProofKey, "sealed_private_key", "The key for proof sheets")
        second_factors = reseal_all()
        self.stdout.write(
            f"Sealed again: {connections} keys of services, {webhooks} secrets of webhooks, "
            f"{mailboxes} passwords of mailboxes, {second_factors} second factors."
        )

    def _reseal(self, model: type[Connection | Webhook | Mailbox | ProofKey], column: str, words: str) -> int:
        count = 0
        rows = model._default_manager.exclude(**{column: ""})
        for row in rows:
            former = getattr(row, column)
            try:
                sealed = reseal(former)
            except Unreadable:
                self.stderr.write(f"{words} {row} cannot be read, and stays as it is.")
                continue
            count += rows.filter(pk=row.pk, **{column: former}).update(**{column: sealed})
        return count
