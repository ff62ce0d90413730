"""Keeps the keys of a document's invoice up to date: with every write to its values, in the same transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db.models.functions import Substr

from extractions.evidence.invoice_identity import identity_of
from extractions.models.extraction import Extraction
from extractions.models.invoice_keys import InvoiceKeys

BEGINNING = 600
"""Characters of the text in which the kind of document may stand."""
LONGEST_PRINTED = 200
UNIQUE, KEYS = ("extraction",), (
    "team_number", "number", "amount", "currency", "issued_on", "supplier", "supplier_ids", "is_credit",
    "printed_number", "printed_supplier",
)  # fmt: skip

Scalars = Mapping[str, object]
"""Current values by path."""


def keys_of(extraction: Extraction, values: Scalars, beginning: str) -> InvoiceKeys:
    """`beginning` is the start of the document's text."""
    schema = extraction.schema.schema if extraction.schema else None
    found = identity_of(values, schema, kind=str(extraction.classifier_result or ""), text=beginning)
    return InvoiceKeys(
        extraction=extraction, team_number=extraction.team_id, number=found.number, amount=found.amount,
        currency=found.currency, issued_on=found.issued_on, supplier=found.supplier,
        supplier_ids=list(found.supplier_ids), is_credit=found.is_credit,
        printed_number=found.printed["number"][:LONGEST_PRINTED],
        printed_supplier=found.printed["supplier"][:LONGEST_PRINTED],
    )  # fmt: skip


def keep_keys(extraction: Extraction, values: Scalars) -> None:
    """Call it in the transaction that writes the values."""
    store([keys_of(extraction, values, _beginning(extraction))])


def store(keys: Iterable[InvoiceKeys], *, replace: bool = True) -> None:
    """Without `replace`, keys that are there already stay: they are newer."""
    if replace:
        InvoiceKeys.objects.bulk_create(keys, update_conflicts=True, unique_fields=UNIQUE, update_fields=KEYS)
    else:
        InvoiceKeys.objects.bulk_create(keys, ignore_conflicts=True)


def _beginning(extraction: Extraction) -> str:
    if "content" not in extraction.get_deferred_fields():
        return (extraction.content or "")[:BEGINNING]
    rows = Extraction.objects.filter(pk=extraction.pk)
    return rows.values_list(Substr("content", 1, BEGINNING), flat=True).first() or ""
