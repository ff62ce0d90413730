"""One field that a document seems to have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..parsing.text_grid import Span


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """`known` names it in the vocabulary of schema fields, `label` is what is printed beside it; one may be empty."""

    kind: str
    value: str
    spans: tuple[Span, ...]
    known: str = ""
    label: str = ""
    label_spans: tuple[Span, ...] = ()
    many: bool = False
    options: tuple[str, ...] = ()
    columns: tuple[Found, ...] = ()
    """Of a group or a table."""
    others: tuple[Span, ...] = ()
    """The cells of a column below the first."""
    score: float = 1.0
    """How likely it is a field at all (0 to 1)."""
    aside: bool = False
    """Whether it says once more what another field says as a whole."""

    @property
    def all_spans(self) -> Iterator[Span]:
        yield from self.spans
        yield from self.others
        for column in self.columns:
            yield from column.all_spans

    @property
    def order(self) -> tuple[int, int, float]:
        """From top to bottom; tables and groups where they begin."""
        first = next(iter((*self.label_spans, *self.all_spans)), None)
        return (first.page, first.cell.row, first.box.x0) if first is not None else (1 << 20, 0, 0.0)
