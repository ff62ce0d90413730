"""Looking into uploaded files, in child processes: a hostile file can only kill its own child."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

from reading.binding import bind as bind_here
from reading.children import Children
from reading.document import Inspection
from reading.opening import inspect as inspect_here
from reading.opening import unlock as unlock_here
from reading.strip import strip as strip_here

SECONDS = 60
PROCESSES = 2
MEMORY_MB = 1536

_lock = threading.Lock()
_children: Children | None = None


def inspect(path: Path, *, max_pages: int) -> Inspection:
    """Kind and number of pages by the file's content; raises `reading.errors.CannotRead`."""
    inspection: Inspection = _pool().run(inspect_here, path, None, max_pages, timeout=SECONDS)
    return inspection


def unlock(path: Path, password: str, to: Path) -> None:
    """Write a copy that opens without a password."""
    _pool().run(unlock_here, path, password, to, timeout=SECONDS)


def bind(pictures: Sequence[Path], to: Path) -> int:
    """Make one PDF of several pictures; how many pages it has."""
    pages: int = _pool().run(bind_here, list(pictures), to, timeout=SECONDS)
    return pages


def strip(path: Path, numbers: Sequence[int], width: int) -> list[bytes]:
    """Pages of a PDF as small JPEGs."""
    pictures: list[bytes] = _pool().run(strip_here, path, list(numbers), width, timeout=SECONDS)
    return pictures


def _pool() -> Children:
    """Started with the first file, one for the whole process."""
    global _children
    with _lock:
        if _children is None:
            _children = Children(PROCESSES, memory_mb=MEMORY_MB)
        return _children
