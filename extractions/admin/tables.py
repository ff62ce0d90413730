"""Admin pages of models that have nothing but columns: a list, a search, and every row with all that is no secret."""

from __future__ import annotations

from typing import ClassVar

from django.contrib import admin
from django.db import models
from django.db.models import JSONField, Model, QuerySet, TextField
from django.http import HttpRequest

from extractions.admin.base import ReadOnlyAdmin
from extractions.models import Extraction
from extractions.models.extraction_queryset import LARGE_COLUMNS

HIDDEN = (
    *("token", "nonce", "token_hash", "key_hash", "password", "sealed_password", "sealed_secret"),
    *("sealed_former_secret", "sealed_private_key", "document"),
)
"""Secrets, hashes of secrets, and files, which only pages with access checks of their own serve."""


class TableAdmin(ReadOnlyAdmin[Model]):
    ordering = ("-pk",)
    large: ClassVar[tuple[str, ...]] = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Model]:
        return super().get_queryset(request).defer(*self.large)


def register(model: type[Model], *columns: str, search: tuple[str, ...] = ()) -> None:
    """`columns` are those of the list. Searched are also the names of the documents and teams of the rows."""
    fields = {field.name: field for field in model._meta.concrete_fields}
    keys = [name for name, field in fields.items() if isinstance(field, models.ForeignKey)]
    shown = tuple(name for name in fields if name not in HIDDEN and not fields[name].primary_key)
    large = [name for name in shown if isinstance(fields[name], JSONField | TextField) and name not in columns]
    large += [f"{key}__{name}" for key in keys if fields[key].related_model is Extraction for name in LARGE_COLUMNS]
    named = tuple(f"{key}__name" for key in ("extraction", "team") if key in keys)
    facts = {
        "list_display": columns,
        "list_select_related": tuple(name for name in columns if name in keys),
        "list_filter": tuple(name for name in columns if fields[name].choices),
        "search_fields": search + named,
        "fields": shown,
        "readonly_fields": shown,
        "large": tuple(large),
    }
    admin.site.register(model, type(f"{model.__name__}Admin", (TableAdmin,), facts))
