"""Documents that are neither invoices nor receipts, made up: each as its rows, with what is asked and what is right.

A question is (name of the property, its description, the right answer); a date is asked for where the answer is one,
a number where it is one. Several ways of asking for the same thing stand side by side.
"""

from .driving import AMERICAN_LICENCE, EUROPEAN_LICENCE, REGISTRATION
from .identity import GERMAN_CARD, OLD_FRENCH_CARD, PASSPORT, RESIDENCE_PERMIT
from .money import CHEQUE, ENERGY_BILL, GERMAN_PAYSLIP, PAYSLIP, RIB, STATEMENT
from .people import BUSINESS_CARD, HEALTH_CARD, INSURANCE_CARD, RESUME, VISITING_CARD
from .specimen import Specimen

__all__ = ["PASSPORT", "SPECIMENS", "Specimen"]

SPECIMENS = (
    PASSPORT, OLD_FRENCH_CARD, GERMAN_CARD, RESIDENCE_PERMIT, EUROPEAN_LICENCE, AMERICAN_LICENCE, HEALTH_CARD,
    INSURANCE_CARD, BUSINESS_CARD, VISITING_CARD, RIB, STATEMENT, PAYSLIP, GERMAN_PAYSLIP, REGISTRATION, ENERGY_BILL,
    RESUME, CHEQUE,
)  # fmt: skip
