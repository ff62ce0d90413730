"""Records refused access in the audit log, rate-limited."""

from __future__ import annotations

import logging
from collections.abc import Callable
from http import HTTPStatus
from uuid import UUID

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from portal.audit.recording import Action, record_within
from portal.database_retry import SHARED_CACHE_ERRORS
from portal.rate_limits import Limit, client_of

log = logging.getLogger(__name__)
WRITE_ERRORS: tuple[type[Exception], ...] = (DatabaseError, *SHARED_CACHE_ERRORS)

REFUSED = {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}
OF_PERSON = Limit("refusals", 30, 60)
OF_PATH = Limit("refusals-of-path", 1, 60)
"""One entry per person, path and minute, and at most thirty per person and minute."""


class RefusalMiddleware:
    """Records what a view refused: a missing role, another team's document, a wrong CSRF or link token. An unknown URL
    is a typo, not an access."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code in REFUSED and request.resolver_match is not None and not _is_signed_out_poll(request):
            who = request.user.pk or client_of(request)
            place = _place(request)
            counters = [OF_PERSON.counter(who), OF_PATH.counter(who, place)]
            details = {"path": place, "method": request.method, "status": response.status_code}
            try:
                record_within(counters, Action.ACCESS_REFUSED, after=details)
            except WRITE_ERRORS:
                log.exception("A refused access of %s is missing in the audit log: %s", who, details)
        return response


def _is_signed_out_poll(request: HttpRequest) -> bool:
    """A background poll of a tab whose person has signed out."""
    return not request.user.is_authenticated and "HX-Request" in request.headers and request.method == "GET"


def _place(request: HttpRequest) -> str:
    """The path or, where it contains a secret such as an invitation token, its URL pattern."""
    match = request.resolver_match
    if match is None or all(isinstance(value, int | UUID) for value in match.kwargs.values()):
        return request.path[:200]
    return f"/{match.route}"[:200]
