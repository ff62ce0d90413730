"""Machine-readable zones of passports, visas and identity cards (ICAO 9303, and the French card before 2021).

Their fields stand at fixed places and carry check digits, so that what a recogniser got wrong can be put right.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from ..candidates import Candidate
from ..text_grid import Cell, Span, TextGrid, joined

_FILLER = str.maketrans({"«": "<<", "‹": "<", "≤": "<"})
_ALLOWED = re.compile(r"[A-Z0-9<]+")
_TO_DIGITS = str.maketrans("OQDUILZSBGTA", "000011258674")
_TO_LETTERS = str.maketrans("015826", "OISBZG")
_TRAIL = re.compile(r"<<<[<KCLEGSVXF]*$|<<(?:([KCLEGSVXF])\1*(?=<|$)|<)*$")
"""Fillers at the end of the names, some of them taken for letters. No name stands behind three fillers; behind two,
only one letter over and over is none: Elke and Lex are made of such letters too."""
_SHORTEST = 24
_FEWEST = 4
"""Fillers that a zone has, at least: between and behind the names."""
_MANY = 8
"""With so many, one check digit that agrees is proof enough."""
_MISSING = 6
"""Fillers of a line, at most, that recognition lost."""
_FIRST_YEAR = 80
_WEIGHTS = (7, 3, 1)
_SCORE = 0.97


@dataclass(frozen=True, slots=True)
class _Strip:
    """A row of the page as the zone's characters, each with the cell and the place it was read from."""

    text: str
    places: tuple[tuple[Cell, int], ...]

    def spans(self, start: int, end: int) -> tuple[Span, ...]:
        """One span for each cell that the characters from `start` to `end` were read from."""
        found = joined(Span(cell, position, position + 1) for cell, position in self.places[start:end])
        return tuple(found) or (self.places[0][0].span,)


@dataclass(frozen=True, slots=True)
class _Part:
    """One field of a format: its line, its place, what it is made of, and where its check digit stands."""

    line: int
    start: int
    end: int
    kind: str = "any"
    check: int = -1


_SECOND = {
    "document_number": _Part(1, 0, 9, "code", 9),
    "nationality": _Part(1, 10, 13, "letters"),
    "birth_date": _Part(1, 13, 19, "digits", 19),
    "sex": _Part(1, 20, 21, "letters"),
    "expiry_date": _Part(1, 21, 27, "digits", 27),
}
_FORMATS: dict[str, tuple[int, int, re.Pattern[str], dict[str, _Part]]] = {
    "TD3": (2, 44, re.compile(r"[PV]"), {
        "document_type": _Part(0, 0, 2, "letters"), "country": _Part(0, 2, 5, "letters"),
        "names": _Part(0, 5, 44, "letters"), **_SECOND, "personal_number": _Part(1, 28, 42, "code", 42),
    }),
    "TD2": (2, 36, re.compile(r"[ACIPV](?!DFRA)"), {
        "document_type": _Part(0, 0, 2, "letters"), "country": _Part(0, 2, 5, "letters"),
        "names": _Part(0, 5, 36, "letters"), **_SECOND, "personal_number": _Part(1, 28, 35, "code"),
    }),
    "TD1": (3, 30, re.compile(r"[ACI]"), {
        "document_type": _Part(0, 0, 2, "letters"), "country": _Part(0, 2, 5, "letters"),
        "document_number": _Part(0, 5, 14, "code", 14), "personal_number": _Part(0, 15, 30, "code"),
        "birth_date": _Part(1, 0, 6, "digits", 6), "sex": _Part(1, 7, 8, "letters"),
        "expiry_date": _Part(1, 8, 14, "digits", 14), "nationality": _Part(1, 15, 18, "letters"),
        "names": _Part(2, 0, 30, "letters"),
    }),
    "FRA": (2, 36, re.compile(r"[I1]DFRA"), {
        "document_type": _Part(0, 0, 2, "letters"), "country": _Part(0, 2, 5, "letters"),
        "surname": _Part(0, 5, 30, "letters"), "document_number": _Part(1, 0, 12, "code", 12),
        "given_names": _Part(1, 13, 27, "letters"), "birth_date": _Part(1, 27, 33, "digits", 33),
        "sex": _Part(1, 34, 35, "letters"), "nationality": _Part(0, 2, 5, "letters"),
    }),
}  # fmt: skip


class Zone:
    """The zone of a document, if it has one; `values` by the names that persons' fields have in this package."""

    def __init__(self, grid: TextGrid) -> None:
        self.values: dict[str, Candidate] = {}
        best = max(_readings(list(_strips(grid))), key=lambda reading: reading.checked, default=None)
        if best is not None and best.checked >= (2 if best.fillers < _MANY else 1):
            self.values = dict(best.candidates())

    def __bool__(self) -> bool:
        return bool(self.values)


@dataclass(frozen=True, slots=True)
class _Reading:
    """The strips read in one format, each at the length that the format wants."""

    name: str
    strips: Sequence[_Strip]
    lines: tuple[str, ...]
    shifts: tuple[int, ...]
    """Where a line got the fillers that it had lost, and so where its places begin to differ."""
    checked: int

    @property
    def fillers(self) -> int:
        return sum(strip.text.count("<") for strip in self.strips)

    def candidates(self) -> Iterator[tuple[str, Candidate]]:
        parts = _FORMATS[self.name][3]
        texts = {name: _part_text(self.lines[part.line], part) for name, part in parts.items()}
        for name, part in parts.items():
            if part.check >= 0 and not _checks(self.lines[part.line], part) and name != "personal_number":
                continue
            for key, value in _values(name, texts):
                if value:
                    yield key, Candidate(value, self._spans(part), _SCORE)
        for number, strip in enumerate(self.strips, 1):
            yield f"mrz_{number}", Candidate(self.lines[number - 1], strip.spans(0, len(strip.text)), _SCORE)

    def _spans(self, part: _Part) -> tuple[Span, ...]:
        strip, shift = self.strips[part.line], self.shifts[part.line]
        lost = len(self.lines[part.line]) - len(strip.text)
        back = lost if part.start >= shift else 0
        printed = self.lines[part.line][part.start : part.end].rstrip("<")
        return strip.spans(part.start - back, part.start - back + max(1, len(printed)))


def _strips(grid: TextGrid) -> Iterator[_Strip]:
    for row in grid.rows:
        text, places = "", []
        for cell in row:
            for position, char in enumerate(cell.text.upper()):
                for one in char.translate(_FILLER):
                    if _ALLOWED.fullmatch(one):
                        text += one
                        places.append((cell, position))
        letters = sum(char.isalnum() for cell in row for char in cell.text)
        odd = sum(not char.isspace() for cell in row for char in cell.text) - len(places)
        if len(text) >= _SHORTEST and letters >= 8 and odd <= 2:
            yield _Strip(text, tuple(places))


def _readings(strips: Sequence[_Strip]) -> Iterator[_Reading]:
    for name, (count, length, opening, parts) in _FORMATS.items():
        for start in range(len(strips) - count + 1):
            group = strips[start : start + count]
            if not opening.match(group[0].text) or sum(strip.text.count("<") for strip in group) < _FEWEST:
                continue
            if any(not length - _MISSING <= len(strip.text) <= length + 4 for strip in group):
                continue
            fitted = [_fitted(strip.text, length, number, parts) for number, strip in enumerate(group)]
            lines = tuple(line for line, _, _ in fitted)
            yield _Reading(name, group, lines, tuple(at for _, at, _ in fitted), sum(count for _, _, count in fitted))


def _fitted(text: str, length: int, number: int, parts: dict[str, _Part]) -> tuple[str, int, int]:
    """The line at its full length: the lost fillers put back where most check digits agree."""
    own = [part for part in parts.values() if part.line == number]
    lost = length - len(text)
    places = [len(text)] if lost <= 0 else [*(match.end() for match in re.finditer(r"<+|^", text)), len(text)]
    places += [part.end - lost for part in own if lost > 0 and part.kind != "digits" and part.end > lost]
    rated = []
    for place in dict.fromkeys(places):
        line = (text[:place] + "<" * max(0, lost) + text[place:])[:length]
        line = _repaired(line, own)
        checked = sum(_checks(line, part) for part in own if part.check >= 0)
        rated.append((checked, _whole_checks(line, own), place == len(text), line, place))
    checked, _, _, line, place = max(rated)
    return line, place if lost > 0 else length, checked


def _repaired(line: str, parts: Sequence[_Part]) -> str:
    """Digits where only digits can stand, letters where only letters can; codes as their check digit tells."""
    chars = list(line)
    for part in parts:
        if part.kind == "digits":
            chars[part.start : part.end] = "".join(chars[part.start : part.end]).translate(_TO_DIGITS)
        elif part.kind == "letters":
            chars[part.start : part.end] = "".join(chars[part.start : part.end]).translate(_TO_LETTERS)
        if part.check >= 0:
            chars[part.check] = chars[part.check].translate(_TO_DIGITS)
    for part in parts:
        if part.kind == "code" and part.check >= 0 and not _checks("".join(chars), part):
            text = "".join(chars[part.start : part.end])
            for other in (*_slips(text), text.translate(_TO_DIGITS)):
                tried = [*chars[: part.start], *other, *chars[part.end :]]
                if _checks("".join(tried), part):
                    chars = tried
                    break
    return "".join(chars)


def _slips(text: str) -> Iterator[str]:
    """The text with one letter as the digit that looks like it, or the other way round."""
    for place, char in enumerate(text):
        for table in (_TO_DIGITS, _TO_LETTERS):
            if (other := char.translate(table)) != char:
                yield text[:place] + other + text[place + 1 :]


def check_digit(text: str) -> int:
    """ICAO 9303, part 3: digits as they are, A is 10, a filler is nothing; weights 7, 3, 1."""
    values = (0 if char == "<" else int(char, 36) for char in text)
    return sum(value * _WEIGHTS[place % 3] for place, value in enumerate(values)) % 10


def _checks(line: str, part: _Part) -> bool:
    digit, text = line[part.check], line[part.start : part.end]
    if not text.strip("<"):
        return False
    return digit.isdigit() and int(digit) == check_digit(text)


def _whole_checks(line: str, parts: Sequence[_Part]) -> bool:
    """Whether the last digit of a second line agrees with all that it covers."""
    if not any(part.start == 0 and part.line == 1 and part.check == 9 for part in parts) or not line[-1].isdigit():
        return False
    return int(line[-1]) == check_digit(line[:10] + line[13:20] + line[21:-1])


def _part_text(line: str, part: _Part) -> str:
    text = line[part.start : part.end]
    return _TRAIL.sub("", text) if part.kind == "letters" and part.end - part.start > 3 else text


def _values(name: str, texts: dict[str, str]) -> Iterator[tuple[str, str]]:
    text = texts[name]
    if name == "names":
        surname, _, given = text.partition("<<")
        yield "surname", _words(surname)
        yield "given_names", _words(given)
        yield "full_name", _words(f"{given}<{surname}")
    elif name in ("birth_date", "expiry_date"):
        yield name, _day(text, name, texts)
    elif name == "sex":
        yield name, text if text in "MFX" else ""
    elif name == "document_type":
        yield name, text.strip("<")
    else:
        yield name, _words(text)


def _words(text: str) -> str:
    return " ".join(word for word in text.split("<") if word)


def _day(text: str, name: str, texts: dict[str, str]) -> str:
    """In which century: who is born is born before the document ends, or before a French card was issued."""
    if not text.isdigit():
        return ""
    year = _year(text)
    if name == "birth_date":
        until = texts.get("expiry_date") or texts["document_number"]
        year = 2000 + int(text[:2])
        year -= 100 if not until[:2].isdigit() or year > _year(until) else 0
    try:
        return date(year, int(text[2:4]), int(text[4:6])).isoformat()
    except ValueError:
        return ""


def _year(text: str) -> int:
    """Such zones are printed since 1980."""
    year = int(text[:2])
    return 1900 + year if year >= _FIRST_YEAR else 2000 + year
