"""Proof for the values of one document: where they stand in it, and whether they go together.

`prove` reads the words of all pages, `recheck` only the values: it is what an edit wants.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from extractions import bell
from extractions.assessing import assess, current
from extractions.evidence.grounding import Ground, ground
from extractions.evidence.leaves import Leaf, leaves
from extractions.evidence.pages import PageOfWords
from extractions.evidence.rules.check import by_path, check
from extractions.evidence.rules.own import OwnRule
from extractions.models import Extraction, PageWords, Rule, Value

PROVED = ("page", "boxes", "evidence", "evidence_text")
BATCH = 500


@transaction.atomic
def prove(extraction: Extraction) -> None:
    """Say of each value how it stands in the document, then judge the rules. Places drawn by a person stay."""
    values = list(extraction.values.all())
    told = {leaf.path: leaf for leaf in leaves(extraction.extracted_data, _locations(extraction))}
    asked = [_leaf(value, told.get(value.path)) for value in values]
    found = ground(asked, pages_of(extraction), _schema(extraction), all_read=_all_read(extraction))
    for value, one in zip(values, found, strict=True):
        _take(value, one)
    Value.objects.bulk_update(values, PROVED, batch_size=BATCH)
    recheck(extraction)


@transaction.atomic
def recheck(extraction: Extraction) -> None:
    """Judge the rules by what the values are now, and what the document wants from people. No page is read."""
    assess(extraction)
    values = [value for value in extraction.values.all() if not value.removed]
    changed = []
    broken = by_path(broken_rules(extraction, values))
    for value in extraction.values.all():
        now = [] if value.removed else broken.get(value.path, [])
        if value.broken != now:
            value.broken = now
            changed.append(value)
    if changed:
        Value.objects.bulk_update(changed, ["broken"], batch_size=BATCH)
        assess(extraction)


def broken_rules(
    extraction: Extraction, values: Iterable[Value], own: Sequence[OwnRule] | None = None
) -> Sequence[Any]:
    """`own` saves asking for the team's own rules, where they are known."""
    values = list(values)
    required = [value.path for value in values if value.required and not value.answer]
    return check(
        {value.path: current(value) for value in values},
        _schema(extraction),
        required=required,
        own=own_rules(extraction) if own is None else own,
        evidence={value.path: value.evidence for value in values if not _by_person(value)},
    )


def own_rules(extraction: Extraction) -> list[OwnRule]:
    """What the document's team demands of its schema."""
    if extraction.schema_id is None:
        return []
    rules = Rule.objects.filter(schema=extraction.schema_id, team=extraction.team_id)
    return [OwnRule(rule.text, rule.message) for rule in rules]


def look_again(extraction: Extraction) -> None:
    """Ask the worker to prove the values once more."""
    now = timezone.now()
    Extraction.objects.filter(pk=extraction.pk, state=Extraction.State.EXTRACTED).update(evidence_due_at=now)
    transaction.on_commit(bell.ring, robust=True)


def place_of(extraction: Extraction, path: str, scalar: Any) -> Ground:
    """How a value that a person typed stands in the document, by the words that are known; takes milliseconds."""
    found = ground([Leaf(path, scalar)], pages_of(extraction), _schema(extraction), all_read=_all_read(extraction))
    return found[0]


def pages_of(extraction: Extraction) -> list[PageOfWords]:
    """The words of all pages, as they are searched."""
    rows = extraction.page_words.values_list("number", "words", "source")
    return [PageOfWords(number, words, source == PageWords.Source.OCR) for number, words, source in rows]


def _leaf(value: Value, told: Leaf | None) -> Leaf:
    """What the value is now; a place of the service counts only for what the service saw there."""
    scalar = current(value)
    if value.place_drawn:
        return Leaf(value.path, scalar, value.page, value.boxes)
    if told is not None and not value.corrected:
        return Leaf(value.path, scalar, told.page, told.boxes)
    return Leaf(value.path, scalar)


def _take(value: Value, one: Ground) -> None:
    value.evidence, value.evidence_text = str(one.kind), one.text
    if not value.place_drawn:
        value.page, value.boxes = one.page, one.boxes


def _by_person(value: Value) -> bool:
    return value.corrected or value.confirmed_at is not None


def _schema(extraction: Extraction) -> Any:
    return extraction.schema.schema if extraction.schema else None


def _locations(extraction: Extraction) -> Any:
    return extraction.raw.get("x_locations") if isinstance(extraction.raw, Mapping) else None


def _all_read(extraction: Extraction) -> bool:
    """Whether every page that the service read is known to us by its words."""
    readable = extraction.page_words.exclude(source=PageWords.Source.UNREADABLE).count()
    return readable >= extraction.pages_asked
