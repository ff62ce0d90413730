"""Amounts that pages print for what changes a total: allowances, charges, rounding, what was paid already.

Few schemas have fields for them, and without them right totals look wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from extractions.evidence.candidates import Candidate, Kind, Span
from extractions.evidence.fields import Field
from extractions.evidence.finding import DECIMALS, Finder
from extractions.evidence.labels import Labels
from extractions.evidence.lexicon import Phrases, printed
from extractions.evidence.numbers import PrintedNumber

CONCEPTS = ("discount", "charge", "rounding", "prepaid")
MOST = 4
"""Amounts of one document; with more it is a list, and some sum of them would fit anything."""
CLOSE = 0.8
"""How near a label must stand: with three words between at most."""


def printed_adjustments(finder: Finder) -> list[Decimal]:
    """The last amount of each line that begins with words for an adjustment, without sign; none if there are many."""
    labels = Labels(finder.index)
    fields = [Field(name, name, "", phrases=Phrases(printed("amounts", name))) for name in CONCEPTS]
    found: dict[tuple[int, int], tuple[float, Decimal]] = {}
    for amount, place in _amounts(finder):
        candidate = Candidate((Span(place.first, place.last, place.begin, place.end),), Kind.EXACT, place.text)
        if any(labels.beside(of, candidate) >= CLOSE for of in fields):
            word = finder.index.words[place.first]
            line = (word.page, round(word.middle / finder.index.line))
            found[line] = max(found.get(line, (0.0, amount)), (word.x1, amount))
    amounts = list(dict.fromkeys(amount for _, amount in found.values()))
    return amounts if len(amounts) <= MOST else []


def _amounts(finder: Finder) -> Iterator[tuple[Decimal, PrintedNumber]]:
    for reading, places in finder.numbers.items():
        for place in places:
            if reading and place.clean and not place.per_cent and DECIMALS.search(place.text):
                yield abs(reading), place
