"""A till receipt on thermal paper, photographed on a table: Pennywhistle Hardware."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from engine.samples.camera import Pixels, jpeg
from engine.samples.canvas import english
from engine.samples.facts import PENNYWHISTLE
from engine.samples.photograph import photograph

WIDTH, MARGIN, ROW, SIZE = 860, 62, 41, 30
BARCODE = "00825519"
# Interleaved 2 of 5: which two of the five strokes of a digit are wide.
STROKES = ("nnwwn", "wnnnw", "nwnnw", "wwnnn", "nnwnw", "wnwnn", "nwwnn", "nnnww", "wnnwn", "nwnwn")


class Printer:
    """A roll of paper and the place where the next row goes."""

    def __init__(self, fonts: Path) -> None:
        self._picture = Image.new("L", (WIDTH, 2400), 255)
        self._pen = ImageDraw.Draw(self._picture)
        folder = fonts / "liberation"
        self._plain = ImageFont.truetype(folder / "LiberationMono-Regular.ttf", SIZE)
        self._bold = ImageFont.truetype(folder / "LiberationMono-Bold.ttf", SIZE + 8)
        self._y = 70

    def feed(self, pixels: int) -> None:
        self._y += pixels

    def row(self, left: str, right: str = "", *, big: bool = False) -> None:
        font = self._bold if big else self._plain
        self._pen.text((MARGIN, self._y), left, 0, font)
        self._pen.text((WIDTH - MARGIN, self._y), right, 0, font, anchor="ra")
        self.feed(ROW + 8 * big)

    def centred(self, text: str, *, big: bool = False) -> None:
        self._pen.text((WIDTH / 2, self._y), text, 0, self._bold if big else self._plain, anchor="ma")
        self.feed(ROW + 8 * big)

    def dashes(self) -> None:
        self.feed(12)
        for x in range(MARGIN, WIDTH - MARGIN - 6, 16):
            self._pen.rectangle((x, self._y, x + 9, self._y + 2), 0)
        self.feed(24)

    def house(self) -> None:
        """The shop's mark."""
        x, y = WIDTH // 2, self._y
        self._pen.line([(x - 46, y + 36), (x, y), (x + 46, y + 36), (x + 46, y + 84), (x - 46, y + 84)], 0, 6, "curve")
        self._pen.line([(x - 46, y + 84), (x - 46, y + 33)], 0, 6)
        self._pen.line([(x - 15, y + 84), (x - 15, y + 50), (x + 15, y + 50), (x + 15, y + 84)], 0, 6, "curve")
        self.feed(116)

    def barcode(self, digits: str) -> None:
        narrow, wide = 4, 10
        strokes = [narrow] * 4
        for bars, gaps in zip(digits[::2], digits[1::2], strict=True):
            for pair in zip(STROKES[int(bars)], STROKES[int(gaps)], strict=True):
                strokes += [wide if stroke == "w" else narrow for stroke in pair]
        strokes += [wide, narrow, narrow]
        x = (WIDTH - sum(strokes)) // 2
        for number, stroke in enumerate(strokes):
            if number % 2 == 0:
                self._pen.rectangle((x, self._y, x + stroke - 1, self._y + 86), 0)
            x += stroke
        self.feed(98)

    def cut(self) -> Pixels:
        return np.asarray(self._picture.crop((0, 0, WIDTH, self._y + 70)), np.uint8)


def draw(fonts: Path) -> bytes:
    return jpeg(photograph(_print(fonts)), quality=84)


def _print(fonts: Path) -> Pixels:
    receipt, printer = PENNYWHISTLE, Printer(fonts)
    printer.house()
    printer.centred(receipt.merchant.upper(), big=True)
    for text in ("12 Cooper's Row, Eastmarsh", f"VAT {receipt.vat_number}", "Tel 01632 960 118"):
        printer.centred(text)
    printer.dashes()
    printer.row(f"{receipt.day:%d/%m/%y} {receipt.time}", "Till 2")
    printer.row(f"Receipt {receipt.number}", "Served by Imogen")
    printer.dashes()
    for line in receipt.lines:
        printer.row(f"{line.quantity} {line.description}", english(line.amount))
        if line.quantity > 1:
            printer.row(f"    @ {english(line.unit_price)} each")
    printer.dashes()
    printer.row("Subtotal", english(receipt.net))
    printer.row("VAT 20%", english(receipt.vat))
    printer.feed(6)
    printer.row("TOTAL GBP", english(receipt.total), big=True)
    printer.dashes()
    printer.row(f"CARD **** {receipt.card}", english(receipt.total))
    printer.row("Auth 771902")
    printer.feed(26)
    printer.centred("Goods returnable in 28 days")
    printer.centred("with this receipt")
    printer.feed(24)
    printer.barcode(BARCODE)
    return printer.cut()
