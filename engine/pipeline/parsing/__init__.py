"""PARSING: from pages and a schema to the values that the schema asks for.

Scores run from 0 to 1 and distances are fractions of the page unless a comment says otherwise. They are heuristics,
set by hand on the corpora of `benchmarks.extraction` (e-invoices and scans of them, SROIE receipts, FUNSD and IRS
forms): a change is kept when one of them gains and none loses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from reading.document import Page, Source
from reading.turning import upright

from .context import month_first, with_context
from .fields import read_schema
from .judge import UNKNOWN, Judge, Verdict, judge_lists, judge_values
from .judge.options import Surveyed
from .money import GROSS, NET
from .schema_extractor import SchemaExtractor
from .text_grid import Span


@dataclass(frozen=True, slots=True)
class Parsed:
    """Data in the shape of the schema, the words each value was read from, and how likely it is right, by its path.

    The words lie where they would if every page were held upright (`reading.turning`).
    """

    data: Any
    places: Mapping[str, list[Span]]
    confidence: Mapping[str, float] = field(default_factory=dict)


def parse(pages: Sequence[Page], schema: Mapping[str, object], context: str = "", judge: Judge | None = None) -> Parsed:
    """`context` is what the owner of the schema says about the documents in plain text; `judge` is the installed one
    unless another is handed in."""
    return conclude(*walked(pages, schema, context), judge)


def conclude(extractor: SchemaExtractor, data: dict[str, Any], judge: Judge | None = None) -> Parsed:
    """What the judge makes of the answers of the rules."""
    verdicts = _verdicts(extractor, judge)
    confidence: dict[str, float] = {}
    data = _with_verdicts(data, verdicts, confidence)
    places = {path: spans for path, spans in extractor.places.items() if path not in verdicts}
    places |= {path: list(verdict.spans) for path, verdict in verdicts.items() if verdict.spans}
    return Parsed(data, places, confidence)


def walked(
    pages: Sequence[Page], schema: Mapping[str, object], context: str = ""
) -> tuple[SchemaExtractor, dict[str, Any]]:
    """What the rules alone say of a document, and what they read of it on the way."""
    root = with_context(read_schema(schema), context)
    extractor = SchemaExtractor([upright(page) for page in pages], root, month_first(context))
    extractor.form.give(root)
    data = extractor.extract(root)
    if isinstance(data, dict):
        extractor.fill_gaps(root, data)
    return extractor, data


def survey_of(extractor: SchemaExtractor) -> Surveyed:
    totals = [extractor.totals.get(concept) for concept in ("line_total", NET, GROSS)]
    return Surveyed(
        extractor.finder,
        extractor.parties.blocks,
        extractor.tables.line_amounts,
        extractor.is_receipt,
        any(page.source is Source.OCR for page in extractor.pages),
        [table.header for table in extractor.tables.tables],
        [float(total.value) for total in totals if total is not None],
    )


def _verdicts(extractor: SchemaExtractor, judge: Judge | None) -> dict[str, Verdict]:
    survey = survey_of(extractor)
    verdicts = judge_values(survey, extractor.queries, judge) | judge_lists(survey, extractor.lists, judge)
    for part in extractor.parts:
        verdicts |= _verdicts(part, judge)
    return verdicts


def _with_verdicts(data: Any, verdicts: Mapping[str, Verdict], confidence: dict[str, float], path: str = "") -> Any:
    """The data with the judge's values in the place of the rules', and the confidence of what is given noted."""
    if isinstance(data, dict):
        return {
            name: _with_verdicts(value, verdicts, confidence, f"{path}.{name}" if path else name)
            for name, value in data.items()
        }
    if isinstance(data, list):
        return [_with_verdicts(value, verdicts, confidence, f"{path}[{at}]") for at, value in enumerate(data)]
    verdict = verdicts.get(path, Verdict(data, (), UNKNOWN))
    if verdict.value is not None:
        confidence[path] = verdict.confidence
    return verdict.value
