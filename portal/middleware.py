"""The portal's middleware."""

from __future__ import annotations

import logging
import zoneinfo
from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils import timezone
from django.utils.cache import patch_cache_control

from portal.client_network import forwarded_address, is_from_proxy
from portal.database_retry import is_busy, watched_writes
from portal.serving.identity import PERSON

log = logging.getLogger(__name__)
TIME_ZONE_COOKIE = "timezone"
WRITE_WATCH = "portal.write_watch"


class ProxyMiddleware:
    """Sets REMOTE_ADDR to the client's address behind a trusted proxy, for the audit log and the sign-in limits.

    What others say of themselves in headers for proxies is removed, so that nobody can pretend to come over HTTPS.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if settings.SECURE_PROXY_SSL_HEADER:
            if is_from_proxy(request.META, settings.TRUSTED_PROXIES):
                if address := forwarded_address(request.META, settings.TRUSTED_PROXIES):
                    request.META["REMOTE_ADDR"] = address
            else:
                self._disbelieve(request)
        return self.get_response(request)

    def _disbelieve(self, request: HttpRequest) -> None:
        header = settings.SECURE_PROXY_SSL_HEADER[0]
        if request.META.pop(header, None) is not None and not self.has_warned:
            ProxyMiddleware.has_warned = True
            peer = request.META.get("REMOTE_ADDR")
            log.warning("%s sends headers as a proxy does, but is not in TRUSTED_PROXIES: they are ignored.", peer)

    has_warned = False
    """Once per process: somebody who tries it must not fill the log."""


class ClientIdentityMiddleware:
    """Tells the server who is signed in, so that it can share its threads fairly between people (portal/serving)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        person = request.__dict__.get("_cached_user")  # without a database query
        if person is not None:
            request.META[PERSON] = person.pk
        return response


class TimeZoneMiddleware:
    """Activates the time zone that the browser reports in a cookie (see static/portal.js)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        name = request.COOKIES.get(TIME_ZONE_COOKIE, "")
        with timezone.override(_zone(name)):
            return self.get_response(request)


class BusyDatabaseMiddleware:
    """Retries a view once when the database was busy and nothing had been written yet. Must be the last middleware.

    Uploads cannot be read twice, so those requests get a 503 (see portal.errors).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with watched_writes() as watch:
            request.META[WRITE_WATCH] = watch
            return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        """None passes the error on: some exceptions are how Django apps return responses."""
        match, watch = request.resolver_match, request.META[WRITE_WATCH]
        can_retry = is_busy(error) and not watch.written and not connection.in_atomic_block
        if match is None or not can_retry or request.FILES:
            return None
        log.warning("The database is busy, retrying the view: %s", error)
        connection.close_if_unusable_or_obsolete()
        response: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
        render = getattr(response, "render", None)
        return render() if callable(render) else response  # the first attempt may have failed during rendering


class MinimalNotModifiedMiddleware:
    """Strips 304 responses to the headers that matter: browsers keep those of the full response, and open pages poll
    thousands of times."""

    KEPT = frozenset({"ETag", "Vary", "Cache-Control", "Set-Cookie", "Date"})

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == HTTPStatus.NOT_MODIFIED:
            for name in [name for name in response.headers if name not in self.KEPT]:
                del response.headers[name]
        return response


class NoStoreMiddleware:
    """Forbids browsers to store pages, so that *Back* shows nothing after signing out, nor on a shared computer.

    Polled fragments and files may be cached, since they are revalidated by their ETag, which requires a session;
    signing out clears them.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        was_signed_in = request.user.is_authenticated
        response = self.get_response(request)
        is_revalidated = "ETag" in response.headers or "max-age" in response.headers.get("Cache-Control", "")
        if not is_revalidated:
            patch_cache_control(response, private=True, no_store=True)
        if was_signed_in and not request.user.is_authenticated:
            response.headers["Clear-Site-Data"] = '"cache"'
        return response


class PageCompressionMiddleware(GZipMiddleware):
    """Compresses generated pages and JSON; Django pads them randomly against BREACH. Files are sent unchanged: images
    and PDFs would gain nothing, and lengths and ranges stay valid.
    """

    KINDS = frozenset({"text/html", "application/json"})

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        kind = response.headers.get("Content-Type", "").partition(";")[0]
        if response.streaming or kind not in self.KINDS:
            return response
        return super().process_response(request, response)


def _zone(name: str) -> zoneinfo.ZoneInfo | None:
    """None, which means the site's own zone, for an unknown name."""
    if not name or len(name) > 64:
        return None
    try:
        return zoneinfo.ZoneInfo(name)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        return None
