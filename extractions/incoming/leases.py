"""How runs end: when the next one is due, and what the page says meanwhile."""

from __future__ import annotations

from datetime import timedelta

from extractions import clock
from extractions.incoming.options import Stopped
from extractions.models.incoming import IncomingSource

MAX_BACKOFF = timedelta(minutes=10)


class LeaseLost(Exception):
    """Another worker holds the source now, or somebody paused it."""


def settle(
    source: IncomingSource, lease: int, stopped: Stopped, *, interval: timedelta, more: bool, waiting: int
) -> None:
    """Give the lease back. `stopped` has an empty code if all went well; `more` asks for another run at once."""
    failures = source.failures + 1 if stopped.code else 0
    wait = min(interval * 2 ** min(failures, 10), max(MAX_BACKOFF, interval)) if failures else interval
    source.settle(
        lease,
        next_run_at=clock.now() + (timedelta(0) if more else wait),
        ran_at=clock.now(),
        failures=failures,
        error_code=stopped.code,
        error_detail=stopped.detail[:500],
        waiting=waiting,
    )
