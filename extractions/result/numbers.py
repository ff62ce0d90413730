"""Bounds for untrusted numbers, before anything is computed with them."""

from __future__ import annotations

import json
import math
import re
from decimal import Decimal, InvalidOperation

MAX_DIGITS = 40
"""The most digits that a number may have on either side of the decimal point. Longer ones are treated as text."""

# A cheap precheck: only texts that match need every number inspected. The words of a page alone have thousands.
ODD = re.compile(rf"[0-9]{{{MAX_DIGITS}}}|[eE]\+?[0-9]{{3}}")


def parse_json(text: str | bytes) -> object:
    """Like `json.loads`, but `NaN`, `1e400` and numbers of thousands of digits stay text.

    As numbers they would be infinite, unequal to themselves or impossible to print, and no database takes them.
    """
    written = text if isinstance(text, str) else text.decode(json.detect_encoding(text), "surrogatepass")
    if not ODD.search(written):
        return json.loads(written, parse_constant=str)
    return json.loads(written, parse_constant=str, parse_float=_float, parse_int=_int)


def dump_json(value: object) -> str:
    """Like `json.dumps`, but always valid JSON, which `parse_json` reads back unchanged."""
    try:
        written = json.dumps(value, allow_nan=False)
    except ValueError:
        written = ""
    return written if written and not ODD.search(written) else json.dumps(_without_odd_numbers(value), allow_nan=False)


def storable_number(value: float) -> float | str:
    """The number, or its text if it is out of bounds."""
    return value if is_usable(value) else _text(value)


def is_usable(value: object) -> bool:
    """Whether it is an int or a float within bounds: finite, and for ints below 10**MAX_DIGITS."""
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and abs(value) < 10**MAX_DIGITS


def decimal_of(value: object) -> Decimal | None:
    """The int, float, Decimal or text as a bounded decimal; None for anything else, booleans included."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        return None
    if isinstance(value, int | float) and not is_usable(value):
        return None
    try:
        return bounded(value if isinstance(value, Decimal) else Decimal(str(value)))
    except InvalidOperation:
        return None


def bounded(number: Decimal) -> Decimal | None:
    """The number; None for NaN, infinity, and exponents so extreme that writing it out would exhaust memory."""
    if not number.is_finite():
        return None
    exponent = number.as_tuple().exponent
    fits = isinstance(exponent, int) and exponent >= -MAX_DIGITS * 10 and number.adjusted() < MAX_DIGITS
    return number if fits or not number else None


def _without_odd_numbers(value: object) -> object:
    match value:
        case int() | float():
            return storable_number(value)
        case list() | tuple():
            return [_without_odd_numbers(item) for item in value]
        case dict():
            return {name: _without_odd_numbers(item) for name, item in value.items()}
    return value


def _float(text: str) -> float | str:
    value = float(text)
    return value if math.isfinite(value) else text


def _int(text: str) -> int | str:
    return int(text) if len(text.lstrip("-")) <= MAX_DIGITS else text


def _text(value: float) -> str:
    try:
        return str(value)
    except ValueError:  # Python does not write out integers of more than 4300 digits
        return hex(value) if isinstance(value, int) else repr(value)
