"""One decision for all fields of a document: of two values that contradict each other, the likelier is given."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..field_queries import FieldQuery
from ..fields import Type
from ..money import GROSS, NET, TAX, close
from .options import Option, key_of, overlap

_WIDTH = 10
_TRIED = 4
"""Options of a field that are tried, at most, besides none."""
_SAME_PLACE, _SUM, _NO_SUM, _ORDER, _SAME_PARTY = -2.0, 1.0, -0.5, -1.5, -3.0
"""Log odds."""
_PARTS = frozenset(["street", "postal_code", "city", "country", "name"])
_LATER = ("due_date", "expiry_date")
_BOUND = 1e-4


@dataclass(frozen=True, slots=True)
class _State:
    total: float
    chosen: tuple[Option | None, ...]


def decide(
    queries: Sequence[FieldQuery], options: Sequence[Sequence[Option]], floors: Sequence[float]
) -> list[Option | None]:
    """The option for each field, or None where all of them are below its floor or contradict surer values."""
    order = sorted(range(len(queries)), key=lambda at: -max((one.probability for one in options[at]), default=0))
    beam = [_State(0.0, ())]
    for position, at in enumerate(order):
        ranked = sorted(options[at], key=lambda one: -one.probability)[:_TRIED]
        usable = [(one, odds(one.probability) - odds(floors[at])) for one in ranked]
        usable = [(one, gain) for one, gain in usable if gain > -abs(_SUM)] if not is_empty(queries[at]) else []
        grown = []
        for state in beam:
            grown.append(_State(state.total, (*state.chosen, None)))
            before = [(queries[order[n]], one) for n, one in enumerate(state.chosen[:position]) if one is not None]
            for one, gain in usable:
                total = state.total + gain + _agreement(queries[at], one, before)
                grown.append(_State(total, (*state.chosen, one)))
        beam = sorted(grown, key=lambda state: -state.total)[:_WIDTH]
    decided: list[Option | None] = [None] * len(queries)
    for at, option in zip(order, beam[0].chosen, strict=True):
        decided[at] = option
    return decided


def is_empty(query: FieldQuery) -> bool:
    """Whether the field has a place of its own on a form, and nothing is written in it: that is an answer, too."""
    return query.answer is None and query.source in ("form", "entries")


def odds(probability: float) -> float:
    bounded = min(max(probability, _BOUND), 1 - _BOUND)
    return math.log(bounded / (1 - bounded))


def _agreement(query: FieldQuery, option: Option, others: Sequence[tuple[FieldQuery, Option]]) -> float:
    """What the values chosen before say of one more."""
    total = _of_sum(query, option, others)
    for other, chosen in others:
        if _same_place(query, option, other, chosen):
            total += _SAME_PLACE
        if _out_of_order(query, option, other, chosen) or _out_of_order(other, chosen, query, option):
            total += _ORDER
        if _same_party(query, other) and key_of(option.value) == key_of(chosen.value):
            total += _SAME_PARTY
    return total


def _same_place(query: FieldQuery, option: Option, other: FieldQuery, chosen: Option) -> bool:
    """Whether one printed text is given to two fields; an address has its parts in it."""
    if not (_is_text(query) and _is_text(other)) or not overlap(option, chosen):
        return False
    one, two = query.meaning.concept, other.meaning.concept
    if (one == two and query.meaning.party == other.meaning.party) or (option.by_rules and chosen.by_rules):
        return False
    return not ({one, two} & {"address"} and {one, two} & _PARTS)


def _is_text(query: FieldQuery) -> bool:
    return query.field.type is Type.STRING and not query.field.is_date and not query.field.options


def _out_of_order(query: FieldQuery, option: Option, other: FieldQuery, chosen: Option) -> bool:
    """Whether what is due or expires does so before the day of the document itself."""
    if query.meaning.concept != "issue_date" or other.meaning.concept not in _LATER:
        return False
    return bool(query.field.is_date and other.field.is_date) and str(option.value) > str(chosen.value)


def _same_party(query: FieldQuery, other: FieldQuery) -> bool:
    one, two = query.meaning, other.meaning
    return one.concept == two.concept == "name" and {one.party, two.party} == {"seller", "buyer"}


def _of_sum(query: FieldQuery, option: Option, others: Sequence[tuple[FieldQuery, Option]]) -> float:
    concept = query.meaning.concept
    if concept not in (NET, TAX, GROSS):
        return 0.0
    values: Mapping[str, float] = {
        other.meaning.concept: float(chosen.value)
        for other, chosen in [*others, (query, option)]
        if other.meaning.concept in (NET, TAX, GROSS) and isinstance(chosen.value, int | float)
    }
    if len(values) < 3:
        return 0.0
    return _SUM if close(values[NET] + values[TAX], values[GROSS]) else _NO_SUM
