"""How guests get in: the token of the link opens a door once, and from then on a signed cookie of this browser counts.

The token stands behind the # of the link. Browsers send that to no server, so it is in no log, no history of a proxy
and no Referer; the page at the door posts it. Addresses hold the link's key only, which opens nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.cache import patch_cache_control

from extractions.models import GuestLink, GuestLinkDocument
from extractions.services import guest_links as service
from portal.audit.recording import Action, record, record_within
from portal.people.models import Membership
from portal.rate_limits import Counter, Limit, client_of, is_exhausted

VISIT_SECONDS = 12 * 3600
VIEW_SECONDS = 3600
"""Views of the same document in one visit are recorded once within it."""
REQUESTS_A_MINUTE = 600  # per client network, counted in this process; a document may have hundreds of pages
WRONG_TOKENS = Limit("guest-door", 20, 600)
WRONG_PASSWORDS = Limit("guest-password", 5, 900)
"""Per link and client network."""
WRONG_PASSWORDS_IN_ALL = Limit("guest-password-link", 50, 24 * 3600)
"""Per link: many networks together get no further."""
REFUSALS = Limit("guest-refusals", 1, 60)

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True, slots=True)
class Visit:
    """A guest's way in, kept in the cookie. `unlocked` once the password, if any, was right."""

    link: GuestLink
    visitor: str
    unlocked: bool


def begin(
    response: HttpResponseBase, request: HttpRequest, link: GuestLink, *, unlocked: bool, visitor: str = ""
) -> None:
    value = f"{'open' if unlocked else 'locked'}:{visitor or secrets.token_hex(8)}"
    response.set_signed_cookie(
        _cookie_of(link.key),
        value,
        salt=_salt(link),
        max_age=VISIT_SECONDS,
        path=settings.COOKIE_PATH,
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )


def visit_of(request: HttpRequest, key: UUID) -> Visit | None:
    """None without a cookie that belongs to this link and its token."""
    if _cookie_of(key) not in request.COOKIES:
        return None
    link = service.of_key(key)
    if link is None:
        return None
    try:
        value = request.get_signed_cookie(_cookie_of(key), salt=_salt(link), max_age=VISIT_SECONDS)
    except (signing.BadSignature, KeyError):
        return None
    state, _colon, visitor = str(value).partition(":")
    return Visit(link, visitor, state == "open")


def _cookie_of(key: UUID) -> str:
    return f"guest-{key.hex[:16]}"


def _salt(link: GuestLink) -> str:
    return f"extractions.guests:{link.key}:{link.token_hash}"


def guest(view: View) -> View:
    """For everything that guests see: within the limit of requests, and with headers that keep it to them."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs) if _within_limit(request) else too_many(request)
        response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        # Forms need an origin to be told by; nothing of an address is secret.
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers.pop("ETag", None)
        patch_cache_control(response, private=True, no_store=True)
        return response

    return wrapper


def let_in(view: View) -> View:
    """For what is behind the door: the view gets the visit and the documents that can be shown now."""

    @guest
    @wraps(view)
    def wrapper(request: HttpRequest, key: UUID, **kwargs: Any) -> HttpResponseBase:
        visit = visit_of(request, key)
        if visit is None:
            return redirect("extractions:guest_door")
        documents = service.documents_of(visit.link)
        if ending := service.ending_of(visit.link, documents):
            refuse(request, visit.link, ending)
            return over(request, ending)
        if not visit.unlocked:
            return redirect("extractions:guest_page", visit.link.key)
        return view(request, visit, documents, **kwargs)

    return wrapper


def over(request: HttpRequest, ending: str) -> HttpResponse:
    return render(request, "guest/over.html", {"ending": ending}, status=HTTPStatus.GONE)


def too_many(request: HttpRequest) -> HttpResponse:
    return render(request, "guest/too_many.html", status=HTTPStatus.TOO_MANY_REQUESTS)


def note_opening(request: HttpRequest, link: GuestLink) -> None:
    """Count and record that a guest came in. Members of the team who try their own link are no guests."""
    if not _is_member(request, link):
        link.note_opening()
        record(Action.LINK_OPENED, link)


def note_view(request: HttpRequest, visit: Visit, shared: GuestLinkDocument, **facts: str) -> None:
    """Record in the document's history that a guest saw it, or took a file of it along."""
    kind = "-".join(facts.values())
    key = f"guest-view:{visit.visitor}:{shared.pk}:{kind}"
    if not _is_member(request, visit.link) and cache.add(key, True, VIEW_SECONDS):
        record(Action.LINK_OPENED, shared.extraction, after={"guest": visit.link.name} | facts)


def refuse(request: HttpRequest, link: GuestLink, why: str) -> None:
    record_within(
        [REFUSALS.counter(link.pk, client_of(request), why)], Action.LINK_REFUSED, subject=link, after={"why": why}
    )


def password_counters(request: HttpRequest, link: GuestLink) -> list[Counter]:
    return [WRONG_PASSWORDS.counter(link.pk, client_of(request)), WRONG_PASSWORDS_IN_ALL.counter(link.pk)]


def may_try_token(request: HttpRequest) -> bool:
    return not is_exhausted([WRONG_TOKENS.counter(client_of(request))])


def _is_member(request: HttpRequest, link: GuestLink) -> bool:
    return request.user.is_authenticated and Membership.objects.filter(person=request.user, team=link.team_id).exists()


def _within_limit(request: HttpRequest) -> bool:
    key = f"guest-requests:{client_of(request)}"
    cache.add(key, 0, 60)
    try:
        return cache.incr(key) <= REQUESTS_A_MINUTE
    except ValueError:  # expired in between
        return True
