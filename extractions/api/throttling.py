"""Requests per token and minute (see `token_rates`)."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from extractions.api.authentication import grant_of
from portal.people.token_rates import count_request


class TokenThrottle(BaseThrottle):
    def __init__(self) -> None:
        self._wait = 0

    def allow_request(self, request: Request, view: APIView) -> bool:
        if request.auth is None:
            return True
        allowed, rate = count_request(grant_of(request).token)
        request.rate = rate  # type: ignore[attr-defined]
        self._wait = rate.reset
        return allowed

    def wait(self) -> float:
        return self._wait
