"""`manage.py restore`: put a backup back on an empty machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from extractions.backups.passphrase import add_passphrase, passphrase_of
from extractions.backups.place import Unusable, open_source
from extractions.backups.restoring import restore
from extractions.backups.suspended_access import suspended


class Command(BaseCommand):
    help = (
        "Restore a backup to an empty DATA_DIR and an empty database, SQLite or PostgreSQL, whatever it was taken from."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("place", type=Path, help="a folder with backups, or a .tar file")
        parser.add_argument("--name", default="", help="one of the folder's backups; otherwise the newest")
        parser.add_argument(
            "--keep-access",
            action="store_true",
            help="tokens, links and webhooks work at once: nothing was revoked since the backup was taken",
        )
        add_passphrase(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            source = open_source(options["place"], options["name"])
            manifest = restore(source, passphrase_of(options), self.stdout.write, keep_access=options["keep_access"])
        except Unusable as error:
            raise CommandError(str(error)) from error
        rows = sum(facts.content.rows for facts in manifest.tables.values())
        self.stdout.write(
            f"Restored and verified: the backup {source.name} of {manifest.taken_at}, {rows} rows,"
            f" {sum(manifest.documents.values())} documents, {manifest.files} files."
        )
        if not manifest.keys_sha256:
            self.stdout.write("The backup has no keys: teams enter theirs again, and second factors are set up anew.")
        if waiting := len(suspended()):
            self.stdout.write(
                f"{waiting} tokens, guest links, invitations and webhooks are suspended, for some may have been ended"
                " since the backup: see “Restored access” in the portal, or manage.py restored_access."
            )
        self.stdout.write(
            "Start the portal. It sends nothing until you have made sure that no other copy runs and pressed"
            " “This is the only copy: go on”."
        )
