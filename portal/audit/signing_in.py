"""Lines for signing in and out, and for trying to."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import signals

from portal.audit.recording import Action, record


def connect() -> None:
    signals.user_logged_in.connect(_signed_in, dispatch_uid="audit.signed_in")
    signals.user_logged_out.connect(_signed_out, dispatch_uid="audit.signed_out")
    signals.user_login_failed.connect(_failed, dispatch_uid="audit.failed")


def _signed_in(sender: Any, user: Any, **kwargs: Any) -> None:
    record(Action.SIGNED_IN, user, person=user)


def _signed_out(sender: Any, user: Any, **kwargs: Any) -> None:
    if user is not None:
        record(Action.SIGNED_OUT, user, person=user)


def _failed(sender: Any, credentials: dict[str, Any], **kwargs: Any) -> None:
    """The address that was tried, never the password."""
    tried = credentials.get("email") or credentials.get("username") or ""
    record(Action.SIGN_IN_FAILED, after={"email": str(tried)[:254]})
