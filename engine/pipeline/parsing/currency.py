"""The currency of a document: the labelled one, else that of most amounts, with signs of several countries resolved."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache

from reading.literals.locales import country_names
from reading.literals.money import MEANINGS, currency_of
from reading.normalization import fold
from reading.vocabulary import section

from .candidates import Candidate, Finder, best
from .readers import find_figures
from .text_grid import TextGrid

_OF_NUMBERS = "0123456789 \xa0\u202f\u2009.,'’()+-−–—%"
"""What an amount is made of besides its currency."""
_COUNTRIES = {"CAD": "CA", "AUD": "AU", "NZD": "NZ", "SGD": "SG", "HKD": "HK", "MXN": "MX", "TWD": "TW", "CLP": "CL",
           "COP": "CO", "ARS": "AR", "UYU": "UY", "JMD": "JM", "SEK": "SE", "NOK": "NO", "DKK": "DK", "ISK": "IS",
           "CNY": "CN", "JPY": "JP", "EGP": "EG", "PKR": "PK", "LKR": "LK", "INR": "IN", "USD": "US"}  # fmt: skip
_NAMED = re.compile(r"(?:(?i:\bin|\btotal|\bamounts?|\bdue|\bbalance|\bprices?)\s+\(?|\()(?P<code>[A-Z]{3})\b")
_DEDUCED = 0.35
"""Score of a currency that is printed nowhere."""
_ALONE = re.compile(r"(?:[^\W\d_]{1,3})?\$|[€£¥₹]|\b(?:EUR|USD|GBP|CHF|RM|MYR)\b")


def main_currency(finder: Finder) -> Candidate | None:
    """The labelled currency, else the sign that most amounts carry."""
    labelled = best(finder.find("currency"), 0.5)
    if labelled is not None:
        return _resolved(finder.grid, labelled)
    seen: Counter[str] = Counter()
    first: dict[str, Candidate] = {}
    for cell in finder.grid.cells:
        for span, number in find_figures(cell.span, finder.grid.style):
            if number.currency:
                seen[number.currency] += 1
                first.setdefault(number.currency, Candidate(number.currency, (span.stripped(_OF_NUMBERS),), 0.7))
    if not seen:
        return _lone_sign(finder)
    return _resolved(finder.grid, first[seen.most_common(1)[0][0]])


def _resolved(grid: TextGrid, candidate: Candidate) -> Candidate:
    """Which currency a sign stands for: the one that the document names, else the one that its country suggests."""
    options = MEANINGS.get(fold(candidate.spans[0].text).strip(), ())
    if not options:
        return candidate
    for cell in grid.cells:
        for match in _NAMED.finditer(cell.text):
            if match["code"] in options:
                return Candidate(match["code"], (cell.span.cut(*match.span("code")),), 0.7)
    text = "\n".join(cell.text for cell in grid.cells)
    scores = {code: _hints(code, text) for code in options}
    likeliest = max(options, key=lambda code: scores[code])
    if likeliest != options[0] and scores[likeliest] <= scores[options[0]]:
        likeliest = options[0]
    return Candidate(likeliest, candidate.spans, candidate.score, candidate.label)


def _hints(code: str, text: str) -> float:
    """How many kinds of hints point to the currency's country; its name counts half, as it may be a foreign address."""
    found = sum(pattern.search(text) is not None for pattern in _patterns(code))
    return found + 0.5 * (_COUNTRIES.get(code, "") in _countries_in(text))


@cache
def _patterns(code: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern) for pattern in section("currencies", "hints").get(code, ()))


def _countries_in(text: str) -> set[str]:
    folded = fold(text)
    wanted = set(_COUNTRIES.values())
    return {
        country for country, names in country_names().items()
        if country in wanted and any(re.search(rf"\b{re.escape(fold(name))}\b", folded) for name in names)
    }  # fmt: skip


def _lone_sign(finder: Finder) -> Candidate | None:
    """A sign or code away from the amounts, such as in the head of a column."""
    for cell in finder.grid.cells:
        for match in _ALONE.finditer(cell.text):
            code = currency_of(match[0])
            if code:
                candidate = Candidate(code, (cell.span.cut(match.start(), match.end()),), 0.5)
                return _resolved(finder.grid, candidate)
    return _of_country(finder.grid)


def _of_country(grid: TextGrid) -> Candidate | None:
    """Where no currency is printed: that of the only country that the document gives a hint of."""
    for order, cell in enumerate(grid.cells):
        found = {code for code in section("currencies", "hints") if any(p.search(cell.text) for p in _patterns(code))}
        if len(found) == 1:
            rest = "\n".join(other.text for other in grid.cells[order + 1 :])
            (code,) = found
            others = (other for other in section("currencies", "hints") if other != code)
            if not any(_hints(other, rest) >= 1 for other in others):
                match = next(match for pattern in _patterns(code) if (match := pattern.search(cell.text)))
                return Candidate(code, (cell.span.cut(*match.span()),), _DEDUCED)
    return None
