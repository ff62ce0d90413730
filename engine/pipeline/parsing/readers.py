"""Reading a value of a wanted shape out of a stretch of text, with the words it stands in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import wordfreq
from stdnum import bic as bic_numbers
from stdnum import iban as iban_numbers
from stdnum.eu import vat as eu_vat
from stdnum.fr import siren, siret

from reading.literals.dates import find_dates
from reading.literals.money import CURRENCY_SIGN, currency_of
from reading.literals.numbers import Number, find_numbers
from reading.literals.style import Style

from .text_grid import Span


@dataclass(frozen=True, slots=True)
class Reading:
    """A value in normal form, the words it was read from, and how much it looks like what was wanted (0 to 1)."""

    value: Any
    span: Span
    quality: float = 1.0
    rest: tuple[Span, ...] = ()
    """What stands on further lines."""


Figure = tuple[Span, Number]
"""A number with the words that say it."""
Reader = Callable[[Span, Style], Iterator[Reading]]

_CODE = re.compile(r"[^\W_](?:[\w./\\&+-]*[\w+])?(?:\s?[/-]\s?\d[\w/-]*)*")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{2,4}){3,8}(?:[ -]?[A-Z0-9]{1,4})?\b")
_BEGUN_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{2,4}){1,8}[ -]?[A-Z0-9]?\s*$")
"""As far as the end of the line."""
_IBAN_IN_FOURS = re.compile(r"[A-Z]{2}\d{2}(?: [A-Z0-9]{4}){2}")
_REST_OF_IBAN = re.compile(r"[A-Z0-9]{1,4}(?: [A-Z0-9]{1,4})*")
_IBAN_LENGTHS = {
    "DE": 22, "FR": 27, "GB": 22, "NL": 18, "BE": 16, "ES": 24, "IT": 27, "CH": 21, "AT": 20, "LU": 20, "PT": 25,
}  # fmt: skip
_SHORTEST_IBAN = 15
_BIC = re.compile(r"\b[A-Z]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?\b")
_VAT = re.compile(r"\b(?:[A-Z]{2,3}[- ]?[A-Z0-9]{1,3}(?:[ .-]?[A-Z0-9]{2,}){1,5})\b")
_SWISS_TAX = re.compile(r"(?<=\d)[ -]?(?:TVA|MWST|IVA|VAT)$")
"""In which language the tax is called behind a Swiss number, which is no part of the number."""
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_DOMAIN = "com|org|net|fr|de|nl|be|eu|uk|ch|at|io|lu|es|it"
_URL = re.compile(rf"(?:https?://|www\.)[^\s,;]+|\b[\w-]+(?:\.[\w-]+)*\.(?:{_DOMAIN})\b(?!@)")
_PHONE = re.compile(r"(?<![\w.,/])(?:\+|00)?\(?\d[\d\s()./-]{5,20}\d(?![\w,])")
_CURRENCY = re.compile(rf"(?<![^\W\d_]){CURRENCY_SIGN}(?![^\W\d_])", re.IGNORECASE)
_TAX = re.compile(r"\d[\d /.-]{5,20}\d|[A-Z]{0,3}\d[A-Z0-9-]{6,18}")
_REGISTER = (
    r"(?:HR ?[AB]|H [AB]|R\.?C\.?S\.? [A-ZÀ-Þ][\w' -]+? [AB]?) ?\d[\d ]*\d(?: [A-Z](?!\w))?|FN ?\d{5,6} ?[a-z](?!\w)"
    r"|CHE-?\d{3}\.\d{3}\.\d{3}|\d{2}\.\d{3}\.\d{3}/\d{4}-\d{2}"
)
_REGISTER_BEFORE = re.compile(r"(?<!\w)(?:HR ?[AB]|FN) ?$")
_LEGAL = re.compile(_REGISTER + r"|\d{3}[ .]?\d{3}[ .]?\d{3}(?:[ .]?\d{5})?|[A-Z]{0,8}\d[\w.-]{3,19}(?: [A-Z](?!\w))?")


_GROUPED = re.compile(r"\W*(?P<code>\d{1,4}(?: \d{3}){2,}|\d{1,4}(?: \d{4}){2,})\W*")
"""A number of an account or a customer that is printed in groups."""


def read_code(span: Span, style: Style) -> Iterator[Reading]:
    """A reference: the first word with a digit, unless it is a date, an amount or a share."""
    text = span.text
    grouped = _GROUPED.fullmatch(text)
    if grouped is not None:
        yield Reading(grouped["code"], span.cut(*grouped.span("code")), 1.0)
        return
    dates = [(day.start, day.end) for day in find_dates(text, style)]
    free = _without(text, [place for place in dates if _stands_free(text, *place)])
    for order, match in enumerate(found for found in _CODE.finditer(free) if re.search(r"\d", found[0])):
        start, end = match.span()
        if order > 1:
            return
        if any(a <= start and end <= b for a, b in dates) or _looks_like_money(text[start : end + 3]):
            continue
        code = match[0]
        quality = 1.0 if len(code) > 3 else 0.75 if len(code) > 1 else 0.5
        quality *= 1.0 if re.match(r"[\W_]*$", text[:start]) else 0.75
        yield Reading(code, span.cut(start, end), quality * (1.0 if order == 0 else 0.7))


def _stands_free(text: str, start: int, end: int) -> bool:
    """Whether a date is a word of its own, and no part of a code such as 'R-2024-03-01-7'."""
    return not re.search(r"[\w./\\-]$", text[:start]) and not re.match(r"[\w/\\-]", text[end:])


def _without(text: str, places: list[tuple[int, int]]) -> str:
    """The text with blanks for what stands at these places."""
    for start, end in places:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def _looks_like_money(text: str) -> bool:
    return bool(re.match(r"\d{1,3}(?:[.,]?\d{3})*[.,]\d{2}(?!\d)|\d+ ?[%€$]", text))


def read_date(span: Span, style: Style) -> Iterator[Reading]:
    for order, day in enumerate(sorted(find_dates(span.text, style), key=lambda day: day.start)):
        yield Reading(day.value.isoformat(), span.cut(day.start, day.end), 1.0 if order == 0 else 0.8)


def find_figures(span: Span, style: Style) -> Iterator[Figure]:
    for number in find_numbers(span.text, style):
        yield span.cut(number.start, number.end), number


def read_amount(span: Span, style: Style) -> Iterator[Reading]:
    """Money: two decimals or a currency make it likely, a share or a bare whole number hardly is."""
    for words, number in find_figures(span, style):
        if number.percent:
            continue
        whole = number.places in (2, style.places)
        quality = 1.0 if whole else 0.9 if number.currency else 0.6 if number.places else 0.4
        yield Reading(number.value, words, quality)


def read_number(span: Span, style: Style) -> Iterator[Reading]:
    for words, number in find_figures(span, style):
        yield Reading(number.value, words)


def read_percent(span: Span, style: Style) -> Iterator[Reading]:
    for words, number in find_figures(span, style):
        if number.percent or 0 <= number.value <= 30:
            yield Reading(number.value, words, 1.0 if number.percent else 0.6)


def read_text(span: Span, style: Style) -> Iterator[Reading]:
    span = span.stripped(" \t:;·•●|=")
    if any(char.isalnum() for char in span.text):
        yield Reading(span.text, span)


def read_name(span: Span, style: Style) -> Iterator[Reading]:
    """A name of people, places or things has letters."""
    span = span.stripped()
    if sum(char.isalpha() for char in span.text) >= 2:
        yield Reading(span.text, span)


def read_bank(span: Span, style: Style) -> Iterator[Reading]:
    """A name with more letters than figures: the number of the account may stand where the bank does."""
    for reading in read_name(span, style):
        if sum(char.isalpha() for char in reading.span.text) > sum(char.isdigit() for char in reading.span.text):
            yield reading


def read_iban(span: Span, style: Style) -> Iterator[Reading]:
    for match in _IBAN.finditer(span.text):
        checked = _checked_iban(match[0])
        if checked:
            yield Reading(compact_iban(checked), span.cut(match.start(), match.start() + len(checked)))
        elif number := whole_iban(match[0]):
            yield Reading(number, span.cut(match.start(), match.end()), 0.6)


def _checked_iban(text: str) -> str:
    """The most words from the first on whose check digits hold; nothing if they never do."""
    words = text.split(" ")
    begun = (" ".join(words[:count]) for count in range(len(words), 0, -1))
    return next((one for one in begun if iban_numbers.is_valid(compact_iban(one))), "")


def read_broken_iban(span: Span, below: Span) -> Iterator[Reading]:
    """A number that goes on in the next line: its check digits hold, or the two make up the length of its country."""
    begun = _BEGUN_IBAN.search(span.text)
    if begun is None:
        return
    first = begun[0].rstrip()
    checked = _checked_iban(f"{first} {below.text}")
    if len(checked) > len(first):
        rest = below.cut(0, len(checked) - len(first) - 1)
        yield Reading(compact_iban(checked), span.cut(*begun.span()), rest=(rest,))
    elif _REST_OF_IBAN.fullmatch(below.text):
        number = compact_iban(first + below.text)
        if len(number) == _IBAN_LENGTHS.get(number[:2]):
            yield Reading(number, span.cut(*begun.span()), 0.6, (below,))


def is_broken_off_iban(text: str) -> bool:
    """Whether a text begins as such a number does and is too short to be one of its country."""
    number = compact_iban(text)
    return bool(_BEGUN_IBAN.fullmatch(text)) and len(number) < _IBAN_LENGTHS.get(number[:2], _SHORTEST_IBAN) - 1


def compact_iban(text: str) -> str:
    return re.sub(r"[ -]", "", text)


def whole_iban(text: str) -> str:
    """An IBAN-like number whose checksum fails is still what is printed, if its country has numbers of that length."""
    compact = compact_iban(text)
    wanted = _IBAN_LENGTHS.get(compact[:2])
    return compact if wanted and abs(len(compact) - wanted) <= 1 else ""


def read_bic(span: Span, style: Style) -> Iterator[Reading]:
    for match in _BIC.finditer(span.text):
        if bic_numbers.is_valid(match[0]) and not _is_word(match[0]):
            yield Reading(
                match[0], span.cut(match.start(), match.end()), 1.0 if re.search(r"\d|XXX$", match[0]) else 0.9
            )


def _is_word(text: str) -> bool:
    """Whether capitals that might be a code are a word of everyday language, such as RECHNUNG."""
    return any(wordfreq.zipf_frequency(text, language, wordlist="small") > 0 for language in ("en", "fr", "de"))


def read_vat(span: Span, style: Style) -> Iterator[Reading]:
    for match in _VAT.finditer(span.text):
        grouped_as_iban = _IBAN_IN_FOURS.match(match[0]) is not None
        words = match[0].split(" ")
        for count in range(len(words), 0, -1):
            text = _SWISS_TAX.sub("", " ".join(words[:count]))
            compact = re.sub(r"[ .-]", "", text)
            if (
                not re.fullmatch(r"(?:[A-Z]{2}|CHE)[A-Z0-9]{2,13}", compact)
                or sum(char.isdigit() for char in compact) < 6
            ):
                continue
            unproved = 0.8 if len(compact) >= 8 and not grouped_as_iban else 0.0
            quality = 1.0 if eu_vat.is_valid(compact) else unproved
            if quality and not iban_numbers.is_valid(compact):
                yield Reading(compact, span.cut(match.start(), match.start() + len(text)), quality)
                break


def read_legal(span: Span, style: Style) -> Iterator[Reading]:
    for match in _LEGAL.finditer(span.text):
        compact = re.sub(r"[ .]", "", match[0])
        if sum(char.isdigit() for char in compact) < 3:
            continue
        sure = siret.is_valid(compact) or siren.is_valid(compact)
        value, words = compact if compact.isdigit() else match[0], span.cut(match.start(), match.end())
        register = _REGISTER_BEFORE.search(span.cell.text[: words.start])
        if register and not sure:  # the letters are the label, and part of the number
            words = Span(span.cell, register.start(), words.end)
            value = words.text
        yield Reading(value, words, 1.0 if sure or len(compact) >= 8 else 0.85)
        return


def read_tax_number(span: Span, style: Style) -> Iterator[Reading]:
    match = _TAX.search(span.text)
    if match:
        yield Reading(match[0].strip(), span.cut(match.start(), match.end()))


def read_email(span: Span, style: Style) -> Iterator[Reading]:
    for match in _EMAIL.finditer(span.text):
        yield Reading(match[0], span.cut(match.start(), match.end()))


def read_url(span: Span, style: Style) -> Iterator[Reading]:
    for match in _URL.finditer(span.text):
        yield Reading(match[0], span.cut(match.start(), match.end()))


def read_phone(span: Span, style: Style) -> Iterator[Reading]:
    for match in _PHONE.finditer(span.text):
        if 7 <= sum(char.isdigit() for char in match[0]) <= 15:
            yield Reading(match[0].strip(), span.cut(match.start(), match.end()))
            return


def read_currency(span: Span, style: Style) -> Iterator[Reading]:
    if code := currency_of(span.stripped().text):
        yield Reading(code, span.stripped())
        return
    for match in _CURRENCY.finditer(span.text):
        code = currency_of(match[0])
        if code:
            yield Reading(code, span.cut(match.start(), match.end()))


_CLOCK = re.compile(r"\b([01]?\d|2[0-3])\s?[:hH]\s?([0-5]\d)(?:\s?:\s?([0-5]\d))?(?:\s?([AaPp])\.?[Mm])?")


def read_time(span: Span, style: Style) -> Iterator[Reading]:
    for match in _CLOCK.finditer(span.text):
        hour = int(match[1]) % 12 + (12 if match[4] in ("p", "P") else 0) if match[4] else int(match[1])
        yield Reading(f"{hour:02d}:{match[2]}" + (f":{match[3]}" if match[3] else ""), span.cut(*match.span()))


_AMOUNTS = [
    "line_total",
    "allowance_total",
    "charge_total",
    "total_without_vat",
    "total_vat",
    "total_with_vat",
    "prepaid_amount",
    "amount_due",
    "rounding",
    "cash",
    "change",
    "tip",
    "opening_balance",
    "closing_balance",
]
_CODES = [
    "invoice_number",
    "related_invoice",
    "order_number",
    "buyer_reference",
    "payment_reference",
    "contract_number",
    "customer_number",
    "delivery_note",
    "account_number",
    "id_number",
    "quote_number",
    "room_number",
]
_DATES = [
    "issue_date",
    "due_date",
    "delivery_date",
    "order_date",
    "quote_date",
    "birth_date",
    "expiry_date",
    "period_start",
    "period_end",
    "arrival_date",
    "departure_date",
]
_NAMES = [
    "bank_name",
    "account_holder",
    "contact",
    "first_name",
    "last_name",
    "full_name",
    "birth_place",
    "nationality",
    "sex",
    "job_title",
]

READERS: dict[str, Reader] = {
    **dict.fromkeys(_AMOUNTS, read_amount), **dict.fromkeys(_CODES, read_code), **dict.fromkeys(_DATES, read_date),
    **dict.fromkeys(_NAMES, read_name), "bank_name": read_bank,
    "payment_terms": read_name, "payment_method": read_name, "subject": read_name,
    "vat_rate": read_percent, "count": read_number, "iban": read_iban, "bic": read_bic, "vat_id": read_vat,
    "tax_number": read_tax_number, "legal_id": read_legal, "phone": read_phone, "fax": read_phone, "email": read_email,
    "website": read_url, "currency": read_currency, "time": read_time, "period": read_text, "document_type": read_name,
}  # fmt: skip
"""Which shape the value of each concept has."""

AMOUNTS = frozenset(_AMOUNTS)
DATES = frozenset(_DATES)
