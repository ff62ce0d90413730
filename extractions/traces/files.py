"""The folders of the portal, sorted by what they are for."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import connection

from extractions.exports.making import FOLDER as EXPORTS
from extractions.storage import durable_files
from extractions.traces.blocks import Haystack

NEVER = ("static", "engine/models")
"""Below DATA_DIR: made from the packages."""


def look_at_files(haystack: Haystack) -> None:
    """Documents, pages and pictures; in quarantine too."""
    root = Path(settings.MEDIA_ROOT)
    _look_at(haystack, root, _below(root, without=(root / EXPORTS, root / durable_files.INCOMING)))


def look_at_exports(haystack: Haystack) -> None:
    root = Path(settings.MEDIA_ROOT) / EXPORTS
    _look_at(haystack, root, _below(root))


def look_at_temporary(haystack: Haystack) -> None:
    """What is being uploaded or moved, and what this user has in the folder for temporary files."""
    roots = [Path(settings.FILE_UPLOAD_TEMP_DIR), Path(settings.MEDIA_ROOT) / durable_files.INCOMING]
    for root in roots:
        for path in _below(root):
            haystack.look_in_file(path, str(path))
    shared = Path(tempfile.gettempdir())
    data = Path(settings.DATA_DIR)
    for path in _below(shared, without=(data,), owned=True):
        haystack.look_in_file(path, str(path))
    haystack.place.looked_at = _sum(haystack, ", ".join(map(str, [*roots, shared])))


def look_at_rest(haystack: Haystack) -> None:
    """Everything else below DATA_DIR: the embedded engine, logs if they are kept there, backups before upgrades."""
    root = Path(settings.DATA_DIR)
    elsewhere = [Path(settings.MEDIA_ROOT), Path(settings.FILE_UPLOAD_TEMP_DIR), *(root / name for name in NEVER)]
    database = str(connection.settings_dict["NAME"])
    paths = (path for path in _below(root, without=tuple(elsewhere)) if not str(path).startswith(database))
    _look_at(haystack, root, paths)


def look_at(haystack: Haystack, given: Path) -> None:
    """What the operator names: logs, a backup, a folder that people use."""
    if not given.exists():
        haystack.place.blind.append(f"{given} does not exist.")
    _look_at(haystack, given, iter([given]) if given.is_file() else _below(given))


def _look_at(haystack: Haystack, root: Path, paths: Iterator[Path]) -> None:
    for path in paths:
        haystack.look_in_file(path, str(path.relative_to(root)) if path != root else str(path))
    haystack.place.looked_at = _sum(haystack, str(root))


def _sum(haystack: Haystack, where: str) -> str:
    return f"{haystack.files:,} files in {where}, {haystack.bytes / 1e6:,.1f} MB, with what is in archives and PDF"


def _below(root: Path, *, without: tuple[Path, ...] = (), owned: bool = False) -> Iterator[Path]:
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if Path(folder, name) not in without)
        for name in sorted(names):
            path = Path(folder, name)
            if path.is_symlink() or not path.is_file():
                continue
            if not owned or path.stat().st_uid == os.getuid():
                yield path
