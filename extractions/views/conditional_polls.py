"""Answers repeated polls with 304 by two small queries, before the rest of the middleware and the view run.

A view registers a function of the facts that its response depends on (`note`). As long as session, credentials and
facts are unchanged, the same poll gets a 304. Only headers are cached, never content.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from threading import Lock
from typing import Any

from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import Exists
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotModified

from portal.people.models import User

Facts = Callable[[], object]
PollKey = tuple[str, ...]
MAX_POLLS = 5_000  # polls in the cache, which is LRU and per process
MAX_AGE_SECONDS = 30.0
"""Seconds; bounds staleness by what the facts do not cover, such as midnight or a language chosen elsewhere."""
CACHED_HEADERS = ("ETag", "Vary", "Cache-Control")
ANYBODY, NO_SESSION = -1, "-"
"""Placeholders for the person and the session in the compiled query; no row has these keys."""


@dataclass(frozen=True, slots=True)
class CachedPoll:
    """A response's headers and what it depends on. `credentials` are those of the person, as the session hash uses."""

    session: str
    person: int
    credentials: object
    facts: Facts
    seen: object
    headers: dict[str, str]
    until: float


def note(response: HttpResponse, facts: Facts, seen: object) -> HttpResponse:
    """Mark the response as valid while `facts()` equals `seen`, which was evaluated before the response was made.

    `facts` is called outside of this request and in any thread, so it must query the database each time.
    """
    response.watched = (facts, seen)  # type: ignore[attr-defined]
    return response


class ConditionalPollMiddleware:
    """Must come before any middleware that is expensive."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self._cached: OrderedDict[PollKey, CachedPoll] = OrderedDict()
        self._lock = Lock()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method != "GET" or "HTTP_HX_REQUEST" not in request.META:
            return self.get_response(request)
        etag = request.META.get("HTTP_IF_NONE_MATCH", "")
        cached = self._cached.get(_poll_key(request, etag)) if etag else None
        if cached is not None and _is_valid(cached):
            return HttpResponseNotModified(headers=cached.headers)
        response = self.get_response(request)
        watched = getattr(response, "watched", None)
        if watched is not None and response.status_code in (200, 304):
            self._remember(request, response, *watched)
        return response

    def _remember(self, request: HttpRequest, response: HttpResponseBase, facts: Facts, seen: object) -> None:
        person, session = request.user, request.session.session_key
        if not isinstance(person, User) or not session:
            return
        headers = {name: response.headers[name] for name in CACHED_HEADERS if name in response.headers}
        if response.status_code == HTTPStatus.NOT_MODIFIED:  # GZip weakened the first response's ETag, not this one's
            headers["ETag"] = request.META["HTTP_IF_NONE_MATCH"]
        credentials = (person.password, person.session_epoch, person.is_active)
        cached = CachedPoll(session, person.pk, credentials, facts, seen, headers, time.monotonic() + MAX_AGE_SECONDS)
        key = _poll_key(request, headers["ETag"])
        with self._lock:
            self._cached[key] = cached
            self._cached.move_to_end(key)
            while len(self._cached) > MAX_POLLS:
                self._cached.popitem(last=False)


def _poll_key(request: HttpRequest, etag: str) -> PollKey:
    """Everything that the response depends on, except for the database."""
    names = ("PATH_INFO", "QUERY_STRING", "HTTP_COOKIE", "HTTP_ACCEPT_LANGUAGE", "HTTP_HOST")
    return (etag, *(str(request.META.get(name, "")) for name in names))


def _is_valid(cached: CachedPoll) -> bool:
    return (
        time.monotonic() < cached.until
        and _credentials(cached.session, cached.person) == cached.credentials
        and cached.facts() == cached.seen
    )


def _credentials(session: str, person: int) -> object:
    """Facts whose change ends the session; None if it has ended."""
    sql, parameters = _compiled()
    placeholders: dict[object, int | str] = {ANYBODY: person, NO_SESSION: session}
    with connection.cursor() as cursor:
        cursor.execute(sql, [placeholders.get(parameter, parameter) for parameter in parameters])
        row = cursor.fetchone()
    return None if row is None else (row[0], row[1], bool(row[2]))


@cache
def _compiled() -> tuple[str, tuple[Any, ...]]:
    """The query with placeholders. Cached, for compiling it costs far more than running it."""
    session_exists = Exists(Session.objects.filter(pk=NO_SESSION))
    rows = (
        User.objects.filter(session_exists, pk=ANYBODY).order_by().values_list("password", "session_epoch", "is_active")
    )
    sql, parameters = rows.query.sql_with_params()
    return sql, tuple(parameters)
