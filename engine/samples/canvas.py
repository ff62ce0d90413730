"""An A4 page to draw on; coordinates in millimetres from the upper left corner."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Literal

from fpdf import FPDF

Colour = tuple[int, int, int]

INK: Colour = (29, 29, 36)
GREY: Colour = (104, 104, 116)


class Canvas(FPDF):
    """Adds short font names, and text that is aligned to the right edge."""

    def __init__(self, title: str, language: str, faces: dict[str, Path]) -> None:
        super().__init__(format="A4")
        self.set_auto_page_break(False)
        self.set_title(title)
        self.set_lang(language)
        # A fixed date makes the output reproducible.
        self.set_creation_date(datetime(2026, 11, 12, 9, 30, tzinfo=UTC))
        for name, path in faces.items():
            self.add_font(name, fname=path)

    def put(
        self,
        x: float,
        y: float,
        text: str,
        size: float = 9,
        face: str = "regular",
        colour: Colour = INK,
        align: Literal["left", "right"] = "left",
    ) -> None:
        self.set_font(face, size=size)
        self.set_text_color(*colour)
        self.text(x - (self.get_string_width(text) if align == "right" else 0), y, text)

    def rule(self, x0: float, x1: float, y: float, colour: Colour, width: float = 0.2) -> None:
        self.set_draw_color(*colour)
        self.set_line_width(width)
        self.line(x0, y, x1, y)

    def block(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        self.set_fill_color(*colour)
        self.rect(x, y, width, height, style="F")


def english(value: Decimal) -> str:
    return f"{value:,.2f}"


def french(value: Decimal) -> str:
    return f"{value:,.2f}".replace(",", " ").replace(".", ",")
