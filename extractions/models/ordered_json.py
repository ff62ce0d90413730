"""A JSON field that preserves key order."""

from __future__ import annotations

from typing import Any

from django.db import models

from extractions.result.numbers import dump_json, parse_json


class OrderedJSONField(models.TextField[Any, Any]):
    """JSON stored as text: PostgreSQL's jsonb reorders keys and rejects characters that JSON allows.

    The order of a schema's properties is the display order of its fields. Not meant for queries by content; values have
    their own table. None is stored as NULL. Numbers outside of JSON, or too large to compute with, become strings.
    """

    def from_db_value(self, value: str | None, expression: object, connection: object) -> object:
        return None if value is None else parse_json(value)

    def to_python(self, value: object) -> object:
        return value

    def get_prep_value(self, value: object) -> str | None:
        return None if value is None else dump_json(value)

    def value_to_string(self, obj: models.Model) -> str:
        return dump_json(self.value_from_object(obj))
