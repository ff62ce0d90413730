"""Fields outside the vocabulary: their own words are searched for as a label on the page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from rapidfuzz import fuzz

from reading.literals.style import Style
from reading.vocabulary import read_table

from .candidates import ENOUGH, Candidate, Finder
from .fields import Field, Type
from .labels import Label
from .phrases import SMALL_WORDS
from .readers import Reader, Reading, read_amount, read_date, read_number, read_text
from .stretches import column_under, figures, row_beside
from .text_grid import Cell, Span, words_of_name

_OPPOSITES = frozenset(frozenset(pair) for pair in read_table("opposites")["pairs"])
_ALIKE = 0.86
_MISREAD = 0.75
"""One letter of four, where the other words leave no doubt."""


def wanted_labels(field: Field) -> list[tuple[tuple[str, ...], float]]:
    """The words under which the value may be printed, best first, with how far to trust them."""
    texts = [(quoted, 1.0) for quoted in field.quoted]
    if not field.quoted:
        texts += [(field.title, 0.95), (field.name, 0.9)]
        if 0 < len(field.gist.split()) <= 7:
            texts.append((field.gist, 0.85))
    found: dict[tuple[str, ...], float] = {}
    for text, trust in texts:
        words = tuple(word for word in words_of_name(text) if word not in SMALL_WORDS)
        if words:
            found.setdefault(words, trust)
    return list(found.items())


def find_labels(finder: Finder, field: Field) -> list[tuple[Label, float]]:
    """Where the field's words stand on the pages as a label."""
    found = []
    for words, trust in wanted_labels(field):
        for cell in finder.grid.cells:
            matches = list(_matches(cell, words))
            for first, last, likeness in matches:
                if len(matches) > 1 or not _in_sentence(cell, first, last):
                    found.append((_label(finder, cell, first, last), trust * likeness))
    return sorted(found, key=lambda pair: -pair[1] * pair[0].trust)


def _in_sentence(cell: Cell, first: int, last: int) -> bool:
    """Whether the words stand within running text, where nothing is labelled."""
    behind = cell.text[cell.tokens[last].end :].lstrip()
    if behind.startswith((":", "(", "...", "__")) or last >= len(cell.tokens) - 1:
        return first > 6
    before = cell.text[: cell.tokens[first].start].rstrip()
    begins = not before or before[-1] in ":;|☐☑☒□]).,/" or before.isdigit() or len(before) <= 2
    return not begins or len(cell.tokens) - (last - first) > 12


def _label(finder: Finder, cell: Cell, first: int, last: int) -> Label:
    start, end = cell.tokens[first].start, cell.tokens[last].end
    if (
        end < len(cell.text)
        and cell.text[end] in ")]"
        and cell.text[start:end].count("(") > cell.text[start:end].count(")")
    ):
        end += 1
    others = [label for label in finder.labels.by_cell[cell] if label.is_sure]
    remark = re.match(r"\s*\([^()]*\)?", cell.text[end:])
    end += remark.end() if remark else 0
    starts = [label.start for label in others] + finder.labels.asked_at[cell]
    stop = min((start for start in starts if start > end + 1), default=len(cell.text))
    position = 1.0 if first == 0 or cell.text[:start].rstrip()[-1:] in ":,;|☐□[]()" else 0.75
    return Label({}, cell, start, end, Span(cell, end, stop), position)


def _matches(cell: Cell, words: tuple[str, ...]) -> Iterator[tuple[int, int, float]]:
    """The stretches of tokens that say the same words, each of them by itself; the best of those that overlap."""
    initials = {token.text[0] for token in cell.tokens}
    if not all(word[0] in initials for word in words):
        return
    tokens = [(index, token) for index, token in enumerate(cell.tokens) if token.text not in SMALL_WORDS]
    size = len(words)
    rated = []
    for begin in range(len(tokens) - size + 1):
        window = tokens[begin : begin + size]
        likeness = _likeness(tuple(token.text for _, token in window), words)
        if likeness:
            rated.append((likeness, -begin, window[0][0], window[-1][0]))
    taken: list[tuple[int, int]] = []
    for likeness, _, first, last in sorted(rated, reverse=True):
        if all(last < begin or end < first for begin, end in taken):
            taken.append((first, last))
            yield first, last, likeness


@lru_cache(maxsize=50_000)
def _likeness(found: tuple[str, ...], words: tuple[str, ...]) -> float:
    """1 for the same words in order, a little less for misreadings and another order, 0 if any word is missing."""
    ratios = [_ratio(one, other) for one, other in zip(found, words, strict=True)]
    average = sum(ratios) / len(ratios)
    if min(ratios) >= 0.8 or (min(ratios) >= _MISREAD and average >= _ALIKE):
        return average
    if len(words) > 1 and all(max(_ratio(word, other) for other in found) >= 0.85 for word in words):
        return 0.85
    return 0.0


def _ratio(one: str, other: str) -> float:
    if one == other:
        return 1.0
    if frozenset((one, other)) in _OPPOSITES:
        return 0.0
    if min(len(one), len(other)) < 4:
        return 0.0
    return fuzz.ratio(one, other) / 100


def reader_of(field: Field) -> Reader:
    if field.type is Type.NUMBER:
        return _read_any_number
    if field.type is Type.INTEGER:
        return read_number
    if field.is_date:
        return read_date
    return read_text


def value_within(field: Field, spans: Sequence[Span], style: Style, score: float) -> Candidate | None:
    """What was written where only this field's value stands: all of the text, or the first value of its shape."""
    if spans and field.type is Type.STRING and not field.is_date:
        return Candidate(" ".join(span.text for span in spans), tuple(spans), score)
    readings = (reading for span in spans for reading in reader_of(field)(span, style))
    found = next(readings, None)
    return Candidate(found.value, (found.span,), score * found.quality) if found is not None else None


def _read_any_number(span: Span, style: Style) -> Iterator[Reading]:
    amounts = list(read_amount(span, style))
    yield from (Reading(reading.value, reading.span, max(reading.quality, 0.7)) for reading in amounts)
    if not amounts:
        yield from read_number(span, style)


def find_generic(finder: Finder, field: Field) -> list[Candidate]:
    """Candidates for a field by its own words, by descending score."""
    found: list[Candidate] = []
    for label, quality in find_labels(finder, field)[:12]:
        found += finder.read(label, quality, reader_of(field))
    return sorted(found, key=lambda candidate: -candidate.score)


def find_all(finder: Finder, field: Field) -> list[Candidate]:
    """For a list of values: those of each place where the label stands, in reading order."""
    found: list[Candidate] = []
    for label, quality in find_labels(finder, field)[:20]:
        found += _of_label(finder, field.items or field, label, quality)
    unique: dict[tuple[int, int], Candidate] = {}
    for candidate in found:
        unique.setdefault((id(candidate.cell), candidate.spans[0].start), candidate)
    return sorted(unique.values(), key=lambda one: (one.cell.row, one.cell.box.x0))


def _of_label(finder: Finder, item: Field, label: Label, quality: float) -> list[Candidate]:
    """A row of values, a column of them, or the best single one."""
    reader = reader_of(item)
    stretches = sorted((row_beside(finder, label), column_under(finder, label)), key=lambda spans: -figures(spans))
    for spans in stretches:
        readings = [next(iter(reader(span, finder.grid.style)), None) for span in spans]
        stretch = [
            Candidate(reading.value, (reading.span,), quality, label) for reading in readings if reading is not None
        ]
        if len(stretch) > 1 and quality >= ENOUGH:
            return stretch
    candidates = sorted(finder.read(label, quality, reader), key=lambda one: -one.score)
    return candidates[:1] if candidates and candidates[0].score >= ENOUGH else []
