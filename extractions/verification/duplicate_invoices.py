"""The same invoice in another file: the documents of the team that have the keys of this one.

Looking takes a fixed number of queries, each on an index and for a limited number of rows. Rejected and deleted
documents do not count, which is looked up with their rows: undoing either needs no further write.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import F, Q, QuerySet

from extractions.evidence.invoice_identity import InvoiceIdentity
from extractions.evidence.same_invoice import Sameness, Tolerance, compare
from extractions.models.extraction import Extraction
from extractions.models.invoice_keys import DistinctInvoices, DuplicateInvoicePolicy, InvoiceKeys
from extractions.verification.invoice_keys import KEYS

DAYS_OF_MONTH = 30.44
SETTINGS = ("enabled", "months", "amount", "days")
MOST = 50
"""Documents that are compared; a number or an amount that more have in common says little."""
OF_DOCUMENT = ("key", "name", "team", "received_at", "review_state", "state")


@dataclass(frozen=True, slots=True)
class DuplicateInvoice:
    """Another document that looks like the same invoice."""

    own: InvoiceKeys
    keys: InvoiceKeys
    sameness: Sameness
    came_first: bool
    distinct: DistinctInvoices | None
    """What a person said of the pair, if they are different invoices."""

    @property
    def extraction(self) -> Extraction:
        return self.keys.extraction

    @property
    def blocks(self) -> bool:
        """Of two only the later one waits for a decision, unless that was approved already."""
        approved = self.extraction.review_state == Extraction.Review.APPROVED
        return self.sameness == Sameness.SAME and self.distinct is None and (self.came_first or approved)


def policy_for(team: int) -> DuplicateInvoicePolicy:
    """The team's policy; an unsaved one with the usual figures if it has none."""
    return DuplicateInvoicePolicy.objects.filter(team=team).first() or DuplicateInvoicePolicy(team_id=team)


def duplicates_of(extraction: Extraction) -> list[DuplicateInvoice]:
    """Surest first, then oldest; a rejected document has none."""
    if extraction.review_state == Extraction.Review.REJECTED or extraction.delete_requested_at is not None:
        return []
    own = InvoiceKeys.objects.filter(extraction=extraction.pk).annotate(**_POLICY).first()
    if own is None:
        return []
    policy = _policy_on(own)
    if not policy.enabled:
        return []
    identity, tolerance = _identity(own), Tolerance(policy.amount, policy.days)
    found: dict[int, tuple[InvoiceKeys, Sameness]] = {}
    for keys in _candidates(extraction, own, policy):
        if sameness := compare(identity, _identity(keys), tolerance):
            found[keys.extraction_id] = (keys, sameness)
    said = _said_of(extraction, found) if found else {}
    duplicates = [
        DuplicateInvoice(own, keys, sameness, _came_first(keys.extraction, extraction), said.get(pk))
        for pk, (keys, sameness) in found.items()
    ]
    order = [Sameness.SAME, Sameness.POSSIBLE]
    return sorted(duplicates, key=lambda each: (order.index(each.sameness), each.extraction.received_at, each.keys.pk))


def blocking(extraction: Extraction) -> list[DuplicateInvoice]:
    """Documents for which somebody has to say why this one is none of them."""
    return [duplicate for duplicate in duplicates_of(extraction) if duplicate.blocks]


_POLICY: dict[str, object] = {
    f"policy_{name}": F(f"extraction__team__duplicate_invoice_policy__{name}") for name in SETTINGS
}


def _policy_on(own: InvoiceKeys) -> DuplicateInvoicePolicy:
    """The policy that came with the keys."""
    settings = {name: getattr(own, f"policy_{name}") for name in SETTINGS}
    return DuplicateInvoicePolicy(**{name: value for name, value in settings.items() if value is not None})


def _candidates(extraction: Extraction, own: InvoiceKeys, policy: DuplicateInvoicePolicy) -> Iterable[InvoiceKeys]:
    """By the number and about the amount, then by exactly the same amount and date."""
    rows = _counting(extraction, policy)
    if own.number:
        near: object = Q()
        if own.amount is not None:
            near = Q(amount__range=(own.amount - policy.amount, own.amount + policy.amount)) | Q(amount__isnull=True)
        yield from rows.filter(near, number=own.number)[:MOST]
    if own.amount is not None and own.issued_on is not None:
        yield from rows.filter(amount=own.amount, issued_on=own.issued_on)[:MOST]


def _counting(extraction: Extraction, policy: DuplicateInvoicePolicy) -> QuerySet[InvoiceKeys]:
    span = timedelta(days=DAYS_OF_MONTH * policy.months)
    rows = InvoiceKeys.objects.filter(
        team_number=extraction.team_id,
        extraction__received_at__range=(extraction.received_at - span, extraction.received_at + span),
        extraction__delete_requested_at__isnull=True,
    )
    rows = rows.exclude(extraction=extraction.pk).exclude(extraction__review_state=Extraction.Review.REJECTED)
    names = (*KEYS, *(f"extraction__{name}" for name in OF_DOCUMENT))
    return rows.select_related("extraction").only("extraction", *names).order_by("-extraction_id")


def _said_of(extraction: Extraction, others: Iterable[int]) -> dict[int, DistinctInvoices]:
    pairs = DistinctInvoices.objects.filter(
        Q(extraction=extraction.pk, other__in=list(others)) | Q(other=extraction.pk, extraction__in=list(others))
    )
    return {
        pair.other_id if pair.extraction_id == extraction.pk else pair.extraction_id: pair
        for pair in pairs.select_related("author")
    }


def _came_first(one: Extraction, other: Extraction) -> bool:
    return (one.received_at, one.pk) < (other.received_at, other.pk)


def _identity(keys: InvoiceKeys) -> InvoiceIdentity:
    return InvoiceIdentity(
        number=keys.number, amount=keys.amount, currency=keys.currency, issued_on=keys.issued_on,
        supplier=keys.supplier, supplier_ids=tuple(keys.supplier_ids), is_credit=keys.is_credit,
    )  # fmt: skip
