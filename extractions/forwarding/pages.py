"""Pages as pictures, made while the document is on its way, so that they are there when somebody looks."""

from __future__ import annotations

import logging
import threading
from functools import partial
from pathlib import Path

from django.conf import settings
from django.utils import timezone
from PIL import Image

from extractions import bell
from extractions.forwarding.times import span
from extractions.models import Extraction, PageImage
from reading.children import Children
from reading.errors import CannotRead
from reading.rendering import render_pages

WIDTH, THUMBNAIL_WIDTH, SHARP_WIDTH = 1400, 144, 3200
FOLDER = "pages"
# Pages that one document gets before others have their turn: what people see first comes first.
FIRST_TURN, TURN = 2, 20
SECONDS, SECONDS_A_PAGE = 20.0, 3.0
# How long somebody else leaves them alone when we do not come back.
LEASE = 300.0
PROCESSES = 2
MEMORY_MB = 1536

log = logging.getLogger(__name__)
_lock = threading.Lock()
_children: Children | None = None


def make_pages(extraction: Extraction) -> None:
    """Render the pages that the service was asked to read, the first one first; each is there as soon as it is done.

    A long document is drawn in turns, so that it does not keep the first page of the next one waiting.
    """
    rows = Extraction.objects.filter(pk=extraction.pk, pages_due_at=extraction.pages_due_at)
    until = timezone.now() + span(LEASE)
    if not rows.update(pages_due_at=until):
        return
    folder = _folder(extraction)
    have = set(extraction.pages.values_list("number", flat=True))
    first, last = extraction.pdf_page_start or 1, extraction.pdf_page_end or extraction.page_count
    missing = [number for number in range(first, last + 1) if number not in have]
    turn = missing[: TURN if have else FIRST_TURN]
    more = len(turn) < len(missing)
    try:
        if turn:
            _draw(extraction, turn, folder)
    except (CannotRead, FileNotFoundError) as error:
        # The service reads it, perhaps, all the same; only our picture of it is missing.
        log.warning("Pages of %s cannot be shown: %r", extraction.key, error)
        more = False
    next_turn = timezone.now() if more else None
    Extraction.objects.filter(pk=extraction.pk, pages_due_at=until).update(pages_due_at=next_turn)
    _forget_if_deleted(extraction, folder)
    if more:
        bell.ring()


def make_sharp(page: PageImage) -> None:
    """Render one page as it is seen from close by; somebody is waiting for it."""
    rows = PageImage.objects.filter(pk=page.pk, sharp_due_at=page.sharp_due_at)
    until = timezone.now() + span(LEASE)
    if not rows.update(sharp_due_at=until):
        return
    extraction = page.extraction
    folder = _folder(extraction)
    sharp = page.file.name
    try:
        drawing = partial(render_pages, ending="-sharp")
        document = Path(extraction.document.path)
        (path,) = _pool().run(drawing, document, [page.number], SHARP_WIDTH, folder, timeout=SECONDS)
        if _size(path)[0] > page.width:
            sharp = _stored(path)
        else:
            path.unlink()
    except (CannotRead, FileNotFoundError) as error:
        log.warning("Page %d of %s cannot be made sharp: %r", page.number, extraction.key, error)
    PageImage.objects.filter(pk=page.pk, sharp_due_at=until).update(sharp=sharp, sharp_due_at=None)
    _forget_if_deleted(extraction, folder)


def _draw(extraction: Extraction, numbers: list[int], folder: Path) -> None:
    def keep(path: Path) -> None:
        width, height = _size(path)
        small = path.with_stem(f"{path.stem}-small")
        page = PageImage(
            extraction=extraction,
            number=int(path.stem),
            file=_stored(path),
            small=_stored(small),
            width=width,
            height=height,
        )
        PageImage.objects.bulk_create([page], ignore_conflicts=True)

    drawing = partial(render_pages, thumbnail=THUMBNAIL_WIDTH)
    timeout = SECONDS + SECONDS_A_PAGE * len(numbers)
    _pool().run(drawing, Path(extraction.document.path), numbers, WIDTH, folder, timeout=timeout, on_event=keep)


def _folder(extraction: Extraction) -> Path:
    folder = Path(settings.MEDIA_ROOT) / FOLDER / extraction.key.hex[:2] / extraction.key.hex
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _stored(path: Path) -> str:
    return str(path.relative_to(settings.MEDIA_ROOT))


def _size(path: Path) -> tuple[int, int]:
    with Image.open(path) as image:
        return image.size


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
