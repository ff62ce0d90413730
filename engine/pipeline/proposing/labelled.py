"""Printed labels with what stands beside or under them, whatever they say; and the check boxes."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

from reading.vocabulary import section

from ..parsing.laid_out import laid_out_places
from ..parsing.marks import MARK, Mark
from ..parsing.places import Place
from ..parsing.schema_extractor import SchemaExtractor
from ..parsing.text_grid import Cell, Span
from .found import Found
from .known_fields import KnownFields
from .values import TypedValue, typed_value

_LONGEST_LABEL, _LONGEST_VALUE = 60, 300  # characters
_MOST_LABEL_WORDS = 8
_ENOUGH = 0.6
_TYPED = 0.12
"""More for a value that is a date, an amount or a code: running text seldom is."""
_KNOWN = 0.15
"""More for a label that the vocabulary has."""
_PLAIN_BESIDE, _PLAIN_UNDER = 0.3, 0.45
"""Less where words stand beside or under words with nothing between that says so."""
_ON_FORM = 0.2
"""More of these on a form, which is made of labels."""
_COLON = re.compile(r"\s*[:：]\s*$")
_END = re.compile(r"(?:[\s:…_*]|\.{2,}|(?<=\w{4})\.)+$")
_NUMBERING = re.compile(r"^\W*(?:\d{1,2}[a-z]?|[a-z])[.)]\s+")
_SENTENCE = re.compile(r"(?<=\w{4})[.!?]\s+\S|[!?;]$|(?<=\w{4})\.$")
_ANSWERS = section("choices", "answers")
_YES_OR_NO = frozenset((*_ANSWERS["yes"], *_ANSWERS["no"]))
_SAME_COLUMN, _NEXT_LINE = 0.015, 2.6
"""Of the page; heights of a line: check boxes that stand so belong together."""


def labelled_values(
    extractor: SchemaExtractor, known: Sequence[Found], taken: Set[Cell], *, is_form: bool
) -> Iterator[Found]:
    """Each value with its likeliest label, each label with one value."""
    covered = _covered(known)
    rated = [
        (score, pair)
        for pair in _pairs(extractor)
        if not (pair.cells & taken - covered.keys())
        and not _is_covered(pair.place.spans, covered)
        and not _is_covered(pair.label_spans, covered)
        if (score := _score(pair, extractor, is_form=is_form)) >= _ENOUGH
    ]
    given: set[Cell] = set()
    names: set[Cell] = set()
    for score, pair in sorted(rated, key=lambda item: -item[0]):
        if (pair.cells & (given | names)) or (pair.named & given) or (pair.named & names and not pair.inline):
            continue
        given |= pair.cells
        names |= pair.named
        yield _field_of(pair, score, is_trade=extractor.is_trade)
    yield from _ticked(extractor, taken)


@dataclass(frozen=True, slots=True, eq=False)
class _Pair:
    place: Place
    label: str
    usual: float
    value: TypedValue
    label_spans: tuple[Span, ...]

    @property
    def inline(self) -> bool:
        """Whether label and value share a cell, parted by a colon."""
        return not self.place.named_by

    @property
    def cells(self) -> set[Cell]:
        return self.place.cells

    @property
    def named(self) -> set[Cell]:
        return set(self.place.named_by) if self.place.named_by else {span.cell for span in self.label_spans}

    @property
    def colon(self) -> bool:
        return self.inline or any(_COLON.search(cell.text) for cell in self.place.named_by[-1:])


def _pairs(extractor: SchemaExtractor) -> Iterator[_Pair]:
    form, grid = extractor.form, extractor.grid
    places = [*form.places, *form.boxed, *(place for place in laid_out_places(grid) if not form.frames.part(place))]
    for place in places:
        spans = tuple(span for span in place.spans if span.text.strip())
        if not spans or place.is_tabled or any(MARK.search(span.text) for span in spans):
            continue
        text = " ".join(span.text for span in spans).strip()
        if "|" in text or not 0 < len(text) <= _LONGEST_VALUE or not any(char.isalnum() for char in text):
            continue
        for words, usual in place.labels[:1]:
            label = _clean(words)
            if _is_label(label):
                value = typed_value(text, label, grid.style)
                yield _Pair(place, label, usual, value, _label_spans(place, words))


def _label_spans(place: Place, words: str) -> tuple[Span, ...]:
    if place.named_by:
        return tuple(cell.span for cell in place.named_by)
    first = place.spans[0]
    at = first.cell.text.find(words)
    return (Span(first.cell, at, at + len(words)),) if 0 <= at < first.start else ()


def _clean(words: str) -> str:
    return _NUMBERING.sub("", _END.sub("", re.sub(r"\s+", " ", words))).strip(" \t-–•*_|")


def _is_label(label: str) -> bool:
    letters = sum(char.isalpha() for char in label)
    digits = sum(char.isdigit() for char in label)
    if re.search(r"[@|€$£]|\w\d{4}", label):
        return False
    if letters < 2 or digits > letters / 2 or len(label) > _LONGEST_LABEL or _SENTENCE.search(label):
        return False
    return len(label.split()) <= _MOST_LABEL_WORDS and typed_value(label, "").kind == "text"


def _score(pair: _Pair, extractor: SchemaExtractor, *, is_form: bool) -> float:
    labels = [label for cell in pair.named for label in extractor.finder.labels.by_cell[cell]]
    known = any(label.is_sure and label.start <= 2 for label in labels)
    typed = pair.value.kind != "text" or pair.value.is_code
    score = pair.usual + (_TYPED if typed else 0.0) + (_KNOWN if known else 0.0)
    if not pair.colon and not typed and not known:
        beside = pair.place.named_by and pair.place.named_by[-1].row == pair.place.spans[0].cell.row
        score -= _PLAIN_BESIDE if beside else _PLAIN_UNDER
        score += _ON_FORM if is_form else 0.0
    if _SENTENCE.search(pair.label) or pair.label[:1].islower():
        score -= 0.2
    if not pair.colon and len(pair.label.split()) > 5:
        score -= 0.1
    return score


def _covered(known: Sequence[Found]) -> dict[Cell, list[Span]]:
    covered: dict[Cell, list[Span]] = defaultdict(list)
    for item in known:
        for span in item.all_spans:
            covered[span.cell].append(span)
    return covered


def _is_covered(spans: Sequence[Span], covered: dict[Cell, list[Span]]) -> bool:
    """Whether what stands there is the value of a known field, or most of it."""
    letters = shared = 0
    for span in spans:
        letters += len(span.text)
        for other in covered.get(span.cell, ()):
            shared += max(0, min(span.end, other.end) - max(span.start, other.start))
    return shared * 2 >= letters > 0


def _field_of(pair: _Pair, score: float, *, is_trade: bool) -> Found:
    return Found(
        pair.value.kind,
        pair.value.text,
        tuple(span.stripped(" :") for span in pair.place.spans),
        KnownFields.named(pair.label, amounts=is_trade),
        pair.label,
        pair.label_spans,
        score=min(1.0, score),
    )


def _ticked(extractor: SchemaExtractor, taken: Set[Cell]) -> Iterator[Found]:
    """Questions and single boxes are yes or no; boxes that stand together are the values of one choice."""
    marks = [mark for mark in extractor.form.marks if mark.labels and not {s.cell for s in mark.labels} <= taken]
    answers = [mark for mark in marks if _says_yes_or_no(mark)]
    rest = [mark for mark in marks if mark not in answers]
    for group in _groups(rest):
        question = _question(extractor, group)
        if len(group) > 1 and question is not None and sum(mark.ticked for mark in group) <= 1:
            yield _choice(group, question)
        else:
            yield from (_boolean(mark) for mark in group if _is_label(_clean(mark.label)))


def _says_yes_or_no(mark: Mark) -> bool:
    return mark.labels[0].text.casefold().strip(" .:") in _YES_OR_NO


def _groups(marks: Sequence[Mark]) -> Iterator[list[Mark]]:
    left = sorted(marks, key=lambda mark: (mark.place.page, mark.place.cell.row, mark.place.box.x0))
    while left:
        group = [left.pop(0)]
        for mark in list(left):
            if _beside(group[-1], mark):
                group.append(mark)
                left.remove(mark)
        yield group


def _beside(one: Mark, other: Mark) -> bool:
    a, b = one.place, other.place
    if a.page != b.page:
        return False
    if a.cell.row == b.cell.row:
        return True
    near = b.box.y0 - a.box.y1 < _NEXT_LINE * max(a.box.height, 0.006)
    return near and abs(a.box.x0 - b.box.x0) < _SAME_COLUMN


def _question(extractor: SchemaExtractor, group: Sequence[Mark]) -> Span | None:
    """What stands before the first box on its line, or right above it."""
    first = group[0].place
    before = Span(first.cell, 0, first.start).stripped()
    if before.text and _is_label(_clean(before.text)):
        return before
    beside = extractor.grid.before(first.cell)
    if beside is not None and not MARK.search(beside.text) and _is_label(_clean(beside.text)):
        return beside.span
    for row in reversed(extractor.grid.rows[max(0, first.cell.row - 2) : first.cell.row]):
        for cell in row:
            close = cell.page == first.page and first.box.y0 - cell.box.y1 < _NEXT_LINE * cell.box.height
            starts = cell.box.x0 <= first.box.x0 + _SAME_COLUMN and cell.box.x1 > first.box.x0
            if close and starts and not MARK.search(cell.text) and _is_label(_clean(cell.text)):
                return cell.span
    return None


def _choice(group: Sequence[Mark], question: Span) -> Found:
    options = tuple(dict.fromkeys(_clean(mark.labels[0].text) for mark in group))
    ticked = next((mark for mark in group if mark.ticked), None)
    value = _clean(ticked.labels[0].text) if ticked is not None else ""
    spans = (ticked.place, *ticked.labels[:1]) if ticked is not None else (group[0].place,)
    others = tuple(span for mark in group for span in (mark.place, *mark.labels) if span not in spans)
    return Found("choice", value, spans, "", _clean(question.text), (question,), options=options, others=others)


def _boolean(mark: Mark) -> Found:
    return Found(
        "boolean", "☑" if mark.ticked else "☐", (mark.place,), "", _clean(mark.label), mark.labels, score=mark.trust
    )
