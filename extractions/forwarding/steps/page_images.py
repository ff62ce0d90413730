"""Renders pages to images while the document is being processed, so that they are ready for the viewer."""

from __future__ import annotations

import logging
import threading
from datetime import datetime
from functools import partial
from pathlib import Path

from django.conf import settings
from PIL import Image

from extractions import clock, wakeup
from extractions.forwarding.time_scale import span
from extractions.models import Extraction, PageImage
from extractions.storage import file_store
from extractions.storage.file_store import StoreUnavailable
from reading.errors import CannotRead
from reading.rendering import render_pages
from reading.sandbox import SandboxPool

WIDTH, THUMBNAIL_WIDTH, SHARP_WIDTH = 1400, 144, 3200
FOLDER = "pages"
# Pages rendered per turn, fewer in the first, so that first pages appear soon.
FIRST_TURN, TURN = 2, 20
SECONDS, SECONDS_PER_PAGE = 20.0, 3.0
# Seconds until another worker may take over.
LEASE = 300.0
STORE_RETRY = 5.0
PROCESSES = 2
MEMORY_MB = 1536

log = logging.getLogger(__name__)
_lock = threading.Lock()
_children: SandboxPool | None = None


def make_pages(extraction: Extraction) -> None:
    """Render the requested pages in order; each is stored as soon as it is done.

    Long documents are rendered in turns, so that they do not delay the first page of the next one.
    """
    rows = Extraction.objects.filter(pk=extraction.pk, pages_due_at=extraction.pages_due_at)
    if extraction.original_erased_at:
        rows.update(pages_due_at=None)
        return
    until = clock.now() + span(LEASE)
    if not rows.update(pages_due_at=until):
        return
    have = set(extraction.pages.values_list("number", flat=True))
    first, last = extraction.pdf_page_start or 1, extraction.pdf_page_end or extraction.page_count
    missing = [number for number in range(first, last + 1) if number not in have]
    turn = missing[: TURN if have else FIRST_TURN]
    more = len(turn) < len(missing)
    try:
        folder = _folder(extraction)
        if turn:
            _render(extraction, turn, folder)
    except (CannotRead, OSError, StoreUnavailable) as error:
        if not file_store.is_reachable():
            Extraction.objects.filter(pk=extraction.pk, pages_due_at=until).update(pages_due_at=_store_retry_at())
            return
        # Not fatal: the service may still read the document.
        log.warning("Pages of %s cannot be shown: %r", extraction.key, error)
        more = False
    next_turn = clock.now() if more else None
    Extraction.objects.filter(pk=extraction.pk, pages_due_at=until).update(pages_due_at=next_turn)
    _discard_if_deleted(extraction)
    if more:
        wakeup.notify_workers()


def make_sharp(page: PageImage) -> None:
    """Render one page at `SHARP_WIDTH`, for a user who has zoomed in."""
    rows = PageImage.objects.filter(pk=page.pk, sharp_due_at=page.sharp_due_at)
    until = clock.now() + span(LEASE)
    if not rows.update(sharp_due_at=until):
        return
    extraction = page.extraction
    sharp = page.file.name
    try:
        folder = _folder(extraction)
        drawing = partial(render_pages, ending="-sharp")
        document = Path(extraction.document.path)
        (path,) = _pool().run(drawing, document, [page.number], SHARP_WIDTH, folder, timeout=SECONDS)
        if _size(path)[0] > page.width:
            sharp = _relative_name(path)
        else:
            path.unlink()
    except (CannotRead, OSError, StoreUnavailable) as error:
        if not file_store.is_reachable():
            PageImage.objects.filter(pk=page.pk, sharp_due_at=until).update(sharp_due_at=_store_retry_at())
            return
        log.warning("Page %d of %s cannot be made sharp: %r", page.number, extraction.key, error)
    PageImage.objects.filter(pk=page.pk, sharp_due_at=until).update(sharp=sharp, sharp_due_at=None)
    _discard_if_deleted(extraction)


def _store_retry_at() -> datetime:
    """When to retry while the store is unreachable; that says nothing about the document."""
    return clock.now() + span(STORE_RETRY)


def _render(extraction: Extraction, numbers: list[int], folder: Path) -> None:
    def keep(path: Path) -> None:
        width, height = _size(path)
        small = path.with_stem(f"{path.stem}-small")
        page = PageImage(
            extraction=extraction,
            number=int(path.stem),
            file=_relative_name(path),
            small=_relative_name(small),
            width=width,
            height=height,
        )
        PageImage.objects.bulk_create([page], ignore_conflicts=True)

    drawing = partial(render_pages, thumbnail=THUMBNAIL_WIDTH)
    timeout = SECONDS + SECONDS_PER_PAGE * len(numbers)
    _pool().run(drawing, Path(extraction.document.path), numbers, WIDTH, folder, timeout=timeout, on_event=keep)


def _folder(extraction: Extraction) -> Path:
    return file_store.make_folder(f"{FOLDER}/{extraction.key.hex[:2]}/{extraction.key.hex}")


def _relative_name(path: Path) -> str:
    return str(path.relative_to(settings.MEDIA_ROOT))


def _size(path: Path) -> tuple[int, int]:
    with Image.open(path) as image:
        return image.size


def close() -> None:
    """Stop the child processes; a running call fails."""
    global _children
    with _lock:
        if _children is not None:
            _children.close()
            _children = None


def _discard_if_deleted(extraction: Extraction) -> None:
    """Clean up if the document was deleted while its pages were rendered."""
    if Extraction.objects.filter(pk=extraction.pk).with_original().exists():
        return
    PageImage.objects.filter(extraction=extraction.pk).delete()
    for path in _folder(extraction).iterdir():
        path.unlink(missing_ok=True)


def _pool() -> SandboxPool:
    global _children
    with _lock:
        if _children is None:
            _children = SandboxPool(PROCESSES, memory_mb=MEMORY_MB)
        return _children
