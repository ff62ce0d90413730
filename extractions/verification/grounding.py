"""Evidence for the values of one document: where they stand on its pages, and which rules they satisfy.

`ground_values` reads the words of all pages; `reevaluate_rules` reads only the values, and is enough after an edit.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.db.models import F

from extractions import clock, wakeup
from extractions.evidence.adjustments import printed_adjustments
from extractions.evidence.confidence import confidences
from extractions.evidence.grounding import Ground, ground, locate
from extractions.evidence.pages import PageOfWords
from extractions.evidence.reported import reported_confidence
from extractions.evidence.rules.check import by_path, check, unjudged
from extractions.evidence.rules.own import MOST_RULES, OwnRule
from extractions.evidence.rules.record import Finding
from extractions.models import Extraction, PageWords, Rule, Value
from extractions.result.leaves import Leaf, leaves
from extractions.verification.review_status import current, refresh_status
from extractions.verification.usual_fields import usual_paths

GROUNDED_COLUMNS = ("page", "boxes", "evidence", "evidence_text", "confidence", "typed_on_page")
BATCH = 500


@dataclass(frozen=True, slots=True)
class Grounding:
    """Location and confidence of each value, and the revision of the document that the values were read at."""

    extraction: Extraction
    revision: int
    values: list[Value]
    found: list[Ground]
    confidence: list[float | None]
    adjustments: list[Decimal]

    @transaction.atomic
    def keep(self) -> bool:
        """Store the locations and evaluate the rules; False, and nothing stored, if the revision has changed since."""
        rows = Extraction.objects.filter(pk=self.extraction.pk, revision=self.revision)
        adjustments = [str(amount) for amount in self.adjustments]
        if not rows.update(revision=F("revision") + 1, printed_adjustments=adjustments):
            return False
        self.extraction.printed_adjustments = adjustments
        for value, located, confidence in zip(self.values, self.found, self.confidence, strict=True):
            _apply(value, located, confidence)
        Value.objects.bulk_update(self.values, GROUNDED_COLUMNS, batch_size=BATCH)
        reevaluate_rules(self.extraction, usual_paths(self.extraction))
        return True


def find_values(extraction: Extraction) -> Grounding:
    """Locate each value on the pages. Slow, and writes nothing."""
    revision = Extraction.objects.values_list("revision", flat=True).get(pk=extraction.pk)
    values = list(extraction.values.all())
    extracted = {leaf.path: leaf for leaf in leaves(extraction.extracted_data, _locations(extraction))}
    leaves_to_find = [_leaf(value, extracted.get(value.path)) for value in values]
    schema = schema_of(extraction)
    located = locate(leaves_to_find, pages_of(extraction), schema, all_read=_all_read(extraction))
    reported = reported_confidence(extraction.raw)
    found, adjustments = confidences(located, schema, reported), printed_adjustments(located.finder)
    return Grounding(extraction, revision, values, located.grounds, found, adjustments)


def ground_values(extraction: Extraction) -> None:
    """Locate all values, store that, and evaluate the rules. Places drawn by a person stay."""
    while not find_values(extraction).keep():
        """A value was edited meanwhile: locate the new text."""


@transaction.atomic
def reevaluate_rules(extraction: Extraction, usual: Collection[str] | None = None) -> None:
    """Evaluate the rules on the current values, and refresh the review status. Reads no pages.

    `usual` are the paths of fields that such documents usually have; without it, what is stored stays.
    """
    refresh_status(extraction, usual)
    values = [value for value in extraction.values.all() if not value.removed]
    changed = []
    found = broken_rules(extraction, values)
    broken = by_path(found)
    for value in extraction.values.all():
        now = [] if value.removed else broken.get(value.path, [])
        if value.broken != now:
            value.broken = now
            changed.append(value)
    keep_unjudged(extraction, found)
    if changed:
        Value.objects.bulk_update(changed, ["broken"], batch_size=BATCH)
        Extraction.objects.filter(pk=extraction.pk).update(revision=F("revision") + 1)
        refresh_status(extraction)


def keep_unjudged(extraction: Extraction, found: Sequence[Finding]) -> None:
    """Store which rules could not be evaluated on this document."""
    now = unjudged(found) or None
    if extraction.unjudged_rules != now:
        Extraction.objects.filter(pk=extraction.pk).update(unjudged_rules=now)
        extraction.unjudged_rules = now


def broken_rules(
    extraction: Extraction, values: Iterable[Value], own: Sequence[OwnRule] | None = None
) -> Sequence[Finding]:
    """Violations of built-in and own rules. `own` saves the query for the team's own rules."""
    values = list(values)
    required = [value.path for value in values if value.required and not value.answer]
    return check(
        {value.path: current(value) for value in values},
        schema_of(extraction),
        required=required,
        own=own_rules(extraction) if own is None else own,
        evidence={value.path: value.evidence for value in values if not _by_person(value)},
        adjustments=adjustments_of(extraction),
    )


def adjustments_of(extraction: Extraction) -> list[Decimal]:
    """What the pages print beside words for allowances, charges and the like."""
    return [Decimal(amount) for amount in extraction.printed_adjustments]


def own_rules(extraction: Extraction) -> list[OwnRule]:
    """The own rules of the document's team for its schema."""
    if extraction.schema_id is None:
        return []
    rules = Rule.objects.filter(schema=extraction.schema_id, team=extraction.team_id)
    return [OwnRule(rule.text, rule.message) for rule in rules[:MOST_RULES]]


def request_grounding(extraction: Extraction) -> None:
    """Have the worker ground the values again."""
    now = clock.now()
    Extraction.objects.filter(pk=extraction.pk, state=Extraction.State.EXTRACTED).update(evidence_due_at=now)
    transaction.on_commit(wakeup.notify_workers, robust=True)


def place_of(extraction: Extraction, path: str, scalar: object) -> Ground:
    """Locate one typed value in the words that are already stored; takes milliseconds."""
    found = ground([Leaf(path, scalar)], pages_of(extraction), schema_of(extraction), all_read=_all_read(extraction))
    return found[0]


def pages_of(extraction: Extraction) -> list[PageOfWords]:
    """The words of all pages, for grounding."""
    rows = extraction.page_words.values_list("number", "words", "source")
    return [PageOfWords(number, words, source == PageWords.Source.OCR) for number, words, source in rows]


def _leaf(value: Value, extracted: Leaf | None) -> Leaf:
    """The current value, with the service's location only if the value is still the service's."""
    scalar = current(value)
    if value.place_drawn:
        return Leaf(value.path, scalar, value.page, value.boxes)
    if extracted is not None and not value.corrected:
        return Leaf(value.path, scalar, extracted.page, extracted.boxes)
    return Leaf(value.path, scalar)


def _apply(value: Value, location: Ground, confidence: float | None) -> None:
    value.evidence, value.evidence_text = str(location.kind), location.text
    if not value.corrected:  # the confidence is that of the extracted value
        value.confidence = confidence
    value.typed_on_page = location.on_page if value.corrected else None
    if not value.place_drawn:
        value.page, value.boxes = location.page, location.boxes


def _by_person(value: Value) -> bool:
    return value.corrected or value.confirmed_at is not None


def schema_of(extraction: Extraction) -> object:
    return extraction.schema.schema if extraction.schema else None


def _locations(extraction: Extraction) -> object:
    return extraction.raw.get("x_locations") if isinstance(extraction.raw, Mapping) else None


def _all_read(extraction: Extraction) -> bool:
    """Whether we have the words of every page that the service read."""
    readable = extraction.page_words.exclude(source=PageWords.Source.UNREADABLE).count()
    return readable >= extraction.requested_pages
