"""Documents that look like the same invoice, with the values of both side by side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from extractions.evidence.same_invoice import Sameness
from extractions.models import DistinctInvoices, Extraction, InvoiceKeys
from extractions.verification.duplicate_invoices import DuplicateInvoice, duplicates_of
from portal.people.models import User


@dataclass(frozen=True, slots=True)
class Other:
    """A value of another document."""

    text: str
    differs: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One value of this document, and of each of the others in their order."""

    label: str
    here: str
    others: list[Other]


@dataclass(frozen=True, slots=True)
class SameInvoice:
    key: UUID
    name: str
    received_at: datetime
    state: str
    came_first: bool
    likely: bool
    blocks: bool
    distinct: DistinctInvoices | None


@dataclass(frozen=True, slots=True)
class SameInvoices:
    """What is said of them all. `hidden` are those that the person may not see."""

    shown: list[SameInvoice]
    hidden: int
    blocks: bool
    table: list[Row]

    def __bool__(self) -> bool:
        return bool(self.shown or self.hidden)

    @property
    def undecided(self) -> bool:
        return bool(self.hidden) or any(match.distinct is None for match in self.shown)

    @property
    def first(self) -> SameInvoice | None:
        """The one of which this document is a duplicate, if it is any."""
        open_ = [match for match in self.shown if match.distinct is None]
        return next((match for match in open_ if match.blocks), next(iter(open_), None))

    @property
    def decided(self) -> bool:
        return any(match.distinct is not None for match in self.shown)


def same_invoices_of(extraction: Extraction, person: User) -> SameInvoices:
    found = duplicates_of(extraction)
    numbers = [duplicate.keys.extraction_id for duplicate in found]
    rows = Extraction.objects.visible_among(numbers, person) if found else Extraction.objects.none()
    visible = set(rows.values_list("pk", flat=True))
    seen = [duplicate for duplicate in found if duplicate.keys.extraction_id in visible]
    shown = [_shown(duplicate) for duplicate in seen]
    blocks = any(duplicate.blocks for duplicate in found)
    return SameInvoices(shown, len(found) - len(shown), blocks, list(_table(seen)))


def _shown(duplicate: DuplicateInvoice) -> SameInvoice:
    other = duplicate.extraction
    return SameInvoice(
        key=other.key,
        name=other.name,
        received_at=other.received_at,
        state=other.get_review_state_display() if other.review_state else "",
        came_first=duplicate.came_first,
        likely=duplicate.sameness == Sameness.SAME,
        blocks=duplicate.blocks,
        distinct=duplicate.distinct,
    )


def _table(duplicates: list[DuplicateInvoice]) -> Iterator[Row]:
    """What none of the documents says is left out."""
    columns = [_values(duplicate.keys) for duplicate in duplicates]
    for label, here in _values(duplicates[0].own).items() if duplicates else ():
        others = [Other(column[label], column[label] != here) for column in columns]
        if here or any(other.text for other in others):
            yield Row(label, here, others)


def _values(keys: InvoiceKeys) -> dict[str, str]:
    return {
        _("Supplier"): keys.printed_supplier or " ".join(keys.supplier_ids),
        _("Number"): keys.printed_number,
        _("Amount"): _amount(keys),
        _("Date"): _day(keys),
    }


def _amount(keys: InvoiceKeys) -> str:
    if keys.amount is None:
        return ""
    sign = "−" if keys.is_credit else ""
    return f"{sign}{number_format(keys.amount, 2, use_l10n=True, force_grouping=True)} {keys.currency}".strip()


def _day(keys: InvoiceKeys) -> str:
    return date_format(keys.issued_on, "SHORT_DATE_FORMAT") if keys.issued_on else ""
