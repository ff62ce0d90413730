"""Where backups lie: a folder with many of them that share their files, or one tar file with one backup.

    objects/ab/ab12…           a file, named by its SHA-256
    20261130T143000Z/          a backup
        manifest.json          what it has: counts and digests of tables, hashes of everything
        manifest.sha256        the hash of the manifest, as `sha256sum` writes it
        rows/TABLE.jsonl.gz    the rows of a table
        files.jsonl.gz         the path, hash, size and time of each file
        keys.sealed            the keys, where they are part of it

A backup gets its name when everything is on the disk. What has another name was never finished, and nothing that is
finished is ever changed, so one that is interrupted harms none.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import tarfile
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Protocol

OBJECTS, UNFINISHED = "objects", ".unfinished"
MANIFEST, MANIFEST_HASH = "manifest.json", "manifest.sha256"
NAME = re.compile(r"\d{8}T\d{6}Z")
CHUNK = 1024 * 1024


class Unusable(Exception):
    """The sentence says why the place has no backup, or cannot take one."""


class Busy(Unusable):
    """Another backup is being taken there."""


class Source(Protocol):
    """One backup, to read from. `open` raises `FileNotFoundError` for what it lacks."""

    name: str

    def open(self, name: str) -> IO[bytes]: ...

    def open_object(self, digest: str) -> IO[bytes]: ...


def object_name(digest: str) -> str:
    return f"{OBJECTS}/{digest[:2]}/{digest}"


class FolderSource:
    def __init__(self, root: Path, name: str) -> None:
        self.root, self.name = root, name

    def open(self, name: str) -> IO[bytes]:
        return (self.root / self.name / name).open("rb")

    def open_object(self, digest: str) -> IO[bytes]:
        return (self.root / object_name(digest)).open("rb")


class TarSource:
    def __init__(self, path: Path) -> None:
        try:
            self._tar = tarfile.open(path)  # noqa: SIM115 - open as long as it is read from
            self._members = {member.name: member for member in self._tar.getmembers() if member.isfile()}
        except tarfile.TarError as error:
            raise Unusable(f"{path} is no complete tar file: {error}.") from error
        self.name = next((name.split("/")[0] for name in self._members if name.endswith(f"/{MANIFEST}")), "")
        if not NAME.fullmatch(self.name):
            raise Unusable(f"{path} has no backup in it.")

    def open(self, name: str) -> IO[bytes]:
        return self._file(f"{self.name}/{name}")

    def open_object(self, digest: str) -> IO[bytes]:
        return self._file(object_name(digest))

    def _file(self, name: str) -> IO[bytes]:
        member = self._members.get(name)
        file = self._tar.extractfile(member) if member else None
        if file is None:
            raise FileNotFoundError(name)
        return file


def is_tar(place: Path) -> bool:
    return place.suffix == ".tar"


def open_source(place: Path, name: str = "") -> Source:
    """The backup of this name, or the newest; raises `Unusable`."""
    if not place.exists():
        raise Unusable(f"{place} does not exist.")
    if is_tar(place):
        return TarSource(place)
    there = names(place)
    if not there:
        raise Unusable(f"{place} has no finished backup.")
    if name and name not in there:
        raise Unusable(f"{place} has no backup {name}. It has {', '.join(there)}.")
    return FolderSource(place, name or there[-1])


def names(place: Path) -> list[str]:
    """The finished backups of a folder, oldest first."""
    return sorted(entry.name for entry in place.iterdir() if NAME.fullmatch(entry.name))


class FolderTarget:
    """A folder that a backup is written to. Use as a context manager; nothing counts before `finish`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.work = root / UNFINISHED

    @contextlib.contextmanager
    def opened(self) -> Iterator[FolderTarget]:
        with contextlib.suppress(FileExistsError):
            self.root.mkdir(mode=0o700)
        with (self.root / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise Busy(f"Another backup to {self.root} is running.") from error
            shutil.rmtree(self.work, ignore_errors=True)
            (self.work / "rows").mkdir(parents=True, mode=0o700)
            (self.root / OBJECTS).mkdir(mode=0o700, exist_ok=True)
            yield self

    def add(self, path: Path) -> str:
        """Copies the file, unless it is there already; its digest."""
        draft = self.work / f"object-{uuid.uuid4().hex}"
        with path.open("rb") as source, draft.open("wb") as copy:
            digest = copy_hashing(source, copy)
        final = self.root / object_name(digest)
        if final.exists() and final.stat().st_size == draft.stat().st_size:
            draft.unlink()
            return digest
        final.parent.mkdir(mode=0o700, exist_ok=True)
        sync(draft)
        draft.replace(final)
        sync(final.parent)
        return digest

    def has(self, digest: str, size: int) -> bool:
        path = self.root / object_name(digest)
        return path.exists() and path.stat().st_size == size

    def finish(self) -> str:
        for path in [*self.work.rglob("*"), self.work, self.root / OBJECTS]:
            sync(path)
        name = _new_name(names(self.root))
        self.work.rename(self.root / name)
        sync(self.root)
        return name


class TarTarget:
    """One file with everything; it gets its name when it is complete."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.draft = path.with_name(f".{path.name}.unfinished")
        self.work = path.with_name(f".{path.name}.work")
        self._added: set[str] = set()

    @contextlib.contextmanager
    def opened(self) -> Iterator[TarTarget]:
        shutil.rmtree(self.work, ignore_errors=True)
        (self.work / "rows").mkdir(parents=True, mode=0o700)
        try:
            with tarfile.open(self.draft, "w") as self._tar:
                yield self
        finally:
            shutil.rmtree(self.work, ignore_errors=True)
            self.draft.unlink(missing_ok=True)

    def add(self, path: Path) -> str:
        """A copy first, so that what is hashed is what is added."""
        draft = self.work / f"object-{uuid.uuid4().hex}"
        with path.open("rb") as source, draft.open("wb") as copy:
            digest = copy_hashing(source, copy)
        if digest not in self._added:
            self._tar.add(draft, object_name(digest))
            self._added.add(digest)
        draft.unlink()
        return digest

    def has(self, digest: str, size: int) -> bool:
        return digest in self._added

    def finish(self) -> str:
        name = _new_name([])
        self._tar.add(self.work, name)
        self._tar.close()
        sync(self.draft)
        self.draft.replace(self.path)
        sync(self.path.parent)
        return name


Target = FolderTarget | TarTarget


def open_target(place: Path) -> Target:
    """Its parent has to exist: on a disk that is not mounted, a new folder would look like a backup."""
    if not place.parent.is_dir():
        raise Unusable(f"{place.parent} does not exist. Is the disk mounted?")
    if is_tar(place):
        return TarTarget(place)
    if place.exists() and not place.is_dir():
        raise Unusable(f"{place} is neither a folder nor called .tar.")
    return FolderTarget(place)


def copy_hashing(source: IO[bytes], target: IO[bytes] | None = None) -> str:
    """The SHA-256 of what is read, which is written to `target` as well."""
    digest = hashlib.sha256()
    while chunk := source.read(CHUNK):
        digest.update(chunk)
        if target is not None:
            target.write(chunk)
    return digest.hexdigest()


def sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _new_name(taken: list[str]) -> str:
    name = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    if name in taken:
        raise Unusable("A backup of this very second is there already.")
    return name
