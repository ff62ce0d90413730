"""Threads that take waiting documents, one after the other and by turns between the accounts.

There are as many as children, and one more that takes short documents while all others are busy with long ones, so that
no number of long documents makes a short one wait till they are done: all of them share the children by turns.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Iterator
from uuid import UUID

from django.conf import settings
from django.db import close_old_connections, connection, transaction
from django.utils.timezone import now

from engine import files, paging, processing, work
from engine.models import Account, Extract
from reading.children import Children
from reading.errors import CannotRead, ModelMissing

log = logging.getLogger(__name__)

ready = threading.Event()
broken = threading.Event()
"""Set when the models cannot be loaded: the installation is at fault, and waiting does not help."""
_news = threading.Condition()
PATIENCE = 2.0
"""Seconds after which to look even if nobody called: another process may have written a row."""


def wake() -> None:
    """Say that a document has come."""
    with _news:
        _news.notify_all()


def claim_next(shorter_than: int | None = None) -> Extract | None:
    """The oldest document of the account whose turn it is; of those with fewer pages only, if so asked."""
    with transaction.atomic():
        account = Account.objects.by_turn(shorter_than).first()
        if account is None:
            return None
        extract = account.extracts.waiting(shorter_than).order_by("created_at", "id").first()
        if extract is None or not extract.claim():
            return None
        Account.objects.filter(pk=account.pk).update(last_turn_at=now())
    extract.refresh_from_db()
    return extract


def recover() -> None:
    """Put back what was under way when the engine stopped. Only before any thread runs."""
    Extract.objects.running().update(claimed_at=None)


class Claims:
    """Which documents the threads of this process have in hand; a claim that none of them holds is given back."""

    def __init__(self) -> None:
        self._held: set[UUID] = set()
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def next(self, shorter_than: int | None = None) -> Iterator[Extract | None]:
        """The next document, for as long as the block lasts."""
        with self._lock:
            self._give_back()
            extract = claim_next(shorter_than)
            if extract is not None:
                self._held.add(extract.pk)
        try:
            yield extract
        finally:
            if extract is not None:
                with self._lock:
                    self._held.discard(extract.pk)

    def _give_back(self) -> None:
        lost = Extract.objects.running().exclude(pk__in=self._held)
        if lost.exists():  # so that usually nothing is written
            log.warning("%d documents that nobody reads any more are given back", lost.update(claimed_at=None))


class Dispatcher:
    """The threads and their children."""

    def __init__(self) -> None:
        size = settings.ENGINE_PROCESSES
        self.children = Children(size, memory_mb=settings.ENGINE_CHILD_MEMORY_MB, recycle_after=50)
        self.stopping = threading.Event()
        self.long = LongDocuments(size)
        self.claims = Claims()
        self.threads = [threading.Thread(target=self._serve, name=f"extract-{number}") for number in range(size)]
        self.threads.append(threading.Thread(target=self._serve, args=(True,), name="extract-short"))
        self.threads.append(threading.Thread(target=self._warm, name="warm"))

    def start(self) -> None:
        recover()
        for thread in self.threads:
            thread.start()

    def stop(self) -> None:
        """Stop at once; what is under way waits for the next start."""
        self.stopping.set()
        self.children.close()
        wake()
        for thread in self.threads:
            thread.join()
        ready.clear()

    def _warm(self) -> None:
        try:
            seconds = settings.ENGINE_SECONDS_PER_DOCUMENT
            broken.clear()
            models, mode = files.models_folder(), settings.ENGINE_READING
            self.children.run(work.warm, models, mode, timeout=seconds, patience=processing.PATIENCE)
            ready.set()
        except ModelMissing as error:
            broken.set()
            log.critical("documents cannot be read: %s", error)
        except (CannotRead, RuntimeError):
            if not self.stopping.is_set():
                log.exception("a child could not be made ready")

    def _serve(self, only_short: bool = False) -> None:
        while not self.stopping.is_set():
            try:
                close_old_connections()
                if not (self._serve_short() if only_short else self._serve_one()):
                    with _news:
                        _news.wait(PATIENCE)
            except Exception:
                log.exception("a document could not be taken or written; trying again")
                self.stopping.wait(PATIENCE)
        connection.close()

    def _serve_one(self) -> bool:
        with self.claims.next() as extract:
            if extract is None:
                return False
            with self.long if extract.pages >= paging.LONG else contextlib.nullcontext():
                self._process(extract)
        return True

    def _serve_short(self) -> bool:
        if not self.long.occupy_all:
            return False
        with self.claims.next(paging.LONG) as extract:
            if extract is None:
                return False
            self._process(extract)
        return True

    def _process(self, extract: Extract) -> None:
        processing.process(extract, self.children, self.stopping)
        if not broken.is_set():
            ready.set()


class LongDocuments:
    """How many threads are busy with one."""

    def __init__(self, threads: int) -> None:
        self.threads, self.busy = threads, 0
        self._lock = threading.Lock()

    @property
    def occupy_all(self) -> bool:
        return self.busy >= self.threads

    def __enter__(self) -> None:
        with self._lock:
            self.busy += 1
        if self.occupy_all:
            wake()

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self.busy -= 1
