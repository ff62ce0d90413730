"""Secrets of others that the portal keeps: without the site's own secret, what the database holds is of no use."""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.crypto import salted_hmac


class Unreadable(Exception):
    """It was sealed with a secret that is not in the settings any more."""


def seal(secret: str) -> str:
    """With the first of the secrets of the settings."""
    return _fernet().encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str:
    """With any of them, so that they can be changed; raises `Unreadable`."""
    try:
        return _fernet().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise Unreadable from error


def _fernet() -> MultiFernet:
    secrets = [*settings.SEALING_KEYS, settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_key(secret)) for secret in secrets])


def _key(secret: str) -> bytes:
    made = salted_hmac("portal.sealing", "keys of services", secret=secret, algorithm="sha256")
    return base64.urlsafe_b64encode(made.digest())
