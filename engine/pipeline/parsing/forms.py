"""Filled-in forms: which box and which blank belongs to which field, decided for all fields together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from reading.document import Blank, Box, Page

from .boxes import in_column, level
from .candidates import Candidate
from .choices import yes_or_no
from .fields import Field, Option, Type
from .framed import Frames
from .generic import value_within
from .laid_out import tabled_places
from .likeness import group_name, likeness, wordings
from .marks import MARK, Mark
from .numbered import number_match
from .places import Place
from .questions import marks_of
from .text_grid import Cell, TextGrid
from .written import written_texts

_ENOUGH, _BOXED, _TABLED, _SURE = 0.6, 0.7, 0.72, 0.9
_BESIDE, _ABOVE, _WITHIN, _UNDER = 1.0, 0.97, 0.97, 0.7
_LEVEL = 0.5
"""The least share of its height that a label has in common with the blank after it."""
_BOXES = 3
"""A page with at least this many check boxes is a form."""
_LABEL_WORDS = 8
_ROOM = 2.2
"""How many line heights above a blank its label may be."""


class Form:
    """The check boxes and blanks of a document, and the fields that they were given to."""

    def __init__(self, pages: Sequence[Page], grid: TextGrid, frames: Frames, *, tabled: bool) -> None:
        self.pages = pages
        self.grid = grid
        self.frames = frames
        self.marks = marks_of(grid, frames)
        self.places = list(_places(pages, grid))
        self.tabled = list(tabled_places(grid)) if tabled else []
        self._blanks = {page.number: page.blanks for page in pages}
        self.boxed = [place for place in self.frames.places() if not self._is_blank(place)]
        self.written: list[Place] = []
        self._given: dict[int, Mark | Place] = {}
        self.taken: set[object] = set()
        """Places, value cells and label cells that are assigned already."""

    def give(self, root: Field) -> None:
        """Give every box and blank to the field whose name says best what is printed beside it."""
        self.written = list(self._written(root))
        pairs = list(self._pairs(root)) if self.marks or self.places or self.boxed or self.tabled else []
        for score, field, thing in sorted(pairs, key=lambda pair: -pair[0]):
            own = {thing, *(thing.cells if isinstance(thing, Place) else ())}
            if score >= _ENOUGH and id(field) not in self._given and not own & self.taken:
                self._given[id(field)] = thing
                self.taken |= own | set(thing.named_by if isinstance(thing, Place) else ())

    def _is_blank(self, place: Place) -> bool:
        """Whether the file itself declares a fillable field there, which is the better source."""
        return any(_inside(cell.box, blank.box) for cell in place.cells for blank in self._blanks[cell.page])

    def _written(self, root: Field) -> Iterator[Place]:
        """The texts on pages that have check boxes but no fillable fields declared in the file."""
        names = [wordings(field) for field in _single(root) if not field.quoted]
        known: dict[Cell, bool] = {}

        def is_label(cell: Cell) -> bool:
            if cell not in known:
                known[cell] = any(_of_texts(words, [cell.text]) >= _ENOUGH for words in names)
            return known[cell]

        for page in self.pages:
            marks = sum(mark.place.page == page.number for mark in self.marks)
            if not page.blanks and marks >= _BOXES:
                for cells, labels in written_texts(self.grid.rows, page.number, is_label):
                    yield Place(tuple(cell.span for cell in cells), labels)

    def _pairs(self, parent: Field) -> Iterator[tuple[float, Field, Mark | Place]]:
        for field in parent.children:
            if field.type is Type.OBJECT:
                yield from self._pairs(field)
                continue
            if field.type is Type.ARRAY or field.options:
                continue
            group = group_name(field, parent.children) if field.type is Type.BOOLEAN else ()
            names = wordings(field, group)
            if field.type is Type.BOOLEAN:
                yield from ((_of_mark(names, mark), field, mark) for mark in self.marks)
                yield from ((_of_place(field, names, place), field, place) for place in self.boxed if _answers(place))
            if field.type is not Type.BOOLEAN:
                places = self.places if field.quoted else (*self.places, *self.written)
                yield from ((_of_place(field, names, place), field, place) for place in places)
                yield from self._boxed_pairs(field, names)

    def _boxed_pairs(
        self, field: Field, names: Sequence[tuple[tuple[str, ...], float]]
    ) -> Iterator[tuple[float, Field, Place]]:
        for place in self.boxed:
            score = _of_place(field, names, place)
            if score >= _BOXED:
                yield score, field, place
        for place in self.tabled if field.type in (Type.NUMBER, Type.INTEGER) else ():
            score = _of_place(field, names, place)
            if score >= _TABLED:
                yield score, field, place

    def knows(self, field: Field) -> bool:
        return id(field) in self._given

    def value(self, field: Field) -> Candidate | None:
        """What stands in the field's own place; None where that is empty, which is an answer, too."""
        thing = self._given[id(field)]
        if isinstance(thing, Mark):
            if field.type is Type.BOOLEAN:
                return Candidate(thing.ticked, (thing.place,), _SURE)
            return Candidate(thing.place.text, (thing.place,), _SURE) if thing.ticked else None
        if field.type is Type.BOOLEAN:
            return Candidate(bool(thing.spans) and yes_or_no(thing.spans[0].text) is True, thing.spans, _SURE)
        return value_within(field, thing.spans, self.grid.style, _SURE)

    def ticks(self) -> Iterator[Place]:
        """The check boxes that were given to no field, as places."""
        for mark in self.marks:
            if mark not in self.taken:
                yield Place((mark.place,), ((mark.label, mark.trust),), ticked=mark.ticked)

    def chosen(self, options: Sequence[Option]) -> Candidate | None:
        """The option whose box is ticked, if it is the only one."""
        ticked = []
        for mark in self.marks:
            rated = [(_of_mark(_option_words(option), mark), option) for option in options]
            score, option = max(rated, key=lambda pair: pair[0], default=(0.0, None))
            if option is not None and score >= _ENOUGH and mark.ticked:
                ticked.append(Candidate(option.value, (mark.place, *mark.labels), score))
        return ticked[0] if len({str(one.value) for one in ticked}) == 1 else None


def _answers(place: Place) -> bool:
    """Whether yes, no, a cross or nothing was written into a box."""
    return not place.spans or (len(place.spans) == 1 and yes_or_no(place.spans[0].text) is not None)


def _option_words(option: Option) -> list[tuple[tuple[str, ...], float]]:
    return wordings(Field(str(option.value), Type.STRING, title=option.description))


def _of_mark(names: Iterable[tuple[tuple[str, ...], float]], mark: Mark) -> float:
    return mark.trust * _of_texts(names, (mark.labels[0].text, mark.label))


def _of_texts(names: Iterable[tuple[tuple[str, ...], float]], texts: Sequence[str]) -> float:
    return max((trust * likeness(words, text) for words, trust in names for text in texts), default=0.0)


def _single(parent: Field) -> Iterator[Field]:
    """The fields that have one value which is written, not ticked."""
    for field in parent.children:
        if field.type is Type.OBJECT:
            yield from _single(field)
        elif field.type not in (Type.ARRAY, Type.BOOLEAN):
            yield field


def _of_place(field: Field, names: Iterable[tuple[tuple[str, ...], float]], place: Place) -> float:
    rated = (trust * usual * likeness(words, label) for words, trust in names for label, usual in place.labels if label)
    return number_match(field, [label for label, _ in place.labels], max(rated, default=0.0))


def _places(pages: Sequence[Page], grid: TextGrid) -> Iterator[Place]:
    for page in pages:
        if not page.blanks:
            continue
        cells = [cell for cell in grid.cells if cell.page == page.number]
        filled = {cell: blank for cell in cells for blank in page.blanks if _inside(cell.box, blank.box)}
        printed = [cell for cell in cells if cell not in filled]
        for blank in page.blanks:
            inside = tuple(cell.span for cell, place in filled.items() if place is blank)
            yield Place(inside, tuple(_labels(blank, page.blanks, printed)))


def _inside(box: Box, blank: Box) -> bool:
    across, down = box.centre
    return blank.x0 <= across <= blank.x1 and blank.y0 <= down <= blank.y1


def _labels(blank: Blank, blanks: Sequence[Blank], printed: Sequence[Cell]) -> Iterator[tuple[str, float]]:
    beside = _beside(blank.box, blanks, printed)
    if beside:
        text = " ".join(cell.text for cell in beside)
        yield text, _BESIDE
        over = _over(beside[0], printed)
        if over is not None:
            yield f"{over.text} {text}", _BESIDE * 0.98
    above = _nearest_above(blank.box, blanks, printed)
    if above is not None:
        yield above.text, _ABOVE if not beside else _ABOVE * 0.9
    for cell in printed:
        if _inside(cell.box, blank.box):
            yield cell.text, _WITHIN
    under = [
        cell for cell in printed if 0 <= cell.box.y0 - blank.box.y1 < cell.box.height and in_column(cell.box, blank.box)
    ]
    if under:
        yield min(under, key=lambda cell: cell.box.y0).text, _UNDER


def _beside(blank: Box, blanks: Sequence[Blank], printed: Sequence[Cell]) -> list[Cell]:
    """The cells right before a blank, as far as they follow each other without another blank or box between."""
    before = [cell for cell in printed if level(cell.box, blank) > _LEVEL and cell.box.x1 <= blank.x0 + 0.01]
    found: list[Cell] = []
    edge = blank.x0
    for cell in sorted(before, key=lambda cell: -cell.box.x1):
        crossed = any(
            other.box != blank and level(other.box, blank) > _LEVEL and cell.box.x1 <= other.box.x0 + 0.005 < edge
            for other in blanks
        )
        if found and len(cell.tokens) > _LABEL_WORDS:
            break  # running text that only happens to end there
        if crossed or edge - cell.box.x1 > (0.04 if found else 0.12) or MARK.fullmatch(cell.text.strip()):
            break
        found.append(cell)
        edge = cell.box.x0
    return found[::-1]


def _over(cell: Cell, printed: Sequence[Cell]) -> Cell | None:
    """The line above, if the label began there and continues in this one."""
    for other in printed:
        gap = cell.box.y0 - other.box.y1
        if abs(other.box.x0 - cell.box.x0) < 0.006 and -0.3 * cell.box.height <= gap < 0.8 * cell.box.height:
            return other
    return None


def _nearest_above(blank: Box, blanks: Sequence[Blank], printed: Sequence[Cell]) -> Cell | None:
    over = [
        cell
        for cell in printed
        if in_column(cell.box, blank) and -0.6 * cell.box.height <= blank.y0 - cell.box.y1 < _ROOM * cell.box.height
    ]
    if not over:
        return None
    nearest = max(over, key=lambda cell: cell.box.y1)
    middle = (nearest.box.y1 + blank.y0) / 2
    return (
        None
        if any(
            other.box != blank and other.box.y0 < middle < other.box.y1 and in_column(nearest.box, other.box)
            for other in blanks
        )
        else nearest
    )
