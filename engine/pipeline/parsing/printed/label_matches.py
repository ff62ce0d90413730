"""The printed labels of a form: where the words of each field stand, each word given to one field only."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import fuzz

from reading.document import Box
from reading.normalization import fold

from ..boxes import around, in_column
from ..fields import Field, Type
from ..marks import MARK, ONLY_MARK
from ..phrases import SMALL_WORDS
from ..text_grid import Cell, Span, TextGrid, Token, joined, tokenise

_EXACT_BELOW = 5
"""Letters: a label that is shorter must be read to the letter, or nearly."""
_LOOK_ALIKE, _LOOKS = str.maketrans("0d1l58", "ooiisb"), 0.9
"""Letters that faxes make the same, for such short labels."""
_LONG, _ALIKE, _ALIKE_IF_LONG = 12, 0.77, 0.75
_PART, _WORD_LESS = 4, 0.94
"""A part of the letters that may be too many or missing, and what it costs if a word is."""
_ASIDE = 0.01
_NEAR = 0.03
"""Of the page: cells no further apart may hold one label."""
_MOST_LINES = 4
_WORSE = 0.08
"""What is so much less like the label than the best is another label."""
_GOING_ON, _WITHIN, _IN_SENTENCE = 0.9, 0.8, 0.5
_FIGURES = 0.95
_LEAST = 0.65
_CROWD = 12
_SEPARATED = re.compile(r"(?:^|[:;|☐☑☒□\])}.,/]|\s\W|^\W*\w{1,2}\W*)$")
_NOTHING = re.compile(r"\s*(?:$|[:_]|(?<=\s)\()")
"""What follows a label that ends: no more text, a colon, a line to write on, a remark in brackets."""
_REMARK = re.compile(r"\s*\([^()]*\)?")
_REMARK_WORDS = 4


@dataclass(frozen=True, eq=False)
class LabelMatch:
    """One place where the label of a field is printed: its spans from the first to the last of its words."""

    field: Field
    spans: tuple[Span, ...]
    likeness: float
    quality: float
    """The same, less where it hardly stands as a label stands."""
    letters: int
    """Of the label as it should be."""

    @property
    def trust(self) -> float:
        return (self.likeness + self.quality) / 2

    @property
    def last(self) -> Span:
        return self.spans[-1]

    @property
    def row(self) -> int:
        return self.last.cell.row

    @property
    def page(self) -> int:
        return self.last.page

    @cached_property
    def box(self) -> Box:
        return around(span.box for span in self.spans)

    @cached_property
    def foot(self) -> Box:
        """Its last line."""
        return around(span.box for span in self.spans if span.cell.row == self.row)

    @property
    def ends_in_colon(self) -> bool:
        behind = self.last.cell.text[self.last.end :].lstrip(" .")
        return behind.startswith(":") or self.last.text.rstrip().endswith(":")


def match_labels(grid: TextGrid, fields: Iterable[Field]) -> list[LabelMatch]:
    """The labels of all fields; where two fields claim a word, the one that says more with it has it."""
    strings, small = list(_strings(grid, SMALL_WORDS)), list(_strings(grid, frozenset()))
    found = [match for field in fields for match in _of_field(grid, strings, small, field)]
    claimed: dict[Cell, list[tuple[int, int]]] = defaultdict(list)
    kept: dict[Field, list[LabelMatch]] = defaultdict(list)
    for match in sorted(found, key=_weight, reverse=True):
        best = kept[match.field][0].quality if kept[match.field] else match.quality
        if match.quality < max(_LEAST, best - _WORSE) or any(
            _overlaps(span, claimed[span.cell]) for span in match.spans
        ):
            continue
        if match.field.type is not Type.ARRAY and any(
            match.last.cell is kept_match.last.cell for kept_match in kept[match.field]
        ):
            continue
        kept[match.field].append(match)
        for span in match.spans:
            claimed[span.cell].append((span.start, span.end))
    return [match for matches in kept.values() for match in matches]


def _weight(match: LabelMatch) -> tuple[float, int, int]:
    return match.letters * (match.quality - 0.4), -match.row, -match.last.start


def _overlaps(span: Span, taken: Sequence[tuple[int, int]]) -> bool:
    return any(start < span.end and span.start < end for start, end in taken)


Placed = tuple[Token, Cell]


def _strings(grid: TextGrid, without: frozenset[str]) -> Iterator[list[Placed]]:
    """The words of cells that stand close together on a row."""
    for row in grid.rows:
        string: list[Placed] = []
        edge = 0.0
        for cell in row:
            if string and cell.box.x0 - edge > _NEAR:
                yield string
                string = []
            string += [(token, cell) for token in cell.tokens if token.text not in without]
            edge = cell.box.x1
        if string:
            yield string


def _of_field(
    grid: TextGrid, strings: Sequence[list[Placed]], with_small: Sequence[list[Placed]], field: Field
) -> Iterator[LabelMatch]:
    for quoted in field.quoted:
        is_small = all(token.text in SMALL_WORDS for token in tokenise(quoted))
        for wanted, said in _readings(quoted):
            for string in with_small if is_small else strings:
                found = _best_apart(_windows([said(*placed) for placed in string], wanted))
                several = sum(likeness == 1.0 for *_, likeness in found) > 1  # heads of columns, read as one cell
                for first, last, likeness in found:
                    words = _with_small(string[first : last + 1], quoted)
                    quality = likeness * (1.0 if several else _position(words)) * _wording(words, quoted)
                    yield LabelMatch(field, _spans(words), likeness, quality, len(wanted))
            if len(wanted) >= _EXACT_BELOW and " " in quoted.strip():
                for cell in grid.cells:
                    for spans, likeness in _stacked(grid, cell, wanted, said):
                        yield LabelMatch(field, spans, likeness, likeness, len(wanted))


Said = Callable[[Token, Cell], str]


def _readings(quoted: str) -> Iterator[tuple[str, Said]]:
    """The letters of a label, and how those of a word on the page are told: 'No.' for 'number', and to the letter."""
    tokens = [token for token in tokenise(quoted) if token.text not in SMALL_WORDS] or tokenise(quoted)
    alike = "".join(token.text for token in tokens)
    literal = "".join(fold(quoted[token.start : token.end]).replace(".", "") for token in tokens)
    if alike:
        yield alike, lambda token, cell: token.text
    if literal != alike:
        yield literal, lambda token, cell: fold(cell.text[token.start : token.end]).replace(".", "")


def _best_apart(windows: Iterable[tuple[int, int, float]]) -> list[tuple[int, int, float]]:
    """Those that share no word, the most like first."""
    kept: list[tuple[int, int, float]] = []
    for first, last, likeness in sorted(windows, key=lambda window: -window[2]):
        if all(last < start or end < first for start, end, _ in kept):
            kept.append((first, last, likeness))
    return kept


def _windows(texts: Sequence[str], wanted: str) -> Iterator[tuple[int, int, float]]:
    """The stretches of words that say the same letters, however they are parted."""
    slack = _slack(wanted)
    for first in range(len(texts)):
        said = ""
        for last in range(first, len(texts)):
            said += texts[last]
            if len(said) > len(wanted) + slack:
                break
            if len(said) >= len(wanted) - slack and (likeness := _alike(said, wanted)):
                yield first, last, likeness


def _slack(wanted: str) -> int:
    return 1 + len(wanted) // _PART if len(wanted) >= _EXACT_BELOW else 0


def _alike(said: str, wanted: str) -> float:
    if said == wanted:
        return 1.0
    if len(wanted) < _EXACT_BELOW:
        return _LOOKS if len(wanted) > 2 and said.translate(_LOOK_ALIKE) == wanted.translate(_LOOK_ALIKE) else 0.0
    ratio = 0.97 * fuzz.ratio(said, wanted) / 100
    if abs(len(said) - len(wanted)) > 1 + len(wanted) // 8:
        ratio *= _WORD_LESS
    return ratio if ratio >= (_ALIKE_IF_LONG if len(wanted) >= _LONG else _ALIKE) else 0.0


def _position(words: Sequence[Placed]) -> float:
    """A label begins its cell or follows punctuation; in the middle of running text it is none."""
    token, cell = words[0]
    before = cell.text[: token.start].rstrip()
    behind = re.sub(r"^[).]*", "", words[-1][1].text[words[-1][0].end :])
    ends = _NOTHING.match(behind) is not None or ONLY_MARK.fullmatch(behind) is not None
    if behind.startswith(","):
        return _WITHIN
    if _SEPARATED.search(before):
        figures = any(char.isdigit() for char in behind)
        return 1.0 if ends else _WITHIN if len(cell.tokens) >= _CROWD else _FIGURES if figures else _GOING_ON
    if sum(len(one.text) for one, _ in words) < _EXACT_BELOW and not behind.lstrip().startswith(":"):
        return _IN_SENTENCE
    return _GOING_ON if ends else _WITHIN if len(cell.tokens) < _CROWD else _IN_SENTENCE


def _wording(words: Sequence[Placed], quoted: str) -> float:
    """A label of few letters, such as 'No', is not said by another word for the same, nor a head in small letters."""
    said = "".join(cell.text[token.start : token.end] for token, cell in words)
    head = quoted.lstrip("\"'([☐☑ ")[:1].isupper()
    token, cell = words[0]
    if (head and said[0].islower()) or (quoted.isupper() and not said.isupper() and token is not cell.tokens[0]):
        return _WITHIN
    return 1.0 if len(said) >= _EXACT_BELOW or fold(said) in fold(quoted) else _GOING_ON


def _with_small(words: list[Placed], quoted: str) -> list[Placed]:
    """The words with the small ones that the label begins with, which were left out of the search."""
    token, cell = words[0]
    before = [one for one in cell.tokens if one.start < token.start]
    if [one.text for one in before] == [token.text for token in tokenise(quoted)][: len(before)]:
        return [*((one, cell) for one in before), *words]
    return words


def _spans(words: Sequence[Placed]) -> tuple[Span, ...]:
    found = joined(Span(cell, token.start, token.end) for token, cell in words)
    last = found[-1]
    found[-1] = Span(last.cell, last.start, _with_remark(last.cell.text, last.start, last.end))
    return tuple(found)


def _with_remark(text: str, start: int, end: int) -> int:
    """Where a label ends with the bracket that it opened, or with a short remark in brackets behind it."""
    if text[end : end + 1] in (")", "]") and text[start:end].count("(") > text[start:end].count(")"):
        return end + 1
    remark = _REMARK.match(text, end)
    if remark is None or MARK.search(remark[0]) or len(remark[0].split()) > _REMARK_WORDS:
        return end
    return remark.end()


def _stacked(grid: TextGrid, cell: Cell, wanted: str, said_by: Said) -> Iterator[tuple[tuple[Span, ...], float]]:
    """A label over two to four lines, of which the cell begins with the last."""
    slack = _slack(wanted)
    own = [token for token in cell.tokens if token.text not in SMALL_WORDS]
    for count in range(1, len(own) + 1):
        said = "".join(said_by(token, cell) for token in own[:count])
        if len(said) >= len(wanted) + slack:
            return
        spans = [Span(cell, own[0].start, _with_remark(cell.text, own[0].start, own[count - 1].end))]
        if count < len(own) and cell.text[own[count - 1].end :].lstrip()[:1] not in (":", "("):
            continue
        box = spans[0].box
        alone = _alike(said, wanted)
        for upper in _above(grid, cell, box):
            tokens = [token for token in upper.tokens if token.text not in SMALL_WORDS]
            if len(said) + sum(len(token.text) for token in tokens) > len(wanted) + slack:
                tokens = [token for token in tokens if _over(upper, token, box)]
            said = "".join(said_by(token, upper) for token in tokens) + said
            if not tokens or len(said) > len(wanted) + slack:
                break
            spans.insert(0, Span(upper, tokens[0].start, tokens[-1].end))
            box = box.union(spans[0].box)
            likeness = _alike(said, wanted) if len(said) >= len(wanted) - slack else 0.0
            if likeness > alone:
                yield tuple(spans), 0.97 * likeness


def _over(cell: Cell, token: Token, box: Box) -> bool:
    middle = Span(cell, token.start, token.end).box.centre[0]
    return box.x0 - _ASIDE < middle < box.x1 + _ASIDE


def _above(grid: TextGrid, cell: Cell, box: Box) -> Iterator[Cell]:
    """The cells that stand close above, each over the one before."""
    for _ in range(_MOST_LINES - 1):
        above = [
            other
            for row in grid.rows[max(0, cell.row - 3) : cell.row]
            for other in row
            if other.page == cell.page and in_column(other.box, box)
        ]
        nearest = max(above, key=lambda other: other.box.y1, default=None)
        if nearest is None or box.y0 - nearest.box.y1 > cell.box.height:
            return
        yield nearest
        cell, box = nearest, box.union(nearest.box) if nearest.box.width < 2 * box.width else box
