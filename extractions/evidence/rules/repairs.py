"""Amounts that are printed in the document and would make broken sums hold. Nothing else is worth offering.

What a sum demands is often wrong, since another of its parts may be the misread one. An amount that stands on the page
and makes every broken rule of the value hold, while none of the others breaks, is right nearly always.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from extractions.evidence.fields import Field
from extractions.evidence.numbers import PrintedNumber, numbers_of
from extractions.evidence.pages import Index
from extractions.evidence.rules import sums
from extractions.evidence.rules.record import Ledger, Record
from reading.normalization import words_of

STEPS = 200_000  # values looked at, over all candidates
LARGEST = Decimal(10) ** 12
Judged = tuple[str, tuple[str, ...]]


@dataclass(slots=True)
class _Verdicts(Ledger):
    """Which sums hold and which do not, each by its rule and paths."""

    holding: set[Judged] = field(default_factory=set)
    failing: set[Judged] = field(default_factory=set)

    def note(
        self, holds: bool, rule: str, paths: tuple[str, ...], wanted: Decimal, numbers: Mapping[str, Decimal]
    ) -> None:
        (self.holding if holds else self.failing).add((rule, paths))


def printed_repairs(
    record: Record,
    path: str,
    broken: Iterable[str],
    index: Index,
    shown: Container[str] = (),
    adjustments: Sequence[Decimal] = (),
) -> dict[Decimal, list[PrintedNumber]]:
    """The printed amounts that heal the value at `path`, each with its places. `broken` are the sums it is blamed for.

    Empty as well when there are too many values and candidates to look at them all.
    """
    now = record.numbers.get(path)
    if now is None:
        return {}
    rules, before = set(broken), _verdicts(record, shown, adjustments)
    candidates = {amount: places for amount, places in printed_amounts(index).items() if amount != now}
    if len(candidates) * len(record.values) > STEPS:
        return {}
    found = {}
    for amount, places in candidates.items():
        record.numbers[path] = amount
        after = _verdicts(record, shown, adjustments)
        if _heals(before, after, path, rules):
            found[amount] = places
    record.numbers[path] = now
    return found


def best_supported(found: Mapping[Decimal, list[PrintedNumber]], of: Field, index: Index) -> Decimal | None:
    """The only one, or the only one beside which the value's name is printed; None where two are as likely."""
    if len(found) < 2:
        return next(iter(found), None)
    named = [amount for amount, places in found.items() if any(_is_named(place, of, index) for place in places)]
    return named[0] if len(named) == 1 else None


def _verdicts(record: Record, shown: Container[str], adjustments: Sequence[Decimal]) -> _Verdicts:
    verdicts = _Verdicts()
    sums.judge(record, verdicts, shown, adjustments)
    return verdicts


def _heals(before: _Verdicts, after: _Verdicts, path: str, rules: set[str]) -> bool:
    """Each broken rule has to hold, not only to say nothing any more; and no other may break."""
    held = {rule for rule, paths in after.holding if path in paths}
    still = {rule for rule, paths in after.failing if path in paths}
    return rules <= held and not still & rules and after.failing <= before.failing and before.holding <= after.holding


def printed_amounts(index: Index) -> dict[Decimal, list[PrintedNumber]]:
    """With their signs; parts of other words and rates are no amounts."""
    found: dict[Decimal, list[PrintedNumber]] = {}
    for reading, places in numbers_of(index).items():
        for place in places:
            if place.clean and not place.per_cent and reading < LARGEST and not _is_in_code(place, index):
                found.setdefault(-reading if place.negative else reading, []).append(place)
    return found


def _is_in_code(place: PrintedNumber, index: Index) -> bool:
    """A currency stands on one side of an amount; letters on both make a code of it."""
    before, after = index.words[place.first].text[: place.begin], index.words[place.last].text[place.end :]
    return any(map(str.isalpha, before)) and any(map(str.isalpha, after))


def _is_named(place: PrintedNumber, of: Field, index: Index) -> bool:
    """Whether the words before the amount, in its line, name the value."""
    words = _words_before(place, index)
    return any(_stands_in(phrase, words) for phrase in of.phrases.within(" ".join(words)))


def _words_before(place: PrintedNumber, index: Index) -> list[str]:
    word = index.words[place.first]
    row = [other for other in index.row(word.page, word.y0, word.y1) if other.x1 <= word.x0]
    return list(words_of(" ".join(other.text for other in row)))


def _stands_in(phrase: tuple[str, ...], words: list[str]) -> bool:
    starts = range(len(words) - len(phrase) + 1) if phrase else ()
    return any(tuple(words[start : start + len(phrase)]) == phrase for start in starts)
