"""What a document wants from people, worked out from its values. One reading, at most three statements that write."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.db import transaction

from extractions.evidence.leaves import join
from extractions.models.extraction import Extraction
from extractions.models.judging import Standing, standing_of
from extractions.models.pieces import Value

DEEPEST = 10
DUE = ("due_date", "payment_due_date", "due_on", "date_echeance", "echeance")
AMOUNT = ("total_amount", "total", "total_incl_tax", "total_ttc", "amount_due", "grand_total", "amount")
EMPTY: tuple[Any, ...] = (None, "", [], {})
STEPS = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
COLUMNS = ("standing", "required")


@transaction.atomic
def assess(extraction: Extraction) -> None:
    """Give each field of the schema a row, each value its standing, and the document its place in the queue.

    Safe to run at any time and twice: whatever a person decided stays.
    """
    if extraction.state != Extraction.State.EXTRACTED or extraction.deleted_at:
        return
    schema = extraction.schema.schema if extraction.schema else None
    wanted = dict(leaves_of(schema))
    values = list(extraction.values.all())
    fresh = _missing_rows(extraction, values, wanted)
    changed = [value for value in values if _settle(value, wanted)]
    for value in fresh:
        _settle(value, wanted)
    Value.objects.bulk_create(fresh, batch_size=500)
    Value.objects.bulk_update(changed, COLUMNS, batch_size=500)
    _take_stock(extraction, [*values, *fresh])


def current(value: Value) -> Any:
    """What the value is now: as a person gave it, else as it was extracted; None when the answer is no value."""
    if value.answer or value.removed:
        return None
    return value.typed if value.corrected else value.extracted


def standing(value: Value) -> Standing:
    """Where the value stands by its own columns."""
    return standing_of(
        evidence=value.evidence,
        broken=() if value.removed else value.broken,
        answer="absent" if value.removed else value.answer,
        corrected=value.corrected,
        confirmed=value.confirmed_at is not None,
        empty=current(value) in EMPTY and not isinstance(current(value), bool),
        required=value.required,
    )


def asks(value: Value) -> bool:
    """Whether the cursor should stop at it."""
    if value.removed:
        return False
    broken = value.standing == Standing.BROKEN and value.confirmed_at is None
    return broken or value.standing == Standing.NEEDS_YOU


def leaves_of(schema: Any, path: str = "", *, required: bool = True) -> Iterator[tuple[str, bool]]:
    """Each single value that a schema announces outside of lists, with whether it may not be empty."""
    properties = schema.get("properties") if isinstance(schema, Mapping) else None
    if not isinstance(properties, Mapping) or path.count(".") > DEEPEST:
        return
    named = schema.get("required")
    names = set(map(str, named)) if isinstance(named, list) else set()
    for name, of in properties.items():
        of = of if isinstance(of, Mapping) else {}
        told = of.get("type")
        kinds = told if isinstance(told, list) else [told]
        below, must = join(path, str(name)), required and name in names and "null" not in kinds
        if isinstance(of.get("properties"), Mapping):
            yield from leaves_of(of, below, required=must)
        elif "array" not in kinds:
            yield below, must


def _missing_rows(extraction: Extraction, values: list[Value], wanted: Mapping[str, bool]) -> list[Value]:
    known = {value.path for value in values}
    first = max((value.position for value in values), default=-1) + 1
    paths = [path for path in wanted if path not in known and join(path, "value") not in known]
    return [
        Value(extraction=extraction, position=first + number, path=path, evidence=Value.Evidence.NONE)
        for number, path in enumerate(paths)
    ]


def _settle(value: Value, wanted: Mapping[str, bool]) -> bool:
    """Bring the columns up to date; answers whether one changed."""
    before = value.standing, value.required
    value.required = wanted.get(value.path, False)
    value.standing = standing(value)
    return before != (value.standing, value.required)


def stock_of(values: list[Value]) -> dict[str, Any]:
    """What lists and the queue know of a document by its values."""
    by_name = {value.name.lower() or value.path.lower(): value for value in reversed(values) if "[" not in value.path}
    return {
        "needs": sum(value.standing == Standing.NEEDS_YOU for value in values),
        "broken_count": sum(value.standing == Standing.BROKEN for value in values),
        "due_on": next((by_name[name].date for name in DUE if name in by_name), None),
        "amount": _amount(values),
    }


def _take_stock(extraction: Extraction, values: list[Value]) -> None:
    facts = stock_of(values)
    if extraction.review_state == Extraction.Review.NONE and values:
        facts["review_state"] = Extraction.Review.WAITING
        facts["second_wanted"] = _wants_second(extraction, facts["amount"])
    Extraction.objects.filter(pk=extraction.pk).update(**facts)
    for name, fact in facts.items():
        setattr(extraction, name, fact)


def _amount(values: list[Value]) -> Any:
    """The document's amount: by the best of the known names, the highest where a name comes twice."""
    for name in AMOUNT:
        found = [
            value.number
            for value in values
            if value.number is not None and "[" not in value.path and name in value.path.lower().split(".")
        ]
        if found:
            return max(found)
    return None


def _wants_second(extraction: Extraction, amount: Any) -> bool:
    """By the rule of the schema: its first documents, high amounts, or an exact share of all."""
    schema = extraction.schema
    if schema is None:
        return False
    if schema.second_above is not None and amount is not None and amount > schema.second_above:
        return True
    if not schema.second_first and not schema.second_share:
        return False
    before = Extraction.objects.filter(schema=schema, team=extraction.team_id).exclude(review_state="").count()
    share = schema.second_share
    return before < schema.second_first or (before + 1) * share // 100 > before * share // 100


def current_data(data: Any, values: Iterable[Value], *, keep_removed: bool = False) -> Any:
    """The extracted data with what people made of it. Rows that were taken out are gone, unless they are to be kept."""
    data = copy.deepcopy(_unpacked(data))
    values = list(values)
    for value in values:
        if value.corrected or value.answer:
            data = _put(data, steps_of(value.path), current(value))
    if not keep_removed:
        for path in sorted(removed_rows(values), key=lambda path: steps_of(path)[-1], reverse=True):
            _drop(data, steps_of(path))
    return data


def removed_rows(values: Iterable[Value]) -> set[str]:
    """The rows, such as `lines[2]`, that were taken out."""
    return {value.path[: value.path.rindex("]") + 1] for value in values if value.removed and "]" in value.path}


def steps_of(path: str) -> list[str | int]:
    return [int(index) if index else name for name, index in STEPS.findall(path)]


def _unpacked(data: Any) -> Any:
    """Some answers hold the data as JSON text."""
    if isinstance(data, str) and data.lstrip()[:1] in {"{", "["}:
        try:
            return json.loads(data)
        except (ValueError, RecursionError):
            return data
    return data


def _put(data: Any, steps: list[str | int], value: Any) -> Any:
    """The data with the value at its place; what is missing on the way is made."""
    if not steps:
        return value
    step, rest = steps[0], steps[1:]
    if isinstance(step, int):
        data = data if isinstance(data, list) else []
        data.extend([None] * (step + 1 - len(data)))
    else:
        data = data if isinstance(data, dict) else {}
        data.setdefault(step, None)
    data[step] = _put(data[step], rest, value)
    return data


def _drop(data: Any, steps: list[str | int]) -> None:
    for step in steps[:-1]:
        if isinstance(data, dict):
            data = data.get(str(step))
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
    last = steps[-1]
    if isinstance(data, list) and isinstance(last, int) and last < len(data):
        del data[last]
