"""Pages that refresh themselves: the same address answers a page or, to htmx, the part of it that lives."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseForbidden
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.utils.translation import get_language

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    from portal.people.models import User


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


def refreshed(
    request: AuthenticatedRequest, page: str, part: str, context: dict[str, Any], *, facts: object
) -> HttpResponse:
    """The page; to htmx only the part, or 304 when none of the facts on it changed."""
    response: HttpResponse | None
    if request.htmx:
        etag = _etag(request, facts)
        response = get_conditional_response(request, etag=etag) or render(request, part, context)
        response.headers["ETag"] = etag
    else:
        response = render(request, page, context)
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
