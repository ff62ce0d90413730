"""The contents of the sample documents. All names are invented; all sums and check digits are correct.

The numbers are well-formed but unassigned: VAT numbers beginning with 000 and SIREN numbers beginning with 0 are never
issued, the telephone numbers come from ranges reserved for fiction, and the bank codes do not exist.
"""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal


def cents(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)


@dataclass(frozen=True)
class Line:
    code: str
    description: str
    detail: str
    quantity: Decimal
    unit_price: Decimal
    vat_rate: int

    @property
    def amount(self) -> Decimal:
        return cents(self.quantity * self.unit_price)


@dataclass(frozen=True)
class Party:
    name: str
    address: tuple[str, ...]


@dataclass(frozen=True)
class Bill:
    """An invoice whose prices are net of tax."""

    number: str
    issued: date
    due: date
    order: str
    currency: str
    supplier: Party
    customer: Party
    vat_number: str
    iban: str
    bic: str
    lines: tuple[Line, ...]

    @property
    def net(self) -> Decimal:
        return sum((line.amount for line in self.lines), Decimal(0))

    def taxes(self) -> list[tuple[int, Decimal, Decimal]]:
        """Rate, net and tax of each rate, highest first."""
        nets: dict[int, Decimal] = {}
        for line in self.lines:
            nets[line.vat_rate] = nets.get(line.vat_rate, Decimal(0)) + line.amount
        return [(rate, net, cents(net * rate / 100)) for rate, net in sorted(nets.items(), reverse=True)]

    @property
    def vat(self) -> Decimal:
        return sum((tax for _, _, tax in self.taxes()), Decimal(0))

    @property
    def total(self) -> Decimal:
        return self.net + self.vat

    def truth(self) -> dict[str, object]:
        """The expected extraction result."""
        return {
            "invoice_number": self.number,
            "invoice_date": self.issued.isoformat(),
            "due_date": self.due.isoformat(),
            "purchase_order": self.order,
            "currency": self.currency,
            "supplier_name": self.supplier.name,
            "supplier_vat_number": self.vat_number,
            "customer_name": self.customer.name,
            "iban": self.iban,
            "bic": self.bic,
            "lines": _rows(self.lines, "code", "description", "quantity", "unit_price", "vat_rate", "amount"),
            "net_amount": self.net,
            "vat": [{"rate": rate, "net": net, "amount": tax} for rate, net, tax in self.taxes()],
            "vat_amount": self.vat,
            "total_amount": self.total,
        }


def _rows(lines: tuple[Line, ...], *names: str) -> list[dict[str, object]]:
    return [{name: getattr(line, name) for name in names} for line in lines]


@dataclass(frozen=True)
class Receipt:
    """A till receipt whose prices include tax."""

    merchant: str
    vat_number: str
    number: str
    day: date
    time: str
    lines: tuple[Line, ...]
    card: str

    @property
    def total(self) -> Decimal:
        return sum((line.amount for line in self.lines), Decimal(0))

    @property
    def net(self) -> Decimal:
        return cents(self.total / Decimal("1.20"))

    @property
    def vat(self) -> Decimal:
        return self.total - self.net

    def truth(self) -> dict[str, object]:
        return {
            "merchant": self.merchant,
            "vat_number": self.vat_number,
            "receipt_number": self.number,
            "date": self.day.isoformat(),
            "time": self.time,
            "currency": "GBP",
            "lines": _rows(self.lines, "description", "quantity", "unit_price", "amount"),
            "subtotal": self.net,
            "vat_rate": 20,
            "vat_amount": self.vat,
            "total": self.total,
            "payment_method": "Card",
            "card_last_digits": self.card,
        }


def _line(code: str, description: str, detail: str, quantity: str, price: str, rate: int = 20) -> Line:
    return Line(code, description, detail, Decimal(quantity), Decimal(price), rate)


LARKSPUR = Bill(
    number="LI-26-10482",
    issued=date(2026, 11, 12),
    due=date(2026, 12, 12),
    order="PO-77-31904",
    currency="GBP",
    supplier=Party("Larkspur Instruments Ltd", ("4 Quillon Yard", "Thornmere", "ZX4 7LP", "United Kingdom")),
    customer=Party(
        "Tidewell Analytical Ltd", ("Accounts payable", "9 Saltmarsh Park", "Brackenholm", "ZX11 3HT", "United Kingdom")
    ),
    vat_number="GB 000 8262 27",
    iban="GB81 FENN 0000 0048 2716 53",
    bic="FENNGB2X",
    lines=(
        _line("LK-2140", "Bench refractometer, 0–95 °Brix", "Serial number 26-R-0881", "1", "684.00"),
        _line("LK-2141", "Prism plate, sapphire, spare", "", "2", "118.50"),
        _line("LK-3307", "Digital torque gauge, 0–12 N·m", "Serial numbers 26-T-0417, 26-T-0418", "2", "342.00"),
        _line("LK-3310", "Carrying case for torque gauge", "", "2", "36.75"),
        _line("LK-4002", "Conductivity cell, K = 1.0", "Glass body, cable 1.5 m", "4", "92.40"),
        _line("LK-4015", "Calibration solution 1413 µS/cm, 500 ml", "Batch 2609-C, use before 09/2028", "12", "8.65"),
        _line("LK-5120", "Thermometer probe, Pt100 class A", "", "6", "54.30"),
        _line("LK-5121", "Probe cable, shielded, 3 m", "", "6", "13.95"),
        _line("LK-6033", "Analytical balance, 220 g × 0.1 mg", "Serial number 26-B-0059", "1", "1496.00"),
        _line("LK-6040", "Weight set, class E2, 1 mg–200 g", "In fitted wooden box", "1", "412.00"),
        _line("LK-7018", "Anti-vibration table, granite top", "", "1", "738.00"),
        _line("HB-0090", "Handbook of laboratory measurement", "Printed, third edition", "3", "28.00", 0),
        _line("HB-0094", "Caring for your balance", "Printed guide", "5", "6.40", 0),
        _line("SV-1100", "Installation and alignment on site", "Hours, 9 and 10 November 2026", "6.5", "74.00"),
        _line("SV-1105", "Calibration certificate, traceable", "", "9", "22.50"),
        _line("DL-0001", "Delivery by two people, insured", "", "1", "85.00"),
    ),
)

KERBRUNE = Bill(
    number="FA-2026-1142",
    issued=date(2026, 11, 12),
    due=date(2026, 12, 12),
    order="BC-8814",
    currency="EUR",
    supplier=Party("Électricité Kerbrune SARL", ("7, venelle du Four à Chaux", "29999 Port-Kerbrune")),
    customer=Party(
        "Conserverie Le Hénaret", ("Service comptabilité", "18, quai des Misainiers", "29999 Lanvoël-sur-Mer")
    ),
    vat_number="FR 41 042718163",
    iban="FR76 9999 0000 2900 0482 7165 338",
    bic="ABRSFRP1",
    lines=(
        _line("NAC-18", "Location nacelle araignée 18 m, 2 jours", "", "2", "145.00"),
        _line("R2V-325", "Câble R2V 3G2,5 mm², couronne 100 m", "", "3", "86.40"),
        _line("DIF-40", "Disjoncteur différentiel 40 A 30 mA", "", "6", "31.25"),
        _line("GOU-46", "Goulotte PVC 40 × 60, longueur 2 m", "", "8", "6.00"),
        _line("MO-01", "Main-d’œuvre, mise en conformité (h)", "", "4.5", "48.20"),
        _line("DEP-02", "Déplacement et évacuation des déchets", "", "1", "38.80"),
    ),
)
SIREN = "042 718 163"
SIRET = "042 718 163 00027"

PENNYWHISTLE = Receipt(
    merchant="Pennywhistle Hardware",
    vat_number="GB 000 4417 44",
    number="0082-5519",
    day=date(2026, 11, 21),
    time="10:42",
    lines=(
        _line("", "Brass hinge 75 mm, pair", "", "2", "3.70"),
        _line("", "Wood screws 4x40, box 200", "", "1", "8.95"),
        _line("", "Sandpaper P120, 10 sheets", "", "1", "5.20"),
        _line("", "Linseed oil 500 ml", "", "1", "11.60"),
        _line("", "Paint brush 50 mm", "", "3", "4.25"),
    ),
    card="4471",
)

TRUTH: dict[str, dict[str, object]] = {
    "invoice-larkspur-instruments.pdf": LARKSPUR.truth(),
    "facture-kerbrune-scan.pdf": KERBRUNE.truth() | {"supplier_siren": SIREN, "supplier_siret": SIRET},
    "ticket-pennywhistle.jpg": PENNYWHISTLE.truth(),
}
