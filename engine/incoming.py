"""An upload on its way to the disk: counted and hashed as it comes, never whole in memory."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler


class IncomingFile(TemporaryUploadedFile):
    """A file in the folder for incoming ones, with the hash of its bytes."""

    sha256: str

    @property
    def path(self) -> Path:
        return Path(self.temporary_file_path())

    @property
    def too_large(self) -> bool:
        return bool((self.size or 0) > settings.ENGINE_MAX_UPLOAD)


class IncomingFileHandler(FileUploadHandler):
    """Writes to the disk up to the limit; what comes after it is counted and dropped."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        # Its name is the sender's, so it is no part of the name on the disk.
        self.file = IncomingFile("upload", self.content_type or "", 0, self.charset, self.content_type_extra)
        self.file.name = self.file_name
        self.hash = hashlib.sha256()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start + len(raw_data) <= settings.ENGINE_MAX_UPLOAD:
            self.file.write(raw_data)
            self.hash.update(raw_data)

    def file_complete(self, file_size: int) -> IncomingFile:
        self.file.seek(0)
        self.file.size = file_size
        self.file.sha256 = self.hash.hexdigest()
        return self.file

    def upload_interrupted(self) -> None:
        if hasattr(self, "file"):
            self.file.close()
