"""Threads that take waiting documents, one after the other and by turns between the accounts."""

from __future__ import annotations

import logging
import threading

from django.conf import settings
from django.db import close_old_connections, connection, transaction
from django.utils.timezone import now

from engine import files, processing, work
from engine.models import Account, Extract
from reading.children import Children
from reading.errors import CannotRead

log = logging.getLogger(__name__)

ready = threading.Event()
_news = threading.Condition()
PATIENCE = 2.0
"""Seconds after which to look even if nobody called: another process may have written a row."""


def wake() -> None:
    """Say that a document has come."""
    with _news:
        _news.notify_all()


def claim_next() -> Extract | None:
    """The oldest document of the account whose turn it is."""
    with transaction.atomic():
        account = Account.objects.by_turn().first()
        if account is None:
            return None
        extract = account.extracts.waiting().order_by("created_at", "id").first()
        if extract is None or not extract.claim():
            return None
        Account.objects.filter(pk=account.pk).update(last_turn_at=now())
    extract.refresh_from_db()
    return extract


def recover() -> None:
    """Put back what was under way when the engine stopped. Only before any thread runs."""
    Extract.objects.running().update(claimed_at=None)


class Dispatcher:
    """The threads and their children."""

    def __init__(self) -> None:
        size = settings.ENGINE_PROCESSES
        self.children = Children(size, memory_mb=settings.ENGINE_CHILD_MEMORY_MB, recycle_after=50)
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self._serve, name=f"extract-{number}") for number in range(size)]
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
            self.children.run(work.warm, files.models_folder(), timeout=seconds, patience=processing.PATIENCE)
            ready.set()
        except (CannotRead, RuntimeError):
            if not self.stopping.is_set():
                log.exception("a child could not be made ready")

    def _serve(self) -> None:
        while not self.stopping.is_set():
            try:
                close_old_connections()
                if not self._serve_one():
                    with _news:
                        _news.wait(PATIENCE)
            except Exception:
                log.exception("a document could not be taken or written; trying again")
                self.stopping.wait(PATIENCE)
        connection.close()

    def _serve_one(self) -> bool:
        extract = claim_next()
        if extract is None:
            return False
        processing.process(extract, self.children, self.stopping)
        ready.set()
        return True
