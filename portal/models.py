"""State that all processes share, besides people and documents."""

from __future__ import annotations

from django.db import models


class SharedEntry(models.Model):
    """An entry of the shared cache (portal/shared_cache.py), in the columns that Django's database cache expects."""

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "portal_shared_cache"

    def __str__(self) -> str:
        return self.cache_key
