"""The numbers of a document, by what each may mean."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from extractions.evidence.pages import Index, Word
from reading.literals.numbers import GROUPING, MINUS_SIGNS, decimal_readings, plain_decimal

DIGIT = re.compile(r"\d")
APART = re.compile(rf"[{GROUPING}·\s]")
NUMBER = re.compile(rf"\d(?:[\d.,{GROUPING}·\s]*\d)?")
GROUP = re.compile(r"\d{3}(?:[.,]\d+)?")
HEAD = re.compile(rf"[{MINUS_SIGNS}+(€$£¥A-Z]*\d{{1,3}}$")
TAIL = re.compile(r"\d{3}(?:[.,]\d{1,4})?\D{0,4}$")
BEFORE = re.compile(rf"(?:[A-Za-z]{{1,3}}\.?|[^\w\s]+)?[{MINUS_SIGNS}+(]*$")
AFTER = re.compile(r"^[)\-−–%°€$£¥.,:;*]*(?:[A-Za-z]{0,3}[.,;:]?)?$")
MOST_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class PrintedNumber:
    """A printed number: the readings it allows, and where it stands (letters of the first and the last word)."""

    readings: tuple[Decimal, ...]
    first: int
    last: int
    begin: int
    end: int
    text: str
    negative: bool
    per_cent: bool
    clean: bool
    """Nothing is glued to it but a currency or a unit."""


def numbers_of(index: Index) -> dict[Decimal, list[PrintedNumber]]:
    """All numbers of the document by what they may mean, without sign."""
    found: dict[Decimal, list[PrintedNumber]] = {}
    for number in _printed(index):
        for reading in number.readings:
            found.setdefault(reading, []).append(number)
    return found


def rounded(value: Decimal) -> Iterator[Decimal]:
    """The number as it is, then with fewer and fewer decimals, but never less exact than hundredths."""
    yield plain_decimal(value)
    exponent = value.normalize().as_tuple().exponent
    decimals = -exponent if isinstance(exponent, int) else 0
    for fewer in range(min(decimals - 1, MOST_DECIMALS), 1, -1):
        yield plain_decimal(value.quantize(Decimal(1).scaleb(-fewer), ROUND_HALF_UP))


def _printed(index: Index) -> Iterator[PrintedNumber]:
    words, grouped = index.words, -1
    for position, word in enumerate(words):
        if not DIGIT.search(word.text):
            continue
        last = _end_of_groups(words, position)
        if last > position:
            yield from _read(words, position, last)
            grouped = last
        if position > grouped or not word.text.startswith("0"):
            yield from _read(words, position, position, alone=position > grouped)


def _end_of_groups(words: list[Word], first: int) -> int:
    """The last word of a number whose thousands are set apart by blanks: 1 234,50."""
    if not HEAD.match(words[first].text):
        return first
    last = first
    while last + 1 < len(words) and words[last + 1].segment == words[first].segment:
        text = words[last + 1].text
        if GROUP.fullmatch(text):
            last += 1
            if len(text) > 3:
                break
        else:
            return last + 1 if TAIL.match(text) else last
    return last


def _read(words: list[Word], first: int, last: int, *, alone: bool = True) -> Iterator[PrintedNumber]:
    text = " ".join([word.text for word in words[first : last + 1]])
    for match in NUMBER.finditer(text):
        if last > first and match.span() != max((m.span() for m in NUMBER.finditer(text)), key=_length):
            continue
        before, after = text[: match.start()], text[match.end() :]
        meant = decimal_readings(APART.sub("", match.group()))
        if meant:
            one, other = words[first], words[last]
            yield PrintedNumber(
                readings=meant,
                first=first,
                last=last,
                begin=match.start() if first == last else len(before),
                end=match.end() - (len(text) - len(other.text)),
                text=_signed(before, match.group(), after),
                negative=_is_negative(words, one, other, before, after),
                per_cent=after.startswith("%") or _follows(words, other, "%"),
                clean=alone and bool(BEFORE.fullmatch(before) and AFTER.match(after)),
            )


def _length(span: tuple[int, int]) -> int:
    return span[1] - span[0]


def _signed(before: str, digits: str, after: str) -> str:
    if before[-1:] and before[-1:] in MINUS_SIGNS:
        return before[-1:] + digits
    return digits + after[:1] if after[:1] and after[:1] in MINUS_SIGNS else digits


def _is_negative(words: list[Word], one: Word, other: Word, before: str, after: str) -> bool:
    if before[-1:] and before[-1:] in MINUS_SIGNS + "(":
        return True
    if before.startswith(tuple(MINUS_SIGNS)) or (after[:1] and after[:1] in MINUS_SIGNS):
        return True
    left = words[one.index - 1] if one.index else None
    return bool(not before and left and left.segment == one.segment and left.text in MINUS_SIGNS)


def _follows(words: list[Word], word: Word, text: str) -> bool:
    after = words[word.index + 1] if word.index + 1 < len(words) else None
    return bool(after and after.segment == word.segment and after.text.startswith(text))
