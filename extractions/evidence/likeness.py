"""Places of something like the value: spread over lines, misread by recognition, or spelt a little differently."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from extractions.evidence.candidates import Candidate, Kind, Span, printed_as
from extractions.evidence.pages import Index, Segment
from reading.normalization import alphanumeric, skeleton

SHORTEST = 4  # letters of which something may be like something else
LONGEST = 200  # letters that are compared letter by letter
MOST_LETTERS = 300_000  # of a document, for the same
ALIKE, ALIKE_RECOGNISED = 90.0, 80.0
COVERED, PARTLY = 0.97, 0.6
COMMON = 40  # a word that stands so often says nothing about the place
ANCHORS = 4
NEAR_LINES, NEAR_LETTERS = 1.7, 8.0
FEWEST_DIGITS = 3
FEWEST_WORDS = 2
SURE = 93.0


def scattered(value: str, index: Index) -> Iterator[Candidate]:
    """All words of the value, near each other but over several lines or cells."""
    for share, candidate in _covering(value, index):
        if share >= COVERED:
            yield Candidate(candidate.spans, Kind.NORMALISED, candidate.text, 0.8 * share)


def like_text(value: str, index: Index) -> Iterator[Candidate]:
    coded = alphanumeric(value)
    if len(coded) < SHORTEST:
        return
    found = list(_misread(value, [skeleton(coded)], index)) if index.recognised else []
    if not found:
        found = list(_aligned(coded, index))
    if not found:
        parts = (one for share, one in _covering(value, index) if share >= PARTLY)
        found = [
            candidate for candidate in parts if index.recognised or _same_digits(coded, alphanumeric(candidate.text))
        ]
    yield from found


def like_number(value: Decimal, index: Index) -> Iterator[Candidate]:
    """Only on recognised pages: in a document's own text a digit that differs makes another number."""
    if not index.recognised:
        return
    whole, hundredths = f"{abs(value):.0f}", f"{abs(value):.2f}".replace(".", "")
    forms = [hundredths, whole] if value == value.to_integral_value() else [hundredths]
    yield from _digits([form for form in forms if len(form) >= FEWEST_DIGITS], index)


def like_day(day: date, index: Index) -> Iterator[Candidate]:
    formats = ("%d%m%Y", "%Y%m%d", "%m%d%Y", "%d%m%y", "%m%d%y", "%y%m%d")
    yield from _digits([day.strftime(form) for form in formats], index)


def _digits(forms: list[str], index: Index) -> Iterator[Candidate]:
    found = list(_misread("", forms, index))
    yield from found
    if found:
        return
    for coded, at in index.by_code.items():
        read = skeleton(coded)
        if sum(char.isdigit() for char in read) < FEWEST_DIGITS:
            continue
        for form in forms:
            if len(form) > FEWEST_DIGITS and Levenshtein.distance(form, read, score_cutoff=1) <= 1:
                for one in at[:COMMON]:
                    yield Candidate((Span(one, one),), Kind.FUZZY, index.words[one].text, 0.5)


def _misread(value: str, forms: Iterable[str], index: Index) -> Iterator[Candidate]:
    for form in forms:
        for at in index.places(form, index.skeleton):
            one = printed_as(value or form, index, at)
            if one is not None:
                kind = Kind.NORMALISED if _is_speech(value) else Kind.FUZZY
                yield Candidate(one.spans, kind, _whole(one, index), 0.9 * one.quality)


def _whole(candidate: Candidate, index: Index) -> str:
    return " ".join(index.text(span.first, span.last) for span in candidate.spans)


def _aligned(coded: str, index: Index) -> Iterator[Candidate]:
    """The stretch of the document that is most like the value."""
    if len(coded) > LONGEST or len(index.flow) > MOST_LETTERS:
        return
    least = ALIKE_RECOGNISED if index.recognised else ALIKE
    found = fuzz.partial_ratio_alignment(coded, index.flow, score_cutoff=least)
    if found is None or found.dest_end <= found.dest_start:
        return
    first, last = index.word_at(found.dest_start), index.word_at(found.dest_end - 1)
    if index.words[first].page != index.words[last].page:
        return
    there = "".join(word.code for word in index.words[first : last + 1])
    ratio = fuzz.ratio(coded, there)
    if ratio >= least - 5 and (index.recognised or _same_digits(coded, there)):
        sure = index.recognised and ratio >= SURE and _is_speech(index.text(first, last)) and _same_digits(coded, there)
        kind = Kind.NORMALISED if sure else Kind.FUZZY
        yield Candidate((Span(first, last),), kind, index.text(first, last), ratio / 100)


def _is_speech(text: str) -> bool:
    """Several words: one letter misread changes nothing there, as it would in a number or code."""
    return sum(part.isalpha() for part in text.split()) >= FEWEST_WORDS


def _same_digits(one: str, other: str) -> bool:
    return [a for a in one if a.isdigit()] == [b for b in other if b.isdigit()]


@dataclass(slots=True)
class _Cover:
    """Segments that hold words of the value, and the words that are still to be found."""

    left: Counter[str]
    taken: dict[int, list[int]]
    letters: int = 0

    def take(self, segment: int, words: list[tuple[str, int]]) -> None:
        for text, at in words:
            if self.left[text] > 0:
                self.left[text] -= 1
                self.letters += len(text)
                self.taken.setdefault(segment, []).append(at)

    def gain(self, words: list[tuple[str, int]]) -> int:
        count = Counter(text for text, _ in words)
        return sum(len(text) * min(number, self.left[text]) for text, number in count.items())


def _covering(value: str, index: Index) -> Iterator[tuple[float, Candidate]]:
    """The best group of near segments that hold the value's words, with the share of its letters there."""
    words = [coded for part in value.split() if (coded := alphanumeric(part))]
    total = sum(map(len, words))
    if len(words) < 2 or total < SHORTEST:
        return
    hits: defaultdict[int, list[tuple[str, int]]] = defaultdict(list)
    rare: set[int] = set()
    for text in dict.fromkeys(words):
        places = index.by_code.get(text, ())
        for at in places:
            hits[index.words[at].segment].append((text, at))
        if 0 < len(places) <= COMMON and len(text) > 1:
            rare |= {index.words[at].segment for at in places}
    anchors = sorted(rare, key=lambda one: -sum(len(text) for text, _ in hits[one]))[:ANCHORS]
    covers = [_grown(anchor, hits, Counter(words), index) for anchor in anchors]
    best = max(covers, key=lambda cover: cover.letters, default=None)
    if best is not None and best.letters:
        spans = tuple(Span(min(at), max(at)) for _, at in sorted(best.taken.items()))
        text = " ".join(index.text(span.first, span.last) for span in spans)
        yield best.letters / total, Candidate(spans, Kind.FUZZY, text, 0.7 * best.letters / total)


def _grown(anchor: int, hits: dict[int, list[tuple[str, int]]], words: Counter[str], index: Index) -> _Cover:
    cover = _Cover(words.copy(), {})
    cover.take(anchor, hits[anchor])
    while any(count > 0 for count in cover.left.values()):
        near = [
            segment
            for segment in hits
            if segment not in cover.taken
            and any(_near(index, index.segments[segment], index.segments[one]) for one in cover.taken)
        ]
        best = max(near, key=lambda segment: cover.gain(hits[segment]), default=None)
        if best is None or not cover.gain(hits[best]):
            break
        cover.take(best, hits[best])
    return cover


def _near(index: Index, one: Segment, other: Segment) -> bool:
    if one.page != other.page:
        return False
    down = max(one.box[1], other.box[1]) - min(one.box[3], other.box[3])
    across = max(one.box[0], other.box[0]) - min(one.box[2], other.box[2])
    return down <= NEAR_LINES * index.line and across <= NEAR_LETTERS * index.letter
