"""A delivery list over many pages, in which each number stands very often: as words, as data and as a PDF."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from fpdf import FPDF

from extractions.evidence.grounding import Ground
from extractions.evidence.pages import PageOfWords

ITEMS = ("Cable", "Bracket", "Screws M4", "White paint", "Labour")
PRICES = (2.5, 4.0, 10.0)
COLUMNS = {"item": 5, "quantity": 44, "unit_price": 62, "amount": 82}  # in letters
HEADS = {"item": "Item", "quantity": "Quantity", "unit_price": "Unit price", "amount": "Amount"}
LETTER, LINE, ROW, TOP = 0.008, 0.012, 0.02, 0.08
SEED = 20261103
SCHEMA = {
    "type": "object",
    "properties": {
        "lines": {
            "type": "array",
            "title": "Lines",
            "items": {
                "type": "object",
                "properties": {
                    name: {"type": {"item": "string", "quantity": "integer"}.get(name, "number"), "title": title}
                    for name, title in HEADS.items()
                },
            },
        }
    },
}


@dataclass
class LongTable:
    pages: int
    rows: int
    """On each page."""
    lines: list[dict[str, Any]] = field(default_factory=list)
    printed: list[list[tuple[float, float, str]]] = field(default_factory=list)
    """For each page its texts, with where they begin."""
    places: dict[str, tuple[int, float, float]] = field(default_factory=dict)
    """Page, left and top of each value."""

    def __post_init__(self) -> None:
        chance = random.Random(SEED)
        for page in range(1, self.pages + 1):
            texts = [(5 * LETTER, 0.02, "Delivery list"), (90 * LETTER, 0.02, f"Page {page} of {self.pages}")]
            texts += [(at * LETTER, 0.05, HEADS[name]) for name, at in COLUMNS.items()]
            for row in range(self.rows):
                quantity, price = chance.randint(1, 5), chance.choice(PRICES)
                line = {"item": chance.choice(ITEMS), "quantity": quantity, "unit_price": price}
                line["amount"] = quantity * price
                for name, at in COLUMNS.items():
                    text = f"{line[name]:.2f}" if isinstance(line[name], float) else str(line[name])
                    place = (at * LETTER, TOP + row * ROW)
                    texts.append((*place, text))
                    self.places[f"lines[{len(self.lines)}].{name}"] = (page, *place)
                self.lines.append(line)
            self.printed.append(texts)

    @property
    def data(self) -> dict[str, Any]:
        return {"lines": self.lines}

    def words(self) -> list[PageOfWords]:
        return [PageOfWords(number, list(map(list, _words(texts)))) for number, texts in enumerate(self.printed, 1)]

    def right(self, found: list[Ground]) -> float:
        """The share of the values that were found where they stand."""
        good = 0
        for item in found:
            page, left, top = self.places[item.path]
            good += (
                item.page == page and abs(item.boxes[0][0] - left) < LETTER and abs(item.boxes[0][1] - top) < LINE / 2
            )
        return good / len(found)

    def pdf(self) -> bytes:
        document = FPDF()
        document.set_font("courier", size=8)
        for texts in self.printed:
            document.add_page()
            for left, top, text in texts:
                document.text(left * document.w, (top + LINE) * document.h, text)
        return bytes(document.output())


def _words(texts: list[tuple[float, float, str]]) -> list[tuple[float, float, float, float, str]]:
    words = []
    for left, top, text in texts:
        at = left
        for part in text.split():
            words.append((at, top, at + len(part) * LETTER, top + LINE, part))
            at += (len(part) + 1) * LETTER
    return words
