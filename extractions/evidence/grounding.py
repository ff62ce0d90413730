"""Grounding: for each value of a result, where it stands in the document and how surely."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from rapidfuzz import fuzz

from extractions.evidence.candidates import Candidate, Kind
from extractions.evidence.fields import Fields
from extractions.evidence.finding import Finder
from extractions.evidence.pages import Box, Index, PageOfWords, indexed
from extractions.evidence.places import Search, choose, touch
from extractions.evidence.turning import UprightPages
from extractions.result.leaves import Leaf
from reading.normalization import alphanumeric

EMPTY: tuple[object, ...] = (None, "")
ALIKE = 75.0
LONGEST_TEXT = 2000
MOST_BOXES = 200


@dataclass(frozen=True, slots=True)
class Ground:
    """What was found of one value: `text` is what is printed there; boxes are of `page` only."""

    path: str
    kind: Kind
    page: int | None = None
    boxes: list[Box] = field(default_factory=list)
    text: str = ""

    @property
    def on_page(self) -> bool:
        """Whether the value stands there, however it is written; something similar is not enough."""
        return self.kind in (Kind.EXACT, Kind.NORMALISED) and self.page is not None


@dataclass(frozen=True, slots=True)
class Located:
    """The leaves of a result with the search of each that has a value, and what was found."""

    leaves: Sequence[Leaf]
    searches: Mapping[int, Search]
    finder: Finder
    grounds: list[Ground]


def ground(
    leaves: Sequence[Leaf], pages: Iterable[PageOfWords], schema: object = None, *, all_read: bool = True
) -> list[Ground]:
    """One answer for each leaf, in their order. Unless `all_read`, what is not found may stand on a page not known."""
    return locate(leaves, pages, schema, all_read=all_read).grounds


def locate(
    leaves: Sequence[Leaf], pages: Iterable[PageOfWords], schema: object = None, *, all_read: bool = True
) -> Located:
    """Like `ground`, with the candidates that were weighed on pages held upright; grounds lie as they are seen."""
    upright = UprightPages(pages)
    leaves, index = [upright.leaf(leaf) for leaf in leaves], indexed(upright.pages)
    finder, fields = Finder(index), Fields(schema)
    searches: dict[int, Search] = {}
    known: dict[tuple[str, object], list[Candidate]] = {}
    for number, leaf in enumerate(leaves):
        if is_empty(leaf.value) or not index.words:
            continue
        of = fields.at(leaf.path)
        key = (repr(leaf.value), (of.words, of.schema.get("title"), bool(of.choices)))
        if key not in known:
            known[key] = finder.candidates(leaf.value, of)
        reported = [(leaf.page, box) for box in leaf.boxes] if leaf.page else []
        searches[number] = Search(of, known[key], reported)
    choose(list(searches.values()), index)
    nothing = Kind.MISSING if all_read else Kind.UNKNOWN
    grounds = [_answer(leaf, searches.get(number), index, nothing) for number, leaf in enumerate(leaves)]
    seen = [replace(ground, boxes=upright.as_seen(ground.page, ground.boxes)) for ground in grounds]
    return Located(leaves, searches, finder, seen)


def is_empty(value: object) -> bool:
    return value in EMPTY if not isinstance(value, bool) else False


def _answer(leaf: Leaf, search: Search | None, index: Index, nothing: Kind) -> Ground:
    if is_empty(leaf.value):
        return Ground(leaf.path, Kind.NONE)
    if leaf.value == 0 and not isinstance(leaf.value, bool):
        nothing = Kind.NONE  # what costs nothing is seldom printed
    missing = Ground(leaf.path, nothing, leaf.page, leaf.boxes)
    if search is None:
        return missing
    found = _found(leaf.path, search.chosen, index) if search.chosen else None
    if not search.reported:
        return found or replace(missing, page=None, boxes=[])
    if (
        found
        and search.chosen
        and any(touch(box, place) for box in search.chosen.boxes(index) for place in search.reported)
    ):
        return replace(found, page=leaf.page, boxes=leaf.boxes)
    there = _read_there(leaf, index)
    if there and fuzz.ratio(alphanumeric(there), alphanumeric(leaf.text)) >= ALIKE and not leaf.number:
        return Ground(leaf.path, Kind.FUZZY, leaf.page, leaf.boxes, there)
    return found or replace(missing, text=there)


def _found(path: str, candidate: Candidate, index: Index) -> Ground:
    boxes = candidate.boxes(index)
    page = boxes[0][0]
    here = [_inside(box) for number, box in boxes if number == page][:MOST_BOXES]
    return Ground(path, candidate.kind, page, here, candidate.text[:LONGEST_TEXT])


def _read_there(leaf: Leaf, index: Index) -> str:
    """The words in the service's own boxes."""
    words: list[str] = []
    for box in leaf.boxes:
        row = index.row(leaf.page or 0, box[1], box[3])
        words.extend(word.text for word in row if box[0] <= (word.x0 + word.x1) / 2 <= box[2])
    return " ".join(words)[:LONGEST_TEXT]


def _inside(box: Sequence[float]) -> Box:
    return [min(1.0, max(0.0, edge)) for edge in box]
