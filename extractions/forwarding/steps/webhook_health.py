"""Whether webhooks arrive for a connection, so that polling can be less frequent.

Kept in the cache for `RELIABLE_SECONDS` after the last webhook.
"""

from __future__ import annotations

from django.core.cache import cache

RELIABLE_SECONDS = 3600


def record_webhook(connection: int) -> None:
    """A webhook came for a document that was sent by this connection."""
    cache.set(_name(connection), True, RELIABLE_SECONDS)


def is_reliable(connection: int) -> bool:
    return cache.get(_name(connection)) is not None


def _name(connection: int) -> str:
    return f"rings:{connection}"
