"""People who watch ask the same again and again, and nearly always nothing is new. They are told so here, by two small
queries, before the site does anything else for the request.

A view that gave its answer says what it looked at (`note`). While the session, the person and those facts are as they
were, the same question gets the same answer: 304. Everything else goes the whole way; no word of a page is kept here.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any

from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import Exists
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotModified

from portal.people.models import User

Facts = Callable[[], object]
Question = tuple[str, ...]
MOST = 5_000  # questions that are remembered
AGAIN_AFTER = 30.0
"""Seconds after which the whole way is gone all the same: a day ends, a language is chosen elsewhere."""
OF_THE_ANSWER = ("ETag", "Vary", "Cache-Control")
ANYBODY, NO_SESSION = -1, "-"
"""They stand for the person and the session in the compiled query; no row has them."""


@dataclass(frozen=True, slots=True)
class Known:
    """What was answered, and what it rested on. `standing` is that of the person behind the session."""

    session: str
    person: int
    standing: object
    facts: Facts
    seen: object
    headers: dict[str, str]
    until: float


def note(response: HttpResponse, facts: Facts, seen: object) -> HttpResponse:
    """Note that the answer is good as long as `facts` tells what was `seen`, which was asked before it was made.

    `facts` is called again outside of this request, in any thread; it must ask the database anew each time.
    """
    response.watched = (facts, seen)  # type: ignore[attr-defined]
    return response


class NothingNewMiddleware:
    """Stands before all that costs something."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self._known: OrderedDict[Question, Known] = OrderedDict()
        self._lock = Lock()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method != "GET" or "HTTP_HX_REQUEST" not in request.META:
            return self.get_response(request)
        etag = request.META.get("HTTP_IF_NONE_MATCH", "")
        known = self._known.get(_question(request, etag)) if etag else None
        if known is not None and _still(known):
            return HttpResponseNotModified(headers=known.headers)
        response = self.get_response(request)
        watched = getattr(response, "watched", None)
        if watched is not None and response.status_code in (200, 304):
            self._remember(request, response, *watched)
        return response

    def _remember(self, request: HttpRequest, response: HttpResponseBase, facts: Facts, seen: object) -> None:
        person, session = request.user, request.session.session_key
        if not isinstance(person, User) or not session:
            return
        headers = {name: response.headers[name] for name in OF_THE_ANSWER if name in response.headers}
        standing = (person.password, person.is_active)
        known = Known(session, person.pk, standing, facts, seen, headers, time.monotonic() + AGAIN_AFTER)
        question = _question(request, response.headers["ETag"])
        with self._lock:
            self._known[question] = known
            self._known.move_to_end(question)
            while len(self._known) > MOST:
                self._known.popitem(last=False)


def _question(request: HttpRequest, etag: str) -> Question:
    """All that the answer depends on, except for what is in the database."""
    told = ("PATH_INFO", "QUERY_STRING", "HTTP_COOKIE", "HTTP_ACCEPT_LANGUAGE", "HTTP_HOST")
    return (etag, *(str(request.META.get(name, "")) for name in told))


def _still(known: Known) -> bool:
    return (
        time.monotonic() < known.until
        and _standing(known.session, known.person) == known.standing
        and known.facts() == known.seen
    )


def _standing(session: str, person: int) -> object:
    """What would end the session if it were another; None once it has ended."""
    sql, parameters = _compiled()
    mine: dict[object, int | str] = {ANYBODY: person, NO_SESSION: session}
    with connection.cursor() as cursor:
        cursor.execute(sql, [mine.get(one, one) for one in parameters])
        row = cursor.fetchone()
    return None if row is None else (row[0], bool(row[1]))


@cache
def _compiled() -> tuple[str, tuple[Any, ...]]:
    """The query for anybody. To write it costs far more than to run it, and it is asked all the time."""
    open_still = Exists(Session.objects.filter(pk=NO_SESSION))
    rows = User.objects.filter(open_still, pk=ANYBODY).order_by().values_list("password", "is_active")
    sql, parameters = rows.query.sql_with_params()
    return sql, tuple(parameters)
