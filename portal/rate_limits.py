"""Rate limits, counted in the shared cache; once a limit is exhausted, checking it writes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.cache import caches
from django.db import transaction
from django.http import HttpRequest

from portal.client_network import network_of


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `amount` events in a window of `seconds` that starts with the first event."""

    name: str
    amount: int
    seconds: int

    def counter(self, *parts: object) -> Counter:
        joined = "\0".join(str(part) for part in parts)
        return Counter(self, f"limit:{self.name}:{hashlib.sha256(joined.encode(errors='replace')).hexdigest()}")


@dataclass(frozen=True, slots=True)
class Counter:
    """A limit applied to one client, account or address, which the key contains as a hash only."""

    limit: Limit
    key: str


def is_exhausted(counters: Iterable[Counter]) -> bool:
    """Whether any counter has reached its limit. Read-only, so that a flood costs one small query per request."""
    amounts = {counter.key: counter.limit.amount for counter in counters}
    return any(count >= amounts[key] for key, count in caches["shared"].get_many(amounts).items())


def consume(counters: Iterable[Counter]) -> bool:
    """Count one event in every counter unless one is exhausted; whether all were within their limits."""
    counters = list(counters)
    if is_exhausted(counters):
        return False
    with transaction.atomic():
        counts = [(counter.limit.amount, _count(counter)) for counter in counters]
    return all(count <= amount for amount, count in counts)


def refund(counters: Iterable[Counter]) -> None:
    """Undo one `consume`."""
    with transaction.atomic():
        for counter in counters:
            try:
                caches["shared"].decr(counter.key)
            except ValueError:  # the window has ended
                continue


def reset(counters: Iterable[Counter]) -> None:
    caches["shared"].delete_many([counter.key for counter in counters])


def client_of(request: HttpRequest) -> str:
    """The client network that requests are counted for."""
    return network_of(str(request.META.get("REMOTE_ADDR", "")))


def _count(counter: Counter) -> int:
    cache = caches["shared"]
    for _attempt in range(3):
        try:
            count = cache.incr(counter.key)
        except ValueError:
            if cache.add(counter.key, 1, counter.limit.seconds):
                return 1
            continue  # another process was faster
        if count == 1:  # Redis: it expired in between, and INCR created a key without expiry
            cache.touch(counter.key, counter.limit.seconds)
        return count
    return counter.limit.amount + 1
