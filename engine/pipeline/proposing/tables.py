"""Tables that no known list field has claimed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Set

from ..parsing.schema_extractor import SchemaExtractor
from ..parsing.tables.headers import Column
from ..parsing.tables.table import Table
from ..parsing.text_grid import Cell
from .found import Found
from .values import typed_value

_LEAST_ROWS, _LEAST_COLUMNS = 2, 2
_FILLED = 0.4
"""The share of a table's rows in which a column has to be filled."""


def other_tables(extractor: SchemaExtractor, taken: Set[Cell]) -> Iterator[Found]:
    for table in extractor.tables.tables:
        cells = {cell for item in table.items for cell in item.cells}
        if len(table.items) < _LEAST_ROWS or len(cells & taken) * 2 >= len(cells):
            continue
        columns = tuple(found for column in table.header.columns if (found := _column(table, column, extractor)))
        if len(columns) >= _LEAST_COLUMNS:
            title = table.header.title
            yield Found("group", "", (), "", title, many=True, columns=columns)


def _column(table: Table, column: Column, extractor: SchemaExtractor) -> Found | None:
    cells = [spans for item in table.items if (spans := item.parts.get(column))]
    if not cells or len(cells) < _FILLED * len(table.items):
        return None
    texts = [" ".join(span.text for span in spans) for spans in cells]
    kinds = Counter(typed_value(text, column.text, extractor.grid.style).kind for text in texts)
    kind = kinds.most_common(1)[0][0]
    if kind == "integer" and kinds["number"]:
        kind = "number"
    others = tuple(span for spans in cells[1:] for span in spans)
    label = " ".join(column.text.split())
    return Found(kind, texts[0], tuple(cells[0]), "", label, tuple(cell.span for cell in column.cells), others=others)
