"""The cells of a form cut at its printed labels: what is left between them may be values."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from reading.document import Box

from ..labels import LabelMap
from ..marks import MARK, ONLY_MARK
from ..text_grid import Cell, Span, TextGrid
from .label_matches import LabelMatch

_EDGES = " \t:;·•●|=_"
_BEFORE = re.compile(r"[-–—.,:;)\s]*[\s:](?=\S)")
"""Punctuation between a label and its value; what touches the value belongs to it."""
_NUMBERED = re.compile(r"\W*(?:\d{1,2}|[a-zA-Z])[.):,]?\s*")
"""What stands before a label to count it."""
_CROSSED = re.compile(r"(?:^|\s)(?P<cross>[xX])\W*$")
_FOREIGN = re.compile(r"[^\W\d_][^:]{0,40}:\W*$")
_ASKING = re.compile(r".{2,}(?:#|№|\?|\b[Nn][Oo]\.?)$")


@dataclass(frozen=True, eq=False)
class CellSegment:
    """A part of a cell: a label of a field, or what stands beside one."""

    span: Span
    match: LabelMatch | None
    is_foreign: bool = False
    """The label of something that nobody asks for."""

    @property
    def text(self) -> str:
        return self.span.text

    @property
    def cell(self) -> Cell:
        return self.span.cell

    @property
    def row(self) -> int:
        return self.span.cell.row

    @cached_property
    def box(self) -> Box:
        return self.span.box

    @property
    def is_label(self) -> bool:
        return self.match is not None or self.is_foreign

    @cached_property
    def is_mark(self) -> bool:
        return ONLY_MARK.fullmatch(self.text) is not None

    @property
    def is_empty_box(self) -> bool:
        mark = MARK.fullmatch(self.text.strip())
        return mark is not None and mark["empty"] is not None

    @cached_property
    def words(self) -> int:
        return len(self.text.split())


class CellSegments:
    """All segments of a document by row, from left to right."""

    def __init__(self, grid: TextGrid, labels: LabelMap, matches: Sequence[LabelMatch]) -> None:
        self.grid = grid
        spans: dict[Cell, list[tuple[Span, LabelMatch]]] = defaultdict(list)
        for match in matches:
            for span in match.spans:
                spans[span.cell].append((span, match))
        self.rows: list[list[CellSegment]] = [
            [segment for cell in row for segment in _cut(cell, spans.get(cell, []), labels)] for row in grid.rows
        ]
        self.of_sign = {segment.match: segment for row in self.rows for segment in row if segment.match is not None}
        """The last segment of each label."""
        edges = sorted(segment.box.x1 for row in self.rows for segment in row)
        self.right_edge = edges[len(edges) * 19 // 20] if edges else 1.0
        """Where nearly all texts end."""
        self._at = {segment: n for row in self.rows for n, segment in enumerate(row)}

    def right_of(self, segment: CellSegment) -> list[CellSegment]:
        return self.rows[segment.row][self._at[segment] + 1 :]

    def left_of(self, segment: CellSegment) -> list[CellSegment]:
        """Nearest first."""
        return self.rows[segment.row][: self._at[segment]][::-1]


def _cut(cell: Cell, matches: Sequence[tuple[Span, LabelMatch]], labels: LabelMap) -> Iterator[CellSegment]:
    start = 0
    for span, match in sorted(matches, key=lambda pair: pair[0].start):
        if not _NUMBERED.fullmatch(cell.text[start : span.start]):
            yield from _free(Span(cell, start, span.start), labels)
        yield CellSegment(span, match)
        start = span.end
    yield from _free(Span(cell, start, len(cell.text)), labels)


def _free(span: Span, labels: LabelMap) -> Iterator[CellSegment]:
    """What is no label: the marks, and the texts between them. A cross at the end is the mark of what follows."""
    start = 0
    marks = [match.span() for match in MARK.finditer(span.text)]
    crossed = _CROSSED.search(span.text)
    for begin, end in [*marks, *([crossed.span("cross")] if crossed else [])]:
        yield from _text(span.cut(start, begin), labels)
        yield CellSegment(span.cut(begin, end), None)
        start = end
    yield from _text(span.cut(start, len(span.text)), labels)


def _text(span: Span, labels: LabelMap) -> Iterator[CellSegment]:
    span = span.stripped(_EDGES)
    before = _BEFORE.match(span.text)
    span = span.cut(before.end() if before else 0, len(span.text))
    if any(char.isalnum() for char in span.text):
        yield CellSegment(span, None, _is_foreign(span, labels))


def _is_foreign(span: Span, labels: LabelMap) -> bool:
    cell = span.cell
    if _FOREIGN.fullmatch(cell.text[span.start :].rstrip(" _.")) and span.end >= len(cell.text.rstrip(" :._")):
        return True
    if _ASKING.search(span.text) and span.end == len(cell.text.rstrip()):
        return True
    known = [label for label in labels.by_cell[cell] if label.is_sure]
    return any(label.start <= span.start + 2 and label.end >= span.end - 2 for label in known)
