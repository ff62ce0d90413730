"""The files of an extract: written durably, so that a power cut loses nothing, and removed with the extract."""

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

from engine.models import Extract
from engine.processing.uploaded_file import UploadedDocument

log = logging.getLogger(__name__)


def store_document(extract: Extract, document: UploadedDocument) -> None:
    """Move the upload into the extract's folder; durable when this returns."""
    extract.folder.mkdir(parents=True)
    document.flush()
    os.fsync(document.fileno())
    document.path.replace(extract.path)
    for folder in (extract.folder, extract.folder.parent, extract.folder.parent.parent):
        _sync_folder(folder)


def store_images(extract: Extract, jpegs: Sequence[tuple[Path, bytes]]) -> None:
    """Replace the images of an earlier run; durable when this returns."""
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


def open_or_404(path: Path) -> BinaryIO:
    """Open for reading; raises `Http404` when the file is missing, as its document may be deleted concurrently."""
    try:
        return path.open("rb")
    except FileNotFoundError as error:
        log.warning("requested file is missing: %s", path)
        raise Http404 from error


def models_folder() -> Path:
    """The pipeline's cache of prepared models; it holds nothing of any document."""
    return Path(settings.ENGINE_DATA_DIR) / "models"


def remove(folder: Path) -> None:
    """Remove the files of a deleted extract."""
    shutil.rmtree(folder, ignore_errors=True)


def remove_orphans() -> None:
    """Remove files without a row: interrupted uploads and deletions. Call it before requests are served."""
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
