"""The file store: whether it is mounted, and whether it belongs to this portal.

A network or secondary disk can vanish for seconds or be mounted late at boot, leaving an empty directory in its place.
Two marker files identify the real store: one in DATA_DIR, one beside the documents. Each holds the installation's token
and a counter that is also in the database (see `forwarding.steps.witness`).
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from django.conf import settings

from extractions.models import Extraction, Installation

HOME_MARKER = "installation.json"
STORE_FOLDER = "documents"
STORE_MARKER = f"{STORE_FOLDER}/.store.json"
MARKER_BYTES = 512
SAMPLED = 50  # latest documents checked before a store without a marker is adopted


class StoreUnavailable(Exception):
    """The store is not mounted, or is not this portal's: do not read or write."""


@dataclass(frozen=True, slots=True)
class Marker:
    """Content of a marker file. The database holds either `nonce` or `previous`."""

    token: str = ""
    highest: int = 0
    """Primary key of the last send attempt; kept up to date in DATA_DIR only."""
    number: int = 0
    nonce: str = ""
    previous: str = ""


@dataclass(frozen=True, slots=True)
class MarkerFile:
    """A marker file that could be opened; `marker` is None if it cannot be parsed."""

    marker: Marker | None
    inode: str


def home_marker() -> Path:
    return Path(settings.DATA_DIR) / HOME_MARKER


def store_marker() -> Path:
    return Path(settings.MEDIA_ROOT) / STORE_MARKER


def is_reachable() -> bool:
    """Whether the store is mounted and is the one that the database knows."""
    rows = Installation.objects.order_by().values_list("token", "number", "store_inode")[:1]
    token, number, inode = next(iter(rows), (None, 0, ""))
    if not number:
        # No markers yet: the first worker writes them.
        return Path(settings.MEDIA_ROOT).is_dir()
    found = find(store_marker())
    if found is None or found.marker is None:
        return False
    return found.marker.token == str(token) and found.inode == inode


def require() -> None:
    """Raise `StoreUnavailable` unless the store is reachable."""
    if not is_reachable():
        raise StoreUnavailable


@contextlib.contextmanager
def required() -> Iterator[None]:
    """Check before and after; an OSError in between becomes `StoreUnavailable` if the store has vanished."""
    require()
    try:
        yield
    except OSError as error:
        if not is_reachable():
            raise StoreUnavailable(str(error)) from error
        raise
    require()


def make_folder(relative: str) -> Path:
    """Create a folder below MEDIA_ROOT, but never MEDIA_ROOT itself: below an unmounted path it would look valid."""
    require()
    folder = Path(settings.MEDIA_ROOT)
    for part in Path(relative).parts:
        folder /= part
        folder.mkdir(exist_ok=True)
    return folder


def has_known_documents() -> bool:
    """Whether at least one of the latest documents has its file here, or there are no documents at all."""
    names = Extraction.objects.exclude(document="").order_by("-pk").values_list("document", flat=True)[:SAMPLED]
    return not names or any((Path(settings.MEDIA_ROOT) / name).is_file() for name in names)


def find(path: Path) -> MarkerFile | None:
    """None if the file cannot be opened for any reason (ENOENT, EIO, ESTALE, ENOTCONN, EACCES)."""
    try:
        with opened(path, os.O_RDONLY) as descriptor:
            return MarkerFile(read(descriptor), inode_of(descriptor))
    except OSError:
        return None


@contextlib.contextmanager
def opened(path: Path, flags: int) -> Iterator[int]:
    descriptor = os.open(path, flags | os.O_CLOEXEC, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def read(descriptor: int) -> Marker | None:
    """None for a new or invalid marker."""
    try:
        content = json.loads(os.pread(descriptor, MARKER_BYTES, 0))
        known = {field.name: content[field.name] for field in fields(Marker) if field.name in content}
        marker = Marker(**known)
        return Marker(str(marker.token), int(marker.highest), int(marker.number), marker.nonce, marker.previous)
    except (ValueError, KeyError, TypeError):
        return None


def write(descriptor: int, marker: Marker) -> None:
    """In place, to keep the inode; in one fixed-length write, so that no reader sees a partial marker."""
    text = json.dumps(asdict(marker))
    os.pwrite(descriptor, f"{text:<{MARKER_BYTES - 1}}\n".encode(), 0)


def inode_of(descriptor: int) -> str:
    return str(os.fstat(descriptor).st_ino)
