"""What the worker runs for documents that come in by themselves, in threads of their own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial

from django.db.models import F

from extractions import clock
from extractions.forwarding.runtime.thread_pool import BoundedThreadPool
from extractions.incoming import folders, mails, next_steps
from extractions.models import Mailbox, NextStep, WatchedFolder

POLL_SECONDS = 1.0
FOLDER_THREADS = 4
"""A network share that hangs holds one of them."""
MAIL_THREADS = 4
STEP_THREADS, STEPS = 1, 10


class Doors:
    """Hands out watched folders, mailboxes and next steps that are due."""

    def __init__(self, stop: threading.Event, on_done: Callable[[], object]) -> None:
        self._stop = stop
        self._folders = BoundedThreadPool("folders", FOLDER_THREADS, on_done)
        self._next = 0.0
        self._mails = BoundedThreadPool("mails", MAIL_THREADS, on_done)
        self._steps = BoundedThreadPool("steps", STEP_THREADS, on_done)
        self.pools = (self._folders, self._mails, self._steps)

    def offer_due(self) -> None:
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + POLL_SECONDS
        for folder in WatchedFolder.objects.due(clock.now()).select_related("team", "person")[:FOLDER_THREADS]:
            self._folders.offer(folder.pk, partial(folders.run, folder, self._stop))
        for mailbox in Mailbox.objects.due(clock.now()).select_related("team", "person")[:MAIL_THREADS]:
            self._mails.offer(mailbox.pk, partial(mails.run, mailbox, self._stop))
        for step in NextStep.objects.filter(due_at__lte=clock.now()).select_related("extraction__owner")[:STEPS]:
            self._steps.offer(step.pk, partial(next_steps.run, step))
        wanted = Mailbox.objects.filter(check_wanted_at__isnull=False)
        for mailbox in wanted.exclude(checked_at__gte=F("check_wanted_at"))[:MAIL_THREADS]:
            self._mails.offer(("check", mailbox.pk), partial(mails.check, mailbox))
