"""The files of an extract: kept so that a power cut loses nothing, and removed without a trace."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path
from uuid import UUID

from django.conf import settings

from engine.incoming import IncomingFile
from engine.models import ContentImage, Extract


def keep_document(extract: Extract, document: IncomingFile) -> None:
    """Move the upload into the extract's folder. Afterwards the bytes are on the disk for good."""
    extract.folder.mkdir(parents=True)
    document.flush()
    os.fsync(document.fileno())
    document.path.replace(extract.path)
    for folder in (extract.folder, extract.folder.parent, extract.folder.parent.parent):
        _sync_folder(folder)


def keep_picture(image: ContentImage, jpeg: bytes) -> None:
    image.path.parent.mkdir(parents=True, exist_ok=True)
    image.path.write_bytes(jpeg)


def models_folder() -> Path:
    """Where the pipeline keeps what it prepares once for all documents; nothing of any document."""
    return Path(settings.ENGINE_DATA_DIR) / "models"


def remove(folder: Path) -> None:
    """Remove the files of a row that is gone."""
    shutil.rmtree(folder, ignore_errors=True)


def sweep() -> None:
    """Remove what has no row: half an upload, half a deletion. Only before anything comes in."""
    data = Path(settings.ENGINE_DATA_DIR)
    for upload in Path(settings.FILE_UPLOAD_TEMP_DIR).iterdir():
        upload.unlink()
    for folder in (data / "extracts").glob("*/*"):
        with contextlib.suppress(ValueError):
            if not Extract.objects.filter(pk=UUID(folder.name)).exists():
                shutil.rmtree(folder)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
