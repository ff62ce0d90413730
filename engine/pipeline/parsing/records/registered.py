"""Numbers by which people, accounts and meters are registered, known by their shape and their check digits."""

from __future__ import annotations

import re
from collections.abc import Iterator

from stdnum import iban as iban_numbers
from stdnum.fr import nir

from reading.literals.style import Style

from ..readers import Reading, read_iban
from ..text_grid import Span, TextGrid

_NIR = re.compile(
    r"(?<![\w.,])[12378][\s.]?\d{2}[\s.]?(?:\d{2})[\s.]?(?:\d{2}|2[ABab])[\s.]?\d{3}[\s.]?\d{3}(?:[\s./|-]{0,3}\d{2})?(?![\w,])"
)
_SSN = re.compile(
    r"(?<![\w.,-])(?!000|666)[0-8X*x]\d{2}[X*x\d]{0,2}[- ]\d{2}[- ]\d{4}(?![\w,-])|(?<![\w.,-])[X*x]{3}-[X*x]{2}-\d{4}"
)
_EIN = re.compile(r"(?<![\w.,-])\d{2}-\d{7}(?![\w,-])")
_POINT = re.compile(r"(?<!\d)(?:\d[\s.]?){13}\d(?!\d)")
_ROUTING = re.compile(r"(?<!\d)\d{9}(?!\d)")
_VIN = re.compile(r"(?<!\w)[A-HJ-NPR-Z0-9]{17}(?!\w)")


def read_nir(span: Span, style: Style) -> Iterator[Reading]:
    """The French social security number: thirteen digits and a two-digit check key."""
    for match in _NIR.finditer(span.text):
        compact = re.sub(r"[^\dABab]", "", match[0]).upper()
        sure = len(compact) == 15 and nir.is_valid(compact)
        likely = 1 <= int(compact[3:5]) <= 12 or compact[3:5] >= "20"
        if sure or likely:
            yield Reading(compact, span.cut(*match.span()), 1.0 if sure else 0.8 if len(compact) == 15 else 0.6)


def read_social_security(span: Span, style: Style) -> Iterator[Reading]:
    yield from read_nir(span, style)
    for match in _SSN.finditer(span.text):
        yield Reading(match[0], span.cut(*match.span()), 0.9)


def read_employer_id(span: Span, style: Style) -> Iterator[Reading]:
    for match in _EIN.finditer(span.text):
        yield Reading(match[0], span.cut(*match.span()))


def read_point(span: Span, style: Style) -> Iterator[Reading]:
    """A point of delivery of electricity or gas: fourteen figures in France, other lengths elsewhere."""
    for match in _POINT.finditer(span.text):
        yield Reading(re.sub(r"\D", "", match[0]), span.cut(*match.span()))
        return
    for match in re.finditer(r"(?<!\w)[A-Z]{0,2}\d[\dA-Z .]{6,32}\d(?!\w)", span.text):
        yield Reading(match[0].replace(" ", ""), span.cut(*match.span()), 0.8)
        return


def read_vin(span: Span, style: Style) -> Iterator[Reading]:
    """Seventeen letters and figures without I, O and Q."""
    for match in _VIN.finditer(span.text):
        if sum(char.isdigit() for char in match[0]) >= 4 and any(char.isalpha() for char in match[0]):
            yield Reading(match[0], span.cut(*match.span()))


def is_routing_number(text: str) -> bool:
    """The American Bankers Association's check: weights 3, 7, 1."""
    return (
        len(text) == 9
        and text.isdecimal()
        and sum(int(d) * w for d, w in zip(text, (3, 7, 1) * 3, strict=True)) % 10 == 0
    )


def read_routing_number(span: Span, style: Style) -> Iterator[Reading]:
    for match in _ROUTING.finditer(span.text):
        if is_routing_number(match[0]):
            yield Reading(match[0], span.cut(*match.span()))


_WITHIN_IBAN = {
    "FR": {"bank_code": (4, 9), "branch_code": (9, 14), "account_number": (14, 25), "account_key": (25, 27)},
    "DE": {"bank_code": (4, 12), "account_number": (12, 22)},
    "ES": {"bank_code": (4, 8), "branch_code": (8, 12), "account_key": (12, 14), "account_number": (14, 24)},
    "BE": {"bank_code": (4, 7), "account_number": (7, 14), "account_key": (14, 16)},
    "GB": {"branch_code": (8, 14), "account_number": (14, 22)},
}


def part_of_iban(grid: TextGrid, concept: str) -> Reading | None:
    """Codes of bank, branch and account, which are parts of the international number."""
    for cell in grid.cells:
        for reading in read_iban(cell.span, grid.style):
            place = _WITHIN_IBAN.get(str(reading.value)[:2], {}).get(concept)
            if place and iban_numbers.is_valid(str(reading.value)):
                return Reading(str(reading.value)[slice(*place)], reading.span, 0.9)
    return None
