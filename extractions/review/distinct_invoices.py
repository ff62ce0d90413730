"""People's word on documents that look like the same invoice: that they are different ones, and why."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q

from extractions.models import DistinctInvoices, Extraction
from extractions.verification.duplicate_invoices import DuplicateInvoice, duplicates_of
from portal.audit.recording import Action, record
from portal.people.models import User


@transaction.atomic
def tell_apart(extraction: Extraction, person: User, reason: str) -> int:
    """Say that this document is none of those that it looks like; returns of how many that is new."""
    row = Extraction.objects.select_for_update(of=("self",)).get(pk=extraction.pk)
    open_ = [duplicate for duplicate in duplicates_of(row) if duplicate.distinct is None]
    store(row, open_, person, reason)
    return len(open_)


def store(extraction: Extraction, duplicates: Sequence[DuplicateInvoice], person: User, reason: str) -> None:
    """Within the transaction in which the duplicates were looked up."""
    DistinctInvoices.objects.bulk_create(
        [
            DistinctInvoices(extraction=extraction, other=duplicate.extraction, reason=reason, author=person)
            for duplicate in duplicates
        ],
        ignore_conflicts=True,
    )
    if duplicates:
        names = [duplicate.extraction.name for duplicate in duplicates]
        record(Action.DECIDED, extraction, person=person, after={"not_the_invoice": names, "reason": reason})


@transaction.atomic
def take_back(extraction: Extraction, person: User) -> bool:
    """Withdraw what was said of the document and those that it looks like; whether anything was."""
    pairs = DistinctInvoices.objects.filter(Q(extraction=extraction.pk) | Q(other=extraction.pk))
    others = [duplicate.extraction for duplicate in duplicates_of(extraction) if duplicate.distinct is not None]
    shown = pairs.filter(Q(extraction__in=others) | Q(other__in=others))
    if not shown.delete()[0]:
        return False
    names = [other.name for other in others]
    record(Action.DECIDED, extraction, person=person, before={"not_the_invoice": names}, after={"not_the_invoice": ""})
    return True
