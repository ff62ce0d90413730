"""Lease contracts of one agency, drawn: what is printed on them stands in FACTS."""

from __future__ import annotations

from datetime import UTC, datetime

from fpdf import FPDF

DRAWN = datetime(2026, 2, 1, tzinfo=UTC)
"""So that the same lease is the same file."""

FACTS = (
    {
        "Lease No.": "LC-2041", "Landlord": "Hartwell Estates Ltd", "Tenant": "Maria Okafor",
        "Address of the flat": "14 Quay Street, Bristol", "Start of the lease": "1 March 2026",
        "End of the lease": "28 February 2029", "Monthly rent": "1,250.00 GBP", "Deposit": "2,500.00 GBP",
        "Furnished": "yes", "Notice period": "two months",
    },
    {
        "Lease No.": "LC-2057", "Landlord": "Hartwell Estates Ltd", "Tenant": "Jonas Whitfield",
        "Address of the flat": "3 Mill Lane, Leeds", "Start of the lease": "15 April 2026",
        "End of the lease": "14 April 2028", "Monthly rent": "980.00 GBP", "Deposit": "1,960.00 GBP",
        "Furnished": "no", "Notice period": "three months",
    },
    {
        "Lease No.": "LC-2102", "Landlord": "Castle & Dunn Lettings", "Tenant": "Aisha Rahman",
        "Address of the flat": "77 Garden Row, York", "Start of the lease": "1 June 2026",
        "End of the lease": "31 May 2027", "Monthly rent": "1,475.50 GBP", "Deposit": "2,951.00 GBP",
        "Furnished": "yes", "Notice period": "two months", "Parking space": "No. 12",
    },
    {
        "Lease No.": "LC-2118", "Landlord": "Hartwell Estates Ltd", "Tenant": "Tom Ferris",
        "Address of the flat": "9 Harbour View, Hull", "Start of the lease": "1 July 2026",
        "End of the lease": "30 June 2028", "Monthly rent": "890.00 GBP", "Deposit": "1,780.00 GBP",
        "Furnished": "no", "Notice period": "two months",
    },
)  # fmt: skip
CLAUSES = (
    "The landlord lets the flat to the tenant, who takes it in the state in which it is. The rent is due on the third",
    "working day of each month. The deposit is paid back within six weeks of the end of the lease, less what the",
    "tenant owes. Both have read this contract and signed it.",
)


def draw_lease(facts: dict[str, str]) -> bytes:
    """One page as PDF: a title, labels with their values, a clause."""
    page = FPDF(format="A4")
    page.set_creation_date(DRAWN)
    page.add_page()
    page.set_font("helvetica", "B", 20)
    page.text(20, 28, "Lease contract")
    y = 44
    for label, value in facts.items():
        page.set_font("helvetica", "", 10)
        page.text(20, y, f"{label}:")
        page.text(75, y, value)
        y += 9
    for clause in CLAUSES:
        page.set_font("helvetica", "", 9)
        page.text(20, y + 6, clause)
        y += 5
    return bytes(page.output())


def leases(count: int = 3) -> list[bytes]:
    return [draw_lease(facts) for facts in FACTS[:count]]
