"""The base of all pages of Django's admin."""

from __future__ import annotations

from typing import TypeVar

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

M = TypeVar("M", bound=Model)


class BaseModelAdmin(admin.ModelAdmin[M]):
    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> M | None:
        """Django takes an empty `_to_field` for the name of a field, and answers 500."""
        return super().get_object(request, object_id, from_field or None)
