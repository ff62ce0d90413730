"""The files that belong to a backup: documents, what was derived from them, quarantine, and the engine's own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from django.apps.registry import Apps
from django.conf import settings
from django.db import models

from extractions.backups.manifest import StoredFile
from extractions.backups.place import Target
from extractions.backups.snapshot import copy_sqlite
from extractions.storage import durable_files, file_store

ENGINE_DATABASE = "engine/engine.sqlite3"
NEVER = {
    f"files/{durable_files.INCOMING}",
    "engine/incoming",
    "engine/models",  # computed from the packages
}
"""Folders of what is passing through."""
NEVER_FILES = {f"files/{file_store.STORE_MARKER}", "engine/engine.lock"}
"""The marker would make a copy look like the original."""


def roots() -> dict[str, Path]:
    return {"files": Path(settings.MEDIA_ROOT), "engine": Path(settings.DATA_DIR) / "engine"}


def path_of(name: str) -> Path:
    """Where a file of a backup belongs; raises ValueError for names that lead elsewhere."""
    kind, _slash, relative = name.partition("/")
    root = roots()[kind].resolve()
    path = Path(os.path.normpath(root / relative))
    if not path.is_relative_to(root) or path == root:
        raise ValueError(name)
    return path


def present() -> Iterator[tuple[str, Path]]:
    """Name and path of each file that is there now, except databases, which are not copied as files."""
    for kind, root in roots().items():
        for folder, folders, files in os.walk(root):
            inside = "/".join((kind, *Path(folder).relative_to(root).parts))
            folders[:] = sorted(name for name in folders if f"{inside}/{name}" not in NEVER)
            for file in sorted(files):
                name = f"{inside}/{file}"
                if name not in NEVER_FILES and not name.startswith(ENGINE_DATABASE):
                    yield name, Path(folder, file)


def collect(target: Target, before: dict[str, StoredFile]) -> list[StoredFile]:
    """Copies what `before`, the list of the last backup, does not have in the same size and from the same time."""
    found = []
    for name, path in present():
        try:
            facts = path.stat()
            known = before.get(name)
            same = known is not None and (known.size, known.modified_ns) == (facts.st_size, facts.st_mtime_ns)
            if known is not None and same and target.has(known.sha256, known.size):
                found.append(known)
            else:
                found.append(StoredFile(name, target.add(path), facts.st_size, facts.st_mtime_ns))
        except FileNotFoundError:
            continue  # deleted meanwhile; whether a row still names it is looked up afterwards
    return [*found, *_engine_database(target)]


def _engine_database(target: Target) -> Iterator[StoredFile]:
    """Before its files would be better, but the engine reads again what it misses, and the portal asks again."""
    path = roots()["engine"] / "engine.sqlite3"
    if not path.exists():
        return
    copy = target.work / "engine.sqlite3"
    try:
        copy_sqlite(path, copy)
        facts = copy.stat()
        yield StoredFile(ENGINE_DATABASE, target.add(copy), facts.st_size, facts.st_mtime_ns)
    finally:
        copy.unlink(missing_ok=True)


def named_by_rows(registry: Apps, using: str) -> set[str]:
    """The files that rows name."""
    columns = [
        (model, field.attname)
        for model in registry.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, models.FileField)
    ]
    columns.append((registry.get_model("extractions", "Draft"), "document"))
    return {
        f"files/{name}"
        for model, column in columns
        for name in model._base_manager.using(using).exclude(**{column: ""}).values_list(column, flat=True)
    }
