"""The extraction API of the settings: its URL and its key."""

from __future__ import annotations

from django.conf import settings
from django.utils.crypto import salted_hmac


def is_embedded() -> bool:
    """Whether the bundled engine is used, as it is without ANESYA_BASE_URL."""
    return not settings.ANESYA_BASE_URL


def connection_url() -> str:
    """The base URL, without a trailing slash."""
    if is_embedded():
        return f"http://{settings.ENGINE_HOST}:{settings.ENGINE_PORT}"
    return str(settings.ANESYA_BASE_URL).rstrip("/")


def connection_key() -> str:
    """The API key. That of the embedded engine is derived from the secret key, so that both sides know it.

    Where the engine is kept apart and does not know the secret key, ENGINE_KEY is given to both.
    """
    if is_embedded() and settings.ENGINE_KEY:
        return str(settings.ENGINE_KEY)
    if is_embedded():
        return salted_hmac("portal.engine", "embedded key", algorithm="sha256").hexdigest()
    return str(settings.ANESYA_API_KEY)


def key_fingerprint(key: str | None = None) -> str:
    """A keyed hash that tells keys apart without storing them; by default that of the configured key."""
    key = connection_key() if key is None else key
    return salted_hmac("portal.default_api", key, algorithm="sha256").hexdigest()
