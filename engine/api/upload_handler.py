"""Streams uploads to the disk, counted and hashed as they arrive and never held in memory."""

from __future__ import annotations

import hashlib
from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler

from engine.processing.uploaded_file import UploadedDocument


class DocumentUploadHandler(FileUploadHandler):
    """Writes up to the size limit; what comes after it is counted and dropped."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        # The client chose the name, so it must not become part of a path on the disk.
        self.file = UploadedDocument("upload", self.content_type or "", 0, self.charset, self.content_type_extra)
        self.file.name = self.file_name
        self.hash = hashlib.sha256()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start + len(raw_data) <= settings.ENGINE_MAX_UPLOAD:
            self.file.write(raw_data)
            self.hash.update(raw_data)

    def file_complete(self, file_size: int) -> UploadedDocument:
        self.file.seek(0)
        self.file.size = file_size
        self.file.sha256 = self.hash.hexdigest()
        return self.file

    def upload_interrupted(self) -> None:
        if hasattr(self, "file"):
            self.file.close()
