"""The worker: polls for due rows and hands each to a thread pool for its next step."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Protocol
from weakref import WeakKeyDictionary

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection as database
from django.db.models import Min, Q

from extractions import clock, wakeup
from extractions.exports import making
from extractions.forwarding.fairness import RoundRobin
from extractions.forwarding.runtime import scheduled_backups
from extractions.forwarding.runtime.connection_pools import ConnectionPools
from extractions.forwarding.runtime.heartbeat import Heartbeat, delete_stale_workers
from extractions.forwarding.runtime.periodic_tasks import PeriodicTasks
from extractions.forwarding.runtime.thread_pool import BoundedThreadPool
from extractions.forwarding.runtime.webhook_pools import WebhookPools
from extractions.forwarding.steps import (
    clone_guard,
    connection_state,
    contract_watch,
    count_approved,
    cut_proposals,
    duplicates,
    erased_traces,
    event_order,
    evidence,
    invoice_keys,
    isolation,
    key_rotation,
    notice_mails,
    page_images,
    page_words,
    receipts,
    retention,
    send,
    sweep,
    token_rests,
    trash,
    webhook_receiver,
)
from extractions.forwarding.steps.connection_state import SENDABLE
from extractions.forwarding.steps.dispatch import step
from extractions.forwarding.steps.witness import CounterSchedule
from extractions.forwarding.time_scale import scaled
from extractions.forwarding.webhooks import retention as webhook_retention
from extractions.models import Connection, Export, Extraction, ExtractionQuerySet, Installation, PageImage
from extractions.models.extraction_queryset import LARGE_COLUMNS
from extractions.models.worker_process import STARTING
from extractions.search import counters, reindexing
from portal import triggers
from portal.audit import chain, witness
from portal.default_api import connection_url

if TYPE_CHECKING:
    from extractions.forwarding.runtime.celery_transport import CeleryTransport

State = Extraction.State
Doubt = Installation.Doubt

MAX_SLEEP_SECONDS, DEBOUNCE_SECONDS = 1.0, 0.02
VERIFY_SECONDS = 1.0
SWEEP_SECONDS = 15.0
TIDY_SECONDS, TALLY_SECONDS, TRACES_SECONDS = 3600.0, 120.0, 60.0
REINDEX_SECONDS, EVENTS_SECONDS = 10.0, 10.0
CHAIN_SECONDS, WITNESS_SECONDS = 5.0, 60.0
RETENTION_SECONDS = 600.0
BACKFILL_SECONDS = 10.0
CONTRACT_SECONDS = 5.0
BACKUP_SECONDS = 60.0
NOTICE_SECONDS = 15.0
CUTS_SECONDS = 1.0
IDLE_SECONDS = 5.0
"""Seconds between queries for rare work, once none was found."""
SHUTDOWN_SECONDS = 30.0
POLLING_THREADS = 8
MAX_PENDING_WEBHOOKS = 1000  # the rest is found by polling
MAX_CANDIDATES = 500

log = logging.getLogger(__name__)


class FurtherWork(Protocol):
    """Work of packages above this one, which the worker is given by whoever starts it."""

    @property
    def pools(self) -> tuple[BoundedThreadPool, ...]: ...
    def offer_due(self) -> None: ...


class Worker:
    def __init__(self, further: Callable[[threading.Event, Callable[[], object]], FurtherWork] | None = None) -> None:
        self.stop = threading.Event()
        self._heartbeat = Heartbeat(clock.now())
        self._error_code = STARTING
        self._verified_at = float("-inf")
        self._adopted = False
        self._counter_schedule = CounterSchedule()
        self._celery = make_celery_transport()
        self._saturated = False
        self._pending_webhooks: dict[str, None] = {}
        self._idle_until: dict[str, float] = {}
        self._sending = BoundedThreadPool("send", settings.WORKER_THREADS, self._on_job_done)
        self._isolated = BoundedThreadPool("isolated", 1, self._on_job_done)
        self._polling = BoundedThreadPool("ask", POLLING_THREADS, self._on_job_done)
        self._rendering = BoundedThreadPool("render", 1, self._on_job_done)
        self._sharpening = BoundedThreadPool("sharpen", 1, self._on_job_done)
        self._grounding = BoundedThreadPool("prove", 1, self._on_job_done)
        self._maintenance = BoundedThreadPool("keep", 2, self._on_job_done)
        self._exporting = BoundedThreadPool("export", 1, self._on_job_done)
        self._periodic_tasks = PeriodicTasks(self._maintenance)
        self._connection_pools = ConnectionPools(self._on_job_done)
        self._webhook_pools = WebhookPools(self._on_job_done)
        self._rotations: WeakKeyDictionary[BoundedThreadPool, RoundRobin] = WeakKeyDictionary()
        self._pools: tuple[BoundedThreadPool, ...] = (
            *(self._sending, self._isolated, self._polling, self._rendering, self._sharpening),
            *(self._grounding, self._maintenance, self._exporting),
        )
        self._further = further(self.stop, self._on_job_done) if further else None
        if self._further:
            self._pools += self._further.pools

    def run(self) -> None:
        """Work until `stop` is set, whatever the database does."""
        log.info("The worker sends to %s", connection_url())
        send.mark_process_start()
        self._guarded(triggers.report_differences)
        with wakeup.listen() as listener:
            while not self.stop.is_set():
                ticked_at = time.monotonic()
                self._guarded(self._beat)
                sleep = self._guarded(self.tick) or MAX_SLEEP_SECONDS
                self._pending_webhooks |= dict.fromkeys(listener.wait(sleep))
                # Debounce: a burst of notifications is one reason to poll.
                self.stop.wait(max(0.0, ticked_at + DEBOUNCE_SECONDS - time.monotonic()))
        self._shut_down()

    def _beat(self, *, at_once: bool = False) -> None:
        self._heartbeat.beat(self._all_pools, error_code=self._error_code, at_once=at_once)

    @property
    def _all_pools(self) -> tuple[BoundedThreadPool, ...]:
        return (*self._pools, *self._connection_pools.pools, *self._webhook_pools.pools)

    def tick(self) -> float:
        """Hand out what is due; returns seconds until the next row is due."""
        self._saturated = False
        if time.monotonic() - self._verified_at >= VERIFY_SECONDS:
            self._verify()
        if self._error_code:
            # With the wrong data folder even the key may be another portal's, so nothing is started.
            self._periodic_tasks.every(TIDY_SECONDS, "forget", delete_stale_workers)
            self._periodic_tasks.hand_out()
            return MAX_SLEEP_SECONDS
        if not self._adopted:
            connection_state.adopt_settings_connection()
            self._adopted = True
        self._counter_schedule.advance_if_due()
        now = clock.now()
        connection = Connection.current()
        self._hand_out_webhooks()
        own = list(Connection.objects.own())
        self._hand_out_rows(connection, own, now)
        self._unless_idle("suspects", partial(self._hand_out_suspect, now))
        self._hand_out_pages(now)
        self._hand_out_sharp_pages(now)
        self._hand_out_evidence(now)
        self._hand_out_exports(now)
        self._saturated |= self._webhook_pools.hand_out(now)
        self._unless_idle("duplicates", partial(self._hand_out_duplicates, now))
        self._schedule_maintenance()
        if self._further:
            self._further.offer_due()
        self._periodic_tasks.offer_due(connection, now)
        self._saturated |= self._periodic_tasks.hand_out()
        return self._seconds_until_next(now)

    def _hand_out_webhooks(self) -> None:
        """Webhooks that find no free thread are kept for the next tick."""
        left = [
            item
            for item in self._pending_webhooks
            if not self._maintenance.offer(item, partial(webhook_receiver.handle, item))
        ]
        self._pending_webhooks = dict.fromkeys(left[-MAX_PENDING_WEBHOOKS:])
        self._saturated |= bool(left)

    def _hand_out_rows(self, connection: Connection, own: list[Connection], now: datetime) -> None:
        """Rows of own connections go to their own pools, all others to the shared ones."""
        queued = Extraction.objects.due(now).filter(SENDABLE, state=State.QUEUED, suspected_at__isnull=True)
        others = Extraction.objects.due(now).exclude(state=State.QUEUED)
        served = [item for item in own if connection_state.is_served(item)]
        for own_connection, pools in self._connection_pools.of(served):
            self._hand_out(pools.sending, queued.filter(connection=own_connection))
            self._hand_out(pools.polling, others.filter(connection=own_connection))
            pools.periodic_tasks.offer_due(own_connection, now)
            self._saturated |= pools.periodic_tasks.hand_out()
        if own:
            queued = queued.exclude(connection__in=own)
            others = others.exclude(connection__in=served)
        queued = queued.filter(connection__base_url=connection.base_url)
        self._hand_out(self._sending, queued, self._engine_capacity(connection))
        self._hand_out(self._polling, others)

    def _hand_out(self, pool: BoundedThreadPool, due: ExtractionQuerySet, most: int = MAX_CANDIDATES) -> None:
        """Fill free threads in round-robin order, with at most `most` documents."""
        free, rotation = min(pool.free, most), self._rotation(pool)
        others = due.exclude(pk__in=[key for key in pool.busy if isinstance(key, int)])
        if self._celery:
            turns = self._celery.dispatch(others, rotation, free + 1, most)
        else:
            turns = rotation.order(others, free + 1) if free else []
        for pk, party in turns[:free]:
            if pool.offer(pk, partial(step, pk, self.stop)):
                rotation.mark_served(party)
        self._saturated |= len(turns) > free or not free

    def _rotation(self, pool: BoundedThreadPool) -> RoundRobin:
        return self._rotations.setdefault(pool, RoundRobin())

    def _engine_capacity(self, connection: Connection) -> int:
        """How many more documents to send now. The embedded engine is first in, first out, so its backlog is kept
        short: later senders then wait behind a few documents, not behind somebody's whole batch."""
        if not connection.embedded:
            return MAX_CANDIDATES
        there = Extraction.objects.filter(connection=connection)
        handed = Q(state__in=(State.SENDING, State.SENT))
        waiting = Q(state=State.RUNNING, status__in=("", Extraction.Status.CREATED))
        return max(0, int(settings.ENGINE_BACKLOG) - there.filter(handed | waiting).count())

    def _unless_idle(self, name: str, hand_out: Callable[[], bool]) -> None:
        """Query for rare work less often: the query costs as much as one that finds something."""
        if time.monotonic() >= self._idle_until.get(name, 0.0) and not hand_out():
            self._idle_until[name] = time.monotonic() + scaled(IDLE_SECONDS)

    def _hand_out_suspect(self, now: datetime) -> bool:
        """Whether there may be more."""
        if not self._isolated.free:
            return True
        suspect = isolation.next_suspect(now)
        if suspect is not None:
            self._isolated.offer(suspect, partial(isolation.send_isolated, suspect, self.stop))
        return suspect is not None

    def _hand_out_pages(self, now: datetime) -> None:
        if not self._rendering.free:
            self._saturated = True
            return
        due = Extraction.objects.filter(pages_due_at__lte=now, delete_requested_at__isnull=True)
        rotation = self._rotation(self._rendering)
        party = rotation.next_party(due, "pages_due_at")
        if party is None:
            return
        extraction = party.of(due).defer(*LARGE_COLUMNS).order_by("pages_due_at", "pk").first()
        if extraction is not None and self._rendering.offer(extraction.pk, partial(page_images.make_pages, extraction)):
            rotation.mark_served(party)

    def _hand_out_sharp_pages(self, now: datetime) -> None:
        due = PageImage.objects.filter(sharp_due_at__lte=now, extraction__delete_requested_at__isnull=True)
        page = due.order_by("sharp_due_at", "pk").first()
        if page is not None:
            self._saturated |= not self._sharpening.offer(page.pk, partial(page_images.make_sharp, page))

    def _hand_out_exports(self, now: datetime) -> None:
        export = Export.objects.due(now).first() if self._exporting.free else None
        if export is not None:
            self._exporting.offer(export.pk, partial(making.make, export))

    def _hand_out_duplicates(self, now: datetime) -> bool:
        """One search and one price at a time; not urgent. Whether there was any."""
        extraction = duplicates.next_due(now)
        if extraction is not None:
            self._maintenance.offer("duplicates", partial(duplicates.search_again, extraction))
        payment = duplicates.next_unpriced(now)
        if payment is not None:
            self._maintenance.offer("price", partial(duplicates.fetch_price, payment))
        return extraction is not None or payment is not None

    def _hand_out_evidence(self, now: datetime) -> None:
        if not self._grounding.free:
            self._saturated = True
            return
        rotation = self._rotation(self._grounding)
        party = rotation.next_party(evidence.due(now), "evidence_due_at")
        extraction = evidence.next_due(now, party) if party else None
        if extraction is None or party is None:
            return
        if self._grounding.offer(extraction.pk, partial(evidence.find_evidence, extraction)):
            rotation.mark_served(party)

    def _schedule_maintenance(self) -> None:
        tasks = self._periodic_tasks
        tasks.every(scaled(SWEEP_SECONDS), "sweep", self._sweep)
        tasks.every(scaled(TIDY_SECONDS), "tidy", self._tidy)
        tasks.every(scaled(TALLY_SECONDS), "add up", counters.add_up)
        tasks.every(scaled(REINDEX_SECONDS), "index words", reindexing.catch_up)
        tasks.every(TIDY_SECONDS, "forget", delete_stale_workers)
        tasks.every(scaled(TRACES_SECONDS), "traces", erased_traces.remove_if_due)
        tasks.every(scaled(RETENTION_SECONDS), "retention", retention.apply_due)
        tasks.every(scaled(TRACES_SECONDS), "receipts", receipts.finish_due)
        tasks.every(scaled(BACKFILL_SECONDS), "keys of invoices", invoice_keys.key_some)
        tasks.every(scaled(BACKFILL_SECONDS), "count approved documents", count_approved.count_some)
        tasks.every(scaled(EVENTS_SECONDS), "order events", event_order.put_in_order)
        tasks.every(scaled(NOTICE_SECONDS), "mails of notices", notice_mails.send_due)
        tasks.every(TIDY_SECONDS, "tokens that will rest", token_rests.announce)
        tasks.every(scaled(CUTS_SECONDS), "propose cuts", cut_proposals.work)
        tasks.every(scaled(CONTRACT_SECONDS), "contract", contract_watch.store)
        tasks.every(BACKUP_SECONDS, "backup", partial(scheduled_backups.take_if_due, self.stop))
        tasks.every(CHAIN_SECONDS, "chain the audit log", chain.chain_pending)
        tasks.every(WITNESS_SECONDS, "note the end of the audit log", witness.note)

    def _tidy(self) -> None:
        sweep.tidy()
        webhook_retention.clear()
        event_order.clear()
        notice_mails.clear()
        key_rotation.discard_unused_keys()

    def _verify(self) -> None:
        """Check that database and data folder belong together; a change is reported at once."""
        before, self._error_code = self._error_code, clone_guard.verify_identity()
        self._verified_at = time.monotonic()
        if self._error_code != before:
            if self._error_code:
                log.error("This worker refuses to work: %s (%s)", Doubt(self._error_code).label, settings.DATA_DIR)
            self._beat(at_once=True)

    def _sweep(self) -> None:
        self._verify()
        if not self._error_code:
            sweep.sweep()
            trash.empty_due()

    def _seconds_until_next(self, now: datetime) -> float:
        coming = Extraction.objects.filter(~Q(state=State.QUEUED) | SENDABLE, next_try_at__gt=now)
        first = coming.aggregate(first=Min("next_try_at"))["first"]
        left = (first - clock.now()).total_seconds() if first else MAX_SLEEP_SECONDS
        return min(MAX_SLEEP_SECONDS, max(0.005, left))

    def _on_job_done(self) -> None:
        """A thread is free again: tick at once if rows were left waiting."""
        if self._saturated and not self.stop.is_set():
            self._guarded(wakeup.notify_workers)

    def _guarded(self, action: Callable[[], float | object]) -> float | None:
        """Run the action; no database outage or unexpected error ends the worker."""
        try:
            result = action()
        except DatabaseError as error:
            log.warning("Database unavailable: %s", error)
            database.close()
            return None
        except Exception:
            log.exception("Unexpected error; the worker continues")
            return None
        return result if isinstance(result, float) else None

    def _shut_down(self) -> None:
        """Uploads before their gate are aborted by `stop`; those after it get `SHUTDOWN_SECONDS` for their response."""
        log.info("The worker is stopping")
        until = time.monotonic() + SHUTDOWN_SECONDS
        self._guarded(partial(self._beat, at_once=True))
        page_images.close()
        page_words.close()
        ended = [pool.close(until) for pool in self._all_pools]
        self._guarded(self._heartbeat.stop)
        log.info("The worker has stopped%s", "" if all(ended) else "; unfinished rows wait for their leases to expire")


def make_celery_transport() -> CeleryTransport | None:
    """None without CELERY_BROKER_URL; Celery need not be installed then."""
    if not settings.CELERY_BROKER_URL:
        return None
    from extractions.forwarding.runtime.celery_transport import CeleryTransport

    return CeleryTransport()
