"""What the tools look up: documents of the token's team, as far as its owner may see them."""

from __future__ import annotations

import difflib
import re
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count
from django.db.models.functions import TruncMonth
from django.http import QueryDict
from django.utils.translation import gettext as _

from extractions.mcp_server.parameters import BadInput
from extractions.models import Extraction, Value
from extractions.models.extraction_queryset import LARGE_COLUMNS, ExtractionQuerySet
from extractions.presentation.document.sentences import explanation_of
from extractions.search.executor import NEWEST, Key
from extractions.search.query import SearchQuery
from extractions.verification.review_status import current, needs_attention
from portal.people.api_tokens import Grant

VALUES_AT_ONCE, CHARACTERS_AT_ONCE, GROUPS = 200, 20_000, 100
CURSOR = re.compile(r"([\d:.+T-]{10,40})~(\d{1,18})", re.ASCII)
GROUPINGS: dict[str, str] = {
    "state": "state", "review": "review_state", "schema": "schema__name", "kind": "classifier_result", "month": "month",
}  # fmt: skip


def find(grant: Grant, query: str, limit: int, after: str) -> dict[str, Any]:
    wanted = _search(grant, query)
    numbers = wanted.search.page(NEWEST, _key(after) if after else None, limit + 1)
    rows = _documents(grant).defer(*LARGE_COLUMNS).select_related("schema").in_bulk(numbers[:limit])
    found = [rows[number] for number in numbers if number in rows]
    return {
        "understood": [f"{chip.label}: {chip.words}" for chip in wanted.chips],
        "documents": [_summary(row) for row in found],
        "next": _cursor(found[-1]) if found and len(numbers) > limit else None,
    }


def count(grant: Grant, query: str, by: str) -> dict[str, Any]:
    wanted = _search(grant, query)
    rows = wanted.search.every().filter(team=grant.team).order_by()
    result: dict[str, Any] = {
        "understood": [f"{chip.label}: {chip.words}" for chip in wanted.chips],
        "count": rows.count(),
    }
    return result | {"groups": _groups(rows, by)} if by else result


def read(grant: Grant, document: str, part: str, start: int) -> tuple[Extraction, dict[str, Any]]:
    extraction = _document(grant, document)
    explanation = explanation_of(extraction)
    facts = {"document": _summary(extraction), "message": explanation.headline if explanation else None}
    if part == "text":
        text = extraction.content or ""
        end = start + CHARACTERS_AT_ONCE
        return extraction, facts | {"text": text[start:end], "next_start": end if end < len(text) else None}
    rows = list(_values(extraction)[start : start + VALUES_AT_ONCE + 1])
    return extraction, facts | {
        "values": [_value(value) for value in rows[:VALUES_AT_ONCE]],
        "next_start": start + VALUES_AT_ONCE if len(rows) > VALUES_AT_ONCE else None,
    }


def cite(grant: Grant, document: str, path: str) -> tuple[Extraction, dict[str, Any]]:
    extraction = _document(grant, document)
    value = _values(extraction).filter(path=path).select_related("confirmed_by").first()
    if value is None:
        raise BadInput(_no_such_value(extraction, path))
    return extraction, {
        "document": _summary(extraction),
        **_value(value),
        "extracted": value.extracted,
        "corrected": value.corrected,
        "confirmed_by": str(value.confirmed_by) if value.confirmed_by else None,
        "evidence": value.evidence or None,
        "confidence": value.confidence,
        "boxes": value.boxes,
        "quote": value.evidence_text or None,
    }


def _documents(grant: Grant) -> ExtractionQuerySet:
    return Extraction.objects.visible_to(grant.person).filter(team=grant.team)


def _document(grant: Grant, key: str) -> Extraction:
    try:
        found = _documents(grant).select_related("schema", "connection").filter(key=UUID(key)).first()
    except ValueError:
        found = None
    if found is None:
        raise BadInput(_("There is no document “%(id)s”. The tool “find” gives ids.") % {"id": key[:100]})
    return found


def _search(grant: Grant, query: str) -> SearchQuery:
    """A condition that is not understood is refused rather than answered with more than was meant."""
    parameters = QueryDict(mutable=True)
    parameters["q"] = query
    wanted = SearchQuery(grant.person, parameters, [grant.team.pk])
    if wanted.problems:
        raise BadInput(" ".join(str(problem) for problem in wanted.problems))
    return wanted


def _groups(rows: ExtractionQuerySet, by: str) -> list[dict[str, Any]]:
    column = GROUPINGS[by]
    if by == "month":
        rows = rows.annotate(month=TruncMonth("received_at"))
    counted = rows.values_list(column).annotate(number=Count("pk")).order_by("-number", column)[:GROUPS]
    return [
        {by: f"{value:%Y-%m}" if isinstance(value, datetime) else value or None, "count": number}
        for value, number in counted
    ]


def _summary(extraction: Extraction) -> dict[str, Any]:
    return {
        "id": str(extraction.key),
        "name": extraction.name,
        "state": extraction.state,
        "review": extraction.review_state or None,
        "schema": extraction.schema.name if extraction.schema else None,
        "kind": extraction.classifier_result,
        "pages": extraction.page_count,
        "received_at": extraction.received_at.isoformat(timespec="seconds"),
        "values_to_check": extraction.needs + extraction.broken_count,
    }


def _values(extraction: Extraction) -> Any:
    return extraction.values.filter(removed=False).order_by("position")


def _value(value: Value) -> dict[str, Any]:
    """`status` is empty for a field that is empty and may be."""
    return {
        "path": value.path,
        "value": current(value),
        "answer": value.answer or None,
        "status": value.standing or None,
        "needs_attention": needs_attention(value),
        "page": value.page,
    }


def _no_such_value(extraction: Extraction, path: str) -> str:
    paths = list(_values(extraction).values_list("path", flat=True)[:2000])
    within = [known for known in paths if known.startswith((f"{path}.", f"{path}["))]
    near = within or difflib.get_close_matches(path, paths, n=5, cutoff=0.5) or paths
    if not near:
        return _("The document has no values yet.")
    words = {"path": path[:100], "paths": ", ".join(near[:10])}
    return _("There is no value at “%(path)s”. There is, for example: %(paths)s.") % words


def _cursor(extraction: Extraction) -> str:
    return f"{extraction.received_at.isoformat()}~{extraction.pk}"


def _key(cursor: str) -> Key:
    read = CURSOR.fullmatch(cursor)
    try:
        moment = datetime.fromisoformat(read[1]) if read else None
    except ValueError:
        moment = None
    if read is None or moment is None or moment.tzinfo is None:
        raise BadInput(_("“after” must be what “next” of an earlier answer said."))
    return moment, int(read[2])
