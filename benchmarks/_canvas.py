"""Pages that remember where each value was written."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from fpdf import FPDF

WIDTH, HEIGHT = 595.0, 842.0
_ASCENT, _DESCENT = 0.86, 0.22
Piece = str | tuple[str, str]
"""A text, or a text and the path of the value that it is; a path that ends in "+" goes on with the value before."""


@dataclass(frozen=True)
class Spot:
    """A part of a page, in shares of it."""

    page: int
    x0: float
    y0: float
    x1: float
    y1: float


@dataclass
class Canvas:
    font: str = "Helvetica"
    size: float = 9.0
    places: dict[str, list[list[Spot]]] = field(default_factory=lambda: defaultdict(list))
    """Of each value every place where it stands; a wrapped one has several parts there."""

    def __post_init__(self) -> None:
        self.pdf = FPDF(format=(WIDTH, HEIGHT), unit="pt")
        self.pdf.core_fonts_encoding = "cp1252"
        self.pdf.set_auto_page_break(False)
        self.pdf.add_page()

    @property
    def page(self) -> int:
        return int(self.pdf.page)

    def width(self, text: str, size: float = 0, *, bold: bool = False) -> float:
        self._set_font(size, bold)
        return float(self.pdf.get_string_width(text))

    def write(
        self, x: float, y: float, *pieces: Piece, size: float = 0, bold: bool = False, align: str = "left"
    ) -> float:
        """Text on the line at `y`, from `x` or up to it ("right") or around it ("middle"); its width."""
        parts = [(piece, "") if isinstance(piece, str) else piece for piece in pieces]
        text = "".join(part for part, _ in parts)
        width = self.width(text, size, bold=bold)
        x -= {"left": 0.0, "right": width, "middle": width / 2}[align]
        self.pdf.text(x, y, text)
        written = ""
        for part, path in parts:
            left, written = x + self.width(written, size, bold=bold), written + part
            if path:
                self._note(path, left, x + self.width(written, size, bold=bold), y, size or self.size)
        paths = [path for _, path in parts if path]
        if (
            len(paths) == 2 and "currency" in paths and not any(path.endswith("+") for path in paths)
        ):  # an amount may be shown with its sign
            self._note(next(path for path in paths if path != "currency"), x, x + width, y, size or self.size)
        return width

    def _note(self, path: str, x0: float, x1: float, y: float, size: float) -> None:
        spot = Spot(self.page, x0 / WIDTH, (y - _ASCENT * size) / HEIGHT, x1 / WIDTH, (y + _DESCENT * size) / HEIGHT)
        if path.endswith("+"):
            self.places[path[:-1]][-1].append(spot)
        else:
            self.places[path].append([spot])

    def wrapped(self, text: str, width: float, size: float = 0) -> list[str]:
        lines: list[str] = []
        for word in text.split(" "):
            if lines and self.width(f"{lines[-1]} {word}", size) <= width:
                lines[-1] += f" {word}"
            else:
                lines.append(word)
        return lines

    def rule(self, x0: float, y: float, x1: float) -> None:
        self.pdf.line(x0, y, x1, y)

    def upright(self, x: float, y0: float, y1: float) -> None:
        self.pdf.line(x, y0, x, y1)

    def box(self, x: float, y: float, width: float, height: float, shade: int | None = None) -> None:
        self.pdf.set_fill_color(shade if shade is not None else 255)
        self.pdf.rect(x, y, width, height, style="D" if shade is None else "F")

    def _set_font(self, size: float, bold: bool) -> None:
        self.pdf.set_font(self.font, "B" if bold else "", size or self.size)
