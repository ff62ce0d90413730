"""Numbers and dates as people print them, read in microseconds.

A number or a date alone can be ambiguous ("1.234", "03/04/2024"); the other values of the document tell how it
writes them. That habit is a `Style`, found once by `style_of` and handed to every reading.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

_WORDS = """€ EUR; euro EUR; euros EUR; £ GBP; sfr CHF; fr. CHF; zł PLN; ¥ JPY; ₹ INR; $ USD; us$ USD; a$ AUD; au$ AUD;
    c$ CAD; ca$ CAD; cdn$ CAD; nz$ NZD; hk$ HKD; s$ SGD; sg$ SGD; nt$ TWD; r$ BRL; mx$ MXN"""
_USUAL_CODES = "eur EUR; usd USD; gbp GBP; chf CHF"
_CODES = """rm MYR; myr MYR; cad CAD; aud AUD; sek SEK; nok NOK; dkk DKK; pln PLN; czk CZK; huf HUF; ron RON; jpy JPY;
    cny CNY; inr INR; sgd SGD; hkd HKD; nzd NZD; twd TWD; zar ZAR; mad MAD; dh MAD; tnd TND; xof XOF; brl BRL;
    mxn MXN; try TRY; aed AED"""
"""Some are words or names as well: in small letters they count beside an amount with its cents only."""
CURRENCIES: dict[str, str] = dict(pair.split() for signs in (_WORDS, _USUAL_CODES, _CODES) for pair in signs.split(";"))
"""Signs and codes of money, folded, and the ISO 4217 code that each stands for."""


def _any_of(signs: str) -> str:
    return "|".join(sorted((re.escape(pair.split()[0]) for pair in signs.split(";")), key=len, reverse=True))


CODES = _any_of(f"{_USUAL_CODES};{_CODES}").upper()
_DOLLARS = r"[^\W\d_]{1,3}\$"
"""Those of some country, known or not."""
CURRENCY_SIGN = rf"(?:{_DOLLARS}|{_any_of(_WORDS)}|{_any_of(_USUAL_CODES)}|(?-i:{CODES}))"
_BEFORE = rf"(?:(?-i:{CODES})\s?[$£]|{CURRENCY_SIGN}|(?:{_any_of(_CODES)})(?=\s?\d[\d.,]*[.,]\d\d(?!\d)))"
_BEHIND = rf"(?:{CURRENCY_SIGN}|(?:(?<=[.,]\d\d)|(?<=[.,]\d\d\s))(?:{_any_of(_CODES)}))"
_BLANK = " \u00a0\u202f\u2009"
_NUMBER = re.compile(
    rf"(?<![\w/\\@#])(?<![\w)][-:/])(?<!\d[.,'’])"
    rf"(?P<open>\()?(?P<minus>[-−–]\s?)?(?:(?P<before>{_BEFORE})\s?)?(?P<minus2>[-−–]\s?)?"
    rf"(?P<digits>\d{{1,3}}(?:[{_BLANK}]\d{{3}})+(?:[.,]\d+)?|\d{{1,3}}(?:['’]\d{{3}})+(?:[.,]\d+)?|\d+(?:[.,]\d+)*|[.,]\d{{2}})"
    rf"(?P<dash>,-|\.-|,--|,—|\.—)?(?:\s?(?P<after>{_BEHIND})(?![^\W\d_]))?(?P<percent>\s?%)?(?P<back>-(?![\w-]))?(?P<close>\))?",
    re.IGNORECASE,
)  # fmt: skip
MINUS = re.compile(rf"(?:(?<!\S)[-–](?!\s)|(?:(?<=:)|(?<=:\s))[-–]\s?)(?={_BEFORE}?\s?[.,]?\d)", re.IGNORECASE)
"""A dash that belongs to the number behind it, and does not part that from what stands before."""
_MOST_DIGITS = 15
"""Of a number; more are a code, or a line that somebody drew."""

MONTHS = {
    1: "january jan janvier janv januar jänner januari enero ene gennaio gen janeiro",
    2: "february feb febr février fevr févr fev februar februari febrero febbraio fevereiro",
    3: "march mar mars märz mrz maerz maart mrt marzo março",
    4: "april apr avril avr abril abr aprile",
    5: "may mai mei mayo maggio mag maio",
    6: "june jun juin juni junio giugno giu junho",
    7: "july jul juillet juil juli julio luglio lug julho",
    8: "august aug août aout augustus agosto ago",
    9: "september sep sept septembre septiembre settembre set setembro",
    10: "october oct octobre oktober okt octubre ottobre ott outubro",
    11: "november nov novembre noviembre novembro",
    12: "december dec décembre déc dezember dez diciembre dic dicembre dezembro",
}


@dataclass(frozen=True, slots=True)
class Style:
    """How this document writes: its decimal sign, and whether the month comes before the day."""

    decimal: str = ","
    month_first: bool = False


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a text. `start` and `end` enclose its sign and currency, `places` counts the decimals printed."""

    start: int
    end: int
    value: float
    places: int
    currency: str = ""
    percent: bool = False


@dataclass(frozen=True, slots=True)
class Day:
    start: int
    end: int
    value: date


def fold(text: str) -> str:
    """Case and accents taken away, one character at a time where possible: 'Échéance' is 'echeance'."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in plain if not unicodedata.combining(char))


@cache
def _months() -> dict[str, int]:
    return {fold(name): month for month, names in MONTHS.items() for name in names.split()}


def _to_float(digits: str, style: Style) -> tuple[float, int]:
    """The last separator is the decimal sign, unless three digits follow it: then the document's habit decides."""
    digits = re.sub(rf"[{_BLANK}'’]", "", digits)
    separators = [char for char in digits if char in ".,"]
    if not separators:
        return float(digits), 0
    last = separators[-1]
    head, tail = digits.rsplit(last, 1)
    grouped = len(separators) > 1 and separators.count(last) == len(separators)
    if not grouped and len(separators) == 1 and len(tail) == 3 and head and len(head) <= 3 and head != "0":
        grouped = last != style.decimal
    if grouped:
        return float(re.sub(r"[.,]", "", digits)), 0
    return float(f"{re.sub('[.,]', '', head) or '0'}.{tail}"), len(tail)


def find_numbers(text: str, style: Style | None = None) -> Iterator[Number]:
    """Every number that stands free in the text; digits within codes, dates and the like are left out."""
    style = style or Style()
    taken = [(day.start, day.end) for day in find_dates(text, style)]
    for match in _NUMBER.finditer(text):
        start, end = match.span("digits")
        following = text[match.end() : match.end() + 2]
        if any(a < end and start < b for a, b in taken) or re.match(r"[\w/\\@]|[-.:]\w|°", following):
            continue
        if sum(char.isdigit() for char in match["digits"]) > _MOST_DIGITS:
            continue
        value, places = _to_float(match["digits"], style)
        bracketed = bool(match["open"] and match["close"])
        negative = bool(match["minus"] or match["minus2"] or match["back"]) or (bracketed and not match["percent"])
        yield Number(
            match.start() if bracketed or not match["open"] else match.start() + 1,
            match.end() if bracketed or not match["close"] else match.end() - 1,
            -value if negative and value else value, places, _currency(match), bool(match["percent"]),
        )  # fmt: skip


def _currency(match: re.Match[str]) -> str:
    """A code says more than the sign of dollars or pounds that stands with it: 'CAD $5', '$5 CAD'."""
    before, after = match["before"] or "", match["after"] or ""
    return currency_of(after if after and before in ("", "$", "£") else before)


def currency_of(sign: str) -> str:
    """The ISO code of a sign or code of money as printed; "" for one that is not known, such as 'Q$'."""
    folded = re.sub(r"\s", "", fold(sign))
    return CURRENCIES.get(folded) or CURRENCIES.get(folded.rstrip("$£"), "")


def parse_number(text: str, style: Style | None = None) -> float | None:
    """The only number of the text, or None."""
    found = list(find_numbers(text, style))
    return found[0].value if len(found) == 1 else None


_MONTH = r"(?P<m>[^\W\d_]{3,10})"
_LONG_YEAR = r"(?P<y>(?:19|20)\d{2})"
_YEAR = r"(?P<y>(?:19|20)\d{2}|['’]?\d{2})"
_END = r"(?=\d{1,2}\s?:\s?\d{2}|(?!\d))"  # a time may follow without a blank in recognised text
_SEPARATED = r"\s?(?P<s>[-/.])\s?(?P<m>\d{1,2})\s?(?P=s)\s?"
_DATES = tuple(
    (re.compile(pattern, re.IGNORECASE), order)
    for pattern, order in (
        (rf"(?<!\d){_LONG_YEAR}{_SEPARATED}(?P<d>\d{{1,2}}){_END}", "ymd"),
        (rf"(?<![\d/.,-])(?P<d>\d{{1,2}}){_SEPARATED}{_YEAR}{_END}(?![.,/-]\d)", "dmy"),
        (
            rf"(?<!\w)(?P<d>\d{{1,2}})(?:er|st|nd|rd|th|\.|e)?[\s/-]*(?:of\s|de\s)?{_MONTH}\.?[\s,/-]*(?:de\s)?{_YEAR}(?!\d)",
            "named",
        ),
        (rf"(?<![^\W\d_]){_MONTH}\.?\s*(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s*[,\s]\s*{_LONG_YEAR}(?!\d)", "named"),
        (rf"(?<![\w.,/-]){_LONG_YEAR}(?P<m>\d{{2}})(?P<d>\d{{2}})(?![\w.,-]|/\d{{1,2}}(?!\d))", "ymd"),
    )
)
"""How dates are printed, surest first. In "dmy" day and month may have changed places."""


def _year(text: str) -> int:
    year = int(text.strip("'’"))
    if year >= 100:
        return year
    return 2000 + year if year < 70 else 1900 + year


def _day(match: re.Match[str], order: str, style: Style) -> date | None:
    month_text, day = match["m"], int(match["d"])
    month = _months().get(fold(month_text), 0) if order == "named" else int(month_text)
    if order == "dmy" and (month > 12 or (style.month_first and match["s"] != "." and day <= 12)):
        day, month = month, day
    try:
        return date(_year(match["y"]), month, day)
    except ValueError:
        return None


def find_dates(text: str, style: Style | None = None) -> Iterator[Day]:
    """Every full date in the text, from left to right within each way of writing."""
    style = style or Style()
    taken: list[tuple[int, int]] = []
    for pattern, order in _DATES:
        for match in pattern.finditer(text):
            start, end = match.span()
            if any(a < end and start < b for a, b in taken):
                continue
            value = _day(match, order, style)
            if value is not None:
                taken.append((start, end))
                yield Day(start, end, value)


_SLASHED = re.compile(r"(?<!\d)(\d{1,2})([/.-])(\d{1,2})\2(?:\d{4}|\d{2})(?!\d)")
_ZIPS = """0 CT MA ME NH NJ RI VT; 19 DE; 1 NY PA; 2 DC MD NC SC VA WV; 3 AL FL GA MS TN; 4 IN KY MI OH;
    5 IA MN MT ND SD WI; 6 IL KS MO NE; 7 AR LA OK TX; 8 AZ CO NM NV UT WY; 83 ID; 9 AK CA HI OR WA"""
_ZIP = "|".join(
    rf"(?:{'|'.join(states)}),? (?={digits})" for digits, *states in (region.split() for region in _ZIPS.split(";"))
)
"""The short names of states, each before the figures with which its postal codes begin."""
_AMERICAN = re.compile(
    rf"(?:[a-z],? |[A-Z], ?)(?:{_ZIP})\d{{5}}(?:-\d{{4}})?\b"
    r"|^\W*(?:[A-Z][A-Za-z]*[^\S\n]+){0,3}(?i:driver'?s?[^\S\n]+license)(?:[^\S\n]+USA)?\W*$",
    re.MULTILINE,
)
"""The town, state and code of an address; or the heading of a card that only Americans spell so."""
_EUROPEAN_MONEY = re.compile(r"[€£]|\b(?:EUR|GBP)\b")
_DOLLARS_OF_AMERICA = re.compile(r"(?<![^\W\d_])\$|\bUS(?:D|\$)")
_EUROPEAN = re.compile(
    r"\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b"
    r"|\b(?:AT ?U|BE|CZ|DE|DK|ES|FI|FR|GB|IE|IT|LU|NL|PL|PT|SE)[ -]?[A-Z\d]{0,2}(?:[ .]?\d){8}"
    r"|\b(?i:rechnung|betrag|gesamtbetrag|datum|mwst|ust|facture|montant|tva|siret|factuur|bedrag|btw)\b"
)
"""Postal codes, tax numbers and words of those who never write the month first."""
_MONEY_LINE = re.compile(
    rf"(?<![^\W\d_]){CURRENCY_SIGN}(?![^\W\d_])"
    r"|\b(?:sub-?)?total\b|\b(?:amount|balance|price|montant|prix)\b|betrag|summe|preis|bedrag|totaal|prijs",
    re.IGNORECASE,
)
_GROUPED = re.compile(
    r"(?<![\w.,])[1-9]\d{0,2}(?:(?P<mark>[.,])\d{3}(?!\d))+(?![.,]\d)(?!\s?(?:kg|g|t|l|ml|m|m2|m²|cm|mm|km|kwh|h|%|x)\b)",
    re.IGNORECASE,
)
"""Whole thousands, or three decimals."""


def style_of(text: str, month_first: bool | None = None) -> Style:
    """The habit of a document, from the values that can be read in one way only; else what is said of it."""
    days_first = months_first = 0
    for first, _, second in _SLASHED.findall(text):
        days_first += int(first) > 12 >= int(second)
        months_first += int(second) > 12 >= int(first)
    undecided = days_first == months_first
    if month_first is None:
        month_first = _is_american(text)
    return Style(_decimal_of(text), month_first if undecided else months_first > days_first)


def _is_american(text: str) -> bool:
    """Whether it has an American address, and is not from elsewhere: money tells more than the names of two parties."""
    if not _AMERICAN.search(text) or _EUROPEAN_MONEY.search(text):
        return False
    return _DOLLARS_OF_AMERICA.search(text) is not None or not _EUROPEAN.search(text)


def _decimal_of(text: str) -> str:
    """The sign before two decimals; where none are printed, that which parts no thousands of money."""
    commas = len(re.findall(r"\d,\d{2}(?!\d)", text))
    points = len(re.findall(r"(?<!\.\d)\d\.\d{2}(?![\d.])", text))
    if commas != points:
        return "," if commas > points else "."
    lines = [line for line in text.splitlines() if _MONEY_LINE.search(line)]
    marks = [found["mark"] for line in lines for found in _GROUPED.finditer(line)]
    return "," if marks.count(".") > marks.count(",") else "."
