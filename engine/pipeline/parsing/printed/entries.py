"""What was written beside the printed labels of a form, decided for all labels together.

Every pair of a label and a piece of text that stands where its value may stand is rated; the best pair is taken
first, and neither its field nor its text is given away again. So an empty label does not get its neighbour's value.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from reading.literals.style import Style

from ..candidates import Candidate
from ..fields import Field, Type
from ..framed import Frames
from ..generic import value_within
from ..labels import LabelMap
from ..text_grid import Span, TextGrid
from .cell_segments import CellSegment, CellSegments
from .label_matches import LabelMatch, match_labels
from .lists import list_pairs
from .pairs import Pair, pairs_of
from .paragraphs import items_of, whole

_ENOUGH = 0.55
_PARTED = 0.7
"""What a pair loses if a ruled box keeps the value from its label."""
_WRITTEN = (Type.STRING, Type.NUMBER, Type.INTEGER)
_SHARED = 0.8
"""So likely a pair must be for a cell of a column to be the value of a label beside it as well."""
_FIGURES = re.compile(r"(?<!\S)\W?\d*[.,]\d+(?!\S)")
_STRETCHES = ("row", "column")
_CROSSING = (*_STRETCHES, "right")
"""What a cell of a column may be as well: the value of the label on its left."""


class Entries:
    """The values of all fields whose labels the schema quotes."""

    def __init__(self, grid: TextGrid, labels: LabelMap, root: Field, frames: Frames | None = None) -> None:
        self.grid = grid
        self.frames = frames
        self.found: dict[Field, list[Candidate]] = {}
        fields = list(_requested(root))
        matches = match_labels(grid, fields)
        if not matches:
            return
        _note(labels, matches)
        given = _Giving(grid, labels, matches, frames).found
        self.found = {match.field: given.get(match.field, []) for match in matches}

    def knows(self, field: Field) -> bool:
        return field in self.found

    def values(self, field: Field) -> list[Candidate]:
        return sorted(self.found[field], key=lambda one: (one.cell.row, one.spans[0].box.x0))


def _note(labels: LabelMap, matches: Iterable[LabelMatch]) -> None:
    """Tell where these labels are, so that none is taken for the value of a field without a quoted label."""
    for match in matches:
        first = match.spans[0]
        labels.asked_at[first.cell].append(first.start)
        for span in match.spans:
            behind = span.cell.text[span.end :].strip(" .)")
            if span.start <= 3 and (not behind or behind.startswith(":")):
                labels.schema_labels.add(span.cell)


def _requested(parent: Field) -> Iterator[Field]:
    for field in parent.children:
        if field.type is Type.OBJECT:
            yield from _requested(field)
        elif field.quoted and not field.options and (field.items or field).type in _WRITTEN:
            yield field


class _Giving:
    """One round of giving segments to fields."""

    def __init__(
        self, grid: TextGrid, labels: LabelMap, matches: Sequence[LabelMatch], frames: Frames | None = None
    ) -> None:
        self.style: Style = grid.style
        self._frames = frames
        self.segments = CellSegments(grid, labels, matches)
        self.found: dict[Field, list[Candidate]] = defaultdict(list)
        self.used: set[LabelMatch] = set()
        self._taken: dict[CellSegment, set[str]] = defaultdict(set)
        pairs = sorted(self._pairs(matches), key=lambda pair: -pair.score)
        for pair in pairs:
            if pair.score * (_PARTED if self._is_parted(pair) else 1.0) >= _ENOUGH:
                self._give(pair)
        for pair in pairs:
            single = pair.match.field.type is not Type.ARRAY
            if pair.score >= _SHARED and single and not self._is_parted(pair):
                self._give(pair, shared=_STRETCHES)

    def _is_parted(self, pair: Pair) -> bool:
        """Whether a ruled box keeps what may be the value from its label."""
        frames = self._frames
        if pair.kind in _STRETCHES or pair.match.field.type is Type.ARRAY:
            return False  # a table's own rules part them
        return frames is not None and frames.parted(pair.match.last.cell, pair.segments[0].cell)

    def _pairs(self, matches: Iterable[LabelMatch]) -> Iterator[Pair]:
        lists: dict[Field, list[LabelMatch]] = defaultdict(list)
        for match in matches:
            if match.field.type is Type.ARRAY:
                lists[match.field].append(match)
            else:
                yield from pairs_of(self.segments, match)
        for group in lists.values():
            yield from list_pairs(self.segments, group)

    def _give(self, pair: Pair, shared: Sequence[str] = ()) -> None:
        field = pair.match.field
        if pair.match in self.used or (field.type is not Type.ARRAY and field in self.found):
            return
        if pair.kind in _STRETCHES:
            others = _CROSSING if pair.kind == "column" else _STRETCHES
            kept = [segment for segment in pair.segments if not self._taken[segment] - set(others)]
            groups = [[segment] for segment in kept if pair.kind not in self._taken[segment]]
        elif any(self._taken[segment] - set(shared) for segment in pair.segments):
            return
        else:
            found = whole(self.segments, pair, lambda segment: not self._taken[segment])
            groups = items_of(found) if field.type is Type.ARRAY else [found]
        item = field.items or field
        spans = [part for group in groups for part in _parts([segment.span for segment in group], field)]
        values = [value_within(item, part, self.style, pair.score) for part in spans]
        candidates = [value for value in values if value is not None]
        if candidates:
            self.used.add(pair.match)
            self.found[field] += candidates
            for group in groups:
                for segment in group:
                    self._taken[segment].add(pair.kind)


def _parts(spans: Sequence[Span], field: Field) -> list[Sequence[Span]]:
    """The values in a text; figures with decimals that were read as one cell of a list are several."""
    text = spans[0].text if len(spans) == 1 else ""
    figures = list(_FIGURES.finditer(text)) if field.type is Type.ARRAY else []
    if len(figures) > 1 and not re.search(r"[^\W_]", _FIGURES.sub("", text)):
        return [[spans[0].cut(*figure.span())] for figure in figures]
    return [spans]
