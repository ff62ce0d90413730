"""A French invoice of one page, printed on a laser printer and scanned in grey: Électricité Kerbrune."""

import io
from datetime import date
from pathlib import Path

import numpy as np
import pypdfium2

from engine.samples.camera import jpeg, scan
from engine.samples.canvas import GREY, Canvas, Colour, french
from engine.samples.facts import KERBRUNE, SIREN, SIRET

PINE: Colour = (30, 62, 54)
HAIR: Colour = (190, 194, 192)
WHITE: Colour = (255, 255, 255)
LEFT, RIGHT = 20.0, 190.0
REFERENCE, QUANTITY, PRICE = 43.0, 136.0, 162.0
DPI = 200
MONTHS = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"


def draw(fonts: Path) -> bytes:
    """The invoice as a PDF that holds one picture and no text."""
    printed = pypdfium2.PdfDocument(_print(fonts))[0].render(scale=DPI / 72, grayscale=True).to_numpy()
    picture = io.BytesIO(jpeg(scan(np.squeeze(printed), DPI), quality=52))
    paper = Canvas("Numérisation 2026-11-17", "fr", {})
    paper.add_page()
    paper.image(picture, 0, 0, 210, 297)
    return bytes(paper.output())


def _print(fonts: Path) -> bytes:
    faces = {"regular": "Sans-Regular", "bold": "Sans-Bold", "serif": "Serif-BoldItalic"}
    folder = fonts / "liberation"
    canvas = Canvas("", "fr", {name: folder / f"Liberation{file}.ttf" for name, file in faces.items()})
    canvas.add_page()
    _letterhead(canvas)
    _addresses(canvas)
    y = _table(canvas, 117)
    y = _sums(canvas, y + 9)
    _payment(canvas, y + 16)
    _stamp(canvas, 128, 249)
    _foot(canvas)
    return bytes(canvas.output())


def _letterhead(canvas: Canvas) -> None:
    canvas.block(LEFT, 17, 17, 17, PINE)
    canvas.set_fill_color(*WHITE)
    bolt = [(30.2, 19), (23.6, 26.6), (28.0, 26.6), (25.6, 32.2), (33.2, 23.9), (28.6, 23.9)]
    canvas.polygon(bolt, style="F")
    canvas.put(42, 24, "Électricité Kerbrune", 18, "serif", PINE)
    canvas.put(42, 29, "Installation · dépannage · mise en conformité", 8.5)
    canvas.put(42, 33.3, "Tél. 02 61 91 04 17 · atelier@kerbrune.example", 8.5)
    canvas.put(RIGHT, 24.5, "FACTURE", 20, "bold", PINE, "right")
    canvas.put(RIGHT, 31, f"N° {KERBRUNE.number}", 11, "bold", align="right")
    canvas.rule(LEFT, RIGHT, 39, PINE, 0.7)


def _addresses(canvas: Canvas) -> None:
    supplier = (KERBRUNE.supplier.name, *KERBRUNE.supplier.address, f"SIRET {SIRET}", f"N° TVA {KERBRUNE.vat_number}")
    for number, line in enumerate(supplier):
        canvas.put(LEFT, 48 + 4.8 * number, line, 9, "regular" if number else "bold")
    canvas.put(116, 52, "Facturé à", 8, colour=GREY)
    for number, line in enumerate((KERBRUNE.customer.name, *KERBRUNE.customer.address)):
        canvas.put(116, 57.5 + 5.2 * number, line, 10.5, "regular" if number else "bold")
    facts = (
        ("Date de facture", french_day(KERBRUNE.issued)),
        ("Échéance", french_day(KERBRUNE.due)),
        ("Bon de commande", KERBRUNE.order),
        ("Chantier", "Atelier de sertissage, bâtiment B"),
    )
    for number, (label, value) in enumerate(facts):
        canvas.put(LEFT, 84 + 5.4 * number, label, 9.5, colour=GREY)
        canvas.put(52, 84 + 5.4 * number, value, 9.5, "bold" if number < 3 else "regular")


def _table(canvas: Canvas, y: float) -> float:
    canvas.block(LEFT, y - 6, RIGHT - LEFT, 8.6, PINE)
    for x, name in ((LEFT + 2, "Réf."), (REFERENCE, "Désignation")):
        canvas.put(x, y - 0.4, name, 9, "bold", WHITE)
    for x, name in ((QUANTITY, "Qté"), (PRICE, "P.U. HT"), (RIGHT - 2, "Montant HT")):
        canvas.put(x, y - 0.4, name, 9, "bold", WHITE, "right")
    for line in KERBRUNE.lines:
        y += 8.4
        canvas.put(LEFT + 2, y, line.code, 9)
        canvas.put(REFERENCE, y, line.description, 9.5)
        canvas.put(QUANTITY, y, f"{line.quantity.normalize():f}".replace(".", ","), 9.5, align="right")
        canvas.put(PRICE, y, french(line.unit_price), 9.5, align="right")
        canvas.put(RIGHT - 2, y, french(line.amount), 9.5, align="right")
        canvas.rule(LEFT, RIGHT, y + 2.9, HAIR)
    return y


def _sums(canvas: Canvas, y: float) -> float:
    for name, value in (("Total HT", KERBRUNE.net), ("TVA 20 %", KERBRUNE.vat)):
        y += 7
        canvas.put(118, y, name, 10)
        canvas.put(RIGHT - 2, y, f"{french(value)} €", 10, align="right")
        canvas.rule(116, RIGHT, y + 2.4, HAIR)
    y += 8.6
    canvas.put(118, y, "Total TTC", 12, "bold")
    canvas.put(RIGHT - 2, y, f"{french(KERBRUNE.total)} €", 12, "bold", align="right")
    canvas.rule(116, RIGHT, y + 3, PINE, 0.7)
    return y


def _payment(canvas: Canvas, y: float) -> None:
    canvas.put(LEFT, y, "Règlement par virement à 30 jours.", 9.5)
    canvas.put(LEFT, y + 6, "IBAN", 9.5)
    canvas.put(31, y + 6, KERBRUNE.iban, 9.5, "bold")
    canvas.put(LEFT, y + 12, f"BIC {KERBRUNE.bic} · Banque des Abers, Port-Kerbrune", 9.5)
    small = (
        "Tout retard donne lieu à des pénalités au taux de trois fois l’intérêt légal et à une indemnité",
        "forfaitaire de 40 € pour frais de recouvrement. Pas d’escompte en cas de paiement anticipé.",
    )
    for number, line in enumerate(small):
        canvas.put(LEFT, y + 20 + 3.8 * number, line, 7.5, colour=GREY)


def _stamp(canvas: Canvas, x: float, y: float) -> None:
    """What the customer's office stamped on it."""
    stamped: Colour = (120, 120, 128)
    with canvas.rotation(7, x + 26, y):
        canvas.set_draw_color(*stamped)
        canvas.set_line_width(0.7)
        canvas.rect(x, y - 9, 52, 18, round_corners=True, corner_radius=2, style="D")
        canvas.put(x + 5, y - 1.5, "REÇU LE 17 NOV. 2026", 10, "bold", stamped)
        canvas.put(x + 5, y + 4.8, "Comptabilité fournisseurs", 8.5, "regular", stamped)


def _foot(canvas: Canvas) -> None:
    canvas.rule(LEFT, RIGHT, 277, HAIR)
    legal = f"{KERBRUNE.supplier.name} au capital de 12 000 € · RCS Port-Kerbrune {SIREN} · Code APE 4321A"
    canvas.set_font("regular", size=7.5)
    canvas.put(105 - canvas.get_string_width(legal) / 2, 282, legal, 7.5, colour=GREY)


def french_day(day: date) -> str:
    return f"{day.day} {MONTHS.split()[day.month - 1]} {day.year}"
