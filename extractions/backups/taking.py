"""Take a backup while everything runs.

The database first, as of one moment, then the files: so every row of the backup has its file, unless a document was
deleted in between, in which case it is taken anew.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.apps import apps
from django.apps.registry import Apps
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Count

from extractions.backups import pruning, stored_files, tables
from extractions.backups.keys import Keys
from extractions.backups.manifest import FILES, KEYS, Manifest, StoredFile, TableFacts, read_files, write_files
from extractions.backups.place import FolderTarget, Target, Unusable, copy_hashing, is_tar, open_source, open_target
from extractions.backups.snapshot import snapshot
from portal import schema_state

ATTEMPTS = 3
log = logging.getLogger(__name__)
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Taken:
    """A finished backup."""

    name: str
    manifest: Manifest


def take(place: Path, passphrase: str, say: Say = lambda _sentence: None) -> Taken:
    """Without a passphrase, the keys are left out. Raises `Unusable`."""
    with open_target(place).opened() as target:
        before = _list_before(target)
        for attempt in range(1, ATTEMPTS + 1):
            say("Reading the database.")
            manifest, named = _database(target.work)
            say(f"Copying files: {len(named)} are named by rows.")
            files = stored_files.collect(target, before)
            lacking = named - {file.name for file in files}
            if attempt == ATTEMPTS or not lacking - _still_named(lacking):
                break
            say("Documents were deleted meanwhile; once more.")
            before = {file.name: file for file in files}
        manifest.missing = sorted(lacking)
        manifest.files, manifest.bytes = len(files), sum(file.size for file in files)
        write_files(files, target.work)
        manifest.files_sha256 = _hash_of(target.work / FILES)
        if passphrase:
            (target.work / KEYS).write_bytes(Keys.present().seal(passphrase))
            manifest.keys_sha256 = _hash_of(target.work / KEYS)
        manifest.write(target.work)
        return Taken(target.finish(), manifest)


def take_and_prune(place: Path, passphrase: str, keep: int, say: Say) -> Taken:
    """Deletes all but the newest `keep` backups of the folder; 0 keeps all."""
    taken = take(place, passphrase, say)
    if keep and not is_tar(place):
        for name in pruning.prune(place, keep):
            say(f"Deleted the backup {name}.")
    return taken


def _database(folder: Path) -> tuple[Manifest, set[str]]:
    """The rows, written to the folder, and the files that they name."""
    with snapshot(folder) as using:
        manifest = Manifest(
            taken_at=datetime.now(UTC).isoformat(timespec="seconds"),
            database=connections[DEFAULT_DB_ALIAS].vendor,
            migrations=_applied(using),
        )
        models = models_of(using)
        for model in tables.stored_models(models):
            table = model._meta.db_table
            file = f"rows/{table}.jsonl.gz"
            content = tables.write(model, using, folder / file)
            manifest.tables[table] = TableFacts(
                model._meta.label,
                file,
                _hash_of(folder / file),
                tables.columns_of(model),
                content,
                tables.highest_number(model, using),
            )
        documents = models.get_model("extractions", "Extraction")._base_manager.using(using)
        manifest.documents = dict(documents.order_by().values_list("state").annotate(Count("pk")))
        return manifest, stored_files.named_by_rows(models, using)


def models_of(using: str) -> Apps:
    """The models that fit the tables: before an upgrade, those of the version that the database is of."""
    loader = MigrationLoader(connections[using])
    if not schema_state.pending_migrations(loader):
        return apps
    return loader.project_state(schema_state.applied_leaves(loader)).apps


def _applied(using: str) -> dict[str, list[str]]:
    applied: dict[str, list[str]] = {}
    for app, name in sorted(MigrationRecorder(connections[using]).applied_migrations()):
        applied.setdefault(app, []).append(name)
    return applied


def _still_named(names: set[str]) -> set[str]:
    return stored_files.named_by_rows(models_of(DEFAULT_DB_ALIAS), DEFAULT_DB_ALIAS) & names if names else set()


def _list_before(target: Target) -> dict[str, StoredFile]:
    """The files of the newest backup in the same folder; none if that cannot be read."""
    if not isinstance(target, FolderTarget):
        return {}
    try:
        source = open_source(target.root)
        Manifest.read(source)
        with source.open(FILES) as file:
            return {stored.name: stored for stored in read_files(file)}
    except (Unusable, OSError) as error:
        log.info("Every file is copied: %s", error)
        return {}


def _hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return copy_hashing(file)
