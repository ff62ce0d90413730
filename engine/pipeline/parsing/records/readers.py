"""How the values of personal documents, accounts and wages are printed, where it differs from business documents."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reading.literals.dates import full_year
from reading.literals.locales import months
from reading.literals.style import Style
from reading.normalization import fold

from ..readers import (
    Reader,
    Reading,
    read_amount,
    read_bic,
    read_code,
    read_date,
    read_email,
    read_iban,
    read_name,
    read_number,
    read_phone,
    read_text,
    read_url,
)
from ..text_grid import Span
from .registered import (
    read_employer_id,
    read_point,
    read_routing_number,
    read_social_security,
    read_vin,
)

_SPACED = re.compile(
    r"(?<!\d)(\d{1,2})\s+(\d{1,2}|[^\W\d_]{3,9}\.?)(?:\s?/\s?[^\W\d_]{3,9}\.?)?\s+((?:19|20)\d{2}|\d{2})(?!\d)"
)
_BILINGUAL = re.compile(r"(\d{1,2})\s?([^\W\d_]{3,9})\.?\s?/\s?[^\W\d_]{3,9}\.?\s?((?:19|20)?\d{2})(?!\d)")
_PIVOT = 50
"""Of two-digit years: cards expire before 2050, and their holders were born in 1950 or later."""
_SEX = re.compile(
    r"(?<!\w)(?:[MFXHW]|male|female|masculin|f[ée]minin|homme|femme|m[äa]nnlich|weiblich|mann|frau|divers)(?!\w)",
    re.IGNORECASE,
)
_HEIGHT = re.compile(
    r"\d[.,]\d{2}\s?m\b|\d{3}\s?cm\b|\d\s?['’′]\s?-?\s?\d{1,2}\s?(?:[\"”″]|'')?|(?<!\d)[12][.,]\d{2}(?!\d)|(?<!\d)1\d{2}(?!\d)"
)
_CARD_NUMBER = re.compile(r"(?<![\w])[A-Z0-9][A-Z0-9 ./-]{2,28}[A-Z0-9](?![\w])")


def read_card_date(span: Span, style: Style) -> Iterator[Reading]:
    """Also with blanks between day, month and year, and with the month in two languages."""
    found = list(read_date(span, style))
    yield from found
    if found:
        return
    for match in (*_BILINGUAL.finditer(span.text), *_SPACED.finditer(span.text)):
        month = int(match[2]) if match[2].isdigit() else months().get(fold(match[2]).rstrip("."), 0)
        year = full_year(match[3], pivot=_PIVOT)
        if 1 <= month <= 12 and 1 <= int(match[1]) <= 31:
            yield Reading(f"{year:04d}-{month:02d}-{int(match[1]):02d}", span.cut(*match.span()), 0.95)
            return


def read_card_number(span: Span, style: Style) -> Iterator[Reading]:
    """The number of a card, which may have blanks between its groups; not a date, not a word."""
    if any(True for _ in read_card_date(span, style)):
        return
    for match in _CARD_NUMBER.finditer(span.text):
        text = match[0].strip(" .-/")
        digits = sum(char.isdigit() for char in text)
        groups = text.split()
        if digits >= 3 and (
            len(groups) == 1 or all(any(c.isdigit() for c in group) or len(group) <= 2 for group in groups)
        ):
            start = match.start() + match[0].index(text)
            yield Reading(text, span.cut(start, start + len(text)), 1.0 if len(text) >= 6 else 0.7)
            return
    yield from read_code(span, style)


def read_sex(span: Span, style: Style) -> Iterator[Reading]:
    if match := _SEX.search(span.text):
        yield Reading(match[0], span.cut(*match.span()), 1.0 if len(span.text) < 14 else 0.7)


def read_height(span: Span, style: Style) -> Iterator[Reading]:
    if match := _HEIGHT.search(span.text):
        yield Reading(match[0].strip(), span.cut(*match.span()))


def read_person(span: Span, style: Style) -> Iterator[Reading]:
    """A name of a person: words without figures, up to what is no word of it."""
    span = span.stripped(" \t:;,.-–—·•●|/#*=<>()[]")
    match = re.match(r"[^\W\d_][^\d:|<>()]*", span.text)
    if match and sum(char.isalpha() for char in match[0]) >= 2:
        yield Reading(match[0].rstrip(" ,;.-/"), span.cut(0, len(match[0].rstrip(" ,;.-/"))))


def read_place(span: Span, style: Style) -> Iterator[Reading]:
    """A place without the date that may stand before it."""
    end = max((reading.span.end for reading in read_card_date(span, style)), default=span.start)
    yield from read_name(Span(span.cell, end, span.end), style)


def read_country(span: Span, style: Style) -> Iterator[Reading]:
    for reading in read_name(span, style):
        if not any(char.isdigit() for char in reading.value) and len(reading.value.split()) <= 4:
            yield reading


_DATES = (
    "birth_date",
    "issue_date",
    "expiry_date",
    "hire_date",
    "pay_date",
    "vehicle B",
    "vehicle I",
    "vehicle H",
    "vehicle X.1",
)
_NAMES = "surname given_names full_name middle_name birth_name usage_name employee account_holder payee"
_MONEY = """gross_pay net_pay net_before_tax net_taxable income_tax deductions base_salary check_amount total_debit
    total_credit"""
_CODES = """document_number personal_number member_id group_number payer_id rx_bin rx_group rx_pcn access_number
    discriminator employee_number meter_number customer_account contract_number check_number account_number bank_code
    branch_code account_key urssaf"""

READ: dict[str, Reader] = {
    **dict.fromkeys(_DATES, read_card_date), **dict.fromkeys(_NAMES.split(), read_person),
    **dict.fromkeys(_MONEY.split(), read_amount), **dict.fromkeys(_CODES.split(), read_card_number),
    "sex": read_sex, "height": read_height, "birth_place": read_place, "nationality": read_country,
    "country": read_country, "social_security": read_social_security, "employer_id": read_employer_id,
    "delivery_point": read_point, "vehicle E": read_vin, "iban": read_iban, "bic": read_bic,
    "routing_number": read_routing_number, "email": read_email, "phone": read_phone, "mobile": read_phone,
    "fax": read_phone, "website": read_url, "number": read_number, "activity_code": read_code,
    "categories": read_text, "weight": read_text,
}  # fmt: skip
"""By the names of the lexicon of records; what is not named here are words."""
