"""`manage.py backup`: take a backup while everything runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from extractions.backups import history, taking
from extractions.backups.passphrase import add_passphrase, passphrase_of
from extractions.backups.place import Unusable


class Command(BaseCommand):
    help = "Back up database, files and keys, while the portal runs. Files that are there already are not copied again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("target", nargs="?", type=Path, help="a folder, or a file that ends in .tar; BACKUP_DIR")
        parser.add_argument("--keep", type=int, help="delete all but the newest so many backups of the folder")
        parser.add_argument("--unnoted", action="store_true", help="do not note it in the database, before an upgrade")
        parser.add_argument("--without-keys", action="store_true", help="leave the keys out on purpose")
        add_passphrase(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        target = options["target"] or (Path(settings.BACKUP_DIR) if settings.BACKUP_DIR else None)
        if target is None:
            raise CommandError("Say where: manage.py backup FOLDER, or set BACKUP_DIR.")
        passphrase = "" if options["without_keys"] else passphrase_of(options)
        if not passphrase and not options["without_keys"]:
            raise CommandError(
                "The keys are sealed with a passphrase: set BACKUP_PASSPHRASE, or name a file with --passphrase-file."
                " --without-keys leaves them out; then the keys of teams and second factors cannot be restored."
            )
        keep = settings.BACKUP_KEEP if options["keep"] is None and options["target"] is None else options["keep"]
        try:
            take = taking.take_and_prune if options["unnoted"] else history.take_and_note
            taken = take(target.absolute(), passphrase, keep or 0, self.stdout.write)
        except (Unusable, OSError, DatabaseError) as error:
            raise CommandError(f"No backup was taken: {error}") from error
        manifest = taken.manifest
        self.stdout.write(
            f"Backup {taken.name}: {sum(manifest.documents.values())} documents, {manifest.files} files,"
            f" {manifest.bytes / 1e6:,.1f} MB, {'with' if manifest.keys_sha256 else 'without'} keys."
        )
        for name in manifest.missing:
            self.stderr.write(f"A row names {name}, which is not there.")
