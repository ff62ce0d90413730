"""`manage.py remove_traces`: purge data of deleted documents from the database's files now."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from extractions.forwarding.steps import erased_traces, receipts


class Command(BaseCommand):
    help = "Remove what the database keeps of deleted documents. The worker does so by itself, soon after a deletion."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--rewrite-tables",
            action="store_true",
            help="on PostgreSQL: overwrite the freed space as well (VACUUM FULL), which locks each table meanwhile",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["rewrite_tables"] and connection.vendor != "postgresql":
            raise CommandError("--rewrite-tables is for PostgreSQL; SQLite overwrites what it frees.")
        if not erased_traces.remove(rewrite_tables=options["rewrite_tables"]):
            raise CommandError("A query that began before may still read deleted rows; run this again in a moment.")
        receipts.finish_due()
        self.stdout.write("Nothing of deleted documents is left in the database.")
