"""Encrypts stored credentials, so that the database is useless without the keys in the settings."""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.crypto import salted_hmac


class Unreadable(Exception):
    """Encrypted with a key that is no longer in the settings."""


def seal(secret: str) -> str:
    """Encrypt with the newest key."""
    return _fernet().encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str:
    """Decrypt with any of the keys, which allows rotation; raises `Unreadable`."""
    try:
        return _fernet().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise Unreadable from error


def reseal(sealed: str) -> str:
    """Re-encrypt with the newest key; raises `Unreadable`."""
    try:
        return _fernet().rotate(sealed.encode()).decode()
    except InvalidToken as error:
        raise Unreadable from error


def _fernet() -> MultiFernet:
    secrets = [*settings.SEALING_KEYS, settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_key(secret)) for secret in secrets])


def _key(secret: str) -> bytes:
    derived = salted_hmac("portal.sealing", "keys of services", secret=secret, algorithm="sha256")
    return base64.urlsafe_b64encode(derived.digest())
