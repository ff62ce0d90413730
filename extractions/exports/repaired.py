"""The extracted data as it stands after people have corrected it."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

_PART = re.compile(r"\[(\d+)\]|([^.\[\]]+)")


def current_data(data: Any, changes: Iterable[tuple[str, Any, bool]]) -> Any:
    """`changes`: path, the value that a person gave (None where there is none), and whether its row was taken out."""
    changes = list(changes)
    if not changes or not isinstance(data, dict | list):
        return data
    data = copy.deepcopy(data)
    removed: set[tuple[str | int, ...]] = set()
    for path, value, gone in changes:
        parts = parts_of(path)
        if gone:
            removed.add(_row_of(parts))
        else:
            _put(data, parts, value)
    for row in sorted(removed, key=lambda parts: parts[-1] if isinstance(parts[-1], int) else 0, reverse=True):
        _take_out(data, row)
    return data


def parts_of(path: str) -> tuple[str | int, ...]:
    """`lines[0].amount`: "lines", 0, "amount"."""
    return tuple(int(index) if index else name for index, name in _PART.findall(path))


def _row_of(parts: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """Up to the first number: the row that the value stands in."""
    at = next((place for place, part in enumerate(parts) if isinstance(part, int)), len(parts) - 1)
    return parts[: at + 1]


def _put(data: Any, parts: tuple[str | int, ...], value: Any) -> None:
    for part, following in pairwise(parts):
        empty: Any = [] if isinstance(following, int) else {}
        if isinstance(part, int):
            if not isinstance(data, list):
                return
            data.extend([] if isinstance(following, int) else {} for _ in range(part + 1 - len(data)))
            data = data[part]
        elif isinstance(data, dict):
            if not isinstance(data.get(part), dict | list):
                data[part] = empty
            data = data[part]
        else:
            return
    last = parts[-1] if parts else None
    if isinstance(last, int) and isinstance(data, list):
        data.extend([None] * (last + 1 - len(data)))
        data[last] = value
    elif isinstance(last, str) and isinstance(data, dict):
        data[last] = value


def _take_out(data: Any, row: tuple[str | int, ...]) -> None:
    for part in row[:-1]:
        if isinstance(data, dict):
            data = data.get(part)
        elif isinstance(data, list) and isinstance(part, int) and part < len(data):
            data = data[part]
        else:
            return
    last = row[-1]
    if isinstance(last, int) and isinstance(data, list) and last < len(data):
        del data[last]
    elif isinstance(data, dict):
        data.pop(last, None)
