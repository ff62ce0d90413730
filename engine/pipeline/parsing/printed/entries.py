"""What was written beside the printed labels of a form, decided for all labels together.

Every pair of a label and a piece of text that stands where its value may stand is rated; the best pair is taken
first, and neither its field nor its text is given away again. So an empty label does not get its neighbour's value.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from ...values import Style
from ..candidates import Candidate
from ..fields import Field, Type
from ..generic import value_within
from ..labels import LabelMap
from ..sheet import Sheet, Span
from .lists import list_pairs
from .pairs import Pair, pairs_of
from .paragraphs import items_of, whole
from .pieces import Piece, Pieces
from .signs import Sign, find_signs

_ENOUGH = 0.55
_WRITTEN = (Type.STRING, Type.NUMBER, Type.INTEGER)
_SHARED = 0.8
"""So likely a pair must be for a cell of a column to be the value of a label beside it as well."""
_FIGURES = re.compile(r"(?<!\S)\W?\d*[.,]\d+(?!\S)")
_STRETCHES = ("row", "column")
_CROSSING = (*_STRETCHES, "right")
"""What a cell of a column may be as well: the value of the label on its left."""


class Entries:
    """The values of all fields whose labels the schema quotes."""

    def __init__(self, sheet: Sheet, labels: LabelMap, root: Field) -> None:
        self.sheet = sheet
        self.found: dict[Field, list[Candidate]] = {}
        fields = list(_asked(root))
        signs = find_signs(sheet, fields)
        if not signs:
            return
        _note(labels, signs)
        given = _Giving(sheet, labels, signs).found
        self.found = {sign.field: given.get(sign.field, []) for sign in signs}

    def knows(self, field: Field) -> bool:
        return field in self.found

    def values(self, field: Field) -> list[Candidate]:
        return sorted(self.found[field], key=lambda one: (one.cell.row, one.spans[0].box.x0))


def _note(labels: LabelMap, signs: Iterable[Sign]) -> None:
    """Tell where these labels are, so that none is taken for the value of a field without a quoted label."""
    for sign in signs:
        first = sign.spans[0]
        labels.asked_at[first.cell].append(first.start)
        for span in sign.spans:
            behind = span.cell.text[span.end :].strip(" .)")
            if span.start <= 3 and (not behind or behind.startswith(":")):
                labels.asked.add(span.cell)


def _asked(parent: Field) -> Iterator[Field]:
    for field in parent.children:
        if field.type is Type.OBJECT:
            yield from _asked(field)
        elif field.quoted and not field.options and (field.items or field).type in _WRITTEN:
            yield field


class _Giving:
    """One round of giving pieces to fields."""

    def __init__(self, sheet: Sheet, labels: LabelMap, signs: Sequence[Sign]) -> None:
        self.style: Style = sheet.style
        self.pieces = Pieces(sheet, labels, signs)
        self.found: dict[Field, list[Candidate]] = defaultdict(list)
        self.used: set[Sign] = set()
        self._taken: dict[Piece, set[str]] = defaultdict(set)
        pairs = sorted(self._pairs(signs), key=lambda pair: -pair.score)
        for pair in pairs:
            if pair.score >= _ENOUGH:
                self._give(pair)
        for pair in pairs:
            if pair.score >= _SHARED and pair.sign.field.type is not Type.ARRAY:
                self._give(pair, shared=_STRETCHES)

    def _pairs(self, signs: Iterable[Sign]) -> Iterator[Pair]:
        lists: dict[Field, list[Sign]] = defaultdict(list)
        for sign in signs:
            if sign.field.type is Type.ARRAY:
                lists[sign.field].append(sign)
            else:
                yield from pairs_of(self.pieces, sign)
        for group in lists.values():
            yield from list_pairs(self.pieces, group)

    def _give(self, pair: Pair, shared: Sequence[str] = ()) -> None:
        field = pair.sign.field
        if pair.sign in self.used or (field.type is not Type.ARRAY and field in self.found):
            return
        if pair.kind in _STRETCHES:
            others = _CROSSING if pair.kind == "column" else _STRETCHES
            kept = [piece for piece in pair.pieces if not self._taken[piece] - set(others)]
            groups = [[piece] for piece in kept if pair.kind not in self._taken[piece]]
        elif any(self._taken[piece] - set(shared) for piece in pair.pieces):
            return
        else:
            found = whole(self.pieces, pair, lambda piece: not self._taken[piece])
            groups = items_of(found) if field.type is Type.ARRAY else [found]
        item = field.items or field
        spans = [part for group in groups for part in _parts([piece.span for piece in group], field)]
        values = [value_within(item, part, self.style, pair.score) for part in spans]
        candidates = [value for value in values if value is not None]
        if candidates:
            self.used.add(pair.sign)
            self.found[field] += candidates
            for group in groups:
                for piece in group:
                    self._taken[piece].add(pair.kind)


def _parts(spans: Sequence[Span], field: Field) -> list[Sequence[Span]]:
    """The values in a text; figures with decimals that were read as one cell of a list are several."""
    text = spans[0].text if len(spans) == 1 else ""
    figures = list(_FIGURES.finditer(text)) if field.type is Type.ARRAY else []
    if len(figures) > 1 and not re.search(r"[^\W_]", _FIGURES.sub("", text)):
        return [[spans[0].cut(*figure.span())] for figure in figures]
    return [spans]
