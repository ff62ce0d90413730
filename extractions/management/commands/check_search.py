"""`manage.py check_search`: check, and optionally repair, counters, metadata pairs and the full-text index."""

from __future__ import annotations

from django.core.management.base import BaseCommand, CommandParser
from django.db import connection, transaction

from extractions.search import consistency, index_triggers


class Command(BaseCommand):
    help = "Compare the counters, the pairs of metadata and the index of words with the documents."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--repair", action="store_true", help="build what differs anew")

    def handle(self, *args: object, **options: object) -> None:
        missing = not index_triggers.installed(connection)
        with transaction.atomic():
            wrong = consistency.differences()
        if missing:
            self.stdout.write("Triggers are missing: what changed without them is not in the counters.")
        for name, count in wrong.items():
            self.stdout.write(f"Wrong {name}: {count}.")
        if not missing and not wrong:
            self.stdout.write("The counters, the pairs and the index of words agree with the documents.")
            return
        if not options["repair"]:
            self.stdout.write("Run it with --repair to build them anew.")
            raise SystemExit(1)
        index_triggers.install()
        with transaction.atomic():
            index_triggers.rebuild()
        self.stdout.write("They are built anew.")
