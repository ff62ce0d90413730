"""Arguments of tools: their JSON Schema, and a sentence for what does not fit it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from portal.request_encoding import is_valid_text


class BadInput(Exception):
    """A sentence for the agent, which can mend the call by itself."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A text, or a whole number if the default is one. Without a default it is required."""

    name: str
    description: str
    default: str | int | None = None
    choices: Sequence[str] = ()
    minimum: int = 0
    maximum: int = 1000
    """Of a number; of a text, its longest length."""

    @property
    def is_number(self) -> bool:
        return isinstance(self.default, int)

    @property
    def schema(self) -> dict[str, Any]:
        schema: dict[str, Any] = {"description": self.description}
        if self.is_number:
            schema |= {"type": "integer", "minimum": self.minimum, "maximum": self.maximum}
        else:
            schema |= {"type": "string", "maxLength": self.maximum}
        if self.choices:
            schema["enum"] = list(self.choices)
        return schema if self.default in (None, "") else schema | {"default": self.default}

    def checked(self, value: Any) -> str | int:
        if self.is_number:
            return self._number(value)
        if not isinstance(value, str) or not is_valid_text(value):
            raise BadInput(_("“%(name)s” must be a text.") % {"name": self.name})
        if self.choices and value not in self.choices:
            words = {"name": self.name, "choices": ", ".join(f"“{choice}”" for choice in self.choices)}
            raise BadInput(_("“%(name)s” must be one of %(choices)s.") % words)
        if len(value) > self.maximum:
            words = {"name": self.name, "limit": str(self.maximum)}
            raise BadInput(_("“%(name)s” must not be longer than %(limit)s characters.") % words)
        return value

    def _number(self, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not self.minimum <= value <= self.maximum:
            words = {"name": self.name, "minimum": self.minimum, "maximum": self.maximum}
            raise BadInput(_("“%(name)s” must be a whole number from %(minimum)d to %(maximum)d.") % words)
        return value


def input_schema(parameters: Sequence[Parameter]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {parameter.name: parameter.schema for parameter in parameters},
        "required": [parameter.name for parameter in parameters if parameter.default is None],
        "additionalProperties": False,
    }


def check_arguments(parameters: Sequence[Parameter], given: Mapping[str, Any]) -> dict[str, Any]:
    """All arguments, with defaults for those left out. Raises `BadInput`."""
    known = {parameter.name: parameter for parameter in parameters}
    for name in given:
        if name not in known:
            words = {"name": name[:100], "names": ", ".join(known)}
            raise BadInput(_("There is no parameter “%(name)s”. These are: %(names)s.") % words)
    checked: dict[str, Any] = {}
    for name, parameter in known.items():
        value = given.get(name)
        if value is None:
            if parameter.default is None:
                raise BadInput(_("“%(name)s” is missing.") % {"name": name})
            checked[name] = parameter.default
        else:
            checked[name] = parameter.checked(value)
    return checked
