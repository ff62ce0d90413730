"""`manage.py rebuild_search`: the index of words, the counters and the metadata anew from the documents."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from extractions.search import upkeep


class Command(BaseCommand):
    help = "Build the search index and the counters anew from the documents."

    def handle(self, *args: Any, **options: Any) -> None:
        upkeep.install()
        with transaction.atomic():
            upkeep.rebuild()
        self.stdout.write("The search index and the counters are built anew.")
