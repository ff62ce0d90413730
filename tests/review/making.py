"""Documents to review."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import Any

from PIL import Image

from extractions.models import Extraction, Schema, Value
from extractions.result.leaves import leaves
from extractions.verification.review_status import refresh_status
from portal.people.models import User
from tests.factories import State, make_extraction, make_page, make_schema

BILL = {
    "type": "object",
    "required": ["number", "due_date", "total", "supplier"],
    "properties": {
        "number": {"type": "string", "title": "Invoice number"},
        "due_date": {"type": "string", "format": "date", "title": "Due date"},
        "total": {"type": "number", "title": "Total", "description": "Total with tax"},
        "currency": {"type": "string", "enum": ["EUR", "GBP"], "title": "Currency"},
        "paid": {"type": "boolean", "title": "Paid"},
        "supplier": {
            "type": "object",
            "title": "Supplier",
            "required": ["name"],
            "properties": {"name": {"type": "string", "title": "Name"}, "vat": {"type": ["string", "null"]}},
        },
        "lines": {
            "type": "array",
            "title": "Lines",
            "items": {
                "type": "object",
                "properties": {
                    "label": {"type": "string", "title": "Label"},
                    "quantity": {"type": "integer", "title": "Quantity"},
                    "amount": {"type": "number", "title": "Amount"},
                },
            },
        },
    },
}
DATA = {
    "number": "INV-1",
    "due_date": "2026-12-17",
    "total": 1284.48,
    "currency": "EUR",
    "supplier": {"name": "Atelier Kerbrune", "vat": None},
    "lines": [{"label": "Cable", "quantity": 3, "amount": 1200}, {"label": "Work", "quantity": 1, "amount": 84.48}],
}
SURE = 0.999
PLACE = [[0.6, 0.5, 0.8, 0.53]]


def make_bill(owner: User, *, data: Any = None, evidence: dict[str, str] | None = None, **fields: Any) -> Extraction:
    """Everything on it is confirmed by evidence but for what `evidence` says otherwise."""
    data = DATA if data is None else data
    schema = (
        fields.pop("schema", None) or Schema.objects.filter(name="Bill").first() or make_schema("Bill", schema=BILL)
    )
    extraction = make_extraction(owner=owner, state=State.EXTRACTED, schema=schema, extracted_data=data, **fields)
    make_page(extraction, picture())
    told = {"due_date": "fuzzy"} if evidence is None else evidence
    Value.objects.bulk_create(
        Value(
            extraction=extraction,
            position=position,
            path=leaf.path,
            extracted=leaf.value,
            text=leaf.text,
            number=leaf.number,
            date=leaf.date,
            page=1,
            boxes=PLACE,
            evidence=told.get(leaf.path, "none" if leaf.value is None else "exact"),
            confidence=SURE
            if told.get(leaf.path, "exact") in ("exact", "normalised") and leaf.value is not None
            else None,
        )
        for position, leaf in enumerate(leaves(data))
    )
    refresh_status(extraction)
    extraction.refresh_from_db()
    return extraction


@lru_cache
def picture() -> bytes:
    """A page with nothing on it."""
    written = io.BytesIO()
    Image.new("RGB", (620, 877), "white").save(written, format="JPEG")
    return written.getvalue()


def value_of(extraction: Extraction, path: str) -> Value:
    return extraction.values.get(path=path)
