"""Restore a backup on an empty machine: verify it, put files and keys back, load the rows, verify what is there.

The rows come last and in one transaction, so a restore that is interrupted can simply be started again. The copy knows
that it is one: nothing is sent until staff confirm that it is the only one (see `clone_guard`).
"""

from __future__ import annotations

import fcntl
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.apps.registry import Apps
from django.conf import settings
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connection, models, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from extractions.backups import stored_files, suspended_access, tables
from extractions.backups.keys import Keys, WrongPassphrase
from extractions.backups.manifest import KEYS, Manifest, StoredFile
from extractions.backups.place import Source, Unusable, copy_hashing, sync
from extractions.backups.verifying import faults, files_of
from extractions.models import Installation
from portal import triggers

Say = Callable[[str], None]
NEEDS_NONE = ("people_user", "extractions_extraction")
"""Tables that have no rows on an empty machine."""


def restore(
    source: Source, passphrase: str, say: Say = lambda _sentence: None, *, keep_access: bool = False
) -> Manifest:
    """Raises `Unusable`, with nothing changed, for a damaged backup or a machine that is not empty.

    With `keep_access` nothing is suspended: the backup was taken just now, to move the portal.
    """
    manifest = Manifest.read(source)
    with _not_running():
        _require_empty_database(manifest)
        say("Verifying the backup.")
        if wrong := list(faults(source, manifest)):
            raise Unusable("\n".join(["The backup is damaged; nothing was restored.", *wrong]))
        keys = _unsealed(source, manifest, passphrase)
        stored = list(files_of(source))
        _require_empty_folders(stored)
        say(f"Putting back {manifest.files} files.")
        for file in stored:
            _put_back(source, file)
        if keys is not None and (names := keys.put_back()):
            say(f"These were set in the environment and have to be set again: {', '.join(names)}.")
        say(f"Loading {sum(facts.content.rows for facts in manifest.tables.values())} rows.")
        _load(source, manifest, keep_access=keep_access)
        say("Building the search index.")
        call_command("migrate", verbosity=0, interactive=False)
        if keep_access:  # a migration suspends what the tables of an earlier version could not
            suspended_access.confirm(suspended_access.suspended())
        call_command("rebuild_search", verbosity=0, stdout=io.StringIO())
    return manifest


@contextmanager
def _not_running() -> Iterator[None]:
    """Holds the lock of `manage.py up`."""
    with (Path(settings.DATA_DIR) / "up.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Unusable(f"The portal is running (data in {settings.DATA_DIR}). Stop it first.") from error
        yield


def _require_empty_database(manifest: Manifest) -> None:
    there = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for table in NEEDS_NONE:
            if table not in there:
                continue
            cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608 - our own names
            if cursor.fetchone()[0]:
                raise Unusable("The database has accounts or documents already. A backup is restored to an empty one.")
    executor = MigrationExecutor(connection)
    unknown = {
        f"{app}.{name}"
        for app, names in manifest.migrations.items()
        for name in names
        if (app, name) not in executor.loader.graph.nodes and (app, name) not in executor.loader.replacements
    }
    if unknown:
        raise Unusable(f"The backup is from a later version of the portal, with {', '.join(sorted(unknown))}.")
    known = {(app, name) for app, names in manifest.migrations.items() for name in names}
    if newer := set(MigrationRecorder(connection).applied_migrations()) - known:
        named = ", ".join(sorted(f"{app}.{name}" for app, name in newer))
        raise Unusable(
            f"The database has tables of a later version than the backup ({named}). Begin with an empty one."
        )


def _unsealed(source: Source, manifest: Manifest, passphrase: str) -> Keys | None:
    if not manifest.keys_sha256:
        return None
    if not passphrase:
        raise Unusable("The backup has the keys, sealed with a passphrase. Give it in BACKUP_PASSPHRASE or as a file.")
    with source.open(KEYS) as file:
        try:
            return Keys.unseal(file.read(), passphrase)
        except WrongPassphrase as error:
            raise Unusable("The passphrase is not the one that the keys were sealed with.") from error


def _require_empty_folders(stored: list[StoredFile]) -> None:
    """Except for what an interrupted restore has left."""
    sizes = {file.name: file.size for file in stored}
    for name, path in stored_files.present():
        if sizes.get(name) != path.stat().st_size:
            raise Unusable(f"{path} is no part of the backup. A backup is restored to an empty DATA_DIR.")
    if (stored_files.roots()["engine"] / "engine.sqlite3").exists() and stored_files.ENGINE_DATABASE in sizes:
        _require_unused_engine()


def _require_unused_engine() -> None:
    extracts = stored_files.roots()["engine"] / "extracts"
    if extracts.is_dir() and not any(extracts.iterdir()):
        extracts.rmdir()
    for left in stored_files.roots()["engine"].glob("engine.sqlite3*"):
        left.unlink()


def _put_back(source: Source, file: StoredFile) -> None:
    path = stored_files.path_of(file.name)
    if path.exists():
        with path.open("rb") as there:
            if copy_hashing(there) == file.sha256:
                return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.restored")
    with source.open_object(file.sha256) as origin, draft.open("wb") as copy:
        if copy_hashing(origin, copy) != file.sha256:
            raise Unusable(f"The file {file.name} has changed since the backup was verified.")
    os.utime(draft, ns=(file.modified_ns, file.modified_ns))
    sync(draft)
    draft.replace(path)
    sync(path.parent)


def _load(source: Source, manifest: Manifest, *, keep_access: bool) -> None:
    """In the version that the backup was taken with; the caller migrates to the present one."""
    executor = MigrationExecutor(connection)
    known = {(app, name) for app, names in manifest.migrations.items() for name in names}
    graph = executor.loader.graph
    nodes = [node for node in known if node in graph.nodes]
    last = sorted(
        node
        for node in nodes
        if not any(child.key[0] == node[0] and child.key in known for child in graph.node_map[node].children)
    )
    executor.migrate(last)
    old = MigrationExecutor(connection).loader.project_state(last).apps
    with transaction.atomic():
        triggers.drop()
        by_table = {model._meta.db_table: model for model in tables.stored_models(old)}
        with connection.cursor() as cursor:
            for table in by_table:
                cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")  # noqa: S608
        for table, facts in manifest.tables.items():
            with source.open(facts.file) as file:
                tables.load(by_table[table], DEFAULT_DB_ALIAS, facts.columns, tables.read(file))
            tables.continue_numbers(by_table[table], DEFAULT_DB_ALIAS, facts.highest)
        _verify(by_table, manifest)
        _mark_as_copy(old)
        if not keep_access:
            suspended_access.suspend_all(old)


def _verify(by_table: dict[str, type[models.Model]], manifest: Manifest) -> None:
    """Before anything counts: the database gives back every row as it was in the backup."""
    for table, facts in manifest.tables.items():
        content = tables.content_of(by_table[table], DEFAULT_DB_ALIAS)
        if content != facts.content:
            raise Unusable(
                f"{table} came back with {content.rows} rows instead of {facts.content.rows}, or with other values."
                " Nothing was loaded."
            )


def _mark_as_copy(old: Apps) -> None:
    """Whatever waits is searched for at the service before it is sent, once staff confirm the only copy.

    Also where no worker had run before the backup: one may have since.
    """
    rows = old.get_model("extractions", "Installation")._base_manager
    doubt = {"doubted_at": timezone.now(), "doubt": Installation.Doubt.DATABASE_COPIED}
    if not rows.update(**doubt):
        rows.create(begun_at=timezone.now(), **doubt)
