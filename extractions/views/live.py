"""Pages that refresh themselves: the same address answers a page or, to htmx, the part of it that lives."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseForbidden
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.utils.translation import get_language

from extractions.views.watching import note
from portal.people.models import User

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails


class AuthenticatedRequest(HttpRequest):
    """A request behind login_required."""

    user: User
    htmx: HtmxDetails


View = Callable[..., HttpResponseBase]


def live(view: View) -> View:
    """Answers 403 to the poll of a signed-out tab, where a page would lead to the sign-in."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if "HX-Request" in request.headers and not request.user.is_authenticated:
            return HttpResponseForbidden()
        return view(request, *args, **kwargs)

    return answer


STOP_POLLING = 286  # htmx: what came is shown, and nothing is asked again


@dataclass(frozen=True, slots=True)
class Watch:
    """How one sees from far whether a part may have news: `ask` tells, anew each time and in any thread, what was
    `seen` before the part was looked up. See watching.py."""

    ask: Callable[[], object]
    seen: object


def myself(request: AuthenticatedRequest) -> User:
    """The person apart from the request, for what outlives it: a key that querysets take, and no more."""
    return User(pk=request.user.pk)


def unchanged(request: AuthenticatedRequest, facts: object, *, watch: Watch | None = None) -> HttpResponse | None:
    """304 to a part that asks for news while there are none; asked before anything is looked up for it."""
    if not request.htmx:
        return None
    etag = _etag(request, facts)
    response: HttpResponse | None = get_conditional_response(request, etag=etag)
    return None if response is None else _live(response, etag, watch)


def part(
    request: AuthenticatedRequest,
    template: str,
    context: dict[str, Any],
    *,
    facts: object,
    over: bool = False,
    watch: Watch | None = None,
) -> HttpResponse:
    """The part that lives. `over` when there is no more news to come."""
    status = STOP_POLLING if over else 200
    return _live(render(request, template, context, status=status), _etag(request, facts), watch)


def refreshed(
    request: AuthenticatedRequest,
    page: str,
    part: str,
    context: dict[str, Any],
    *,
    facts: object,
    watch: Watch | None = None,
) -> HttpResponse:
    """The page; to htmx only the part, or 304 when none of the facts on it changed."""
    if request.htmx:
        answer = unchanged(request, facts, watch=watch)
        return answer or _live(render(request, part, context), _etag(request, facts), watch)
    return _live(render(request, page, context))


def _live(response: HttpResponse, etag: str = "", watch: Watch | None = None) -> HttpResponse:
    if watch is not None:
        note(response, watch.ask, watch.seen)
    if etag:
        response.headers["ETag"] = etag
    patch_vary_headers(response, ("HX-Request", "Cookie"))
    patch_cache_control(response, private=True, no_cache=True)
    return response


def _etag(request: AuthenticatedRequest, facts: object) -> str:
    """Words follow the language, and times the zone and the day."""
    whole = (
        facts,
        request.user.pk,
        request.get_full_path(),
        get_language(),
        timezone.get_current_timezone_name(),
        timezone.localdate(),
    )
    return f'"{hashlib.sha256(repr(whole).encode()).hexdigest()[:32]}"'
