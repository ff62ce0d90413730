"""Whether sign-in by the company's account is set up, and whether it is the only way."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


def is_configured() -> bool:
    return bool(settings.OIDC_ISSUER and settings.OIDC_CLIENT_ID)


def is_the_only_way() -> bool:
    """Passwords and passkeys sign nobody in then; `manage.py people break-glass` remains."""
    return is_configured() and bool(settings.OIDC_ONLY)


def passwords_closed() -> ValidationError:
    return ValidationError(_("Here, people sign in by the account of the company only."))
