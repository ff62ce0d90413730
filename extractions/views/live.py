"""Self-refreshing pages: the same URL returns the page or, to htmx, only its live part."""

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

from extractions.views.conditional_polls import note
from portal.people.models import User

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails


class AuthenticatedRequest(HttpRequest):
    """A request behind login_required."""

    user: User
    htmx: HtmxDetails


View = Callable[..., HttpResponseBase]


def live(view: View) -> View:
    """Answer 403 to polls of a signed-out tab, instead of redirecting to the login page."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if "HX-Request" in request.headers and not request.user.is_authenticated:
            return HttpResponseForbidden()
        return view(request, *args, **kwargs)

    return wrapper


STOP_POLLING = 286  # htmx swaps the content and stops polling


@dataclass(frozen=True, slots=True)
class Watch:
    """A cheap check for changes: `ask`, callable at any time and in any thread, returned `seen` before the part was
    rendered. See conditional_polls.py."""

    ask: Callable[[], object]
    seen: object


def detached_user(request: AuthenticatedRequest) -> User:
    """The person as a bare primary key for querysets, for use beyond the request."""
    return User(pk=request.user.pk)


def unchanged(request: AuthenticatedRequest, facts: object, *, watch: Watch | None = None) -> HttpResponse | None:
    """304 for a poll whose facts are unchanged, else None; to be called before querying for the part."""
    if not request.htmx:
        return None
    etag = _etag(request, facts)
    response: HttpResponse | None = get_conditional_response(request, etag=etag)
    return None if response is None else _live(response, etag, watch)


def part(
    request: AuthenticatedRequest,
    template: str,
    context: dict[str, object],
    *,
    facts: object,
    over: bool = False,
    watch: Watch | None = None,
) -> HttpResponse:
    """The live part. `over` stops the polling."""
    status = STOP_POLLING if over else 200
    return _live(render(request, template, context, status=status), _etag(request, facts), watch)


def refreshed(
    request: AuthenticatedRequest,
    page: str,
    part: str,
    context: dict[str, object],
    *,
    facts: object,
    watch: Watch | None = None,
) -> HttpResponse:
    """The page; to htmx only the part, or 304 if the facts are unchanged."""
    if request.htmx:
        response = unchanged(request, facts, watch=watch)
        return response or _live(render(request, part, context), _etag(request, facts), watch)
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
    """Includes language, time zone and day, which the rendered text depends on."""
    parts = (
        facts,
        request.user.pk,
        request.get_full_path(),
        get_language(),
        timezone.get_current_timezone_name(),
        timezone.localdate(),
    )
    return f'"{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}"'
