"""Each rule of forwarding taken away, by name. `MUTANT=no_fence pytest …` runs the tests without that rule."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any


def no_gate() -> None:
    """The end leaves without "handed over" being written down."""
    from extractions.forwarding.sending import Sending

    Sending.gate = lambda self: None  # type: ignore[method-assign]


def no_slow_gate_check() -> None:
    """A process that was frozen in the gate goes on as if no time had passed."""
    from extractions.forwarding import sending

    sending.GATE_SECONDS = 1e9


def nothing_held_back() -> None:
    """The whole document leaves before the gate, and the closing boundary with it."""
    from extractions.forwarding.form import Form

    original = Form.__iter__

    def all_at_once(self: Form) -> Any:
        gate, self._gate = self._gate, lambda: None
        yield from original(self)
        gate()

    Form.__iter__ = all_at_once  # type: ignore[method-assign]


def no_settling_time() -> None:
    """One search is enough to believe that it is not there."""
    from extractions.forwarding import look

    look.GAPS = (0.0,)
    look.settling = lambda: timedelta(0)


def no_look_before_repeat() -> None:
    """In doubt, it is simply sent again."""
    from extractions.forwarding import look, steps

    def send_again(extraction: Any) -> None:
        lease = look._claim(extraction)
        if lease is not None:
            look._surely_not_there(extraction, lease, 5)

    look.look = steps.look = send_again


def no_look_when_not_fresh() -> None:
    """A second attempt, an old row or a restored backup is sent without looking."""
    from extractions.forwarding import send

    send.is_fresh = lambda extraction, started_at=None: True


def no_fence() -> None:
    """Who lost its lease goes on writing."""
    from extractions.models import Extraction

    original = Extraction._move

    def move(self: Extraction, from_: Any, to: str, *, lease: int | None = None, **options: Any) -> bool:
        return original(self, from_, to, lease=None, **options)

    Extraction._move = move  # type: ignore[method-assign]


def no_durable_file() -> None:
    """Uploads are not synced."""
    from extractions.services import durable

    durable.sync = lambda path: None


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
    from extractions.forwarding import client
    from extractions.forwarding.errors import ApiUnavailable

    client._doubt = lambda released, detail, http_status=None: ApiUnavailable(  # type: ignore[assignment]
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
    from extractions.forwarding.sending import Sending
    from extractions.models import Extraction

    original = Sending.accepted

    def accepted(self: Sending, http_status: int, answer: Any) -> None:
        if Extraction.objects.filter(pk=self.extraction.pk, state="SENT", lease=self.lease).exists():
            original(self, http_status, answer)

    Sending.accepted = accepted  # type: ignore[method-assign]


def ids_are_overwritten() -> None:
    """The last id that was told wins."""
    from extractions.forwarding import doorbell, erase, look, sending
    from extractions.forwarding.facts import arrived as original
    from extractions.models import Extraction

    def arrived(extraction: Extraction, answer: Any) -> None:
        original(extraction, answer)
        Extraction.objects.filter(pk=extraction.pk).update(remote_id=answer.id, other_remote_ids=[])

    for module in (doorbell, erase, look, sending):
        module.arrived = arrived  # type: ignore[attr-defined]


def pauses_are_ignored() -> None:
    from django.db.models import Q

    from extractions.forwarding import connections, sending, worker

    for module in (connections, sending, worker):
        module.MAY_BE_SENT = Q()


def conditions_behind_a_join() -> None:
    """The condition on the connection makes Django put state and lease into a subquery."""
    from django.db.models import F, Q

    from extractions.forwarding import connections, sending, worker

    for module in (connections, sending, worker):
        module.MAY_BE_SENT = Q(connection__pause="") | Q(connection__trial=F("pk"))


def lost_after_the_gate_is_sent_again() -> None:
    """The sweep treats a worker that was lost after the gate like one that was lost before it."""
    from django.utils import timezone

    from extractions.forwarding import sweep
    from extractions.models import Extraction

    def to_queued(extraction: Extraction, lease: int) -> bool:
        return extraction._move({"SENT"}, "QUEUED", lease=lease, lease_until=None, next_try_at=timezone.now())

    sweep.to_checking = to_queued


def any_candidate_is_believed() -> None:
    """A hit of the search is ours, whatever its metadata says."""
    from extractions.forwarding import look

    def confirmed(client: Any, candidates: list[str], key: str) -> list[Any]:
        return [client.retrieve(remote_id) for remote_id in candidates[:1]]

    look._confirmed = confirmed
    look._is_other = lambda item, key: False


def copies_are_not_noticed() -> None:
    """A copy of the portal goes to work like the original."""
    from extractions.forwarding import copies

    copies._fits = lambda mark, inode, row: True


def sends_are_not_noted() -> None:
    """The folder does not know how far the sending had come, so an older database looks like the newest."""
    from extractions.forwarding import copies

    copies.note = lambda attempt: None


def files_of_lost_rows_are_cleared() -> None:
    """What a restored backup does not know is nobody's."""
    from extractions.forwarding import copies

    copies.kept_until = lambda: 0.0


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
    )
}


def apply() -> None:
    """Take away the rule that the environment names, if it names one. Django must be set up."""
    if name := os.environ.get("MUTANT"):
        MUTANTS[name]()
