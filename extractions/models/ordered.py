"""JSON whose keys keep their order."""

from __future__ import annotations

import json
from typing import Any

from django.db import models


class OrderedJSONField(models.TextField[Any, Any]):
    """JSON kept as text. PostgreSQL's jsonb sorts the keys of an object, and refuses characters that JSON allows.

    The order of a schema's properties is the order in which people read the fields. Not for queries by content: the
    single values have a table of their own. Python's None is the database's NULL.
    """

    def from_db_value(self, value: str | None, expression: object, connection: object) -> Any:
        return None if value is None else json.loads(value)

    def to_python(self, value: Any) -> Any:
        return value

    def get_prep_value(self, value: Any) -> str | None:
        return None if value is None else json.dumps(value)

    def value_to_string(self, obj: models.Model) -> str:
        return json.dumps(self.value_from_object(obj))
