"""The cache that all processes share: in the database, or in Redis where one is configured.

Sign-in limits depend on it, so entries must not be evicted before they expire.
"""

from __future__ import annotations

import base64
import pickle
from urllib.parse import urlsplit

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import DatabaseCache
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, router, transaction
from django.utils import timezone

TABLE = "portal_shared_cache"
REDIS_TIMEOUT = 5  # seconds; without a timeout, a hanging Redis would block every thread
CULL_THRESHOLD = 1_000  # entries; above it, expired ones are deleted at the next write


def cache_settings(url: str) -> dict[str, object]:
    """`default` is for what each process may compute for itself, `shared` for what all of them must agree on."""
    in_process = {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    }
    if not url:
        options: dict[str, object] = {"MAX_ENTRIES": CULL_THRESHOLD}
        shared = {"BACKEND": "portal.shared_cache.SharedDatabaseCache", "LOCATION": TABLE, "OPTIONS": options}
    elif urlsplit(url).scheme in {"redis", "rediss", "unix"}:
        backend = "django.core.cache.backends.redis.RedisCache"
        options = {"socket_timeout": REDIS_TIMEOUT}
        shared = {"BACKEND": backend, "LOCATION": url, "KEY_PREFIX": "portal", "OPTIONS": options}
    else:
        raise ImproperlyConfigured("CACHE_URL must be empty or the address of a Redis, such as redis://host:6379/1.")
    return {"default": in_process, "shared": shared}


class SharedDatabaseCache(DatabaseCache):
    """Django's database cache, but without eviction, with atomic `incr`, and with errors for failed writes."""

    def set(self, key: str, value: object, timeout: object = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        """Django silently drops the value when two processes insert the same key at once."""
        full_key = self.make_and_validate_key(key, version=version)
        if not any(self._base_set("set", full_key, value, timeout) for _attempt in range(2)):  # type: ignore[attr-defined]
            raise DatabaseError(f"The shared cache could not store {key}.")

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        from portal.models import SharedEntry

        full_key = self.make_and_validate_key(key, version=version)
        database = router.db_for_write(SharedEntry)
        with transaction.atomic(using=database):
            rows = SharedEntry.objects.using(database).select_for_update()
            row = rows.filter(pk=full_key, expires__gt=timezone.now()).first()
            if row is None:
                raise ValueError(f"There is no entry {key}.")
            total = int(pickle.loads(base64.b64decode(row.value))) + delta  # noqa: S301 - written by this class only
            row.value = base64.b64encode(pickle.dumps(total, self.pickle_protocol)).decode("latin1")
            row.save(update_fields=["value"])
        return total

    def _cull(self, db: str, cursor: object, now: object, num: int) -> None:
        from portal.models import SharedEntry

        SharedEntry.objects.using(db).filter(expires__lt=now).delete()
