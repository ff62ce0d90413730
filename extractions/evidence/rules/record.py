"""A result as rules look at it: values by path, and by what they are called."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from extractions.evidence.fields import Field, Fields
from extractions.evidence.lexicon import Group
from extractions.result.leaves import ISO_DATE
from extractions.result.numbers import decimal_of
from extractions.result.rows import is_row, split_row

MOST_VALUES = 12
UNJUDGED = "unjudged"
"""Of a rule that cannot be judged: nothing is known against any value."""
EMPTY: tuple[Any, ...] = (None, "")


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that does not hold. `paths` are the values it speaks of; `blamed` is the likely culprit among them."""

    rule: str
    paths: tuple[str, ...]
    blamed: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {"rule": self.rule, "paths": list(self.paths), "params": dict(self.params)}


@dataclass(slots=True)
class Ledger:
    """Which rules hold and which do not: the value that most of the broken ones share is to blame."""

    held: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    broken: list[tuple[str, tuple[str, ...], str, dict[str, Any]]] = field(default_factory=list)

    def note(
        self, holds: bool, rule: str, paths: tuple[str, ...], wanted: Decimal, numbers: Mapping[str, Decimal]
    ) -> None:
        """The last of the paths is the result of the others, and `wanted` what it should be."""
        if holds:
            for path in paths:
                self.held[path] += 1
        else:
            params = {
                "wanted": str(wanted),
                "value": str(numbers[paths[-1]]),
                "difference": str(abs(wanted - numbers[paths[-1]])),
                "values": [str(numbers[path]) for path in paths[:MOST_VALUES]],
            }
            self.broken.append((rule, paths, paths[-1], params))

    def findings(self, doubtful: frozenset[str]) -> Iterator[Finding]:
        """`doubtful` are values that the document does not show; they are suspected first."""
        shared: defaultdict[str, int] = defaultdict(int)
        for _, paths, _, _ in self.broken:
            for path in paths:
                shared[path] += 1

        for rule, paths, result, params in self.broken:

            def suspicion(path: str, result: str = result) -> tuple[bool, int, bool]:
                return path in doubtful, shared[path] - self.held[path], path == result

            blamed = max(paths, key=suspicion)
            details = params if blamed != result else params | {"expected": float(params["wanted"])}
            yield Finding(rule, paths, blamed, details)


class Record:
    """`values` are the scalars of a result by their paths, in order."""

    def __init__(self, values: Mapping[str, Any], schema: Any) -> None:
        self.values = values
        self.fields = Fields(schema)

    def field(self, path: str) -> Field:
        return self.fields.at(path)

    @cached_property
    def numbers(self) -> dict[str, Decimal]:
        found = {}
        for path, value in self.values.items():
            number = number_of(value)
            if number is not None:
                found[path] = number
        return found

    @cached_property
    def days(self) -> dict[str, date]:
        found = {}
        for path, value in self.values.items():
            day = day_of(value)
            if day is not None:
                found[path] = day
        return found

    @cached_property
    def single(self) -> dict[Group, dict[str, str]]:
        """Concept to path, by group of the lexicon, for values outside of rows; the first one counts."""
        return self._named([path for path in self.values if "[" not in path])

    @cached_property
    def tables(self) -> dict[str, list[dict[str, str]]]:
        """For each list of objects its rows, as amounts' concepts to paths."""
        rows: defaultdict[str, defaultdict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
        for path in self.values:
            above = path.rpartition(".")[0]
            if is_row(above):
                of, number = split_row(above)
                rows[of][number].append(path)
        return {
            name: [self._named(paths)["amounts"] for _, paths in sorted(numbered.items())]
            for name, numbered in rows.items()
        }

    def _named(self, paths: list[str]) -> dict[Group, dict[str, str]]:
        named: dict[Group, dict[str, str]] = {"amounts": {}, "dates": {}, "codes": {}}
        for path in paths:
            if self.values[path] in EMPTY:
                continue
            of = self.field(path)
            for group, known in named.items():
                if group == "amounts" and path not in self.numbers:
                    continue
                if group == "dates" and path not in self.days:
                    continue
                name = of.means(group)
                if name:
                    known.setdefault(name, path)
        return named


def number_of(value: object) -> Decimal | None:
    number = None if isinstance(value, str) else decimal_of(value)
    # Of two of these, the product still has its cents.
    return number if number is not None and abs(number) < Decimal(10) ** 12 else None


def day_of(value: object) -> date | None:
    found = ISO_DATE.match(value) if isinstance(value, str) else None
    try:
        return date.fromisoformat(found.group(1)) if found else None
    except ValueError:
        return None
