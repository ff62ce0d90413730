"""`manage.py reseal`: re-encrypts stored credentials after a new key was prepended to SEALING_KEYS."""

from __future__ import annotations

from django.core.management.base import BaseCommand

from extractions.models import Connection
from portal.people.second_factors import reseal_all
from portal.sealing import Unreadable, reseal


class Command(BaseCommand):
    help = "Seal the keys of services and the seeds of second factors with the newest key, so that older ones can go."

    def handle(self, **options: object) -> None:
        connections = 0
        for connection in Connection.objects.exclude(sealed_key=""):
            try:
                sealed = reseal(connection.sealed_key)
            except Unreadable:
                self.stderr.write(f"The key of {connection.base_url} cannot be read, and stays as it is.")
                continue
            rows = Connection.objects.filter(pk=connection.pk, sealed_key=connection.sealed_key)
            connections += rows.update(sealed_key=sealed)
        self.stdout.write(f"Sealed again: {connections} keys of services, {reseal_all()} second factors.")
