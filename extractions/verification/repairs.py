"""Suggestions for a value that breaks a rule: a printed amount that satisfies it and violates no other."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any

from extractions.evidence.numbers import PrintedNumber
from extractions.evidence.pages import Index, PageOfWords, indexed
from extractions.evidence.rules.check import DOUBTFUL
from extractions.evidence.rules.record import Record
from extractions.evidence.rules.repairs import best_supported, printed_amounts, printed_repairs
from extractions.models import Extraction, PageWords, Value
from extractions.result.numbers import decimal_of
from extractions.verification.grounding import adjustments_of, broken_rules, own_rules, schema_of
from extractions.verification.review_status import current

SUMS = frozenset({"total", "due", "rate", "line", "lines", "taxes"})
MAX_PAGES, MAX_WORDS, MAX_VALUES = 10, 6_000, 1_000
MAX_TRIALS, MAX_VALUES_EVALUATED = 20, 5_000
"""Per rendered page: how often all rules are evaluated, and on how many values in total."""
NEAR = Decimal("0.005")


class Repairs:
    """Suggestions for one document. Words, values and rules are loaded lazily; long documents get no suggestions."""

    def __init__(self, extraction: Extraction, values: Sequence[Value] | None = None) -> None:
        self.extraction, self._given, self.trials = extraction, values, 0

    def of(self, value: Value) -> int | float | None:
        """The amount to suggest; None if there is no candidate or no clear winner."""
        if len(self.values) > MAX_VALUES or not self.index.words:
            return None
        record = Record(self._now, schema_of(self.extraction))
        amount = best_supported(self._candidates(value, record), record.field(value.path), self.index)
        number = None if amount is None else _as_number(amount)
        return number if number is not None and self.breaks_nothing(value, number, heals=True) else None

    def breaks_nothing(self, value: Value, number: object, *, heals: bool = False) -> bool:
        """Whether no further rule is violated with this value; with `heals`, whether its own are resolved."""
        known = next((item for item in self.values if item.path == value.path), None)
        if known is None or self.trials >= min(MAX_TRIALS, MAX_VALUES_EVALUATED // len(self.values)):
            return False
        self.trials += 1
        before = self._before
        kept = known.typed, known.corrected, known.answer
        known.typed, known.corrected, known.answer = number, True, ""
        try:
            after = self._broken()
        finally:
            known.typed, known.corrected, known.answer = kept
        return after <= before and not (heals and any(value.path in paths for _rule, paths, _text in after))

    def _candidates(self, value: Value, record: Record) -> dict[Decimal, list[PrintedNumber]]:
        """Candidate amounts and where they are printed: by the sums that the value breaks, else by own rules."""
        broken = [item for item in value.broken if isinstance(item, dict)]
        rules = {str(item.get("rule")) for item in broken} & SUMS
        if rules:
            shown = frozenset(item.path for item in self.values if item.evidence not in DOUBTFUL)
            return printed_repairs(record, value.path, rules, self.index, shown, adjustments_of(self.extraction))
        expected = [
            decimal_of((item.get("params") or {}).get("expected")) for item in broken if item.get("rule") == "own"
        ]
        printed = printed_amounts(self.index) if any(item is not None for item in expected) else {}
        return {
            amount: places
            for amount, places in printed.items()
            if all(item is None or abs(amount - item) <= NEAR for item in expected)
        }

    @cached_property
    def values(self) -> list[Value]:
        given = self._given if self._given is not None else self.extraction.values.all()[: MAX_VALUES + 1]
        return [value for value in given if not value.removed]

    @cached_property
    def index(self) -> Index:
        """The words of the first pages; empty if there are too many to index within a request."""
        rows = self.extraction.page_words.order_by("number").values_list("number", "words", "source")[:MAX_PAGES]
        pages = [PageOfWords(number, words, source == PageWords.Source.OCR) for number, words, source in rows]
        return indexed(pages if sum(len(page.words) for page in pages) <= MAX_WORDS else [])

    @cached_property
    def _now(self) -> dict[str, object]:
        return {value.path: current(value) for value in self.values}

    @cached_property
    def _own(self) -> list[Any]:
        return own_rules(self.extraction)

    @cached_property
    def _before(self) -> set[tuple[str, tuple[str, ...], str]]:
        return self._broken()

    def _broken(self) -> set[tuple[str, tuple[str, ...], str]]:
        found = broken_rules(self.extraction, self.values, self._own)
        return {(item.rule, item.paths, str(item.params.get("text", ""))) for item in found}


def _as_number(amount: Decimal) -> int | float | None:
    if amount == amount.to_integral_value():
        return int(amount)
    number = float(amount)
    return number if decimal_of(number) == amount else None
