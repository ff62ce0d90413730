"""An id for each request, by which its lines in the logs of proxy and portal are found."""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable
from contextvars import ContextVar
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from portal.client_network import is_from_proxy

HEADER = "X-Request-ID"
WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{8,64}")
_current: ContextVar[str] = ContextVar("request_id", default="")
log = logging.getLogger("portal.requests")


class RequestIdMiddleware:
    """Takes the id that a trusted proxy sends, or makes one; the first middleware, so that all others log with it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request_id = _of(request)
        token = _current.set(request_id)
        begun = time.monotonic()
        try:
            response = self.get_response(request)
            if response.status_code != HTTPStatus.NOT_MODIFIED:  # open pages poll, and these answers are kept small
                response.headers[HEADER] = request_id
            _log(request, response, time.monotonic() - begun)
            return response
        finally:
            _current.reset(token)


class RequestIdFilter(logging.Filter):
    """Adds the id to each record that is logged during a request."""

    def filter(self, record: logging.LogRecord) -> bool:
        if request_id := _current.get():
            record.request_id = request_id
        return True


def current_request_id() -> str:
    """Empty outside of a request."""
    return _current.get()


def route_of(request: HttpRequest) -> str:
    """The address without what stands in it: links of set-up and invitations, and keys of webhooks, are secrets."""
    match = request.resolver_match
    return f"/{match.route}" if match else "(no route)"


def _of(request: HttpRequest) -> str:
    sent = request.headers.get(HEADER, "")
    if WELL_FORMED.fullmatch(sent) and is_from_proxy(request.META, settings.TRUSTED_PROXIES):
        return sent
    return uuid.uuid4().hex


def _log(request: HttpRequest, response: HttpResponseBase, seconds: float) -> None:
    facts = {
        "method": request.method,
        "route": route_of(request),
        "status": response.status_code,
        "milliseconds": round(seconds * 1000),
    }
    log.info("%(method)s %(route)s: %(status)s in %(milliseconds)s ms", facts, extra=facts)
