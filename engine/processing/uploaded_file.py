"""A document on its way to the disk, before it belongs to an extract."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile


class UploadedDocument(TemporaryUploadedFile):
    """A file in FILE_UPLOAD_TEMP_DIR with the SHA-256 of its bytes as hexadecimal digits."""

    sha256: str

    @property
    def path(self) -> Path:
        return Path(self.temporary_file_path())

    @property
    def too_large(self) -> bool:
        return bool((self.size or 0) > settings.ENGINE_MAX_UPLOAD)
