"""Audits sign-ins, sign-outs, failed attempts, and changes of credentials."""

from __future__ import annotations

from typing import Any

from allauth.account import signals as account
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa import signals as second_factor
from allauth.mfa.models import Authenticator
from django.contrib.auth import signals
from django.http import HttpRequest

from portal.audit.recording import Action, record

RECOVERY_CODES = Authenticator.Type.RECOVERY_CODES


def connect() -> None:
    receivers = [
        (signals.user_logged_in, _signed_in),
        (signals.user_logged_out, _signed_out),
        (signals.user_login_failed, _failed),
        (account.password_set, _password_changed),
        (account.password_changed, _password_changed),
        (account.password_reset, _password_reset),
        (account.email_added, _email_added),
        (account.email_confirmed, _email_confirmed),
        (account.email_changed, _email_changed),
        (account.email_removed, _email_removed),
        (second_factor.authenticator_added, _factor_added),
        (second_factor.authenticator_reset, _factor_added),
        (second_factor.authenticator_removed, _factor_removed),
        (second_factor.authentication_failed, _factor_failed),
    ]
    for signal, receiver in receivers:
        signal.connect(receiver, dispatch_uid=f"audit.{receiver.__name__}")


def _signed_in(sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
    way = _way_of(request, user)
    record(Action.SIGNED_IN, user, person=user, after={"way": way} if way else None)


def _way_of(request: HttpRequest, user: object) -> str:
    """How the person signed in, unless by a password."""
    records = get_authentication_records(request, user)
    if any(record.get("method") == "socialaccount" for record in records):
        return "company"
    return "passkey" if any(record.get("passwordless") for record in records) else ""


def _signed_out(sender: Any, user: Any, **kwargs: Any) -> None:
    if user is not None:
        record(Action.SIGNED_OUT, user, person=user)


def _failed(sender: Any, credentials: dict[str, Any], **kwargs: Any) -> None:
    """Records the e-mail address that was tried, never the password."""
    tried = credentials.get("email") or credentials.get("username") or ""
    record(Action.SIGN_IN_FAILED, after={"email": str(tried)[:254]})


def _password_changed(sender: Any, user: Any, **kwargs: Any) -> None:
    record(Action.PASSWORD_CHANGED, user, person=user)


def _password_reset(sender: Any, user: Any, **kwargs: Any) -> None:
    record(Action.PASSWORD_RESET, user, person=user)


def _email_added(sender: Any, user: Any, email_address: Any, **kwargs: Any) -> None:
    record(Action.EMAIL_ADDED, user, person=user, after={"email": email_address.email})


def _email_confirmed(sender: Any, email_address: Any, **kwargs: Any) -> None:
    person = email_address.user
    record(Action.EMAIL_CONFIRMED, person, person=person, after={"email": email_address.email})


def _email_changed(sender: Any, user: Any, from_email_address: Any, to_email_address: Any, **kwargs: Any) -> None:
    before = {"email": from_email_address.email} if from_email_address else None
    record(Action.EMAIL_CHANGED, user, person=user, before=before, after={"email": to_email_address.email})


def _email_removed(sender: Any, user: Any, email_address: Any, **kwargs: Any) -> None:
    record(Action.EMAIL_REMOVED, user, person=user, before={"email": email_address.email})


def _factor_added(sender: Any, user: Any, authenticator: Authenticator, **kwargs: Any) -> None:
    action = Action.RECOVERY_CODES_MADE if authenticator.type == RECOVERY_CODES else Action.SECOND_FACTOR_ADDED
    record(action, user, person=user, after={"factor": str(authenticator.type)})


def _factor_removed(sender: Any, user: Any, authenticator: Authenticator, **kwargs: Any) -> None:
    record(Action.SECOND_FACTOR_REMOVED, user, person=user, before={"factor": str(authenticator.type)})


def _factor_failed(sender: Any, user: Any, authenticator: Authenticator | None = None, **kwargs: Any) -> None:
    factor = str(authenticator.type) if authenticator is not None else ""
    record(Action.SECOND_FACTOR_FAILED, user, person=user, after={"factor": factor})
