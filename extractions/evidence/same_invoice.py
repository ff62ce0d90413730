"""Whether two documents are the same invoice, by what identifies them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from extractions.evidence.invoice_identity import InvoiceIdentity

ALIKE, NEARLY_EQUAL = 82.0, 94.0
MISREAD, FEWEST = 1, 7  # of so many characters of a tax number or IBAN one may be misread
SHORTEST_TAIL = 3  # digits that a number must share with one that has a prefix


class Sameness(StrEnum):
    """How surely two documents are the same invoice."""

    SAME = "same"
    POSSIBLE = "possible"


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far apart amounts and dates of the same invoice may be."""

    amount: Decimal = Decimal(1)
    days: int = 3


def compare(one: InvoiceIdentity, other: InvoiceIdentity, tolerance: Tolerance) -> Sameness | None:
    """With the number it takes supplier, amount and date, of which one may be unknown; without, all three exactly."""
    if one.is_credit != other.is_credit or (one.currency and other.currency and one.currency != other.currency):
        return None
    if not one.number or not other.number:
        exact = is_near(one.amount, other.amount, Decimal(0)) and is_same_day(one.issued_on, other.issued_on, 0)
        return Sameness.POSSIBLE if exact and is_same_supplier(one, other, least=NEARLY_EQUAL) else None
    amount = is_near(one.amount, other.amount, tolerance.amount)
    day = is_same_day(one.issued_on, other.issued_on, tolerance.days)
    supplier = is_same_supplier(one, other)
    if False in (amount, day, supplier) or not _is_same_number(one, other):
        return None
    match (supplier, amount, day).count(None):
        case 0:
            return Sameness.SAME
        case 1:
            # A date that nobody asked for or could read leaves little doubt; the others leave more.
            return Sameness.SAME if day is None else Sameness.POSSIBLE
    return None


def is_near(one: Decimal | None, other: Decimal | None, room: Decimal) -> bool | None:
    """None if it cannot be told."""
    return None if one is None or other is None else abs(one - other) <= room


def is_same_day(one: date | None, other: date | None, days: int) -> bool | None:
    """Also if day and month were taken for one another; None if it cannot be told."""
    if one is None or other is None:
        return None
    swapped = days > 0 and (one.year, one.month, one.day) == (other.year, other.day, other.month)
    return swapped or abs((one - other).days) <= days


def is_same_supplier(one: InvoiceIdentity, other: InvoiceIdentity, least: float = ALIKE) -> bool | None:
    """By tax number or IBAN, else by the likeness of the names; None if it cannot be told."""
    if set(one.supplier_ids) & set(other.supplier_ids) or _misread_alike(one.supplier_ids, other.supplier_ids):
        return True
    if not one.supplier or not other.supplier:
        return None
    return name_likeness(one.supplier, other.supplier) >= least


def name_likeness(one: str, other: str) -> float:
    """From 0 to 100. A name within a longer one is the same supplier: "Kerbrune" and "Atelier Kerbrune Nantes"."""
    joined = fuzz.ratio(one.replace(" ", ""), other.replace(" ", ""))
    return max(joined, fuzz.token_set_ratio(one, other) if min(len(one), len(other)) >= SHORTEST_TAIL + 1 else 0.0)


def _misread_alike(some: Iterable[str], others: Iterable[str]) -> bool:
    return any(
        len(fact) == len(other) >= FEWEST and Levenshtein.distance(fact, other, score_cutoff=MISREAD) <= MISREAD
        for fact in some
        for other in others
    )


def _is_same_number(one: InvoiceIdentity, other: InvoiceIdentity) -> bool:
    """The same, or one with a prefix that the other reading lacks, if amount and date agree exactly."""
    if one.number == other.number:
        return True
    if one.amount != other.amount or one.issued_on != other.issued_on or one.issued_on is None:
        return False
    shorter, longer = sorted((one.number, other.number), key=len)
    return len(shorter) >= SHORTEST_TAIL and longer.endswith(shorter)
