"""The worker: finds rows that are due and lets threads do what is next for each."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection as database
from django.db.models import Min, Q
from django.utils import timezone

from extractions import bell
from extractions.exports import making
from extractions.forwarding import connections, copies, doorbell, evidence, pages, succession, sweep, words
from extractions.forwarding.chores import Chores
from extractions.forwarding.connections import MAY_BE_SENT
from extractions.forwarding.heartbeat import Heartbeat, forget_old
from extractions.forwarding.lanes import Lane
from extractions.forwarding.lines import Lines
from extractions.forwarding.steps import step
from extractions.forwarding.times import scaled
from extractions.models import Connection, Export, Extraction, ExtractionQuerySet, PageImage
from extractions.search import tallies
from portal.connection import connection_url

if TYPE_CHECKING:
    from extractions.forwarding.courier import Courier

State = Extraction.State

LONGEST_SLEEP, BREATH = 1.0, 0.02
SWEEP_EVERY = 15.0
TIDY_EVERY, ADD_UP_EVERY = 3600.0, 120.0
GOODBYE_SECONDS = 30.0
ASKING_THREADS = 8
RUNG_AT_MOST = 1000  # each is found by its clock, too

log = logging.getLogger(__name__)


class Worker:
    def __init__(self) -> None:
        self.stop = threading.Event()
        self._heart = Heartbeat(timezone.now())
        self._at_home = False
        self._courier = courier()
        self._crowded = False
        self._rung: dict[str, None] = {}
        self._sending = Lane("send", settings.WORKER_THREADS, self._done)
        self._asking = Lane("ask", ASKING_THREADS, self._done)
        self._rendering = Lane("render", 1, self._done)
        self._sharpening = Lane("sharpen", 1, self._done)
        self._proving = Lane("prove", 1, self._done)
        self._keeping = Lane("keep", 2, self._done)
        self._exporting = Lane("export", 1, self._done)
        self._chores = Chores(self._keeping)
        self._lines = Lines(self._done)
        self._lanes = (
            *(self._sending, self._asking, self._rendering, self._sharpening),
            *(self._proving, self._keeping, self._exporting),
        )

    def run(self) -> None:
        """Work until `stop` is set, whatever the database does."""
        log.info("The worker sends to %s", connection_url())
        self._survive(connections.adopt)
        with bell.listen() as ringing:
            while not self.stop.is_set():
                looked_at = time.monotonic()
                self._survive(self._beat)
                sleep = self._survive(self.tick) or LONGEST_SLEEP
                self._rung |= dict.fromkeys(ringing.wait(sleep))
                # Many rings together are one reason to look.
                self.stop.wait(max(0.0, looked_at + BREATH - time.monotonic()))
        self._say_goodbye()

    def _beat(self, *, at_once: bool = False) -> None:
        self._heart.beat((*self._lanes, *self._lines.lanes), at_once=at_once)

    def tick(self) -> float:
        """Hand out what is due; seconds until the next alarm clock rings."""
        now = timezone.now()
        connection = Connection.current()
        self._crowded = False
        self._answer_rings()
        self._at_home = self._at_home or copies.recognise()
        own = list(Connection.objects.own())
        if self._at_home:
            self._hand_out_rows(connection, own, now)
        self._hand_out_pages(now)
        self._hand_out_sharp_pages(now)
        self._hand_out_evidence(now)
        self._hand_out_exports(now)
        self._keep_house()
        self._chores.keep(connection, now)
        return self._until_next(now)

    def _answer_rings(self) -> None:
        """A ring that nobody has time for is kept for the next look."""
        left = [one for one in self._rung if not self._keeping.offer(one, partial(doorbell.answer, one))]
        self._rung = dict.fromkeys(left[-RUNG_AT_MOST:])
        self._crowded |= bool(left)

    def _hand_out_rows(self, connection: Connection, own: list[Connection], now: datetime) -> None:
        """Those of connections with a key of their own go to threads of their own."""
        queued = Extraction.objects.due(now).filter(MAY_BE_SENT, state=State.QUEUED)
        others = Extraction.objects.due(now).exclude(state=State.QUEUED)
        served = [one for one in own if connections.is_served(one)]
        for one, line in self._lines.of(served):
            self._hand_out(line.sending, queued.filter(connection=one))
            self._hand_out(line.asking, others.filter(connection=one))
            line.chores.keep(one, now)
        if own:
            queued = queued.exclude(connection__in=own)
            others = others.exclude(connection__in=served)
        self._hand_out(self._sending, queued.filter(connection__base_url=connection.base_url))
        self._hand_out(self._asking, others)

    def _hand_out(self, lane: Lane, due: ExtractionQuerySet) -> None:
        free = lane.free
        busy = lane.busy
        rows = self._courier.left(due) if self._courier else due.values_list("pk", flat=True)[: free + len(busy) + 1]
        waiting = [pk for pk in rows if pk not in busy]
        for pk in waiting[:free]:
            lane.offer(pk, partial(step, pk, self.stop))
        self._crowded |= len(waiting) > free

    def _hand_out_pages(self, now: datetime) -> None:
        if not self._rendering.free:
            self._crowded = True
            return
        due = Extraction.objects.filter(pages_due_at__lte=now, delete_requested_at__isnull=True)
        extraction = due.defer("content", "extracted_data", "raw").order_by("pages_due_at", "pk").first()
        if extraction is not None:
            self._rendering.offer(extraction.pk, partial(pages.make_pages, extraction))

    def _hand_out_sharp_pages(self, now: datetime) -> None:
        due = PageImage.objects.filter(sharp_due_at__lte=now, extraction__delete_requested_at__isnull=True)
        page = due.order_by("sharp_due_at", "pk").first()
        if page is not None:
            self._crowded |= not self._sharpening.offer(page.pk, partial(pages.make_sharp, page))

    def _hand_out_exports(self, now: datetime) -> None:
        export = Export.objects.due(now).first() if self._exporting.free else None
        if export is not None:
            self._exporting.offer(export.pk, partial(making.make, export))

    def _hand_out_evidence(self, now: datetime) -> None:
        if not self._proving.free:
            self._crowded = True
            return
        extraction = evidence.next_due(now)
        if extraction is not None:
            self._proving.offer(extraction.pk, partial(evidence.find_evidence, extraction))

    def _keep_house(self) -> None:
        chores = self._chores
        chores.every(scaled(SWEEP_EVERY), "sweep", self._sweep)
        chores.every(scaled(TIDY_EVERY), "tidy", self._tidy)
        chores.every(scaled(ADD_UP_EVERY), "add up", tallies.add_up)
        chores.every(TIDY_EVERY, "forget", forget_old)

    def _tidy(self) -> None:
        sweep.tidy()
        succession.forget_keys()

    def _sweep(self) -> None:
        self._at_home = copies.recognise()
        if self._at_home:
            sweep.sweep()

    def _until_next(self, now: datetime) -> float:
        coming = Extraction.objects.filter(~Q(state=State.QUEUED) | MAY_BE_SENT, next_try_at__gt=now)
        first = coming.aggregate(first=Min("next_try_at"))["first"]
        left = (first - timezone.now()).total_seconds() if first else LONGEST_SLEEP
        return min(LONGEST_SLEEP, max(0.005, left))

    def _done(self) -> None:
        """A thread is free: if rows are waiting for one, look again at once."""
        if self._crowded and not self.stop.is_set():
            self._survive(bell.ring)

    def _survive(self, action: Callable[[], float | object]) -> float | None:
        """A database that is locked, restarted or away for an hour does not end the worker."""
        try:
            result = action()
        except DatabaseError as error:
            log.warning("The database is away: %s", error)
            database.close()
            return None
        except Exception:
            log.exception("The worker goes on after a surprise")
            return None
        return result if isinstance(result, float) else None

    def _say_goodbye(self) -> None:
        """Documents before their gate are dropped by `stop`; those after it get a while to be answered."""
        log.info("The worker is stopping")
        until = time.monotonic() + GOODBYE_SECONDS
        self._survive(partial(self._beat, at_once=True))
        pages.close()
        words.close()
        ended = [lane.close(until) for lane in (*self._lanes, *self._lines.lanes)]
        self._survive(self._heart.stop)
        log.info("The worker has stopped%s", "" if all(ended) else "; the rows that were under way have their clocks")


def courier() -> Courier | None:
    """None where no queue is set; then Celery need not be installed."""
    if not settings.CELERY_BROKER_URL:
        return None
    from extractions.forwarding.courier import Courier

    return Courier()
