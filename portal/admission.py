"""Decides from the request head who may send a large body to which view, before the body is received."""

from __future__ import annotations

import io
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus
from typing import Any, TypeVar

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.exceptions import ValidationError
from django.core.handlers.wsgi import WSGIRequest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from portal.database_retry import TRANSIENT_ERRORS
from portal.people import api_tokens
from portal.people.models import User
from portal.serving.bodies import Verdict
from portal.serving.identity import person as client_of
from portal.serving.limits import MB
from portal.serving.pool import BUSY
from portal.serving.refusals import Environ, Refusal
from portal.sessions import is_expired

logger = logging.getLogger(__name__)
FORM_BYTES = MB
"""The limit for signed-in people at views that declare no policy."""
View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class BodyPolicy:
    """`may` is called with the person or, if `anonymous`, with the URL arguments; with a `scope` it is the API token in
    the header that counts, and no session."""

    most_bytes: Callable[[], int]
    may: Callable[..., bool]
    anonymous: bool = False
    scope: str = ""


def receives(
    most_bytes: Callable[[], int], *, may: Callable[..., bool], anonymous: bool = False
) -> Callable[[View], View]:
    """Let the view receive bodies of up to `most_bytes` from whoever `may` send them; others are refused unread.

    The view must still check permissions itself: small bodies reach it without this check.
    """

    return _with_policy(BodyPolicy(most_bytes, may, anonymous))


def receives_by_token(most_bytes: Callable[[], int], scope: str) -> Callable[[View], View]:
    """As `receives`, for views of the API: bodies come with a token that has this scope."""
    return _with_policy(BodyPolicy(most_bytes, may=lambda grant: grant.allows(scope), scope=scope))


def _with_policy(policy: BodyPolicy) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        @wraps(view)
        def decorated(*args: object, **kwargs: object) -> object:
            return view(*args, **kwargs)

        decorated.body_policy = policy  # type: ignore[attr-defined]
        return decorated  # type: ignore[return-value]

    return decorate


def admit(environ: Environ) -> Verdict:
    """The `Admit` hook of `portal.serving`; raises `Refusal`."""
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()
    try:
        return _verdict(environ)
    except TRANSIENT_ERRORS as error:
        logger.warning("The database is unavailable, refusing a large body: %s", error)
        raise Refusal(HTTPStatus.SERVICE_UNAVAILABLE, BUSY, retry_after=5) from error


def _verdict(environ: Environ) -> Verdict:
    request = WSGIRequest({**environ, "wsgi.input": io.BytesIO(), "CONTENT_LENGTH": "0"})
    try:
        match = resolve(request.path_info)
    except Resolver404 as error:
        raise Refusal(HTTPStatus.NOT_FOUND, _("There is nothing at this address.")) from error
    policy: BodyPolicy | None = getattr(match.func, "body_policy", None)
    if policy is not None and policy.anonymous:
        if not policy.may(*match.args, **match.kwargs):
            raise Refusal(HTTPStatus.NOT_FOUND, _("There is nothing at this address."))
        return Verdict(policy.most_bytes())
    by_token = policy is not None and policy.scope
    credential = _authorization(request) if by_token else request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    cache_key = (credential, policy)
    verdict = _verdict_cache.get(cache_key)
    if verdict is None:
        verdict = _decide(request, policy)
        _verdict_cache.set(cache_key, verdict)
    return verdict


def _decide(request: HttpRequest, policy: BodyPolicy | None) -> Verdict:
    if policy is not None and policy.scope:
        return _decide_by_token(request, policy)
    person = person_of(request)
    if person is None:
        raise Refusal(HTTPStatus.UNAUTHORIZED, _("Sign in before you send anything as large as this."))
    if policy is None:
        return Verdict(FORM_BYTES, client_of(person.pk))
    if not policy.may(person):
        raise Refusal(HTTPStatus.FORBIDDEN, _("You may not send files here."))
    return Verdict(policy.most_bytes(), client_of(person.pk))


def _decide_by_token(request: HttpRequest, policy: BodyPolicy) -> Verdict:
    grant = api_tokens.find(_authorization(request))
    if grant is None:
        facts = api_tokens.INVALID_TOKEN if _authorization(request).strip() else api_tokens.NO_TOKEN
        words = _("The API token is missing or not valid.")
        raise Refusal(HTTPStatus.UNAUTHORIZED, words, challenge=api_tokens.CHALLENGE, facts=facts)
    if not policy.may(grant):
        raise Refusal(HTTPStatus.FORBIDDEN, _("You may not send files here."))
    return Verdict(policy.most_bytes(), client_of(grant.person.pk))


def _authorization(request: HttpRequest) -> str:
    return str(request.META.get("HTTP_AUTHORIZATION", ""))


class _VerdictCache:
    """Recent verdicts, for people who send many files in a row. The views check each request anyway."""

    TTL_SECONDS, MAX_ENTRIES = 10.0, 1_000

    def __init__(self) -> None:
        self._entries: dict[object, tuple[float, Verdict]] = {}
        self._lock = threading.Lock()

    def get(self, cache_key: object) -> Verdict | None:
        expires, verdict = self._entries.get(cache_key, (0.0, None))
        return verdict if time.monotonic() < expires else None

    def set(self, cache_key: object, verdict: Verdict) -> None:
        with self._lock:
            if len(self._entries) >= self.MAX_ENTRIES:
                self._entries.clear()
            self._entries[cache_key] = (time.monotonic() + self.TTL_SECONDS, verdict)


_verdict_cache = _VerdictCache()


def is_heavy(environ: Environ) -> bool:
    """The `heavy` hook of `portal.serving`: whether the view receives files, which cost time whatever their size."""
    if not environ.get("CONTENT_TYPE", "").startswith("multipart/"):
        return False
    try:
        match = resolve(environ["PATH_INFO"])
    except Resolver404:
        return False
    return hasattr(match.func, "body_policy")


def person_of(request: HttpRequest) -> User | None:
    """The person whose session this request carries. Unlike Django's `get_user` it never modifies the session."""
    SessionMiddleware(_no_response).process_request(request)
    session = request.session
    if session.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS or is_expired(session):
        return None
    try:
        person = User.objects.filter(pk=User._meta.pk.to_python(session.get(SESSION_KEY)), is_active=True).first()
    except ValidationError:
        return None
    if person is None:
        return None
    stored = session.get(HASH_SESSION_KEY, "")
    hashes = [person.get_session_auth_hash(), *person.get_session_auth_fallback_hash()]
    return person if any(constant_time_compare(stored, valid) for valid in hashes) else None


def _no_response(request: HttpRequest) -> HttpResponse:
    raise NotImplementedError("only the session is used")
