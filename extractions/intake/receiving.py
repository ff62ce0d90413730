"""Receives uploads durably: once `receive` returns, the bytes survive a crash and a power cut."""

from __future__ import annotations

import contextlib
import errno
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from extractions.intake import inspection
from extractions.intake.file_names import clean_name
from extractions.models.provenance import Provenance
from extractions.storage import durable_files
from reading.document import Inspection, Kind
from reading.errors import (
    CannotRead,
    ChildDied,
    ChildOutOfMemory,
    ChildTimedOut,
    OutputTooLarge,
    PasswordNeeded,
    TooManyPages,
    WrongType,
)
from reading.parting import TurnedPage

EXTENSIONS = {Kind.PDF: ".pdf", Kind.PNG: ".png", Kind.JPEG: ".jpg"}
MEGABYTE = 1024 * 1024
BLOCK_BYTES = 256 * 1024
DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A durably stored document that no row references yet."""

    path: str
    """Relative to MEDIA_ROOT."""
    name: str
    sha256: str
    size: int
    mime: str
    page_count: int
    provenance: Provenance = field(default_factory=Provenance)


class Refused(Exception):
    """The file is rejected and nothing of it is kept.

    `reason` is one of: type, empty, damaged, password, size, pages, pixels, range, disk, timeout, memory, expired,
    quota, later, no_pages, parts_sent.
    `facts` has what a sentence about it needs, such as {"found": "Word"} or {"limit_mb": 50}.
    """

    def __init__(self, reason: str, **facts: object) -> None:
        super().__init__(reason, facts)
        self.reason = reason
        self.facts = facts


def receive(
    upload: UploadedFile[Any], *, password: str = "", first: int | None = None, last: int | None = None
) -> StoredFile:
    """Validate the upload by its content and store it; raises `Refused`."""
    with _paths(1) as (temporary,):
        sha256, size = _write(upload, temporary)
        seen = _inspect(temporary, password)
        if password:
            sha256, size = _measure(temporary)
        check_range(first, last, seen.pages)
        ending = EXTENSIONS[seen.kind]
        path = durable_files.keep(temporary, ending)
    return StoredFile(path, clean_name(upload.name or "", ending=ending), sha256, size, str(seen.kind), seen.pages)


def receive_photos(uploads: Sequence[UploadedFile[Any]], name: str) -> StoredFile:
    """Store several images as one PDF, in this order; raises `Refused`."""
    if sum(upload.size or 0 for upload in uploads) > settings.UPLOAD_MAX_BYTES:
        raise Refused("size", limit_mb=settings.UPLOAD_MAX_BYTES // MEGABYTE)
    with _paths(len(uploads) + 1) as (bound, *parts):
        for upload, part in zip(uploads, parts, strict=True):
            _write(upload, part)
        try:
            pages = inspection.bind(parts, bound, max_bytes=settings.UPLOAD_MAX_BYTES)
        except CannotRead as error:
            raise _refused(error) from error
        sha256, size = _measure(bound)
        path = durable_files.keep(bound, ".pdf")
    return StoredFile(path, clean_name(name, ending=".pdf"), sha256, size, str(Kind.PDF), pages)


def store_parts(
    document: Path, parts: Sequence[Sequence[TurnedPage]], names: Sequence[str], provenances: Sequence[Provenance]
) -> list[StoredFile]:
    """Store parts of a received PDF as files of their own; raises `Refused`."""
    with _paths(len(parts)) as targets:
        try:
            inspection.write_parts(document, parts, targets, max_bytes=settings.DRAFTS_MAX_BYTES)
        except CannotRead as error:
            raise _refused(error) from error
        measures = [_measure(target) for target in targets]
        paths = [durable_files.keep(target, ".pdf") for target in targets]
    return [
        StoredFile(path, clean_name(name, ending=".pdf"), sha256, size, str(Kind.PDF), len(part), provenance)
        for path, name, (sha256, size), part, provenance in zip(paths, names, measures, parts, provenances, strict=True)
    ]


def check_range(first: int | None, last: int | None, pages: int) -> None:
    """Raises `Refused` for an invalid page range."""
    start, end = first if first is not None else 1, last if last is not None else pages
    if not 1 <= start <= end <= pages:
        raise Refused("range", pages=pages, first=start, last=end)


def discard(stored: StoredFile) -> None:
    """Remove a received file that no row will reference."""
    (Path(settings.MEDIA_ROOT) / stored.path).unlink(missing_ok=True)


def _write(upload: UploadedFile[Any], to: Path) -> tuple[str, int]:
    """Copy the upload, at most UPLOAD_MAX_BYTES; SHA-256 and size."""
    digest, size = hashlib.sha256(), 0
    with to.open("wb") as file:
        for block in upload.chunks(BLOCK_BYTES):
            size += len(block)
            if size > settings.UPLOAD_MAX_BYTES:
                raise Refused("size", limit_mb=settings.UPLOAD_MAX_BYTES // MEGABYTE, size_mb=_megabytes(upload.size))
            digest.update(block)
            file.write(block)
    if not size:
        raise Refused("empty")
    return digest.hexdigest(), size


def _inspect(path: Path, password: str) -> Inspection:
    """Inspect the file. An encrypted one is replaced by its decrypted copy; the password is not kept."""
    limit = settings.UPLOAD_MAX_PAGES
    try:
        try:
            return inspection.inspect(path, max_pages=limit)
        except PasswordNeeded:
            if not password:
                raise
        unlocked = path.with_name(f"{path.name}.unlocked")
        try:
            inspection.unlock(path, password, unlocked)
            unlocked.rename(path)
        finally:
            unlocked.unlink(missing_ok=True)
        return inspection.inspect(path, max_pages=limit)
    except CannotRead as error:
        raise _refused(error) from error


def _refused(error: CannotRead) -> Refused:
    match error:
        case WrongType():
            return Refused("type", found=error.found)
        case PasswordNeeded():
            return Refused("password", tried=error.tried)
        case OutputTooLarge():
            return Refused("size", limit_mb=error.limit // MEGABYTE)
        case TooManyPages():
            return Refused("pages", pages=error.pages, limit=error.limit)
        case ChildTimedOut() | ChildOutOfMemory():
            return Refused(error.reason)
        case ChildDied():
            return Refused("damaged", how=error.reason)
    return Refused(error.reason if error.reason in {"empty", "pixels"} else "damaged")


@contextlib.contextmanager
def _paths(count: int) -> Iterator[list[Path]]:
    """Temporary paths, cleaned up afterwards; a full disk raises `Refused`."""
    paths = [durable_files.temporary_path() for _ in range(count)]
    try:
        yield paths
    except OSError as error:
        if error.errno in DISK_FULL:
            raise Refused("disk") from error
        raise
    finally:
        for path in paths:
            path.unlink(missing_ok=True)


def _measure(path: Path) -> tuple[str, int]:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size


def _megabytes(size: int | None) -> int | None:
    return None if size is None else -(-size // MEGABYTE)
