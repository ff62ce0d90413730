"""What a schema demands of a single value: its type, choices, limits and form.

Each demand is judged by itself and none of them raises: schemas come from people, and one demand that makes no sense
says nothing against the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import DecimalException
from typing import Any

from extractions.result.numbers import decimal_of, is_usable


def broken_demands(schema: Mapping[str, object], value: object) -> Iterator[str]:
    """The keywords of the schema that the value breaks; patterns are not among them."""
    for keyword, breaks in DEMANDS.items():
        if keyword in schema and breaks(schema[keyword], value):
            yield keyword


def is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and is_usable(value)


def _type(demand: object, value: object) -> bool:
    kinds = demand if isinstance(demand, list) else [demand]
    known = [TYPES[kind] for kind in kinds if isinstance(kind, str) and kind in TYPES]
    return len(known) == len(kinds) > 0 and not any(fits(value) for fits in known)


def _enum(demand: object, value: object) -> bool:
    return isinstance(demand, list) and not any(_same(choice, value) for choice in demand)


def _const(demand: object, value: object) -> bool:
    return not _same(demand, value)


def _minimum(demand: Any, value: Any) -> bool:
    return is_number(demand) and is_number(value) and value < demand


def _maximum(demand: Any, value: Any) -> bool:
    return is_number(demand) and is_number(value) and value > demand


def _min_length(demand: Any, value: Any) -> bool:
    return is_number(demand) and isinstance(value, str) and len(value) < demand


def _max_length(demand: Any, value: Any) -> bool:
    return is_number(demand) and isinstance(value, str) and len(value) > demand


def _multiple_of(demand: Any, value: Any) -> bool:
    if not is_number(demand) or not is_number(value) or demand <= 0:
        return False
    step, number = decimal_of(demand), decimal_of(value)
    try:
        return step is not None and number is not None and number % step != 0
    except DecimalException:
        return False  # so many steps that none of them can be told


def _same(one: object, other: object) -> bool:
    """1 and 1.0 are the same; 1 and true are not."""
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


DEMANDS: Mapping[str, Callable[[Any, Any], bool]] = {
    "type": _type,
    "enum": _enum,
    "const": _const,
    "minimum": _minimum,
    "maximum": _maximum,
    "minLength": _min_length,
    "maxLength": _max_length,
    "multipleOf": _multiple_of,
}
TYPES: Mapping[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "number": is_number,
    "integer": lambda value: is_number(value) and value == int(value),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
}
