"""Pages made by hand: text on a grid of lines, as the reader would hand it over."""

from __future__ import annotations

from typing import Any

from engine.pipeline.parsing import parse
from reading.document import Box, Line, Page, Word

LETTER, HEIGHT, PITCH = 0.008, 0.012, 0.018


def make_line(text: str, x: float, y: float, *, size: float = 1.0) -> Line:
    """Words of one size from left to right; `x` and `y` are the top left corner as shares of the page."""
    words = []
    for word in text.split(" "):
        width = LETTER * size * len(word)
        if word:
            words.append(Word(word, Box(x, y, x + width, y + HEIGHT * size)))
        x += width + LETTER * size
    return Line(tuple(words))


def make_page(*rows: str, number: int = 1, top: float = 0.05, pitch: float = PITCH) -> Page:
    """A page from rows of text: a character's place in its row is its place on the page, two blanks part two cells."""
    lines = []
    for order, row in enumerate(rows):
        position = 0
        for piece in row.split("  "):
            start = position + len(piece) - len(piece.lstrip())
            if piece.strip():
                lines.append(make_line(piece.strip(), 0.05 + LETTER * start, top + pitch * order))
            position += len(piece) + 2
    return Page(number, 595, 842, tuple(lines))


INVOICE = (
    "ACME Tools Ltd                                                        INVOICE",
    "12 Mill Lane",
    "90402 Springfield                                   Invoice number:   INV-0042",
    "                                                    Invoice date:     03/02/2024",
    "                                                    Due date:         04/03/2024",
    "Bill to",
    "Jane Miller GmbH",
    "Hafenstraße 7",
    "20457 Hamburg",
    "",
    "Description                         Quantity     Unit price        Amount",
    "Blue paint                               2         10,00 €        20,00 €",
    "Brush, wide and flat,                    3          5,50 €        16,50 €",
    "with wooden handle",
    "Canvas 30 x 40                           1      1.200,00 €     1.200,00 €",
    "",
    "                                              Net total:         1.236,50 €",
    "                                              VAT 20%:             247,30 €",
    "                                              Total:             1.483,80 €",
)
"""An invoice as its rows; digits stand in columns."""


def ask(page: Page | list[Page], **properties: Any) -> Any:
    """The values of these properties on a page."""
    pages = page if isinstance(page, list) else [page]
    return parse(pages, {"type": "object", "properties": properties}).data


STRING, NUMBER = {"type": "string"}, {"type": "number"}
LINES = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {"description": STRING, "quantity": NUMBER, "unit_price": NUMBER, "amount": NUMBER},
    },
}
PARTY = {
    "type": "object",
    "properties": {"name": STRING, "address": STRING, "tax_id": {**STRING, "title": "VAT number"}},
}
