"""Brings the database to the version of the code, with a backup before anything changes."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.loader import MigrationLoader

from portal import schema_state, triggers

FOLDER = "before-upgrades"
"""Below DATA_DIR, where BACKUP_DIR is not set."""
KEPT = 1
ROOM = 1.2
"""Times the size of the files: what a first backup takes."""


def upgrade(say: Callable[[str], object]) -> None:
    """Also when a trigger differs from its declaration, since `migrate` repairs that."""
    loader = MigrationLoader(connections[DEFAULT_DB_ALIAS])
    if newer := schema_state.unknown_migrations(loader):
        raise CommandError(_refusal(newer))
    pending = schema_state.pending_migrations(loader)
    if pending and not schema_state.is_new(loader):
        _back_up(say)
        say(f"Migrating the database ({len(pending)} steps).")
    different = [] if pending else triggers.report_differences()
    if pending or any(difference.repairable for difference in different):
        call_command("migrate", verbosity=0, interactive=False)


def _back_up(say: Callable[[str], object]) -> None:
    """A failure stops the upgrade, unless BACKUP_BEFORE_UPGRADE says that somebody else takes care."""
    if not settings.BACKUP_BEFORE_UPGRADE:
        return
    folder = Path(settings.BACKUP_DIR or settings.DATA_DIR / FOLDER)
    if not settings.BACKUP_DIR:
        _require_room()
    say(f"A newer version: taking a backup of database and files to {folder} first.")
    keep = [] if settings.BACKUP_DIR else [f"--keep={KEPT}"]
    sealed = [] if settings.BACKUP_PASSPHRASE else ["--without-keys"]
    try:
        call_command("backup", str(folder), "--unnoted", *keep, *sealed)
    except CommandError as error:
        raise CommandError(
            f"{error}\nNothing was migrated. Make a backup possible, or take one yourself and set"
            " BACKUP_BEFORE_UPGRADE=false."
        ) from error


def _require_room() -> None:
    """On the disk of the documents: it must not be filled by their copy."""
    roots = (Path(settings.MEDIA_ROOT), settings.DATA_DIR / "engine")
    size = sum(path.stat().st_size for root in roots for path in root.rglob("*") if path.is_file())
    free = shutil.disk_usage(settings.DATA_DIR).free
    if free < ROOM * size:
        raise CommandError(
            f"An upgrade begins with a backup of {size // 2**20} MB, and {settings.DATA_DIR} has {free // 2**20} MB"
            " left. Nothing was migrated. Set BACKUP_DIR to another disk; or take a backup yourself and set"
            " BACKUP_BEFORE_UPGRADE=false."
        )


def require_current_schema() -> None:
    """For processes that are started one by one: they neither migrate nor work with tables of another version."""
    loader = MigrationLoader(connections[DEFAULT_DB_ALIAS])
    if newer := schema_state.unknown_migrations(loader):
        sys.exit(_refusal(newer))
    if schema_state.pending_migrations(loader):
        sys.exit("The database is of an earlier version of the portal. Run manage.py upgrade first.")


def _refusal(newer: list[str]) -> str:
    return (
        f"This database was used with a newer version of the portal, and this one does not know {', '.join(newer)}."
        " Nothing was changed. Start the newer version again; to go back for good, restore the backup that was taken"
        " before the upgrade (docs/operate.md)."
    )
