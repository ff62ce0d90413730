"""Each rule of forwarding taken away, by name. `MUTANT=no_fence pytest …` runs the tests without that rule."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any


def no_gate() -> None:
    """The end leaves without "handed over" being written down."""
    from extractions.forwarding.steps.send_attempt import SendAttempt

    SendAttempt.gate = lambda self: None  # type: ignore[method-assign]


def no_slow_gate_check() -> None:
    """A process that was frozen in the gate goes on as if no time had passed."""
    from extractions.forwarding.steps import send_attempt

    send_attempt.GATE_SECONDS = 1e9


def nothing_held_back() -> None:
    """The whole document leaves before the gate, and the closing boundary with it."""
    from extractions.forwarding.api.multipart import GatedMultipartBody

    original = GatedMultipartBody.__iter__

    def all_at_once(self: GatedMultipartBody) -> Any:
        gate, self._gate = self._gate, lambda: None
        yield from original(self)
        gate()

    GatedMultipartBody.__iter__ = all_at_once  # type: ignore[method-assign]


def no_settling_time() -> None:
    """One search is enough to believe that it is not there."""
    from extractions.forwarding.steps import reconcile

    reconcile.SEARCH_GAPS = (0.0,)
    reconcile.settling = lambda: timedelta(0)


def no_look_before_repeat() -> None:
    """In doubt, it is simply sent again."""
    from extractions.forwarding.steps import dispatch, reconcile

    def send_again(extraction: Any) -> None:
        lease = reconcile._claim(extraction)
        if lease is not None:
            reconcile._confirm_absent(extraction, lease, 5)

    reconcile.reconcile = dispatch.reconcile = send_again


def no_look_when_not_fresh() -> None:
    """A second attempt, an old row or a restored backup is sent without looking."""
    from extractions.forwarding.steps import send

    send.is_fresh = lambda extraction, started_at=None: True


def no_fence() -> None:
    """Who lost its lease goes on writing."""
    from extractions.models import Extraction

    original = Extraction.transition

    def move(self: Extraction, from_: Any, to: str, *, lease: int | None = None, **options: Any) -> bool:
        return original(self, from_, to, lease=None, **options)

    Extraction.transition = move  # type: ignore[method-assign]


def no_durable_file() -> None:
    """Uploads are not synced."""
    from extractions.storage import durable_files

    durable_files.sync = lambda path: None


def no_durable_commit() -> None:
    """The database says "committed" before the disk does."""
    from django.conf import settings

    options = settings.DATABASES["default"].get("OPTIONS", {})
    options["init_command"] = options.get("init_command", "").replace("synchronous=FULL", "synchronous=NORMAL")


def every_search_is_trusted() -> None:
    from extractions.models import Connection

    Connection.search_is_trusted = lambda self, now=None: True  # type: ignore[method-assign]


def errors_are_refusals() -> None:
    """A 5xx or a broken line after the gate counts as "not taken"."""
    from extractions.forwarding.api import client, outcomes
    from extractions.forwarding.api.errors import ApiUnavailable

    for module in (client, outcomes):
        module.failure = lambda released, detail, http_status=None: ApiUnavailable(  # type: ignore[assignment]
            "unavailable", detail, http_status=http_status
        )


def redirects_are_followed() -> None:
    import requests

    original = requests.Session.request

    def request(self: requests.Session, *arguments: Any, **options: Any) -> requests.Response:
        return original(self, *arguments, **(options | {"allow_redirects": True}))

    requests.Session.request = request  # type: ignore[method-assign]


def late_facts_are_dropped() -> None:
    """An id that comes after the lease was lost is not written down."""
    from extractions.forwarding.steps.send_attempt import SendAttempt
    from extractions.models import Extraction

    original = SendAttempt.record_acceptance

    def record_acceptance(self: SendAttempt, http_status: int, answer: Any) -> None:
        if Extraction.objects.filter(pk=self.extraction.pk, state="SENT", lease=self.lease).exists():
            original(self, http_status, answer)

    SendAttempt.record_acceptance = record_acceptance  # type: ignore[method-assign]


def ids_are_overwritten() -> None:
    """The last id that was told wins."""
    from extractions.forwarding.steps import erase, reconcile, send_attempt, webhook_receiver
    from extractions.forwarding.steps.service_facts import record_arrival as original
    from extractions.models import Extraction

    def record_arrival(extraction: Extraction, answer: Any) -> None:
        original(extraction, answer)
        Extraction.objects.filter(pk=extraction.pk).update(remote_id=answer.id, other_remote_ids=[])

    for module in (webhook_receiver, erase, reconcile, send_attempt):
        module.record_arrival = record_arrival  # type: ignore[attr-defined]


def pauses_are_ignored() -> None:
    from django.db.models import Q

    from extractions.forwarding.runtime import worker
    from extractions.forwarding.steps import connection_state, send_attempt

    for module in (connection_state, send_attempt, worker):
        module.SENDABLE = Q()


def conditions_behind_a_join() -> None:
    """The condition on the connection makes Django put state and lease into a subquery."""
    from django.db.models import F, Q

    from extractions.forwarding.runtime import worker
    from extractions.forwarding.steps import connection_state, send_attempt

    for module in (connection_state, send_attempt, worker):
        module.SENDABLE = Q(connection__pause="") | Q(connection__trial=F("pk"))


def lost_after_the_gate_is_sent_again() -> None:
    """The sweep treats a worker that was lost after the gate like one that was lost before it."""
    from django.utils import timezone

    from extractions.forwarding.steps import sweep
    from extractions.models import Extraction

    def to_queued(extraction: Extraction, lease: int) -> bool:
        return extraction.transition({"SENT"}, "QUEUED", lease=lease, lease_until=None, next_try_at=timezone.now())

    sweep.start_checking = to_queued


def any_candidate_is_believed() -> None:
    """A hit of the search is ours, whatever its metadata says."""
    from extractions.forwarding.steps import service_search

    def confirmed(client: Any, candidates: list[str], key: str) -> list[Any]:
        return [client.retrieve(remote_id) for remote_id in candidates[:1]]

    service_search._confirmed = confirmed
    service_search._belongs_to_another = lambda item, key: False


def copies_are_not_noticed() -> None:
    """A copy of the portal goes to work like the original."""
    from extractions.forwarding.steps import clone_guard

    clone_guard._mismatch = lambda row: ""


def sends_are_not_noted() -> None:
    """The folder does not know how far the sending had come, so an older database looks like the newest."""
    from extractions.forwarding.steps import clone_guard

    clone_guard.record_attempt = lambda attempt: None


def files_of_lost_rows_are_cleared() -> None:
    """What a restored backup does not know is nobody's."""
    from django.conf import settings

    from extractions.forwarding.steps import quarantine

    def delete(names: Any, now: Any) -> int:
        for name in names:
            (settings.MEDIA_ROOT / name).unlink()
        return len(names)

    quarantine.set_aside = delete


def an_absent_folder_is_believed() -> None:
    """What is not there is missing, whether its folder is mounted or not."""
    from extractions.storage import file_store

    file_store.is_reachable = lambda: True


def everybody_in_hand_is_blamed() -> None:
    """A lost worker counts against each document that it was sending."""
    from extractions.forwarding.steps import isolation, sweep

    def lost(extraction: Any) -> None:
        extraction.refresh_from_db()
        if isolation.mark_suspect(extraction):
            extraction.refresh_from_db()
            crashes = extraction.crashes + 1
            state = {"state": "REJECTED", "next_try_at": None} if crashes >= isolation.MAX_CRASHES else {}
            type(extraction).objects.filter(pk=extraction.pk).update(crashes=crashes, **state)
            isolation.end_attempts(extraction, "crashed")

    sweep.lost_while_sending = lost


def suspects_are_sent_beside_others() -> None:
    """A suspect is claimed by any thread, as if no worker had been lost."""
    from extractions.forwarding.steps import isolation

    original = isolation.mark_suspect

    def suspect(extraction: Any) -> bool:
        moved = original(extraction)
        type(extraction).objects.filter(pk=extraction.pk).update(suspected_at=None)
        return moved

    isolation.mark_suspect = suspect


def abandoned_attempts_stay_open() -> None:
    """An attempt whose sender was lost has no end in the ledger."""
    from extractions.forwarding.steps import sweep

    sweep.end_abandoned_attempts = lambda: 0


def every_search_is_fresh() -> None:
    """A search that was trusted yesterday is up to date today."""
    from extractions.forwarding.steps import reconcile
    from extractions.forwarding.steps.search_canary import Freshness

    reconcile.freshness = lambda extraction, client: Freshness.FRESH  # type: ignore[assignment]


def seldom_senders_are_asked_for_ever() -> None:
    """What could not be settled is not taken up again when proof has come."""
    from extractions.forwarding.steps import search_canary

    search_canary.recheck_provable = lambda: 0


def sent_twice_is_not_searched_for_again() -> None:
    from extractions.forwarding.steps import send_attempt

    send_attempt.was_handed_over_before = lambda extraction, attempt: False


def a_second_id_is_told_to_nobody() -> None:
    """A further acceptance is known and kept to itself."""
    from extractions.forwarding.steps import service_facts
    from extractions.models import Extraction

    def note(extraction: Any, answer: Any) -> None:
        row = Extraction.objects.get(pk=extraction.pk)
        if answer.id != row.remote_id and answer.id not in row.other_remote_ids:
            others = [*row.other_remote_ids, answer.id]
            Extraction.objects.filter(pk=row.pk).update(other_remote_ids=others)

    service_facts._record_duplicate = note


def searches_have_no_bounds() -> None:
    from extractions.forwarding.steps import service_search

    service_search.MAX_PAGES, service_search.MAX_OPENED, service_search.MAX_EXTRA_PER_HOUR = 20, 100, 10**9


def what_is_not_searched_whole_is_not_there() -> None:
    """A search without an end counts as one that found nothing."""
    from extractions.forwarding.api.errors import ApiUnavailable
    from extractions.forwarding.steps import service_search

    original = service_search._search

    def search(client: Any, key: str) -> list[Any]:
        try:
            return original(client, key)
        except ApiUnavailable as error:
            if error.code == service_search.UNSEARCHABLE:
                return []
            raise

    service_search._search = search


def first_come_first_served() -> None:
    """Whoever dropped a heap a moment earlier is served before everybody else."""
    from extractions.forwarding.fairness import RoundRobin

    RoundRobin.mark_served = lambda self, party: None  # type: ignore[method-assign]


MUTANTS: dict[str, Callable[[], None]] = {
    function.__name__: function
    for function in (
        no_gate,
        no_slow_gate_check,
        nothing_held_back,
        no_settling_time,
        no_look_before_repeat,
        no_look_when_not_fresh,
        no_fence,
        no_durable_file,
        no_durable_commit,
        every_search_is_trusted,
        errors_are_refusals,
        redirects_are_followed,
        late_facts_are_dropped,
        ids_are_overwritten,
        pauses_are_ignored,
        conditions_behind_a_join,
        lost_after_the_gate_is_sent_again,
        any_candidate_is_believed,
        copies_are_not_noticed,
        sends_are_not_noted,
        files_of_lost_rows_are_cleared,
        an_absent_folder_is_believed,
        everybody_in_hand_is_blamed,
        suspects_are_sent_beside_others,
        abandoned_attempts_stay_open,
        every_search_is_fresh,
        seldom_senders_are_asked_for_ever,
        sent_twice_is_not_searched_for_again,
        a_second_id_is_told_to_nobody,
        searches_have_no_bounds,
        what_is_not_searched_whole_is_not_there,
        first_come_first_served,
    )
}


def apply() -> None:
    """Take away the rule that the environment names, if it names one. Django must be set up."""
    if name := os.environ.get("MUTANT"):
        MUTANTS[name]()
