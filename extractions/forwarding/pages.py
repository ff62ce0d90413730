"""Pages as pictures, made while the document is on its way, so that they are there when somebody looks."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from django.conf import settings
from django.utils import timezone
from PIL import Image

from extractions.forwarding.times import span
from extractions.models import Extraction, PageImage
from reading.children import Children
from reading.errors import CannotRead
from reading.rendering import render_pages

WIDTH = 1400
FOLDER = "pages"
SECONDS, SECONDS_A_PAGE = 20.0, 3.0
# How long somebody else leaves them alone when we do not come back.
LEASE = 900.0
PROCESSES = 1
MEMORY_MB = 1536

log = logging.getLogger(__name__)
_lock = threading.Lock()
_children: Children | None = None


def make_pages(extraction: Extraction) -> None:
    """Render the pages that the service was asked to read, the first one first; each is there as soon as it is done."""
    rows = Extraction.objects.filter(pk=extraction.pk, pages_due_at=extraction.pages_due_at)
    until = timezone.now() + span(LEASE)
    if not rows.update(pages_due_at=until):
        return
    folder = Path(settings.MEDIA_ROOT) / FOLDER / extraction.key.hex[:2] / extraction.key.hex
    folder.mkdir(parents=True, exist_ok=True)
    have = set(extraction.pages.values_list("number", flat=True))
    first, last = extraction.pdf_page_start or 1, extraction.pdf_page_end or extraction.page_count
    numbers = [number for number in range(first, last + 1) if number not in have]

    def keep(path: Path) -> None:
        with Image.open(path) as image:
            width, height = image.size
        relative = path.relative_to(settings.MEDIA_ROOT)
        page = PageImage(extraction=extraction, number=int(path.stem), file=str(relative), width=width, height=height)
        PageImage.objects.bulk_create([page], ignore_conflicts=True)

    try:
        timeout = SECONDS + SECONDS_A_PAGE * len(numbers)
        document = Path(extraction.document.path)
        if numbers:
            _pool().run(render_pages, document, numbers, WIDTH, folder, timeout=timeout, on_event=keep)
    except (CannotRead, FileNotFoundError) as error:
        # The service reads it, perhaps, all the same; only our picture of it is missing.
        log.warning("Pages of %s cannot be shown: %r", extraction.key, error)
    Extraction.objects.filter(pk=extraction.pk, pages_due_at=until).update(pages_due_at=None)
    _forget_if_deleted(extraction, folder)


def close() -> None:
    """End the children; a call that is under way fails."""
    global _children
    with _lock:
        if _children is not None:
            _children.close()
            _children = None


def _forget_if_deleted(extraction: Extraction, folder: Path) -> None:
    """Somebody deleted the document while its pages were made."""
    if Extraction.objects.filter(pk=extraction.pk, deleted_at__isnull=True).exists():
        return
    PageImage.objects.filter(extraction=extraction.pk).delete()
    for path in folder.iterdir():
        path.unlink(missing_ok=True)


def _pool() -> Children:
    global _children
    with _lock:
        if _children is None:
            _children = Children(PROCESSES, memory_mb=MEMORY_MB)
        return _children
