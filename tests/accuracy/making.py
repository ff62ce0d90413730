"""Approved documents, and what is counted of them."""

from extractions.accuracy.report import Choice, Report
from extractions.models import DocumentCount, FieldCount
from extractions.review import review_queue
from tests.review.making import make_bill


def approved(owner, *, override="looked at", **fields):
    extraction = make_bill(owner, **fields)
    review_queue.approve(extraction, owner, override=override)
    return extraction


def report(person, **choice):
    return Report(Choice(person.teams.get().pk, **choice), person)


def line_of(found, field):
    return next(line for line in found.fields if line.field == field)


def counts():
    """Everything that is counted, without rows that count nothing."""
    fields = FieldCount.objects.exclude(kept=0, changed=0, untouched=0).values_list(
        "team_number",
        "issuer",
        "field",
        "mark",
        "confidence_bin",
        "blind",
        "kept",
        "changed",
        "untouched",
        "confidence",
    )
    documents = DocumentCount.objects.exclude(documents=0).values_list(
        "team_number", "issuer", "month", "documents", "untouched", "kept", "changed", "confirmed_changed"
    )
    return sorted(fields), sorted(documents)
