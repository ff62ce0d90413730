"""Whether the service rings when a document has ended, which spares asking.

It is forgotten at a restart and after a while of silence; then the service is asked as often as before.
"""

from __future__ import annotations

from django.core.cache import cache

BELIEVED_FOR = 3600


def heard(connection: int) -> None:
    """A webhook came for a document that was sent by this connection."""
    cache.set(_name(connection), True, BELIEVED_FOR)


def are_believed(connection: int) -> bool:
    return cache.get(_name(connection)) is not None


def _name(connection: int) -> str:
    return f"rings:{connection}"
