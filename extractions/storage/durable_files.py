"""Durable file writes. Django's storage syncs neither files nor directories.

Everything raises `file_store.StoreUnavailable` while the store is unreachable: files written below an unmounted path
would be hidden once the store is mounted over it.
"""

from __future__ import annotations

import os
import uuid
from pathlib import Path

from django.conf import settings

from extractions.storage import file_store
from extractions.storage.file_store import STORE_FOLDER as DOCUMENTS

INCOMING = "incoming"


def temporary_path() -> Path:
    """A new path on the same file system as the final files, so that a rename suffices."""
    return file_store.make_folder(INCOMING) / uuid.uuid4().hex


def sync(path: Path) -> None:
    """fsync a file or a directory."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def keep(temporary: Path, ending: str) -> str:
    """Move the file to its permanent path; returned relative to MEDIA_ROOT."""
    with file_store.required():
        relative = new_name(ending)
        path = Path(settings.MEDIA_ROOT) / relative
        sync(temporary)
        temporary.rename(path)
        sync(path.parent)
    if not path.is_file():
        # The store was unmounted and remounted in between.
        raise file_store.StoreUnavailable
    return relative


def keep_copy(relative: str) -> str:
    """A hard link to the file that can be deleted independently; its path relative to MEDIA_ROOT."""
    with file_store.required():
        original = Path(settings.MEDIA_ROOT) / relative
        copy = new_name(original.suffix)
        os.link(original, Path(settings.MEDIA_ROOT) / copy)
        os.utime(original)  # so that the sweep does not take the link for an old orphan
        sync((Path(settings.MEDIA_ROOT) / copy).parent)
    return copy


def new_name(ending: str) -> str:
    """A random name, relative to MEDIA_ROOT, in a synced directory."""
    name = uuid.uuid4().hex
    root = Path(settings.MEDIA_ROOT)
    folder = root / DOCUMENTS / name[:2]
    if not folder.is_dir():
        file_store.make_folder(f"{DOCUMENTS}/{name[:2]}")
        sync(root / DOCUMENTS)
        sync(root)
    return f"{DOCUMENTS}/{name[:2]}/{name}{ending}"
