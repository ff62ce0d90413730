"""`manage.py verify_backup`: read everything of a backup, and compare it with what it should be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from extractions.backups.manifest import Manifest
from extractions.backups.place import Unusable, open_source
from extractions.backups.verifying import faults


class Command(BaseCommand):
    help = "Verify a backup: every row and every file against counts and hashes."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("place", nargs="?", type=Path, help="a folder with backups, or a .tar file; BACKUP_DIR")
        parser.add_argument("--name", default="", help="one of the folder's backups; otherwise the newest")

    def handle(self, *args: Any, **options: Any) -> None:
        place = options["place"] or (Path(settings.BACKUP_DIR) if settings.BACKUP_DIR else None)
        if place is None:
            raise CommandError("Say where: manage.py verify_backup FOLDER, or set BACKUP_DIR.")
        try:
            source = open_source(place, options["name"])
            manifest = Manifest.read(source)
        except Unusable as error:
            raise CommandError(str(error)) from error
        if wrong := list(faults(source, manifest)):
            raise CommandError("\n".join([f"The backup {source.name} is damaged.", *wrong]))
        rows = sum(facts.content.rows for facts in manifest.tables.values())
        self.stdout.write(
            f"The backup {source.name} is whole: {rows} rows in {len(manifest.tables)} tables,"
            f" {sum(manifest.documents.values())} documents, {manifest.files} files, {manifest.bytes / 1e6:,.1f} MB,"
            f" {'with' if manifest.keys_sha256 else 'without'} keys."
        )
        for name in manifest.missing:
            self.stderr.write(f"A row names {name}, which was not there when the backup was taken.")
