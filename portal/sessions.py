"""Session lifetime: an idle timeout and an absolute timeout."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse

SIGNED_IN_AT, ACTIVE_AT = "portal_signed_in_at", "portal_active_at"
ENDS_AT = "portal_ends_at"  # of sessions by the company's account, whose provider is to be asked again
ACTIVITY_RESOLUTION = 300  # seconds; avoids writing the session at each request
BACKGROUND = ("/here/",)  # paths requested by scripts, besides htmx polls


def start_session(sender: object, request: HttpRequest, **kwargs: object) -> None:
    """Signal receiver for sign-in."""
    request.session[SIGNED_IN_AT] = request.session[ACTIVE_AT] = int(time.time())


def limit_company_session(session: SessionBase) -> None:
    session[ENDS_AT] = int(time.time() + settings.OIDC_SESSION_SECONDS)


def came_by_company(session: SessionBase) -> bool:
    return ENDS_AT in session


def is_expired(session: SessionBase) -> bool:
    """Whether the idle or absolute timeout has passed; never for sessions without timestamps."""
    now, signed_in, active = int(time.time()), session.get(SIGNED_IN_AT), session.get(ACTIVE_AT)
    if now > session.get(ENDS_AT, now):
        return True
    if signed_in is None or active is None:
        return False
    return bool(now - signed_in > settings.SESSION_COOKIE_AGE or now - active > settings.SESSION_IDLE_SECONDS)


class SessionEndMiddleware:
    """Ends expired sessions. Background requests of a page do not count as activity."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now, session = int(time.time()), request.session
            signed_in, active = session.get(SIGNED_IN_AT), session.get(ACTIVE_AT)
            if signed_in is None or active is None:  # created by an older version
                start_session(None, request)
            elif is_expired(session):
                logout(request)
            elif now - active > _resolution() and not _is_background(request):
                session[ACTIVE_AT] = now
        return self.get_response(request)


def _resolution() -> float:
    """Seconds, well below the idle timeout."""
    return float(min(ACTIVITY_RESOLUTION, settings.SESSION_IDLE_SECONDS // 4))


def _is_background(request: HttpRequest) -> bool:
    is_poll = request.method == "GET" and "HX-Request" in request.headers and "HX-Boosted" not in request.headers
    return is_poll or request.path.endswith(BACKGROUND)
