"""Signal receivers for sign-in."""

from __future__ import annotations

from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.signals import password_reset
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest

from portal import sessions
from portal.people import devices
from portal.people.models import User


def connect() -> None:
    user_logged_in.connect(_remember_device, dispatch_uid="people.known_here")
    user_logged_in.connect(sessions.start_session, dispatch_uid="people.session_begins")
    user_logged_in.connect(_limit_company_session, dispatch_uid="people.company_session_begins")
    password_reset.connect(_remember_device, dispatch_uid="people.known_here_after_reset")


def _limit_company_session(sender: object, request: HttpRequest, user: User, **kwargs: object) -> None:
    if any(record.get("method") == "socialaccount" for record in get_authentication_records(request, user)):
        sessions.limit_company_session(request.session)


def _remember_device(sender: object, request: HttpRequest, user: User, **kwargs: object) -> None:
    devices.remember(request, user)
