"""Threads that claim waiting documents, with fair turns between accounts.

There are as many threads as child processes, and one more that takes short documents while all others are busy with
long ones. Thus no number of long documents blocks a short one: all of them share the child processes in turn.
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

from engine.models import Account, Extract
from engine.processing import child_tasks, document_processing, files, page_distribution
from reading.errors import CannotRead, ModelMissing
from reading.sandbox import SandboxPool

log = logging.getLogger(__name__)

ready = threading.Event()
broken = threading.Event()
"""Set when the models cannot be loaded: the installation is broken, and waiting does not help."""
_arrivals = threading.Condition()
POLL_SECONDS = 2.0
"""Rows may also be written by another process, which notifies nobody here."""


def notify() -> None:
    """Wake the threads: a document has been queued."""
    with _arrivals:
        _arrivals.notify_all()


def claim_next(shorter_than: int | None = None) -> Extract | None:
    """Claim the oldest document of the account whose turn it is; `shorter_than` (pages) leaves out longer ones."""
    with transaction.atomic():
        account = Account.objects.in_fair_order(shorter_than).first()
        if account is None:
            return None
        extract = account.extracts.waiting(shorter_than).order_by("created_at", "id").first()
        if extract is None or not extract.claim():
            return None
        Account.objects.filter(pk=account.pk).update(last_turn_at=now())
    extract.refresh_from_db()
    return extract


def recover() -> None:
    """Requeue what was running when the engine stopped. Call it before any thread starts."""
    Extract.objects.running().update(claimed_at=None)


class Claims:
    """The documents that the threads of this process hold; orphaned claims are released."""

    def __init__(self) -> None:
        self._held: set[UUID] = set()
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def next(self, shorter_than: int | None = None) -> Iterator[Extract | None]:
        """Claim the next document and hold it for the duration of the block."""
        with self._lock:
            self._release_orphans()
            extract = claim_next(shorter_than)
            if extract is not None:
                self._held.add(extract.pk)
        try:
            yield extract
        finally:
            if extract is not None:
                with self._lock:
                    self._held.discard(extract.pk)

    def _release_orphans(self) -> None:
        orphans = Extract.objects.running().exclude(pk__in=self._held)
        if orphans.exists():  # an UPDATE would take the write lock each time
            log.warning("released %d orphaned claims", orphans.update(claimed_at=None))


class Dispatcher:
    """The threads and their child processes."""

    def __init__(self) -> None:
        size = settings.ENGINE_PROCESSES
        self.children = SandboxPool(
            size,
            memory_mb=settings.ENGINE_CHILD_MEMORY_MB,
            address_space_mb=settings.ENGINE_CHILD_ADDRESS_SPACE_MB,
            recycle_after=50,
        )
        self.stopping = threading.Event()
        self.long = LongDocumentGauge(size)
        self.claims = Claims()
        self.threads = [threading.Thread(target=self._serve, name=f"extract-{number}") for number in range(size)]
        self.threads.append(threading.Thread(target=self._serve, args=(True,), name="extract-short"))
        self.threads.append(threading.Thread(target=self._warm, name="warm"))

    def start(self) -> None:
        recover()
        for thread in self.threads:
            thread.start()

    def stop(self) -> None:
        """Stop at once; running documents are resumed at the next start."""
        self.stopping.set()
        self.children.close()
        notify()
        for thread in self.threads:
            thread.join()
        ready.clear()

    def _warm(self) -> None:
        try:
            seconds = settings.ENGINE_SECONDS_PER_DOCUMENT
            broken.clear()
            models, mode = files.models_folder(), settings.ENGINE_READING
            self.children.run(
                child_tasks.warm, models, mode, timeout=seconds, patience=document_processing.WALL_CLOCK_FACTOR
            )
            ready.set()
        except ModelMissing as error:
            broken.set()
            log.critical("documents cannot be read: %s", error)
        except (CannotRead, RuntimeError):
            if not self.stopping.is_set():
                log.exception("a child process could not be warmed up")

    def _serve(self, only_short: bool = False) -> None:
        while not self.stopping.is_set():
            try:
                close_old_connections()
                if not (self._serve_short() if only_short else self._serve_any()):
                    with _arrivals:
                        _arrivals.wait(POLL_SECONDS)
            except Exception:
                log.exception("a document could not be claimed or recorded; retrying")
                self.stopping.wait(POLL_SECONDS)
        connection.close()

    def _serve_any(self) -> bool:
        with self.claims.next() as extract:
            if extract is None:
                return False
            with self.long if extract.pages >= page_distribution.LONG_DOCUMENT_PAGES else contextlib.nullcontext():
                self._process(extract)
        return True

    def _serve_short(self) -> bool:
        if not self.long.occupy_all:
            return False
        with self.claims.next(page_distribution.LONG_DOCUMENT_PAGES) as extract:
            if extract is None:
                return False
            self._process(extract)
        return True

    def _process(self, extract: Extract) -> None:
        document_processing.process(extract, self.children, self.stopping)
        if not broken.is_set():
            ready.set()


class LongDocumentGauge:
    """Counts the threads that are busy with long documents."""

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
            notify()

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self.busy -= 1
