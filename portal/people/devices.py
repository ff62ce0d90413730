"""Known devices: browsers in which a person has signed in before, recognised by a signed cookie.

They have a limit of their own for wrong passwords, so that attempts from elsewhere never lock out the owner.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from portal.people.models import User

SALT = "portal.people.devices"
LIFETIME = 180 * 24 * 3600  # seconds
MAX_PEOPLE = 8  # per browser


def device_of(request: HttpRequest, person: User) -> str:
    """The id of the browser if this person has signed in there, otherwise empty.

    Signing out everywhere forgets all devices of the person.
    """
    device, people = _read_cookie(request)
    return device if people.get(str(person.pk)) == person.session_epoch else ""


def remember(request: HttpRequest, person: User) -> None:
    """Remember the browser for this person; `DeviceMiddleware` sets the cookie."""
    request.device_person = person  # type: ignore[attr-defined]


class DeviceMiddleware:
    """Sets the cookie after a sign-in or a password reset by mail."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        person: User | None = getattr(request, "device_person", None)
        if person is not None:
            device, people = _read_cookie(request)
            people.pop(str(person.pk), None)
            people = dict([*people.items(), (str(person.pk), person.session_epoch)][-MAX_PEOPLE:])
            response.set_cookie(
                settings.DEVICE_COOKIE_NAME,
                signing.dumps({"device": device or secrets.token_urlsafe(16), "people": people}, salt=SALT),
                max_age=LIFETIME,
                path=settings.SESSION_COOKIE_PATH,
                secure=bool(settings.SESSION_COOKIE_SECURE),
                httponly=True,
                samesite="Lax",
            )
        return response


def _read_cookie(request: HttpRequest) -> tuple[str, dict[str, int]]:
    try:
        content = signing.loads(request.COOKIES.get(settings.DEVICE_COOKIE_NAME, ""), salt=SALT, max_age=LIFETIME)
    except signing.BadSignature:
        return "", {}
    return str(content["device"]), dict(content["people"])
