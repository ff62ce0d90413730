"""What happens around every request."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils import timezone

TIME_ZONE_COOKIE = "timezone"


class ProxyMiddleware:
    """Behind the proxy that the settings tell of, requests come from where it says: its own entry is the last one, and
    what stands before that anybody may have written. The log and the limits for signing in would else know one address.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if settings.SECURE_PROXY_SSL_HEADER:
            last = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
            with suppress(ValueError):  # without one, or with one that is none, it stays the proxy's
                request.META["REMOTE_ADDR"] = str(ip_address(last))
        return self.get_response(request)


class TimeZoneMiddleware:
    """Shows times in the person's own zone, which the browser tells by a cookie (see static/portal.js)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        name = request.COOKIES.get(TIME_ZONE_COOKIE, "")
        with timezone.override(_zone(name)):
            return self.get_response(request)


class BareNotModifiedMiddleware:
    """Answers "nothing new" with no more than that. What a browser may do with a page it was told with the page itself,
    and it keeps the headers that came then; people who watch ask thousands of times."""

    KEPT = frozenset({"ETag", "Vary", "Cache-Control", "Set-Cookie", "Date"})

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == HTTPStatus.NOT_MODIFIED:
            for name in [name for name in response.headers if name not in self.KEPT]:
                del response.headers[name]
        return response


class CompressedPagesMiddleware(GZipMiddleware):
    """Compresses what is written at the moment: pages, parts of pages and JSON, with a padding of random length, so
    that its size tells nothing of secrets in it. Files go out as they are: pictures and PDFs would gain nothing, and
    their lengths and ranges stay true.
    """

    KINDS = frozenset({"text/html", "application/json"})

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        kind = response.headers.get("Content-Type", "").partition(";")[0]
        if response.streaming or kind not in self.KINDS:
            return response
        return super().process_response(request, response)


def _zone(name: str) -> zoneinfo.ZoneInfo | None:
    """The zone of that name; None (the site's own) for a name that no zone has."""
    if not name or len(name) > 64:
        return None
    try:
        return zoneinfo.ZoneInfo(name)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        return None
