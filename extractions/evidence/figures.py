"""Numbers as they are printed: 1 234,50 and 1,234.50 and 1'234.50-."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache

from extractions.evidence.pages import Index, Word

DIGIT = re.compile(r"\d")
NUMBER = re.compile(r"\d(?:[\d.,'’·\s]*\d)?")
GROUP = re.compile(r"\d{3}(?:[.,]\d+)?")
HEAD = re.compile(r"[-+−–(€$£¥A-Z]*\d{1,3}$")
TAIL = re.compile(r"\d{3}(?:[.,]\d{1,4})?\D{0,4}$")
MINUS = "-−–"
APART = re.compile(r"['’·\s]")
BEFORE = re.compile(r"(?:[A-Za-z]{1,3}\.?|[^\w\s]+)?[-−–+(]*$")
AFTER = re.compile(r"^[)\-−–%°€$£¥.,:;*]*(?:[A-Za-z]{0,3}[.,;:]?)?$")
MOST_DECIMALS = 6
PER_CENT = Decimal(100)


@dataclass(frozen=True, slots=True)
class Figure:
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


@lru_cache(maxsize=65536)
def readings(text: str) -> tuple[Decimal, ...]:
    """What the digits may mean; the likelier meaning first. "1,234" may be a thousand and more, or one and a bit."""
    text = APART.sub("", text)
    points, commas = text.count("."), text.count(",")
    if points and commas:
        decimal = "." if text.rfind(".") > text.rfind(",") else ","
        return _known(_decimal(text, decimal))
    if points + commas == 0:
        return _known(text)
    mark = "." if points else ","
    if points + commas > 1:
        return _known(text.replace(mark, ""))
    whole, _, rest = text.partition(mark)
    grouped = len(rest) == 3 and len(whole) <= 3 and whole != "0"
    both = [whole + rest, f"{whole}.{rest}"] if grouped else [f"{whole}.{rest}"]
    return _known(*both)


def figures(index: Index) -> dict[Decimal, list[Figure]]:
    """All numbers of the document by what they may mean, without sign."""
    found: dict[Decimal, list[Figure]] = {}
    for figure in _printed(index):
        for reading in figure.readings:
            found.setdefault(reading, []).append(figure)
    return found


def rounded(value: Decimal) -> Iterator[Decimal]:
    """The number as it is, then with fewer and fewer decimals, but never less exact than hundredths."""
    yield _plain(value)
    exponent = value.normalize().as_tuple().exponent
    decimals = -exponent if isinstance(exponent, int) else 0
    for fewer in range(min(decimals - 1, MOST_DECIMALS), 1, -1):
        yield _plain(value.quantize(Decimal(1).scaleb(-fewer), ROUND_HALF_UP))


def _printed(index: Index) -> Iterator[Figure]:
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


def _read(words: list[Word], first: int, last: int, *, alone: bool = True) -> Iterator[Figure]:
    text = " ".join([word.text for word in words[first : last + 1]])
    for match in NUMBER.finditer(text):
        if last > first and match.span() != max((m.span() for m in NUMBER.finditer(text)), key=_length):
            continue
        before, after = text[: match.start()], text[match.end() :]
        meant = readings(match.group())
        if meant:
            one, other = words[first], words[last]
            yield Figure(
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
    if before[-1:] and before[-1:] in MINUS:
        return before[-1:] + digits
    return digits + after[:1] if after[:1] and after[:1] in MINUS else digits


def _is_negative(words: list[Word], one: Word, other: Word, before: str, after: str) -> bool:
    if before[-1:] and before[-1:] in MINUS + "(":
        return True
    if before.startswith(tuple(MINUS)) or (after[:1] and after[:1] in MINUS):
        return True
    left = words[one.index - 1] if one.index else None
    return bool(not before and left and left.segment == one.segment and left.text in MINUS)


def _follows(words: list[Word], word: Word, text: str) -> bool:
    after = words[word.index + 1] if word.index + 1 < len(words) else None
    return bool(after and after.segment == word.segment and after.text.startswith(text))


def _decimal(text: str, mark: str) -> str:
    other = "," if mark == "." else "."
    return text.replace(other, "").replace(mark, ".") if text.count(mark) == 1 else text.replace(",", "")


def _known(*texts: str) -> tuple[Decimal, ...]:
    found: list[Decimal] = []
    for text in texts:
        try:
            number = _plain(Decimal(text))
        except InvalidOperation:
            continue
        if len(text) <= 30 and number not in found:
            found.append(number)
    return tuple(found)


def _plain(number: Decimal) -> Decimal:
    """One form for equal numbers, so that they can be looked up."""
    return abs(number).normalize() if number else Decimal(0)
