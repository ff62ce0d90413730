"""`manage.py rebuild_search`: rebuild full-text index, counters and metadata pairs from the documents."""

from __future__ import annotations

from django.core.management.base import BaseCommand
from django.db import transaction

from extractions.search import index_triggers


class Command(BaseCommand):
    help = "Build the search index and the counters anew from the documents."

    def handle(self, *args: object, **options: object) -> None:
        index_triggers.install()
        with transaction.atomic():
            index_triggers.rebuild()
        self.stdout.write("The search index and the counters are built anew.")
