"""Inspects uploaded files in sandboxed child processes: a malicious file can only kill its child."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

from reading.binding import bind as bind_here
from reading.document import Inspection
from reading.errors import CannotRead, Damaged
from reading.mail import Attachments, attachments
from reading.opening import MAX_PIXELS
from reading.opening import inspect as inspect_here
from reading.opening import unlock as unlock_here
from reading.parting import TurnedPage
from reading.parting import write_parts as write_parts_here
from reading.sandbox import SandboxPool
from reading.thumbnails import render_thumbnails

TIMEOUT_SECONDS = 60
PROCESSES = 2
MEMORY_MB = 1536
CALLS_PER_PROCESS = 500
"""Calls after which a child is replaced; starting one costs as much as hundreds of calls."""

_lock = threading.Lock()
_children: SandboxPool | None = None


def inspect(path: Path, *, max_pages: int) -> Inspection:
    """Type and page count from the file's content; raises `reading.errors.CannotRead`."""
    inspection: Inspection = _pool().run(inspect_here, path, None, max_pages, timeout=TIMEOUT_SECONDS)
    return inspection


def unlock(path: Path, password: str, to: Path) -> None:
    """Write a decrypted copy."""
    _pool().run(unlock_here, path, password, to, timeout=TIMEOUT_SECONDS)


def bind(pictures: Sequence[Path], to: Path, *, max_bytes: int) -> int:
    """Combine images into one PDF; returns its page count."""
    pages: int = _pool().run(bind_here, list(pictures), to, MAX_PIXELS, max_bytes, timeout=TIMEOUT_SECONDS)
    return pages


def strip(path: Path, numbers: Sequence[int], width: int) -> list[bytes]:
    """Pages of a PDF as JPEG thumbnails, `width` in pixels."""
    pictures: list[bytes] = _pool().run(render_thumbnails, path, list(numbers), width, timeout=TIMEOUT_SECONDS)
    return pictures


def write_parts(path: Path, parts: Sequence[Sequence[TurnedPage]], targets: Sequence[Path], *, max_bytes: int) -> None:
    """Write parts of a PDF as files of their own."""
    _pool().run(write_parts_here, path, parts, list(targets), max_bytes, timeout=TIMEOUT_SECONDS)


def open_mail(path: Path, to: Path) -> Attachments:
    """Take attachments out of a mail, into the folder `to`; raises `reading.errors.CannotRead`."""
    try:
        found: Attachments = _pool().run(attachments, path, to, timeout=TIMEOUT_SECONDS)
    except (CannotRead, OSError):
        raise
    except Exception as error:  # whatever a crafted mail makes the parser raise
        raise Damaged from error
    return found


def _pool() -> SandboxPool:
    """The process-wide pool, started on first use."""
    global _children
    with _lock:
        if _children is None:
            _children = SandboxPool(PROCESSES, memory_mb=MEMORY_MB, recycle_after=CALLS_PER_PROCESS)
        return _children
