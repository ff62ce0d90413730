"""Holds each answer of the service against the contract, and keeps what is new.

Answers are looked at where they arrive, in memory and without waiting for anything: no document may wait for this, nor
fail by it. What was found is written by a task of its own.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from functools import partial

from django.db import IntegrityError, transaction

from extractions import clock
from extractions.forwarding.api import contract
from extractions.forwarding.api.contract import Difference
from extractions.models import Connection, ContractDifference

AGAIN_SECONDS = 3600.0
"""Until a difference that is known is written again."""
MAX_REMEMBERED = 2000
DOCUMENTS = ("Extract", "ExtractV0", "ParsingV0")
"""Forms whose id leads to a document."""
Key = tuple[int, str, Difference]

log = logging.getLogger(__name__)

_lock = threading.Lock()
_written_at: dict[Key, float] = {}
_pending: dict[Key, tuple[dict[str, str], str]] = {}
"""Outline and id of the document by what was found."""


def observer(connection: Connection) -> Callable[[str, object], None]:
    return partial(_observe, connection.pk)


def _observe(connection: int, form: str, answer: object) -> None:
    try:
        for difference in contract.differences(form, answer):
            _note((connection, form, difference), answer)
    except Exception:
        # The answer itself is a fact that the caller has to record, whatever is odd about it.
        log.exception("An answer of the form %s could not be held against the contract", form)


def _note(key: Key, answer: object) -> None:
    now = time.monotonic()
    with _lock:
        if key in _pending or now - _written_at.get(key, float("-inf")) < AGAIN_SECONDS:
            return
        if len(_pending) >= MAX_REMEMBERED:
            return
        remote_id = answer.get("id") if isinstance(answer, dict) and key[1] in DOCUMENTS else ""
        _pending[key] = (contract.outline(answer, key[2].path), str(remote_id or "")[:100])


def store() -> None:
    """Write what was found since the last time."""
    with _lock:
        found = dict(_pending)
    for key, (outline, remote_id) in found.items():
        _store(key, outline, remote_id)
        with _lock:
            if len(_written_at) >= MAX_REMEMBERED:
                _written_at.clear()
            _written_at[key] = time.monotonic()
            _pending.pop(key, None)


def forget() -> None:
    """As after a start of the process."""
    with _lock:
        _written_at.clear()
        _pending.clear()


def _store(key: Key, outline: dict[str, str], remote_id: str) -> None:
    connection, form, difference = key
    rows = ContractDifference.objects.filter(connection=connection)
    which = {
        "form": form,
        "kind": difference.kind.value,
        "path": difference.path[:200],
        "found": difference.found[:100],
    }
    if rows.filter(**which).update(last_seen_at=clock.now()):
        return
    if rows.count() >= ContractDifference.MOST or not Connection.objects.filter(pk=connection).exists():
        return
    now = clock.now()
    facts = {"expected": difference.expected[:200], "outline": outline, "remote_id": remote_id}
    try:
        with transaction.atomic():
            ContractDifference.objects.create(
                connection_id=connection, first_seen_at=now, last_seen_at=now, **which, **facts
            )
    except IntegrityError:  # another process was faster, or the connection is gone
        return
    log.warning(
        "The service answers otherwise than its API says: %s, %s %s (%s instead of %s)",
        *(
            form,
            difference.kind.value,
            difference.path,
            difference.found or "nothing",
            difference.expected or "nothing",
        ),
    )
