"""The OpenAPI description: what drf-spectacular derives, with the scope that each operation takes."""

from __future__ import annotations

from functools import cache
from typing import Any, cast

from django.utils import translation
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema

DESCRIBED = "extractions.api.described"
SCOPE = "x-scope"


class ScopedSchema(AutoSchema):
    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation = super().get_operation(*args, **kwargs)
        scopes = getattr(self.view, "scopes", None)
        if operation is not None and scopes is not None:
            operation[SCOPE] = str(scopes.get(self.method, ""))
        return operation


@cache
def openapi_document() -> dict[str, Any]:
    """In English, whoever asks: clients are generated from it."""
    with translation.override("en"):
        generator = SchemaGenerator(urlconf=DESCRIBED)  # type: ignore[no-untyped-call]
        return cast(dict[str, Any], generator.get_schema(request=None, public=True))  # type: ignore[no-untyped-call]
