"""Files that are still there after a power cut. Django's storage syncs neither the file nor its folder."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

from django.conf import settings

INCOMING = "incoming"
DOCUMENTS = "documents"


def temporary_path() -> Path:
    """A new path on the disk of the final files, so that a rename is all it takes."""
    folder = Path(settings.MEDIA_ROOT) / INCOMING
    folder.mkdir(parents=True, exist_ok=True)
    return folder / uuid.uuid4().hex


def sync(path: Path) -> None:
    """Wait until the file's bytes, or a folder's names, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def keep(temporary: Path, ending: str) -> str:
    """Make the file permanent under a name of our own; that name, relative to MEDIA_ROOT."""
    relative = new_name(ending)
    sync(temporary)
    temporary.rename(Path(settings.MEDIA_ROOT) / relative)
    sync((Path(settings.MEDIA_ROOT) / relative).parent)
    return relative


def keep_copy(relative: str) -> str:
    """A second name for the same bytes, with a life of its own."""
    original = Path(settings.MEDIA_ROOT) / relative
    copy = new_name(original.suffix)
    os.link(original, Path(settings.MEDIA_ROOT) / copy)
    os.utime(original)  # to the sweep of files without a row, the copy is new
    sync((Path(settings.MEDIA_ROOT) / copy).parent)
    return copy


def new_name(ending: str) -> str:
    """A name that says nothing of the document, in a folder that is on the disk."""
    name = uuid.uuid4().hex
    root = Path(settings.MEDIA_ROOT)
    folder = root / DOCUMENTS / name[:2]
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        sync(root / DOCUMENTS)
        sync(root)
    return f"{DOCUMENTS}/{name[:2]}/{name}{ending}"
