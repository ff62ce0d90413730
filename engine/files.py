"""The files of an extract: kept so that a power cut loses nothing, and removed without a trace."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from django.conf import settings
from django.http import Http404

from engine.incoming import IncomingFile
from engine.models import Extract

log = logging.getLogger(__name__)


def keep_document(extract: Extract, document: IncomingFile) -> None:
    """Move the upload into the extract's folder. Afterwards the bytes are on the disk for good."""
    extract.folder.mkdir(parents=True)
    document.flush()
    os.fsync(document.fileno())
    document.path.replace(extract.path)
    for folder in (extract.folder, extract.folder.parent, extract.folder.parent.parent):
        _sync_folder(folder)


def keep_pictures(extract: Extract, jpegs: Sequence[tuple[Path, bytes]]) -> None:
    """Write them in place of those of an earlier run. Afterwards they are on the disk for good."""
    if extract.pictures_folder.exists():
        shutil.rmtree(extract.pictures_folder)
    if not jpegs:
        return
    extract.pictures_folder.mkdir(parents=True)
    for path, jpeg in jpegs:
        with path.open("wb") as file:
            file.write(jpeg)
            file.flush()
            os.fsync(file.fileno())
    for folder in (extract.pictures_folder, extract.folder):
        _sync_folder(folder)


def opened(path: Path) -> BinaryIO:
    """To read it; 404 when it is not there, for its document may be deleted at this very moment."""
    try:
        return path.open("rb")
    except FileNotFoundError as error:
        log.warning("a file that was asked for is not there: %s", path)
        raise Http404 from error


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
