"""The upload as a stream of known length whose last bytes are withheld until the gate opens."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import BinaryIO, ClassVar

HELD_BACK_BYTES = 1024
BLOCK_BYTES = 64 * 1024
MAX_STEM_LENGTH = 40
EXTENSIONS = {"application/pdf": ".pdf", "image/png": ".png", "image/jpeg": ".jpg"}


class OriginalChanged(Exception):
    """The file cannot be read, or its content differs from what was received."""


@dataclass(frozen=True, slots=True)
class UploadRequest:
    """A document and its processing options."""

    path: Path
    name: str
    mime: str
    size: int
    sha256: str
    key: str
    server: str
    schema: str | None = None
    classifier: str | None = None
    metadata: dict[str, object] = field(default_factory=dict)
    page_start: int | None = None
    page_end: int | None = None
    propose: bool = False
    """Whether the embedded engine proposes fields for a schema."""

    file_field: ClassVar[str] = "document"

    @property
    def query(self) -> dict[str, int]:
        pages = {"pdf_page_start": self.page_start, "pdf_page_end": self.page_end}
        return {name: page for name, page in pages.items() if page is not None}

    @property
    def sent_name(self) -> str:
        """Contains the key, so that a search by name finds it; the stem is short because the service may truncate."""
        ending = EXTENSIONS.get(self.mime, Path(self.name).suffix)
        stem = Path(self.name).stem[:MAX_STEM_LENGTH].strip(" .")
        return f"{stem}.{self.key}{ending}"

    def fields(self) -> list[tuple[str, str]]:
        fields = [("metadata", json.dumps(self.metadata | {"portal_key": self.key}, ensure_ascii=False))]
        fields += [("server", self.server)]
        fields += [("schema", self.schema)] if self.schema else []
        fields += [("classifier", self.classifier)] if self.classifier else []
        fields += [("x_propose", "true")] if self.propose else []
        return fields


@dataclass(frozen=True, slots=True)
class StoredDocument(UploadRequest):
    """The same as API v0 takes it: the file and its own metadata alone."""

    file_field: ClassVar[str] = "file"

    @classmethod
    def of(cls, document: UploadRequest) -> StoredDocument:
        return cls(**{item.name: getattr(document, item.name) for item in fields(document)})

    def fields(self) -> list[tuple[str, str]]:
        metadata = json.dumps(self.metadata | {"portal_key": self.key}, ensure_ascii=False)
        return [("filename", self.sent_name), ("metadata", metadata)]


class GatedMultipartBody:
    """A multipart body. Until its last bytes arrive, the service has no complete document.

    `checkpoint` is called before every block and may raise to abort. `gate` is called once, when all but the last bytes
    are sent, and raises to withhold them. Once `released` is set, only the service knows the outcome.
    """

    def __init__(
        self, document: UploadRequest, *, checkpoint: Callable[[], object], gate: Callable[[], object]
    ) -> None:
        self._document = document
        self._checkpoint, self._gate = checkpoint, gate
        self._boundary = secrets.token_hex(16)
        self._opening = self._text_parts() + self._file_header()
        self._closing = f"\r\n--{self._boundary}--\r\n".encode()
        self.released = False

    @property
    def content_type(self) -> str:
        return f"multipart/form-data; boundary={self._boundary}"

    def __len__(self) -> int:
        return len(self._opening) + self._document.size + len(self._closing)

    def __iter__(self) -> Iterator[bytes]:
        try:
            file = self._document.path.open("rb")
        except OSError as error:
            raise OriginalChanged(f"the file cannot be opened: {error.strerror}") from error
        with file:
            yield self._opening
            digest = hashlib.sha256()
            for block in self._all_but_the_end(file):
                digest.update(block)
                yield block
            end = _read(file)
            digest.update(end)
            if digest.hexdigest() != self._document.sha256:
                raise OriginalChanged("the file is not the one that was received")
            self._gate()
            self.released = True
            yield end + self._closing

    def _all_but_the_end(self, file: BinaryIO) -> Iterator[bytes]:
        left = self._document.size - HELD_BACK_BYTES
        while left > 0:
            self._checkpoint()
            block = _read(file, min(BLOCK_BYTES, left))
            if not block:
                raise OriginalChanged("the file is too short")
            left -= len(block)
            yield block
        self._checkpoint()

    def _text_parts(self) -> bytes:
        return b"".join(
            f'--{self._boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in self._document.fields()
        )

    def _file_header(self) -> bytes:
        # Escaped as browsers do (WHATWG form submission).
        name = self._document.sent_name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
        return (
            f"--{self._boundary}\r\n"
            f'Content-Disposition: form-data; name="{self._document.file_field}"; filename="{name}"\r\n'
            f"Content-Type: {self._document.mime}\r\n\r\n"
        ).encode()


def _read(file: BinaryIO, size: int = -1) -> bytes:
    """Keep disk errors apart from network errors, or they would be blamed on the service."""
    try:
        return file.read(size)
    except OSError as error:
        raise OriginalChanged(f"the file cannot be read: {error.strerror}") from error
