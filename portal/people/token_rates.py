"""Requests per API token and minute, counted in this process: programs poll, and counting must not cost a write."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from django.conf import settings

from portal.people.models import ApiToken

WINDOW_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Rate:
    """What a client is told of its limit; `reset` is in seconds."""

    limit: int
    remaining: int
    reset: int

    @property
    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset),
        }


class RequestCounter:
    """Counts in fixed windows; those of past windows are forgotten."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._window = 0
        self._counts: dict[int, int] = {}

    def count(self, token: int, limit: int) -> tuple[bool, Rate]:
        """Whether the request is within the limit, and what is left of it."""
        now = time.time()
        window = int(now // WINDOW_SECONDS)
        with self._lock:
            if window != self._window:
                self._window, self._counts = window, {}
            count = self._counts[token] = self._counts.get(token, 0) + 1
        reset = max(1, int((window + 1) * WINDOW_SECONDS - now))
        return count <= limit, Rate(limit, max(0, limit - count), reset)


counter = RequestCounter()


def count_request(token: ApiToken) -> tuple[bool, Rate]:
    """Whether the token may make another request, and what is left of its limit."""
    return counter.count(token.pk, settings.API_REQUESTS_PER_MINUTE)
