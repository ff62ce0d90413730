"""A digital English invoice of two pages: Larkspur Instruments to Tidewell Analytical."""

import math
from datetime import date
from pathlib import Path

from PIL import Image, ImageDraw

from engine.samples.canvas import GREY, Canvas, Colour, english
from engine.samples.facts import LARKSPUR, Line, Party

INDIGO: Colour = (52, 58, 122)
VIOLET: Colour = (122, 98, 190)
HAIR: Colour = (214, 213, 224)
TINT: Colour = (244, 243, 250)

LEFT, RIGHT = 18.0, 192.0
DESCRIPTION, QUANTITY, PRICE, VAT = 38.0, 126.0, 150.0, 166.0
LOWEST_ROW = 252.0


def draw(fonts: Path) -> bytes:
    lato = fonts / "lato"
    faces = {"regular": "Regular", "bold": "Bold", "light": "Light", "black": "Black"}
    canvas = Canvas(
        f"Invoice {LARKSPUR.number}", "en-GB", {name: lato / f"Lato-{file}.ttf" for name, file in faces.items()}
    )
    canvas.set_author(LARKSPUR.supplier.name)
    logo = flower()

    canvas.add_page()
    _letterhead(canvas, logo)
    _addresses(canvas)
    _facts(canvas)
    y = _head(canvas, 112)
    waiting = list(LARKSPUR.lines)
    while waiting and y < LOWEST_ROW:
        y = _row(canvas, y, waiting.pop(0))
    canvas.put(RIGHT, y + 5, "Continued on page 2", 8, colour=GREY, align="right")
    _foot(canvas, 1)

    canvas.add_page()
    _second_letterhead(canvas, logo)
    y = _head(canvas, 38)
    for line in waiting:
        y = _row(canvas, y, line)
    y = _sums(canvas, y + 9)
    y = _payment(canvas, y + 14)
    _terms(canvas, y + 12)
    _foot(canvas, 2)
    return bytes(canvas.output())


def flower(size: int = 360) -> Image.Image:
    """The supplier's mark: a larkspur of five petals on the ring of a dial."""
    scale = 4 * size
    picture = Image.new("RGBA", (scale, scale), (255, 255, 255, 0))
    pen = ImageDraw.Draw(picture)
    middle = scale / 2
    for tick in range(60):
        angle = math.radians(tick * 6)
        inner = 0.435 if tick % 5 == 0 else 0.462
        ends = [(middle + r * scale * math.sin(angle), middle - r * scale * math.cos(angle)) for r in (inner, 0.49)]
        pen.line(ends, fill=INDIGO, width=scale // (70 if tick % 5 == 0 else 130))
    for petal in range(5):
        pen.polygon(_petal(middle, scale, math.radians(petal * 72)), fill=VIOLET if petal else INDIGO)
    for radius, colour in ((0.07, (255, 255, 255)), (0.045, INDIGO)):
        reach = radius * scale
        pen.ellipse((middle - reach, middle - reach, middle + reach, middle + reach), fill=colour)
    return picture.resize((size, size), Image.Resampling.LANCZOS)


def _petal(middle: float, scale: float, angle: float) -> list[tuple[float, float]]:
    """A teardrop from the middle outwards, broad at two thirds of its length."""
    outline = []
    for step in range(81):
        turn = math.tau * step / 80
        along = 0.2 * scale * (1 - math.cos(turn)) * 0.95
        across = 0.16 * scale * math.sin(turn) * math.sin(turn / 2) ** 1.2
        outline.append(
            (
                middle + along * math.sin(angle) + across * math.cos(angle),
                middle - along * math.cos(angle) + across * math.sin(angle),
            )
        )
    return outline


def _letterhead(canvas: Canvas, logo: Image.Image) -> None:
    canvas.image(logo, LEFT, 14, 19, 19)
    canvas.put(41, 23.5, "Larkspur", 21, "black", INDIGO)
    canvas.put(41, 30.5, "Instruments for laboratories", 9.5, "regular", VIOLET)
    canvas.put(RIGHT, 24, "Invoice", 27, "light", INDIGO, "right")
    canvas.put(RIGHT, 30.5, LARKSPUR.number, 11, "bold", align="right")
    canvas.rule(LEFT, RIGHT, 39, INDIGO, 0.6)


def _second_letterhead(canvas: Canvas, logo: Image.Image) -> None:
    canvas.image(logo, LEFT, 14, 11, 11)
    canvas.put(31.5, 21.3, "Larkspur", 13, "black", INDIGO)
    canvas.put(RIGHT, 18.5, f"Invoice {LARKSPUR.number}", 10, "bold", align="right")
    canvas.put(RIGHT, 23.5, english_day(LARKSPUR.issued), 9, colour=GREY, align="right")
    canvas.rule(LEFT, RIGHT, 29, INDIGO, 0.6)


def _addresses(canvas: Canvas) -> None:
    deliver = Party(LARKSPUR.customer.name, ("Goods in, door C", *LARKSPUR.customer.address[1:]))
    blocks = (("From", LARKSPUR.supplier), ("Bill to", LARKSPUR.customer), ("Deliver to", deliver))
    for x, (label, party) in zip((LEFT, 79.0, 140.0), blocks, strict=True):
        canvas.put(x, 48, label, 8, colour=GREY)
        canvas.put(x, 53.5, party.name, 10, "bold")
        for number, line in enumerate(party.address):
            canvas.put(x, 58.5 + 4.7 * number, line, 9)
    canvas.put(LEFT, 82.3, f"VAT number {LARKSPUR.vat_number}", 9)


def _facts(canvas: Canvas) -> None:
    canvas.block(LEFT, 89, RIGHT - LEFT, 16, TINT)
    facts = (
        ("Invoice date", english_day(LARKSPUR.issued)),
        ("Due date", english_day(LARKSPUR.due)),
        ("Purchase order", LARKSPUR.order),
        ("Account", "TID-0317"),
        ("Delivery note", "DN-55120"),
    )
    for x, (label, value) in zip((22.0, 62.0, 102.0, 137.0, 164.0), facts, strict=True):
        canvas.put(x, 95.3, label, 8, colour=GREY)
        canvas.put(x, 100.8, value, 9.5, "bold")


def _head(canvas: Canvas, y: float) -> float:
    canvas.put(LEFT, y, "Code", 8, "bold", INDIGO)
    canvas.put(DESCRIPTION, y, "Description", 8, "bold", INDIGO)
    for x, name in ((QUANTITY, "Quantity"), (PRICE, "Unit price"), (VAT, "VAT"), (RIGHT, "Amount GBP")):
        canvas.put(x, y, name, 8, "bold", INDIGO, "right")
    canvas.rule(LEFT, RIGHT, y + 2.6, INDIGO, 0.35)
    return y + 8.6


def _row(canvas: Canvas, y: float, line: Line) -> float:
    """Draw an item with its baseline at y; returns the baseline of the next one."""
    canvas.put(LEFT, y, line.code, 9, colour=GREY)
    canvas.put(DESCRIPTION, y, line.description, 9.5)
    canvas.put(QUANTITY, y, f"{line.quantity.normalize():f}", 9.5, align="right")
    canvas.put(PRICE, y, english(line.unit_price), 9.5, align="right")
    canvas.put(VAT, y, f"{line.vat_rate}%", 9.5, align="right")
    canvas.put(RIGHT, y, english(line.amount), 9.5, align="right")
    if line.detail:
        y += 4.5
        canvas.put(DESCRIPTION, y, line.detail, 8, colour=GREY)
    canvas.rule(LEFT, RIGHT, y + 3.4, HAIR)
    return y + 9


def _sums(canvas: Canvas, y: float) -> float:
    canvas.put(LEFT, y, "VAT summary", 8, "bold", INDIGO)
    for x, name in ((62.0, "Net"), (84.0, "VAT")):
        canvas.put(x, y, name, 8, colour=GREY, align="right")
    for number, (rate, net, tax) in enumerate(LARKSPUR.taxes()):
        at = y + 6 + 5.5 * number
        canvas.put(LEFT, at, f"{'Standard' if rate else 'Zero'} rate {rate}%", 9)
        canvas.put(62, at, english(net), 9, align="right")
        canvas.put(84, at, english(tax), 9, align="right")

    sums = [("Subtotal", LARKSPUR.net), *((f"VAT {rate}%", tax) for rate, _, tax in LARKSPUR.taxes())]
    for name, value in sums:
        canvas.put(122, y, name, 9.5)
        canvas.put(RIGHT - 4, y, english(value), 9.5, align="right")
        y += 6.5
    canvas.block(117, y - 2.5, RIGHT - 117, 12, INDIGO)
    canvas.put(122, y + 5.2, "Total GBP", 12, "bold", (255, 255, 255))
    canvas.put(RIGHT - 4, y + 5.2, f"£{english(LARKSPUR.total)}", 13, "bold", (255, 255, 255), "right")
    return y + 9.5


def _payment(canvas: Canvas, y: float) -> float:
    canvas.block(LEFT, y, RIGHT - LEFT, 33, TINT)
    canvas.block(LEFT, y, 1.2, 33, VIOLET)
    canvas.put(24, y + 8, f"Please pay £{english(LARKSPUR.total)} by {english_day(LARKSPUR.due)}", 11, "bold", INDIGO)
    facts = (
        (24.0, "Account name", LARKSPUR.supplier.name),
        (24.0, "Bank", "Fennimore Bank, Thornmere"),
        (106.0, "IBAN", LARKSPUR.iban),
        (106.0, "BIC", LARKSPUR.bic),
    )
    for number, (x, label, value) in enumerate(facts):
        at = y + 16.5 + 6 * (number % 2)
        canvas.put(x, at, label, 9, colour=GREY)
        canvas.put(x + (26 if x < 100 else 13), at, value, 9.5, "bold" if label == "IBAN" else "regular")
    canvas.put(24, y + 28.8, f"Quote {LARKSPUR.number} with your payment.", 8.5, colour=GREY)
    return y + 33


def _terms(canvas: Canvas, y: float) -> None:
    canvas.put(LEFT, y, "Terms", 8, "bold", INDIGO)
    terms = (
        "Payment within 30 days of the invoice date, without discount. Goods remain ours until paid for in full.",
        "Instruments carry a guarantee of 24 months. Please report visible damage within five days of delivery.",
        "Questions about this invoice: accounts@larkspur-instruments.example or 01632 960 274.",
    )
    for number, term in enumerate(terms):
        canvas.put(LEFT, y + 5.5 + 4.8 * number, term, 8.5, colour=GREY)


def _foot(canvas: Canvas, number: int) -> None:
    canvas.rule(LEFT, RIGHT, 279, HAIR)
    company = f"{LARKSPUR.supplier.name}. Registered in England and Wales, company number 99417882."
    canvas.put(LEFT, 284, company, 7.5, colour=GREY)
    canvas.put(RIGHT, 284, f"Page {number} of 2", 7.5, colour=GREY, align="right")


def english_day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
