"""The path of one field of a result: `total`, `seller.name`, `lines[0].amount`.

Paths are stable: a number in a path is the row's identity, which is its index in the extracted data or, for a row that
somebody added, the next free number. Removing a row renumbers nothing. `result.rows` maps identities to current
positions, for pages and exports.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

MAX_DEPTH = 24
"""Steps from the root, names and numbers alike. Anything nested deeper is one value, shown as text."""
MAX_LENGTH = 1000
"""Characters; the length of the database columns."""

_STEP = re.compile(r"\[(\d{1,9})\]|\.?([^.\[\]]+)")
_INDEX = re.compile(r"\[\d+\]")

Step = str | int


class InvalidPath(ValueError):
    """The text is no valid path: malformed, too long or too deep."""


@dataclass(frozen=True, slots=True)
class FieldPath:
    """A parsed path: names and row numbers from the root down."""

    steps: tuple[Step, ...] = ()

    @classmethod
    def parse(cls, text: str) -> FieldPath:
        if len(text) > MAX_LENGTH:
            raise InvalidPath("too long")
        return _parsed(text)

    def __str__(self) -> str:
        text = ""
        for step in self.steps:
            text = f"{text}[{step}]" if isinstance(step, int) else join(text, step)
        return text

    @property
    def depth(self) -> int:
        return len(self.steps)

    @property
    def parent(self) -> FieldPath:
        return FieldPath(self.steps[:-1])

    @property
    def name(self) -> str:
        """The last name in it; empty for a row of a top-level list."""
        return next((step for step in reversed(self.steps) if isinstance(step, str)), "")

    @property
    def is_row(self) -> bool:
        """Whether it names a whole row such as `lines[2]`, or a single value of a list."""
        return bool(self.steps) and isinstance(self.steps[-1], int)

    @property
    def rows(self) -> Iterator[FieldPath]:
        """The enclosing rows, outermost first, including the path itself if it is a row."""
        for at, step in enumerate(self.steps):
            if isinstance(step, int):
                yield FieldPath(self.steps[: at + 1])

    @property
    def general(self) -> str:
        """The same field in all rows: `lines[].amount`."""
        return general_path(str(self))

    def child(self, step: Step) -> FieldPath:
        return FieldPath((*self.steps, step))


def join(path: str, name: str) -> str:
    """Appends a name, unescaped, as the embedded engine and the pages do."""
    return f"{path}.{name}" if path else name


def general_path(text: str) -> str:
    """`lines[3].amount` without row numbers: `lines[].amount`."""
    return _INDEX.sub("[]", text) if "[" in text else text


def first_row_path(general: str) -> str:
    """`lines[].amount` in the first row: `lines[0].amount`."""
    return general.replace("[]", "[0]")


def depth_of(text: str) -> int:
    return text.count("[") + text.count(".") + (bool(text) and not text.startswith("["))


def names_of(text: str) -> list[str]:
    """The names in it, without the rows."""
    return [name for _index, name in _STEP.findall(text) if name]


def without_rows(text: str) -> str:
    """`lines[3].amount` and `lines[].amount` as `lines.amount`."""
    return general_path(text).replace("[]", "")


@lru_cache(maxsize=16_384)
def _parsed(text: str) -> FieldPath:
    steps: list[Step] = []
    at = 0
    while at < len(text):
        found = _STEP.match(text, at)
        if found is None or (text[at] == ".") != (bool(steps) and found[1] is None):
            raise InvalidPath("malformed")
        steps.append(int(found[1]) if found[1] else found[2])
        at = found.end()
    if len(steps) > MAX_DEPTH:
        raise InvalidPath("too deep")
    return FieldPath(tuple(steps))
