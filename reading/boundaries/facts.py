"""What a page shows that tells whether a document begins or ends there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from statistics import median
from typing import Any
from zlib import crc32

from reading.normalization import alphanumeric, fold, skeleton
from reading.page_words import PlacedWord
from reading.vocabulary import any_of, read_table

TOP, BOTTOM = 0.2, 0.87
"""The letterhead ends and the foot begins, as fractions of the page height."""
TITLE_ENDS = 0.5
DATES_END = 0.45
"""Dates that stand lower are those of lines and of payment."""
MARKS_WITHIN = (0.12, 0.86)
"""A bare number is that of the page only above or below this."""
TITLE_WORDS = 5
MARK_WORDS, MOST_NUMBER = 7, 500
EDGE = 0.06
PROSE_WORDS = 8
KIND_LETTERS, MOST_NUMBERS = 5, 8
BLANK_WORDS, SEPARATOR_WORDS = 2, 25
MOST_TOKENS, MOST_CODES = 160, 60
GAP = 1.5
"""Times the height of a word: the next one stands in another cell."""
BELOW = 2.5
"""Times the height of a line: the value of a label stands no further below it."""

Token = tuple[float, float, float, float, str]


@dataclass(frozen=True, slots=True)
class PageFacts:
    """Sets are sorted tuples, so that facts can be stored as JSON."""

    width: float
    height: float
    recognised: bool
    words: int
    letters: float
    """Median height of the words, as a fraction of the page."""
    marks: tuple[tuple[str, int, int], ...] = ()
    """What may be its number: how it is printed ("of", "word" or "bare"), the number, and of how many (or 0)."""
    titles: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    """Of the document, behind words such as "Invoice no.", with the beginning of that word."""
    codes: tuple[str, ...] = ()
    """Long numbers in letterhead and foot, as of accounts, taxes and telephones."""
    dates: tuple[str, ...] = ()
    """In the upper part."""
    top: tuple[str, ...] = ()
    bottom: tuple[str, ...] = ()
    bag: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()
    """The words of its first lines, in which a table may repeat its heading."""
    starts_low: bool = False
    """Its text begins with a small letter, as in the middle of a sentence."""
    ends_open: bool = False
    """Its text ends without a full stop."""
    prose: bool = False
    """Most of its words stand in long lines."""
    opens: int = 0
    continues: bool = False
    closes: int = 0
    separates: bool = False

    @property
    def is_blank(self) -> bool:
        return self.words <= BLANK_WORDS and not self.separates

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> PageFacts:
        marks = tuple((str(how), int(page), int(pages)) for how, page, pages in data["marks"])
        sets = {name: tuple(value) for name, value in data.items() if isinstance(value, list)}
        return cls(**{**data, **sets, "marks": marks})


def facts_of(words: Sequence[PlacedWord], size: tuple[float, float], *, recognised: bool) -> PageFacts:
    """`words` in reading order with their boxes as fractions of the page; `size` in points."""
    lines = _lines(words)
    folded = [(line, fold(line[4])) for line in lines]
    text = "\n".join(line for _box, line in folded)
    body = _body(lines)
    tokens = [(word, fold(word[4])) for word in words]
    return PageFacts(
        *size,
        recognised=recognised,
        words=len(words),
        letters=round(median(word[3] - word[1] for word in words), 5) if words else 0.0,
        marks=_marks(folded),
        titles=_titles(folded),
        numbers=_numbers(folded),
        codes=_set(
            (skeleton(alphanumeric(token)) for word, token in tokens if _at_edge(word) and _is_code(token)), MOST_CODES
        ),
        dates=_set(
            (_digits(date) for box, line in folded if box[3] <= DATES_END for date in _DATE.findall(line)), MOST_CODES
        ),
        top=_set(_names(token for word, token in tokens if word[3] <= TOP), MOST_TOKENS),
        bottom=_set(_names(token for word, token in tokens if word[1] >= BOTTOM), MOST_TOKENS),
        bag=_set(_names(token for _word, token in tokens), MOST_TOKENS),
        heads=_set((word for line in body[:3] for word in _names(fold(line[4]).split())), MOST_TOKENS),
        starts_low=bool(body) and body[0][4][:1].islower(),
        ends_open=(bool(body) and body[-1][4][-1:].isalpha()) or (bool(body) and body[-1][4][-1:] in ",;-"),
        prose=sum(len(line[4].split()) for line in lines if len(line[4].split()) >= PROSE_WORDS) * 2 > len(words),
        opens=len(set(_pattern("opening").findall(text))),
        continues=bool(_pattern("continuing").search(text)),
        closes=len(set(_pattern("closing").findall(text))),
        separates=len(words) <= SEPARATOR_WORDS and bool(_pattern("separating").search(text)),
    )


def _lines(words: Sequence[PlacedWord]) -> list[Token]:
    """Words side by side that belong together, as one."""
    lines: list[list[Any]] = []
    for x0, y0, x1, y1, text in words:
        if lines:
            last = lines[-1]
            overlap = min(last[3], y1) - max(last[1], y0)
            height = max(1e-6, min(last[3] - last[1], y1 - y0))
            # Widths and heights are fractions of different lengths; a page is about 1.4 times as high as it is wide.
            if overlap > height / 2 and -0.01 <= x0 - last[2] <= GAP * 1.4 * height:
                last[0], last[1] = min(last[0], x0), min(last[1], y0)
                last[2], last[3] = max(last[2], x1), max(last[3], y1)
                last[4] += f" {text}"
                continue
        lines.append([x0, y0, x1, y1, text])
    return [tuple(line) for line in lines]


_DATE = re.compile(r"\b(?:\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}-\d{2}-\d{2})\b")
_AMOUNT = re.compile(r"[-+]?\d{1,3}(?:[.,' ]?\d{3})*[.,]\d{2}%?|\d+%")
_BARE = re.compile(r"^[-–—|\s]*(\d{1,3})[-–—|\s]*$")
_OF = re.compile(r"^(\d{1,3})\s*(?:/|of|von|sur|de|van|di)\s*(\d{1,3})$")


@cache
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{any_of('boundaries', name)})\b")


@cache
def _page_pattern() -> re.Pattern[str]:
    of = "|".join(word for word in read_table("boundaries")["page_of"])
    return re.compile(
        rf"\b(?:{any_of('boundaries', 'page_words')})\.?\s*[:#]?\s*(\d{{1,3}})(?:\s*(?:{of})\s*(\d{{1,3}}))?\b"
    )


@cache
def _label() -> re.Pattern[str]:
    kinds, numbers = any_of("boundaries", "numbered"), any_of("boundaries", "number_words")
    return re.compile(rf"\b(?P<kind>{kinds})[\s-]*(?:(?:{numbers})\b|[#°])?[\s.:#°º-]*(?P<value>.*)$")


def _marks(lines: Sequence[tuple[Token, str]]) -> tuple[tuple[str, int, int], ...]:
    """At the edges of the page; "page 2 of 3" anywhere in a line of its own."""
    found: set[tuple[str, int, int]] = set()
    first, last = MARKS_WITHIN
    for box, line in lines:
        at_edge = box[3] <= first or box[1] >= last
        for match in _page_pattern().finditer(line):
            page, pages = int(match[1]), int(match[2] or 0)
            if 0 < page <= (pages or MOST_NUMBER) and (at_edge or (pages and len(line.split()) <= MARK_WORDS)):
                found.add(("of" if pages else "word", page, pages))
        if at_edge and (of := _OF.match(line.strip())) and 0 < int(of[1]) <= int(of[2]):
            found.add(("of", int(of[1]), int(of[2])))
        if at_edge and (bare := _BARE.match(line)) and int(bare[1]) and _stands_alone(box, lines):
            found.add(("bare", int(bare[1]), 0))
    return tuple(sorted(found))


def _stands_alone(box: Token, lines: Sequence[tuple[Token, str]]) -> bool:
    """Few other things stand on its row: it is no cell of a table."""
    middle = (box[1] + box[3]) / 2
    return sum(other[1] <= middle <= other[3] for other, _text in lines) <= 2


def _body(lines: Sequence[Token]) -> list[Token]:
    """Without what stands at the very edges, such as the number of the page."""
    return [line for line in lines if line[3] > EDGE and line[1] < 1 - EDGE and len(line[4]) > 3]


@cache
def _kinds() -> frozenset[str]:
    names: list[str] = []
    for entry in read_table("document_kinds").values():
        names += entry.get("names", ())
    return frozenset(names)


def _titles(lines: Sequence[tuple[Token, str]]) -> tuple[str, ...]:
    """Lines of few words in the upper half that say what the document is."""
    found = set()
    for box, line in lines:
        words = re.findall(r"[a-z']+", line)
        if box[1] > TITLE_ENDS or not 1 <= len(words) <= TITLE_WORDS:
            continue
        for length in range(min(3, len(words)), 0, -1):
            if (name := " ".join(words[:length])) in _kinds():
                found.add(name)
                break
    return tuple(sorted(found))


def _numbers(lines: Sequence[tuple[Token, str]]) -> tuple[str, ...]:
    found = set()
    for box, line in lines:
        label = _label().search(line)
        if label is None:
            continue
        value = _first_number(label["value"])
        if not value and not re.search(r"[a-z]{3}", label["value"]):
            beside = (other for other, _text in lines if _is_beside(box, other))
            below = (other for other, _text in lines if _is_below(box, other))
            value = next((number for other in (*beside, *below) if (number := _first_number(fold(other[4])))), "")
        if value:
            found.add(f"{alphanumeric(label['kind'])[:KIND_LETTERS]} {value}")
    return tuple(sorted(found)[:MOST_NUMBERS])


def _is_beside(label: Token, other: Token) -> bool:
    middle = (label[1] + label[3]) / 2
    return other[1] <= middle <= other[3] and 0 <= other[0] - label[2] < 0.35


def _is_below(label: Token, other: Token) -> bool:
    height = label[3] - label[1]
    return 0 <= other[1] - label[3] + 0.002 < BELOW * height and other[0] < label[2] and other[2] > label[0]


def _first_number(text: str) -> str:
    """The first word, if it can be a number of a document."""
    words = text.split()
    for word in words[:2]:
        word = word.strip(".,:;()#")
        if _DATE.fullmatch(word) or _AMOUNT.fullmatch(word):
            return ""
        code = skeleton(alphanumeric(word))
        if sum(character.isdigit() for character in word) >= 2 and len(code) >= 3:
            return code
    return ""


def _at_edge(word: PlacedWord) -> bool:
    return word[3] <= TOP or word[1] >= BOTTOM


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _is_code(token: str) -> bool:
    digits = sum(character.isdigit() for character in token)
    return digits >= 4 and len(token) >= 5 and not _AMOUNT.fullmatch(token) and not _DATE.fullmatch(token)


def _names(tokens: Iterable[str]) -> Iterable[str]:
    for token in tokens:
        plain = alphanumeric(token)
        if len(plain) >= 3 and not any(character.isdigit() for character in plain):
            yield plain


def _set(items: Iterable[str], most: int) -> tuple[str, ...]:
    """At most so many, always the same of equal sets, so that sets can be compared by what is kept of them."""
    return tuple(sorted({item for item in items if item}, key=lambda item: crc32(item.encode()))[:most])
