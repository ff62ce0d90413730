"""Which extraction API this installation speaks to, and with which key."""

from __future__ import annotations

from django.conf import settings
from django.utils.crypto import salted_hmac


def is_embedded() -> bool:
    """Without an address in the settings, the engine that comes with the portal is used."""
    return not settings.ANESYA_BASE_URL


def connection_url() -> str:
    """The API's address, without a slash at the end."""
    if is_embedded():
        return f"http://{settings.ENGINE_HOST}:{settings.ENGINE_PORT}"
    return str(settings.ANESYA_BASE_URL).rstrip("/")


def connection_key() -> str:
    """The API key. That of the embedded engine follows from the secret key, so that both sides know it."""
    if is_embedded():
        return salted_hmac("portal.engine", "embedded key", algorithm="sha256").hexdigest()
    return str(settings.ANESYA_API_KEY)


def key_fingerprint(key: str | None = None) -> str:
    """Tells keys apart without keeping them; without one, that of the settings."""
    key = connection_key() if key is None else key
    return salted_hmac("portal.connection", key, algorithm="sha256").hexdigest()
