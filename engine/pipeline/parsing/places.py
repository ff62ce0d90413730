"""Places of a form where values are written, each with the texts that may be its label."""

from __future__ import annotations

from dataclasses import dataclass

from .text_grid import Cell, Span


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """What stands in one place of a form, and the texts that may be its label with how usual their place is."""

    spans: tuple[Span, ...]
    labels: tuple[tuple[str, float], ...]
    named_by: tuple[Cell, ...] = ()
    """The cells of its label, which are nobody's value."""
    ticked: bool | None = None
    """Of a check box, which is its own value."""
    is_tabled: bool = False
    """Whether it is named by its row and its column."""

    @property
    def cells(self) -> set[Cell]:
        return {span.cell for span in self.spans}
