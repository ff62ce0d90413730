"""Whatever is done to a document's rows, it says the same everywhere, and each value keeps its own proof and history.

A model of lists and dictionaries does the same things; rows are named by nothing but their places in it.
"""

from __future__ import annotations

import copy
import itertools
import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.urls import reverse
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from extractions.models import Extraction, Value
from extractions.presentation.document.fields import Table, outline
from extractions.result.leaves import leaves
from extractions.result.rows import RowEdits
from extractions.verification.grounding import ground_values
from extractions.verification.review_status import current_data_of, refresh_status
from tests.factories import State, make_extraction, make_schema
from tests.review.screens import (
    ShownGrid,
    data_of_json,
    data_of_zip,
    grids_of,
    rows_of_csv,
    sheets_of_workbook,
)

SCHEMA = {
    "type": "object",
    "properties": {
        "total": {"type": "number"},
        "groups": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "name": {"type": "string"},
                    "tags": {"type": "array", "items": {"type": "string"}},
                    "lines": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "properties": {"label": {"type": "string"}, "amount": {"type": "integer"}},
                        },
                    },
                },
            },
        },
        "notes": {"type": "array", "items": {"type": "string"}},
    },
}
COLUMNS = {"groups": ["name"], "tags": [""], "lines": ["label", "amount"], "notes": [""]}


@dataclass
class Leaf:
    """A value of the model: where it was extracted, and what people set it to, in order."""

    value: Any
    number: int
    path: str | None = None


@dataclass
class Model:
    """The tree, and what undoing goes back to."""

    tree: Any
    numbers: Any = field(default_factory=lambda: itertools.count(1))
    past: list[Any] = field(default_factory=list)
    future: list[Any] = field(default_factory=list)
    given: dict[int, list[Any]] = field(default_factory=dict)
    """By the number of a value, what it was set to."""

    @classmethod
    def of(cls, data: Any) -> Model:
        model = cls(None)
        model.tree = model.grown(data, "")
        return model

    def grown(self, data: Any, path: str) -> Any:
        match data:
            case dict():
                return {name: self.grown(of, f"{path}.{name}" if path else name) for name, of in data.items()}
            case list():
                return [self.grown(of, f"{path}[{number}]") for number, of in enumerate(data)]
        return Leaf(data, next(self.numbers), path)

    def act(self) -> None:
        self.past.append(copy.deepcopy(self.tree))
        self.future.clear()

    def undo(self) -> None:
        if self.past:
            self.future.append(self.tree)
            self.tree = self.past.pop()

    def redo(self) -> None:
        if self.future:
            self.past.append(self.tree)
            self.tree = self.future.pop()

    def lists(self) -> list[tuple[str, list[Any]]]:
        """The tables in the order of the screen: kind, and the rows."""
        found = [("groups", self.tree["groups"])]
        for group in self.tree["groups"]:
            found += [("tags", group.setdefault("tags", [])), ("lines", group.setdefault("lines", []))]
        return [*found, ("notes", self.tree["notes"])]

    def add(self, kind: str, rows: list[Any]) -> None:
        if kind in ("tags", "notes"):
            rows.append(Leaf(None, next(self.numbers)))
        else:
            rows.append({name: Leaf(None, next(self.numbers)) for name in COLUMNS[kind]})

    def set(self, kind: str, rows: list[Any], row: int, column: int, value: Any) -> None:
        name = COLUMNS[kind][column]
        if not name:
            leaf = rows[row]
        else:
            leaf = rows[row].get(name) or Leaf(None, next(self.numbers))
            if value is not None or name in rows[row]:
                rows[row][name] = leaf
        leaf.value = value
        self.given.setdefault(leaf.number, []).append(value)


def plain(tree: Any) -> Any:
    """The data of the model, without the empty lists that only the screen shows."""
    match tree:
        case Leaf():
            return tree.value
        case dict():
            return {name: plain(of) for name, of in tree.items() if of != [] or name not in ("tags", "lines")}
        case list():
            return [plain(of) for of in tree]
    return tree


def without_empty(data: Any) -> Any:
    match data:
        case dict():
            return {name: without_empty(of) for name, of in data.items() if of != [] or name not in ("tags", "lines")}
        case list():
            return [without_empty(of) for of in data]
    return data


def make(owner, data: Any, *, as_text: bool) -> Extraction:
    """Each extracted value has a place of its own, by which it is known again."""
    schema = make_schema("Groups", schema=SCHEMA)
    found = list(leaves(data))
    places = {leaf.path: [(number + 1) / 1000, 0.1, (number + 2) / 1000, 0.2] for number, leaf in enumerate(found)}
    row = make_extraction(
        owner=owner,
        state=State.EXTRACTED,
        schema=schema,
        extracted_data=json.dumps(data) if as_text else data,
        raw={"x_locations": {path: [{"page": 1, "bbox": box}] for path, box in places.items()}},
    )
    Value.objects.bulk_create(
        Value(
            extraction=row, position=number, path=leaf.path, extracted=leaf.value, text=leaf.text, number=leaf.number,
            page=1, boxes=[places[leaf.path]], evidence="exact",
        )
        for number, leaf in enumerate(found)
    )  # fmt: skip
    refresh_status(row)
    row.places = places
    return row


WORDS = st.text("abcdefgh", min_size=1, max_size=4)
LINES = st.fixed_dictionaries({}, optional={"label": WORDS, "amount": st.integers(1, 99)})
DATA = st.fixed_dictionaries(
    {
        "total": st.integers(1, 99),
        "groups": st.lists(
            st.fixed_dictionaries(
                {"name": WORDS}, optional={"tags": st.lists(WORDS, max_size=3), "lines": st.lists(LINES, max_size=3)}
            ),
            max_size=3,
        ),
        "notes": st.lists(WORDS, max_size=3),
    }
)
PLACES = st.tuples(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50))
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("set"), PLACES, WORDS),
        st.tuples(st.just("add"), PLACES),
        st.tuples(st.just("remove"), PLACES),
        st.tuples(st.just("paste"), PLACES, st.lists(st.lists(WORDS, min_size=1, max_size=3), min_size=1, max_size=3)),
        st.tuples(st.just("undo")),
        st.tuples(st.just("redo")),
        st.tuples(st.just("prove")),
    ),
    max_size=10,
)


class Desk:
    """Does the same to the document, through its screen, and to the model."""

    def __init__(self, client, document: Extraction, model: Model) -> None:
        self.client, self.document, self.model = client, document, model

    def do(self, step: tuple[Any, ...]) -> None:
        verb, *rest = step
        if verb in ("undo", "redo"):
            there = self.model.past if verb == "undo" else self.model.future
            self.say(200 if there else 422, do=verb)
            getattr(self.model, verb)()
        elif verb == "prove":
            ground_values(Extraction.objects.get(pk=self.document.pk))
        else:
            (table, row, column), *more = rest
            grids, lists = grids_of(self.client, self.document), self.model.lists()
            assert len(grids) == len(lists)
            at = table % len(grids)
            getattr(self, verb)(grids[at], *lists[at], row, column, *more)

    def say(self, status: int, **asked: Any) -> None:
        address = reverse("extractions:review_value", args=[self.document.key])
        answer = self.client.post(address, json.dumps(asked), content_type="application/json")
        assert answer.status_code == status, answer.content

    def set(self, grid: ShownGrid, kind: str, rows: list[Any], row: int, column: int, word: str) -> None:
        if not rows:
            return
        row, column = row % len(rows), column % len(COLUMNS[kind])
        value = typed(kind, column, word)
        path, _text = grid.lines[row][1][column]
        self.model.act()
        self.model.set(kind, rows, row, column, value)
        self.say(200, do="set", path=path, text=str(value))

    def add(self, grid: ShownGrid, kind: str, rows: list[Any], row: int, column: int) -> None:
        self.model.act()
        self.model.add(kind, rows)
        self.say(200, do="add", path=grid.path, names=grid.names)

    def remove(self, grid: ShownGrid, kind: str, rows: list[Any], row: int, column: int) -> None:
        if not rows:
            return
        self.model.act()
        del rows[row % len(rows)]
        self.say(200, do="remove", path=grid.lines[row % len(grid.lines)][0])

    def paste(self, grid: ShownGrid, kind: str, rows: list[Any], row: int, column: int, block: Any) -> None:
        names = COLUMNS[kind]
        row, column = row % (len(rows) + 1), column % len(names)
        first = grid.lines[row][0] if row < len(rows) else grid.next_row
        self.model.act()
        sent = []
        for number, words in enumerate(block):
            if row + number == len(rows):
                self.model.add(kind, rows)
            sent.append([])
            for at, word in enumerate(words[: len(names) - column], column):
                value = typed(kind, at, word)
                self.model.set(kind, rows, row + number, at, value)
                sent[-1].append(str(value))
        self.say(200, do="paste", row=first, column=grid.names[column], names=grid.names, block=sent)


def typed(kind: str, column: int, word: str) -> Any:
    return len(word) * 7 if kind == "lines" and column == 1 else word


@pytest.mark.django_db
@settings(
    max_examples=40,
    phases=[Phase.explicit, Phase.generate],  # each example asks for a dozen pages: shrinking would take minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=DATA, steps=STEPS, as_text=st.booleans())
def test_rows_say_the_same_everywhere_whatever_is_done_to_them(client, alice, data, steps, as_text):
    document, model = make(alice, data, as_text=as_text), Model.of(data)
    client.force_login(alice)
    desk = Desk(client, document, model)

    for step in steps:
        desk.do(step)
        same_data(client, document, model)

    same_tables(client, document, model)
    same_files(client, document, model)
    same_proof(document, model)


def same_data(client, document: Extraction, model: Model) -> None:
    row = Extraction.objects.get(pk=document.pk)
    expected = plain(model.tree)
    assert without_empty(current_data_of(row, row.values.all())) == expected
    assert without_empty(data_of_json(client, document)) == expected


def same_tables(client, document: Extraction, model: Model) -> None:
    """The review screen row by row, and the page's tables."""
    shown = [[[text for _path, text in cells] for _line, cells in grid.lines] for grid in grids_of(client, document)]
    assert shown == [[[as_text(cell) for cell in cells_of(kind, row)] for row in rows] for kind, rows in model.lists()]


def cells_of(kind: str, row: Any) -> list[Any]:
    return [row] if isinstance(row, Leaf) else [row.get(name) for name in COLUMNS[kind]]


def as_text(leaf: Leaf | None) -> str:
    return "" if leaf is None or leaf.value is None else str(leaf.value)


def same_files(client, document: Extraction, model: Model) -> None:
    data = plain(model.tree)
    in_archive, _table = data_of_zip(client, document)
    assert without_empty(in_archive) == data
    groups = [group_as_row(group) for group in data["groups"]]
    named = {
        number: {name: text for name, text in group.items() if text}
        for number, group in enumerate(groups)
        if any(group.values())
    }
    in_csv = [
        {
            name.removeprefix("groups."): filled(text)
            for name, text in row.items()
            if name.startswith("groups.") and text
        }
        for row in rows_of_csv(client, document)
    ]
    assert [row for row in in_csv if row] == list(named.values())
    sheets = sheets_of_workbook(client, document)
    in_book = {
        row["row"] - 1: {
            name: filled(str(text))
            for name, text in row.items()
            if name not in ("key", "document", "row") and text is not None
        }
        for row in sheets.get("groups", [])
    }
    assert {number: row for number, row in in_book.items() if row} == named
    main = sheets["Documents"][0]
    assert filled(str(main.get("notes") or "")) == joined(data["notes"])


def group_as_row(group: dict[str, Any]) -> dict[str, str]:
    lines = group.get("lines", [])
    return {
        "name": group.get("name") or "",
        "tags": joined(group.get("tags", [])),
        "lines.label": joined(line.get("label") for line in lines if "label" in line),
        "lines.amount": joined(line.get("amount") for line in lines if "amount" in line),
    }


def joined(values: Any) -> str:
    text = "; ".join("" if value is None else str(value) for value in values)
    return filled(text) if text.strip("; ") else ""


def filled(cell: str) -> str:
    """Without empty values at the end: a row that lost its label is the same as one that never had one."""
    return cell.rstrip("; ")


def same_proof(document: Extraction, model: Model) -> None:
    """Each value on the page has its own place, its own past, and its own history."""
    row = Extraction.objects.get(pk=document.pk)
    values = list(row.values.all())
    laid_out = outline(current_data_of(row, values), SCHEMA, values, edits=RowEdits.read(row.row_edits), editable=True)
    tables = [section for section in laid_out.sections if isinstance(section, Table)]
    assert len(tables) == len(model.lists())
    for table, (kind, rows) in zip(tables, model.lists(), strict=True):
        assert len(table.rows) == len(rows)
        for cells, model_row in zip(table.rows, rows, strict=True):
            for cell, leaf in zip(cells, cells_of(kind, model_row), strict=True):
                proof_of(row, document.places, cell, leaf, model)


def proof_of(row: Extraction, places: dict[str, Any], cell: Any, leaf: Leaf | None, model: Model) -> None:
    if leaf is None:
        return
    if leaf.path is not None:
        assert cell.path == leaf.path
        assert [list(box) for box in cell.boxes] in ([places[leaf.path]], [] if cell.value.corrected else None)
        assert cell.value.text == ("" if leaf.value is None else str(leaf.value))
    else:
        assert cell.boxes == ()
    kept = row.changes.filter(path=cell.path, kind__in=("set", "confirm")).order_by("pk")
    assert [change.after["value"] for change in kept] == model.given.get(leaf.number, [])
