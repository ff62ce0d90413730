"""`manage.py upgrade`: bring the database to this version, after a backup of it."""

from __future__ import annotations

from django.core.management.base import BaseCommand

from portal.upgrading import upgrade


class Command(BaseCommand):
    help = "Migrate the database to this version. An existing one is backed up before."
    requires_system_checks = ()

    def handle(self, **options: object) -> None:
        upgrade(self.stdout.write)
