"""What speaks for a value and against it, as numbers: its place, its label, its neighbours, its row and the rules."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from extractions.evidence.candidates import Candidate, Kind
from extractions.evidence.fields import Field, Fields
from extractions.evidence.grounding import Ground, Located, is_empty
from extractions.evidence.lexicon import GROUPS
from extractions.evidence.places import SERVICE, Search, touch
from extractions.evidence.rivals import Rivals, label_words, place_of
from extractions.evidence.rules.marks import Marks
from extractions.result.leaves import ISO_DATE, Leaf
from extractions.result.paths import general_path
from extractions.result.rows import is_row, split_row
from reading.normalization import alphanumeric

MOST_SINGLE = 150  # fields whose labels are compared with each other
MOST_CANDIDATES = 20  # of one value, whose labels are looked at
SAME_LINE = 0.6  # of a line's height
MEANINGS = (
    "total", "due", "subtotal", "tax", "rate", "quantity", "unit_price", "line_amount", "issued", "number", "iban",
    "vat_id", "name", "address",
)  # fmt: skip
Clues = dict[str, float]


class Evidence:
    """The clues of all values of one result."""

    def __init__(self, located: Located, schema: object, marks: Marks) -> None:
        self.located, self.marks = located, marks
        self.index = located.finder.index
        self.fields = Fields(schema)
        self.rivals = Rivals(located.finder)

    def clues(self) -> Iterator[Clues | None]:
        """One answer for each leaf, in their order; None for an empty one."""
        for number, (leaf, ground) in enumerate(zip(self.located.leaves, self.located.grounds, strict=True)):
            search = self.located.searches.get(number)
            if is_empty(leaf.value) or search is None:
                yield None
                continue
            of = search.field
            clues = _of_value(leaf, of) | _of_ground(ground) | self._of_rules(leaf.path) | self._of_result(leaf)
            clues["places"] = math.log2(1 + len(search.candidates))
            if search.chosen is not None:
                clues |= self._of_place(leaf, of, search.chosen)
                clues |= self._of_labels(leaf, of, search.chosen)
                clues |= self._of_candidates(of, search)
            if search.reported:
                clues |= self._of_reported(search)
            if of.in_row:
                clues |= self._of_row(leaf, search.chosen)
            yield clues

    def _of_rules(self, path: str) -> Clues:
        marks = self.marks
        return {
            "held": float(min(3, marks.held.get(path, 0))),
            "broken": float(min(3, marks.broken.get(path, 0))),
            "all_held": min(1.0, len(marks.held) / 4),
            "any_broken": float(bool(marks.broken)),
            "checked": float(path in marks.checked),
        }

    def _of_result(self, leaf: Leaf) -> Clues:
        of_row = is_row(leaf.path.rpartition(".")[0])
        return {
            "same_value": 0.0 if of_row else math.log2(self._values[repr(leaf.value)]),
            "leaves": math.log2(1 + len(self.located.leaves)),
            "empty": self._empty,
            "unproven": self._unproven,
        }

    def _of_place(self, leaf: Leaf, of: Field, chosen: Candidate) -> Clues:
        index, word, box = self.index, chosen.word(self.index), chosen.box(self.index)
        first, last = chosen.spans[0], chosen.spans[-1]
        cell, end = index.segments[word.segment], index.segments[index.words[last.last].segment]
        inside = sum(len(index.words[at].code) for at in range(cell.first, first.first))
        behind = sum(len(index.words[at].code) for at in range(last.last + 1, end.last + 1))
        before = index.words[first.first - 1].text if first.first > cell.first else ""
        before = word.text[: first.begin] or before
        return {
            "quality": chosen.quality,
            "lines": float(min(6, len(chosen.boxes(index)))),
            "inside": math.log2(1 + inside + first.begin),
            "behind": math.log2(1 + behind),
            "colon": float(before.rstrip().endswith(":")),
            "shared": float(min(4, self._taken[place_of(chosen)] - 1)),
            "recognised": float(word.recognised),
            "x": box[0],
            "right": box[2],
            "y": box[1],
            "first_page": float(word.page == index.words[0].page),
            "above": float(self._is_near(word.page, box, -1)),
            "below": float(self._is_near(word.page, box, 1)),
            "height": min(4.0, (word.y1 - word.y0) / index.line),
        }

    def _of_labels(self, leaf: Leaf, of: Field, chosen: Candidate) -> Clues:
        labels, here = self.rivals.labels, place_of(chosen)
        own = labels.label(of, chosen)
        clues = {
            "label": own,
            "hints": labels.hints(of, chosen),
            "block": labels.block(of, chosen),
            "other_field": self._best_other(of, chosen),
        }
        if of.in_row:
            clues["header"] = self.rivals.header(of, chosen)
            return clues
        others = [score for place, score in self.rivals.fits(of, type_of(leaf)).items() if place != here]
        best = max(others, default=0.0)
        better = sum(score > own for score in others)
        return clues | {"rival": best, "lead": own - best, "rank": math.log2(1 + better)}

    def _of_candidates(self, of: Field, search: Search) -> Clues:
        """What its other places say: a value that stands under its name twice is surer."""
        fits = [self.rivals.labels.label(of, candidate) for candidate in search.candidates[:MOST_CANDIDATES]]
        return {"best_label": max(fits), "labelled": float(min(4, sum(score > 0 for score in fits)))}

    def _of_reported(self, search: Search) -> Clues:
        """Whether the value stands where the service saw it, and whether the evidence would have looked there."""
        reported = [any(touch(box, place) for box in candidate.boxes(self.index) for place in search.reported)
                for candidate in search.candidates]  # fmt: skip
        here = [score - SERVICE for score, is_reported in zip(search.scores, reported, strict=True) if is_reported]
        elsewhere = [score for score, is_reported in zip(search.scores, reported, strict=True) if not is_reported]
        return {
            "told": float(bool(here)),
            "told_boxes": float(min(6, len(search.reported))),
            "told_lead": max(here) - max(elsewhere, default=0.0) if here else -SERVICE,
        }

    def _best_other(self, of: Field, chosen: Candidate) -> float:
        """How well the label names another field of the same object."""
        others = self._siblings[general_path(of.parent)]
        if of.in_row:
            return max((self.rivals.header(other, chosen) for other in others if other.name != of.name), default=0.0)
        if len(self._single) > MOST_SINGLE:
            return 0.0
        label = self.rivals.labels.label
        return max((label(other, chosen) for other in self._single if other.path != of.path), default=0.0)

    def _of_row(self, leaf: Leaf, chosen: Candidate | None) -> Clues:
        row = leaf.path.rpartition(".")[0]
        table, number = split_row(row)
        cells = self._rows[row]
        level, aligned = 0.0, 0.0
        if chosen is not None:
            word, line = chosen.word(self.index), self.index.line
            on_line = [self._lines[path] for path in cells if path in self._lines and path != leaf.path]
            level = sum(
                page == word.page and abs(middle - word.middle) < SAME_LINE * line for page, middle in on_line
            ) / max(1, len(on_line))
            aligned = self._alignment(leaf.path, chosen)
        rows, last, most = self._shapes[table]
        return {
            "level": level,
            "aligned": aligned,
            "filled": len(cells) / max(1, most),
            "rows": math.log2(1 + rows),
            "row": math.log2(1 + number),
            "last_row": float(number == last),
            "doubled": float(self._texts[table, tuple(self._values_of[row])] > 1),
        }

    def _alignment(self, path: str, chosen: Candidate) -> float:
        """The share of the cells of its column that begin or end where it does."""
        box = chosen.box(self.index)
        others = [edges for cell, edges in self._columns[general_path(path)] if cell != path]
        letter = self.index.letter
        near = sum(abs(left - box[0]) < letter or abs(right - box[2]) < letter for left, right in others)
        return near / len(others) if others else 1.0

    def _is_near(self, page: int, box: Sequence[float], way: int) -> bool:
        """Whether a text stands right above or below with the same left edge."""
        edge, line = (box[1], self.index.line) if way < 0 else (box[3], self.index.line)
        row = self.index.row(page, *sorted((edge, edge + way * 1.6 * line)))
        return any(abs(word.x0 - box[0]) < self.index.letter for word in row)

    @cached_property
    def _taken(self) -> Counter[tuple[int, int]]:
        return Counter(place_of(search.chosen) for search in self.located.searches.values() if search.chosen)

    @cached_property
    def _values(self) -> Counter[str]:
        return Counter(repr(leaf.value) for leaf in self.located.leaves)

    @cached_property
    def _empty(self) -> float:
        return sum(is_empty(leaf.value) for leaf in self.located.leaves) / max(1, len(self.located.leaves))

    @cached_property
    def _unproven(self) -> float:
        """The share of values that are not on the page as they are."""
        filled = [ground for ground in self.located.grounds if ground.kind != Kind.NONE]
        return sum(ground.kind in (Kind.MISSING, Kind.FUZZY) for ground in filled) / max(1, len(filled))

    @cached_property
    def _single(self) -> list[Field]:
        return [self.fields.at(leaf.path) for leaf in self.located.leaves if "[" not in leaf.path]

    @cached_property
    def _siblings(self) -> Mapping[str, list[Field]]:
        found: defaultdict[str, dict[str, Field]] = defaultdict(dict)
        for leaf in self.located.leaves:
            of = self.fields.at(leaf.path)
            if of.in_row:
                found[general_path(of.parent)].setdefault(of.name, of)
        return defaultdict(list, {parent: list(fields.values()) for parent, fields in found.items()})

    @cached_property
    def _lines(self) -> Mapping[str, tuple[int, float]]:
        """Page and height of each cell that was found."""
        found = {}
        for search in self.located.searches.values():
            if search.field.in_row and search.chosen is not None:
                word = search.chosen.word(self.index)
                found[search.field.path] = (word.page, word.middle)
        return found

    @cached_property
    def _columns(self) -> Mapping[str, list[tuple[str, tuple[float, float]]]]:
        found: defaultdict[str, list[tuple[str, tuple[float, float]]]] = defaultdict(list)
        for search in self.located.searches.values():
            if search.field.in_row and search.chosen is not None and len(found) < MOST_SINGLE:
                box = search.chosen.box(self.index)
                column = found[general_path(search.field.path)]
                if len(column) < MOST_SINGLE:
                    column.append((search.field.path, (box[0], box[2])))
        return found

    @cached_property
    def _rows(self) -> Mapping[str, list[str]]:
        found: defaultdict[str, list[str]] = defaultdict(list)
        for leaf in self.located.leaves:
            row = leaf.path.rpartition(".")[0]
            if is_row(row) and not is_empty(leaf.value):
                found[row].append(leaf.path)
        return found

    @cached_property
    def _values_of(self) -> Mapping[str, list[str]]:
        found: defaultdict[str, list[str]] = defaultdict(list)
        for leaf in self.located.leaves:
            row = leaf.path.rpartition(".")[0]
            if is_row(row):
                found[row].append(repr(leaf.value))
        return found

    @cached_property
    def _texts(self) -> Counter[tuple[str, tuple[str, ...]]]:
        return Counter((split_row(row)[0], tuple(values)) for row, values in self._values_of.items())

    @cached_property
    def _shapes(self) -> Mapping[str, tuple[int, int, int]]:
        """By table: how many rows have values, the last of them, and the most cells that one has."""
        filled: defaultdict[str, dict[int, int]] = defaultdict(dict)
        for row, cells in self._rows.items():
            table, number = split_row(row)
            filled[table][number] = len(cells)
        return {table: (len(rows), max(rows), max(rows.values())) for table, rows in filled.items()}


def type_of(leaf: Leaf) -> str:
    match leaf.value:
        case bool():
            return "choice"
        case int() | float():
            return "number"
        case str() if ISO_DATE.match(leaf.value):
            return "date"
    return "text"


def _of_ground(ground: Ground) -> Clues:
    return {"exact": float(ground.kind == Kind.EXACT), "kind": float(STANDS.get(ground.kind, 0))}


STANDS: Mapping[Kind, int] = {Kind.EXACT: 3, Kind.NORMALISED: 3, Kind.FUZZY: 2, Kind.MISSING: 1}


def _of_value(leaf: Leaf, of: Field) -> Clues:
    text, kind = leaf.text, type_of(leaf)
    letters = max(1, len(text))
    coded = alphanumeric(text)
    first = text.partition(" ")[0]
    meant = {of.means(group) for group in GROUPS}
    return {
        "number": float(kind == "number"),
        "date": float(kind == "date"),
        "choice": float(kind == "choice" or bool(of.choices)),
        "zero": float(leaf.value == 0 and not isinstance(leaf.value, bool)),
        "whole": float(isinstance(leaf.value, int | float) and leaf.value == int(leaf.value)),
        "length": math.log2(1 + len(text)),
        "words": math.log2(1 + len(text.split())),
        "digits": sum(char.isdigit() for char in text) / letters,
        "capitals": sum(char.isupper() for char in text) / letters,
        "signs": sum(not char.isalnum() and char != " " for char in text) / letters,
        "is_label": float(coded in label_words()),
        "label_first": float(first.endswith(":") or (len(first) > 1 and alphanumeric(first) in label_words())),
        "in_row": float(of.in_row),
        "nested": float(bool(of.of)),
        "meant": float(any(meant)),
        "names": float(len(of.words)),
    } | {f"means_{name}": float(name in meant or name in of.words) for name in MEANINGS}


def vector(clues: Mapping[str, float], names: Sequence[str]) -> list[float]:
    return [clues.get(name, ABSENT) for name in names]


ABSENT = -1.0
"""Of a clue that there is none of, such as the place of what was not found."""
