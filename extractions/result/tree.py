"""A result with its schema and row edits: which paths exist, and the current data with corrections applied."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

from extractions.result.json_text import unpacked
from extractions.result.leaves import leaves, named
from extractions.result.paths import MAX_DEPTH, MAX_LENGTH, FieldPath, InvalidPath, Step, general_path, join
from extractions.result.rows import RowEdits
from extractions.result.schema import (
    SCALARS,
    WRAPPED,
    Schema,
    as_schema,
    is_list,
    items_of,
    kind_of,
    properties_of,
    schema_at,
    walk,
)

_INDEX = re.compile(r"\[(\d{1,9})\]")


class UnknownField(ValueError):
    """The path is declared neither by schema nor data, or its row is beyond the next new one."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


class ResultTree:
    """`data` as extracted, as a tree or as JSON text. Paths name rows by their identities."""

    def __init__(self, data: Any, schema: Any = None, edits: RowEdits | None = None) -> None:
        self.data = unpacked(data)
        self.schema = as_schema(schema)
        self.edits = edits or RowEdits()

    def row_count(self, path: str) -> int:
        """How many rows the list ever had, extracted and added; this is the number of the next new row."""
        try:
            return self._row_count(self.resolve(path))
        except UnknownField:
            return 0

    def _row_count(self, path: FieldPath) -> int:
        found = _node(self.data, path.steps)
        return (len(found) if isinstance(found, list) else 0) + self.edits.added.get(str(path), 0)

    def resolve(self, text: str) -> FieldPath:
        """Parse a path by the names in data and schema, which may contain dots or brackets. Raises `UnknownField`."""
        if len(text) > MAX_LENGTH:
            raise UnknownField(text)
        try:
            plain = FieldPath.parse(text)
        except InvalidPath:
            plain = None
        if plain is not None and not self._odd_names:
            return plain
        steps = self._leaf_steps.get(text) or _steps(text, self.data, self.schema)
        if steps is not None and len(steps) <= MAX_DEPTH:
            return FieldPath(steps)
        if plain is None:
            raise UnknownField(text)
        return plain

    def check_value(self, text: str) -> None:
        """Raise `UnknownField` unless a scalar is declared there, in rows that exist or come next."""
        if general_path(text) not in self._values:
            raise UnknownField(text)
        self._check_rows(self.resolve(text), new=True)

    def check_list(self, text: str) -> None:
        """Raise `UnknownField` unless it is a list, in existing rows."""
        if general_path(text) not in self._lists:
            raise UnknownField(text)
        self._check_rows(self.resolve(text), new=False)

    def check_row(self, text: str) -> None:
        """Raise `UnknownField` unless it is an existing row."""
        path = self.resolve(text)
        if not path.is_row or general_path(str(path.parent)) not in self._lists:
            raise UnknownField(text)
        self._check_rows(path, new=False)

    def columns(self, path: str) -> list[str]:
        """The columns of the list: names relative to a row, or "" for a list of scalars."""
        start = f"{general_path(path)}[]"
        below = (general.removeprefix(start) for general in self._values if general.startswith(start))
        return [name.removeprefix(".") for name in below if "[]" not in name]

    def rows_left(self, path: str) -> list[int]:
        """The numbers of the list's remaining rows, in order."""
        return [row for row in range(self.row_count(path)) if not self.edits.is_removed(f"{path}[{row}]")]

    def has_rows(self, path: FieldPath, *, new: bool = False) -> bool:
        """Whether each row in the path exists or, with `new`, is the next one."""
        return all(int(row.steps[-1]) < self._row_count(row.parent) + new for row in path.rows)

    def _check_rows(self, path: FieldPath, *, new: bool) -> None:
        if not self.has_rows(path, new=new):
            raise UnknownField(str(path))

    @cached_property
    def _values(self) -> dict[str, None]:
        """The general paths of scalars, in order. Paths of lists are excluded, whatever the data has there."""
        announced = [node.path for node in walk(self.schema) if node.is_leaf]
        of_data = (general_path(leaf.path) for leaf in leaves(self.data))
        return dict.fromkeys([*announced, *(path for path in of_data if path not in self._lists)])

    @cached_property
    def _lists(self) -> set[str]:
        """The general paths of lists; the empty path for a top-level list."""
        announced = {node.path for node in walk(self.schema) if is_list(node.schema)}
        return announced | self._shape.lists | ({""} if is_list(self.schema) else set())

    @cached_property
    def _odd_names(self) -> bool:
        """Whether some name contains path syntax."""
        names = [*self._shape.names, *properties_of(self.schema)]
        names += [name for node in walk(self.schema) for name in properties_of(node.schema)]
        return any(not name or "." in name or "[" in name or "]" in name for name in names)

    @cached_property
    def _leaf_steps(self) -> dict[str, tuple[Step, ...]]:
        return {path: steps for path, steps, _value in named(self.data)}

    @cached_property
    def _shape(self) -> _Shape:
        return _Shape.of(self.data)


@dataclass(frozen=True, slots=True)
class _Shape:
    """The general paths of the data's lists, and all of its names."""

    lists: set[str]
    names: set[str]

    @classmethod
    def of(cls, data: Any) -> _Shape:
        shape = cls(set(), set())
        stack: list[tuple[str, Any, int]] = [("", data, 0)]
        while stack:
            path, node, depth = stack.pop()
            if depth >= MAX_DEPTH:
                continue
            if isinstance(node, Mapping):
                shape.names.update(map(str, node))
                stack.extend((join(path, str(name)), inner, depth + 1) for name, inner in node.items())
            elif isinstance(node, list):
                shape.lists.add(path)
                stack.extend((f"{path}[]", inner, depth + 1) for inner in node)
        return shape


def current_data(
    data: object, changes: Iterable[tuple[str, object]], edits: RowEdits | None = None, schema: object = None
) -> Any:
    """The extracted data with edits applied. `changes` are pairs of path and value given by people.

    Changes in rows that never existed or are removed are ignored.
    """
    tree = ResultTree(data, schema, edits)
    changes = list(changes)
    if not changes and not tree.edits.added and not tree.edits.removed:
        return tree.data
    return _CurrentDataBuilder(tree).build(changes)


class _CurrentDataBuilder:
    """Builds the current data: a copy, changed by row identities, from which removed rows are deleted last."""

    def __init__(self, tree: ResultTree) -> None:
        self.tree = tree

    def build(self, changes: list[tuple[str, Any]]) -> Any:
        data = _copy(self.tree.data)
        for path in sorted(self.tree.edits.added, key=lambda text: (text.count("["), text)):
            data = self._with_added(data, path)
        for text, value in changes:
            data = self._with(data, text, value)
        for row in self._removed():
            _cut_out(data, row)
        return data

    def _with_added(self, data: object, text: str) -> Any:
        try:
            path = self.tree.resolve(text)
        except UnknownField:
            return data
        if not self.tree.has_rows(path):
            return data
        found = _node(data, path.steps)
        rows = list(found) if isinstance(found, list) else []
        single = bool(rows) and not isinstance(rows[0], dict | list)
        empty: Any = None if single or self._holds_single_values(text) else {}
        missing = self.tree.row_count(text) - len(rows)
        rows += [dict(empty) if isinstance(empty, dict) else None for _number in range(missing)]
        return _put(data, path.steps, rows)

    def _holds_single_values(self, text: str) -> bool:
        return f"{general_path(text)}[]" in self.tree._values

    def _with(self, data: object, text: str, value: object) -> Any:
        try:
            path = self.tree.resolve(text)
        except UnknownField:
            return data
        if not self.tree.has_rows(path):
            return data
        there = _node(data, path.steps)
        if isinstance(there, dict) and WRAPPED in there and kind_of(schema_at(self.tree.schema, text)) in SCALARS:
            path = path.child(WRAPPED)
        elif isinstance(there, dict | list) and there and path.depth < MAX_DEPTH:
            return data  # a scalar must not replace the values below it
        return _put(data, path.steps, value)

    def _removed(self) -> list[FieldPath]:
        """Removed rows in descending order, so that deleting one does not shift those still to be deleted."""
        rows = []
        for text in self.tree.edits.removed:
            with suppress(UnknownField):
                rows.append(self.tree.resolve(text))
        return sorted(rows, key=lambda row: [(isinstance(step, int), step) for step in row.steps], reverse=True)


def _put(data: Any, steps: tuple[Step, ...], value: Any) -> Any:
    """Set the value at the path. Missing containers are created; missing rows are not."""
    if not steps:
        return value
    if not isinstance(data, dict | list):
        data = [] if isinstance(steps[0], int) else {}
    node: Any = data
    for step, following in pairwise(steps):
        inner = _inner(node, step)
        if not isinstance(inner, list if isinstance(following, int) else dict):
            inner = [] if isinstance(following, int) else {}
            if not _set(node, step, inner):
                return data
        node = inner
    _set(node, steps[-1], value)
    return data


def _set(node: Any, step: Step, value: Any) -> bool:
    if isinstance(step, int):
        if not isinstance(node, list) or step >= len(node):
            return False
    elif not isinstance(node, dict):
        return False
    node[step] = value
    return True


def _inner(node: object, step: Step) -> Any:
    if isinstance(step, int):
        return node[step] if isinstance(node, list) and step < len(node) else None
    return node.get(step) if isinstance(node, dict) else None


def _node(data: object, steps: Iterable[Step]) -> Any:
    for step in steps:
        data = _inner(data, step)
    return data


def _cut_out(data: object, row: FieldPath) -> None:
    rows, number = _node(data, row.parent.steps), int(row.steps[-1])
    if isinstance(rows, list) and number < len(rows):
        del rows[number]


def _copy(data: object) -> Any:
    """Copy containers, share scalars. Iterative, for data may be nested deeper than the recursion limit."""
    holder: list[Any] = [data]
    stack: list[tuple[Any, Any]] = [(holder, 0)]
    while stack:
        node, at = stack.pop()
        value = node[at]
        if isinstance(value, dict):
            node[at] = value = dict(value)
            stack.extend((value, name) for name in value)
        elif isinstance(value, list):
            node[at] = value = list(value)
            stack.extend((value, number) for number in range(len(value)))
    return holder[0]


def _steps(text: str, data: object, schema: Schema, *, first: bool = True) -> tuple[Step, ...] | None:
    """Parse by known names, preferring the longest that leads to a full parse; None if there is none."""
    if not text:
        return ()
    if found := _INDEX.match(text):
        number = int(found[1])
        inner = data[number] if isinstance(data, list) and number < len(data) else None
        below = _steps(text[found.end() :], inner, items_of(schema), first=False)
        return None if below is None else (number, *below)
    text = text if first else text.removeprefix(".")
    of_data = data if isinstance(data, Mapping) else {}
    known = properties_of(schema)
    for name in sorted({*map(str, of_data), *known}, key=len, reverse=True):
        if text.startswith(name) and text[len(name) : len(name) + 1] in {"", ".", "["}:
            below = _steps(text[len(name) :], of_data.get(name), known.get(name, {}), first=False)
            if below is not None:
                return (name, *below)
    return None
