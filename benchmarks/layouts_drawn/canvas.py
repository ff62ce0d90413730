"""A page to draw on that remembers where each value was written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from fpdf import FPDF

ASCENT, DESCENT = 0.76, 0.22
Run = str | tuple[str, str]
"""A text, or a text and the paths of the values that it shows, separated by commas."""
Colour = tuple[int, int, int]
BLACK: Colour = (20, 20, 24)


def plain(runs: Sequence[Run]) -> str:
    return "".join(run if isinstance(run, str) else run[0] for run in runs)


@dataclass
class Box:
    """A part of a page, in points from the upper left corner."""

    page: int
    x0: float
    y0: float
    x1: float
    y1: float

    def joined(self, other: Box) -> Box:
        return Box(
            self.page, min(self.x0, other.x0), min(self.y0, other.y0), max(self.x1, other.x1), max(self.y1, other.y1)
        )


@dataclass
class Mark:
    """One place where a value stands, and how it reads there."""

    text: str
    box: Box


@dataclass
class Style:
    """How a text looks; a size of zero is the canvas's own."""

    size: float = 0
    bold: bool = False
    italic: bool = False
    colour: Colour = BLACK
    align: str = "left"


PLAIN = Style()


@dataclass
class Canvas:
    width: float
    height: float
    font: str = "Helvetica"
    size: float = 9.0
    stretching: float = 100.0
    marks: dict[str, list[Mark]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self.pdf = FPDF(format=(self.width, self.height), unit="pt")
        self.pdf.core_fonts_encoding = "cp1252"
        self.pdf.set_auto_page_break(False)
        self.pdf.set_creation_date(datetime(2026, 1, 5, 9, 30, tzinfo=UTC))
        self.add_page()

    def add_page(self) -> None:
        self.pdf.add_page()

    @property
    def page(self) -> int:
        return int(self.pdf.page)

    def text_width(self, text: str, style: Style = PLAIN) -> float:
        self._set_font(style)
        return float(self.pdf.get_string_width(text))

    def fitted(self, text: str, width: float, style: Style) -> Style:
        """The style, smaller where the text would not fit."""
        size = style.size or self.size
        while size > 5.5 and self.text_width(text, Style(size, style.bold, style.italic)) > width:
            size -= 0.5
        return Style(size, style.bold, style.italic, style.colour, style.align)

    def write(self, x: float, y: float, runs: Sequence[Run] | Run, style: Style = PLAIN) -> float:
        """Writes on the line at `y`, from `x`, up to it or around it; returns the width."""
        line = [runs] if isinstance(runs, str | tuple) else list(runs)
        text = plain(line)
        width = self.text_width(text, style)
        x -= {"left": 0.0, "right": width, "middle": width / 2}[style.align]
        self.pdf.set_text_color(*style.colour)
        self.pdf.text(x, y, text)
        before = ""
        for run in line:
            part, paths = (run, "") if isinstance(run, str) else run
            left = x + self.text_width(before, style)
            before += part
            if paths and part.strip():
                self._mark(paths, part, left, x + self.text_width(before, style), y, style.size or self.size)
        return width

    def _mark(self, paths: str, text: str, x0: float, x1: float, y: float, size: float) -> None:
        box = Box(self.page, x0, y - ASCENT * size, x1, y + DESCENT * size)
        for path in paths.split(","):
            if path.endswith("+"):
                last = self.marks[path[:-1]][-1]
                last.text, last.box = f"{last.text} {text}", last.box.joined(box)
            else:
                self.marks[path].append(Mark(text, box))

    def wrapped(self, text: str, width: float, style: Style = PLAIN) -> list[str]:
        lines: list[str] = []
        for word in text.split(" "):
            if lines and self.text_width(f"{lines[-1]} {word}", style) <= width:
                lines[-1] += f" {word}"
            else:
                lines.append(word)
        return lines

    def rule(self, x0: float, y0: float, x1: float, y1: float, colour: Colour = BLACK, width: float = 0.5) -> None:
        self.pdf.set_draw_color(*colour)
        self.pdf.set_line_width(width)
        self.pdf.line(x0, y0, x1, y1)

    def fill(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        self.pdf.set_fill_color(*colour)
        self.pdf.rect(x, y, width, height, style="F")

    def frame(self, x: float, y: float, width: float, height: float, colour: Colour = BLACK) -> None:
        self.pdf.set_draw_color(*colour)
        self.pdf.set_line_width(0.6)
        self.pdf.rect(x, y, width, height, style="D")

    def disc(self, x: float, y: float, diameter: float, colour: Colour) -> None:
        self.pdf.set_fill_color(*colour)
        self.pdf.ellipse(x, y, diameter, diameter, style="F")

    def _set_font(self, style: Style) -> None:
        self.pdf.set_font(
            self.font, ("B" if style.bold else "") + ("I" if style.italic else ""), style.size or self.size
        )
        self.pdf.set_stretching(self.stretching)
