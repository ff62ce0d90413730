"""Draws papers that people fill in: forms in ruled boxes, cards, bills and payslips, with schema and truth."""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks._canvas import WIDTH, Canvas

HERE = Path(__file__).resolve().parent
LEFT, RIGHT = 48.0, WIDTH - 48.0
MEDIA = ("text", "form", "scan", "quoted")
"""Printed; filled in on a screen; printed and scanned; printed, with a schema that quotes the labels."""
_TYPES = {"s": "string", "n": "number", "i": "integer", "d": "string", "b": "boolean", "e": "string", "e2": "boolean"}
_DATES = {"de": "%d.%m.%Y", "nl": "%d-%m-%Y", "en": "%d %B %Y"}


@dataclass(frozen=True)
class Entry:
    """A field of the paper: what is printed, and what is right."""

    name: str
    label: str
    description: str
    kind: str
    printed: str
    truth: object
    options: tuple[str, ...] = ()

    @property
    def is_tick(self) -> bool:
        return self.kind == "b" and self.printed in ("", "x")


@dataclass
class Paper:
    """One specimen: a drawn page, where values can be typed in, the question and the answer."""

    kind: str
    medium: str
    canvas: Canvas
    entries: Sequence[Entry]
    shaded: bool
    numbered: bool
    rng: random.Random
    typed: list[tuple[float, float, float, float, Entry]] = field(default_factory=list)

    @property
    def schema(self) -> dict[str, Any]:
        return {"type": "object", "properties": {entry.name: self._property(entry) for entry in self.entries}}

    def _property(self, entry: Entry) -> dict[str, Any]:
        label = re.sub(r"^(?:\d{1,2}[a-z]?|[a-f])[.)]? ", "", entry.label.split(" // ")[0])
        quoted = self.medium == "quoted" and label and entry.kind not in ("e", "b")
        found: dict[str, Any] = {"type": _TYPES[entry.kind], "description": entry.description}
        if quoted and " // " not in entry.label:
            found["description"] = f'Value printed or written for the label "{label}"'
        if entry.kind == "d":
            found["format"] = "date"
        if entry.kind == "e":
            found["enum"] = list(entry.options)
        return found

    @property
    def truth(self) -> dict[str, object]:
        return {entry.name: entry.truth for entry in self.entries}

    @property
    def compare(self) -> dict[str, str]:
        kinds = {"n": "number", "i": "number", "d": "date", "b": "boolean", "e2": "boolean"}
        return {entry.name: kinds.get(entry.kind, "text") for entry in self.entries}

    def value(self, entry: Entry, x: float, y: float, width: float, size: float = 9.0, align: str = "left") -> None:
        """Writes a value, or leaves its place to a field that is filled in on a screen."""
        if self.medium == "form" and entry.kind in ("s", "n", "i", "d"):
            width = max(width, self.canvas.width(entry.printed, 9) + 6)
            left = x - width if align == "right" else x
            self.typed.append((left, y - size * 1.05, left + width, y + size * 0.4, entry))
        elif entry.printed:
            size = min(size, size * width / max(1.0, self.canvas.width(entry.printed, size)))
            self.canvas.write(x, y, entry.printed, size=size, align=align)

    def square(self, x: float, y: float, *, ticked: bool) -> None:
        canvas = self.canvas
        canvas.box(x, y - 7, 8, 8)
        if ticked:
            canvas.pdf.line(x + 1.2, y - 5.8, x + 6.8, y - 0.2)
            canvas.pdf.line(x + 1.2, y - 0.2, x + 6.8, y - 5.8)


def specimens(file: str, media: Sequence[str] = MEDIA) -> Iterator[Paper]:
    """Every kind of a file in every medium, always the same."""
    kinds = tomllib.loads((HERE / file).read_text())
    for name, kind in kinds.items():
        for medium in media:
            yield drawn(name, kind, medium)


def drawn(name: str, kind: dict[str, Any], medium: str) -> Paper:
    rng = random.Random(f"{name} {medium}")
    entries = [_entry(line, kind["language"], rng) for line in kind["fields"]]
    canvas = Canvas(font=rng.choice(["Helvetica", "Times"]))
    canvas.pdf.set_line_width(rng.choice([0.4, 0.6, 0.9]))
    paper = Paper(name, medium, canvas, entries, bool(kind.get("shaded")), bool(kind.get("numbered")), rng)
    if kind["title"]:
        canvas.write(LEFT, 60, kind["title"], size=14, bold=True)
    _LAYOUTS[kind["layout"]](paper)
    return paper


def _entry(line: str, language: str, rng: random.Random) -> Entry:
    name, label, description, kind, pattern = (part.strip() for part in line.split("|"))
    if kind in ("e", "e2"):
        options = tuple(pattern.split("~"))
        chosen = rng.choice(options)
        truth: object = chosen if kind == "e" else chosen.casefold() == "yes"
        return Entry(name, label, description, kind, chosen, truth, options)
    optional = pattern.endswith("?")
    value = rng.choice(pattern.removesuffix("?").split("~"))
    if kind == "b":
        return Entry(name, label, description, kind, value, value not in ("", "Nee"))
    if optional and rng.random() < 0.4:
        return Entry(name, label, description, kind, "", None)
    printed, truth = _filled(value, kind, language, rng)
    return Entry(name, label, description, kind, printed, truth)


def _filled(pattern: str, kind: str, language: str, rng: random.Random) -> tuple[str, object]:
    if pattern == "money":
        amount = rng.choice([rng.randint(100, 9999), rng.randint(10000, 9999999)]) / 100
        return _money(amount, language), amount
    if pattern == "date":
        day = date(2023, 1, 13) + timedelta(days=rng.randint(0, 330))
        return day.strftime(_DATES.get(language, "%d/%m/%Y")), day.isoformat()
    text = "".join(str(rng.randint(1, 9)) if char == "#" else char for char in pattern)
    if kind in ("n", "i"):
        decimal = "." if language == "en" else ","
        return text.replace(".", decimal), float(text) if kind == "n" else int(text)
    return text, text


def _money(amount: float, language: str) -> str:
    text = f"{amount:,.2f}"
    if language == "en":
        return text
    return text.translate(str.maketrans(",.", " ," if language == "fr" else ".,"))


def _rows(entries: Sequence[Entry], rng: random.Random, counts: Sequence[int]) -> Iterator[Sequence[Entry]]:
    start = 0
    while start < len(entries):
        count = rng.choice(counts)
        yield entries[start : start + count]
        start += count


def _boxed(paper: Paper, *, small: float = 6.0, same: bool = False) -> None:
    """Boxes with their label at the top."""
    canvas, rng = paper.canvas, paper.rng
    y = 84.0
    for row in _rows(paper.entries, rng, (2, 2, 3) if same else (2, 3, 3, 4)):
        width, height = (RIGHT - LEFT) / len(row), rng.choice([30.0, 34.0])
        lines = max(len(canvas.wrapped(entry.label, width - 8, small)) for entry in row)
        height = max(height, small + 20 + lines * (small + 1))
        for n, entry in enumerate(row):
            x = LEFT + n * width
            if paper.shaded:
                canvas.box(x, y, width, height, shade=225)
            canvas.box(x, y, width, height)
            for order, text in enumerate(canvas.wrapped(entry.label, width - 8, small)):
                canvas.write(x + 4, y + small + 2 + order * (small + 1), text, size=small)
            _in_box(paper, entry, x + 8, y + height - 6, width - 16)
        y += height + (6 if same else 0)


def _in_box(paper: Paper, entry: Entry, x: float, y: float, width: float) -> None:
    if entry.is_tick:
        paper.square(x, y, ticked=entry.printed == "x")
    elif entry.options:
        for option in entry.options:
            paper.square(x, y, ticked=option == entry.printed)
            x += 12 + paper.canvas.write(x + 11, y, option, size=6) + 6
    else:
        paper.value(entry, x, y, width)


def _numbered_lines(paper: Paper) -> None:
    """Lines with dots up to a column of amounts that repeats their number; names above, each on a line."""
    canvas = paper.canvas
    y = 96.0
    for entry in paper.entries:
        number = re.match(r"\d{1,2}[a-z]?(?= )", entry.label)
        if number is None:
            _on_line(paper, entry, LEFT, y, RIGHT - LEFT)
            y += 24
            continue
        end = LEFT + canvas.write(LEFT, y, entry.label, size=8)
        dots = int(max(0, (RIGHT - 130 - end - 6) // 6))
        canvas.write(end + 6, y, " ".join("." * dots), size=8) if dots > 1 else None
        canvas.box(RIGHT - 110, y - 10, 24, 14)
        canvas.write(RIGHT - 98, y, number[0], size=8, bold=True, align="middle")
        canvas.box(RIGHT - 86, y - 10, 86, 14)
        paper.value(entry, RIGHT - 4, y, 78, align="right")
        y += 14


def _on_line(paper: Paper, entry: Entry, x: float, y: float, width: float) -> None:
    """The label, and the value on a rule behind it."""
    canvas = paper.canvas
    if entry.is_tick:
        paper.square(x, y, ticked=entry.printed == "x")
        canvas.write(x + 13, y, entry.label, size=8)
        return
    end = x + canvas.write(x, y, entry.label, size=8) + 6
    if entry.options:
        for option in entry.options:
            paper.square(end, y, ticked=option == entry.printed)
            end += 12 + canvas.write(end + 11, y, option, size=8) + 8
        return
    canvas.rule(end, y + 2, x + width)
    paper.value(entry, end + 4, y, x + width - end - 8)


def _lines(paper: Paper) -> None:
    y = 96.0
    for row in _rows(paper.entries, paper.rng, (1, 1, 2)):
        wide = sum(paper.canvas.width(entry.label, 8) for entry in row) > 230 or any(entry.options for entry in row)
        for part in [[entry] for entry in row] if wide else [row]:
            width = (RIGHT - LEFT) / len(part)
            for n, entry in enumerate(part):
                _on_line(paper, entry, LEFT + n * width, y, width - 10)
            y += 26


def _under(paper: Paper) -> None:
    """Values on rules, whose labels are printed under them in small letters."""
    canvas = paper.canvas
    y = 110.0
    for row in _rows(paper.entries, paper.rng, (1, 2)):
        width = (RIGHT - LEFT) / len(row)
        for n, entry in enumerate(row):
            x = LEFT + n * width
            if entry.is_tick:
                _on_line(paper, entry, x, y, width)
                continue
            canvas.rule(x, y + 3, x + width - 16)
            paper.value(entry, x + 3, y, width - 24)
            canvas.write(x, y + 10, entry.label, size=6)
        y += 36


def _grid2(paper: Paper) -> None:
    """A table of two columns with rules: label and value."""
    canvas = paper.canvas
    y = 84.0
    for entry in paper.entries:
        canvas.box(LEFT, y, 200, 20)
        canvas.box(LEFT + 200, y, RIGHT - LEFT - 200, 20)
        canvas.write(LEFT + 5, y + 13, entry.label, size=9)
        _in_box(paper, entry, LEFT + 206, y + 13, RIGHT - LEFT - 212)
        y += 20


def _numbered_table(paper: Paper) -> None:
    """A narrow column with long numbered labels beside their amounts, ruled, as on certificates of wages."""
    canvas = paper.canvas
    for entry in paper.entries:
        if not entry.label[0].isdigit():
            canvas.write(LEFT, 90 + 14 * paper.entries.index(entry), f"{entry.label} ", size=8)
            paper.value(entry, LEFT + 100, 90 + 14 * paper.entries.index(entry), 110)
    y = 84.0
    for entry in (entry for entry in paper.entries if entry.label[0].isdigit()):
        lines = canvas.wrapped(entry.label, 160, 7)
        height = 8 * len(lines) + 6
        canvas.box(290, y, 172, height)
        canvas.box(462, y, RIGHT - 462, height)
        for order, text in enumerate(lines):
            canvas.write(294, y + 9 + 8 * order, text, size=7)
        paper.value(entry, RIGHT - 5, y + height - 5, 74, align="right")
        y += height


def _pairs(paper: Paper, columns: int = 1) -> None:
    """Labels with a colon or none, the values flush behind them; no rules."""
    canvas, rng = paper.canvas, paper.rng
    colon = rng.choice([":", ""])
    width = (RIGHT - LEFT) / columns
    longest = max(canvas.width(entry.label, 9) for entry in paper.entries)
    half = -(-len(paper.entries) // columns)
    for n, entry in enumerate(paper.entries):
        x, y = LEFT + width * (n // half), 100 + 17 * (n % half)
        canvas.write(x, y, f"{entry.label}{colon}", size=9)
        at = x + min(longest + 16, width * 0.62) if columns > 1 else max(longest + 20 + x, 260)
        paper.value(entry, at, y, width * 0.36)


def _above(paper: Paper) -> None:
    """Labels over their values in two or three columns, without rules."""
    canvas = paper.canvas
    columns = paper.rng.choice([2, 3])
    width = (RIGHT - LEFT) / columns
    for n, entry in enumerate(paper.entries):
        x, y = LEFT + width * (n % columns), 104 + 40 * (n // columns)
        canvas.write(x, y, entry.label, size=7.5)
        paper.value(entry, x, y + 13, width - 20, 10)


def _card(paper: Paper) -> None:
    canvas = paper.canvas
    canvas.box(LEFT, 40, 300, 190)
    inline = paper.rng.random() < 0.5
    for n, entry in enumerate(paper.entries):
        x, y = LEFT + 14 + 150 * (n % 2), 90 + 28 * (n // 2)
        width = canvas.write(x, y, f"{entry.label}:" if inline else entry.label, size=6.5)
        if inline:
            paper.value(entry, x + width + 4, y, 140 - width, 8)
        else:
            paper.value(entry, x, y + 11, 130, 9)


def _card_plain(paper: Paper) -> None:
    """What a card of somebody's business says, hardly any of it labelled."""
    canvas = paper.canvas
    canvas.box(LEFT, 40, 260, 150)
    sizes = {"name": 14.0, "company": 11.0}
    for n, entry in enumerate(paper.entries):
        label = f"{entry.label} " if entry.label else ""
        canvas.write(LEFT + 16, 70 + 16 * n, f"{label}{entry.printed}", size=sizes.get(entry.name, 8.5))


def _matrix(paper: Paper) -> None:
    """Named rows with columns of amounts; what is in no row stands above, or alone below."""
    canvas, rng = paper.canvas, paper.rng
    cells = {tuple(entry.label.split(" // ")): entry for entry in paper.entries if " // " in entry.label}
    rows, columns = list(dict.fromkeys(row for row, _ in cells)), list(dict.fromkeys(column for _, column in cells))
    before = [entry for entry in paper.entries if " // " not in entry.label and not entry.label.isupper()]
    y = 92.0
    for entry in before:
        canvas.write(LEFT, y, f"{entry.label}:", size=9)
        paper.value(entry, LEFT + 120, y, 160)
        y += 14
    y, ruled = y + 20, rng.random() < 0.5
    ends = [LEFT + 280 + 110 * n for n in range(len(columns))]
    for column, end in zip(columns, ends, strict=True):
        canvas.write(end, y, column, size=8.5, bold=True, align="right")
    for row in rows:
        y += 16
        canvas.write(LEFT, y, row, size=8.5)
        for column, end in zip(columns, ends, strict=True):
            if ruled:
                canvas.box(end - 104, y - 11, 108, 16)
            if (row, column) in cells:
                paper.value(cells[row, column], end, y, 96, 8.5, align="right")
    for entry in paper.entries:
        if " // " not in entry.label and entry.label.isupper():
            y += 16
            canvas.write(LEFT, y + 34, entry.label, size=10, bold=True)
            paper.value(entry, ends[-1], y + 34, 90, 10, align="right")


def _table_heads(paper: Paper) -> None:
    """Ruled rows of heads, each with one row of values under it."""
    canvas = paper.canvas
    y = 90.0
    for row in _rows(paper.entries, paper.rng, (3, 4)):
        width = (RIGHT - LEFT) / len(row)
        for n, entry in enumerate(row):
            x = LEFT + n * width
            canvas.box(x, y, width, 14)
            canvas.box(x, y + 14, width, 18)
            canvas.write(x + width / 2, y + 10, entry.label, size=7.5, bold=True, align="middle")
            paper.value(entry, x + 5, y + 26, width - 10)
        y += 42


_LAYOUTS: dict[str, Callable[[Paper], None]] = {
    "boxed": _boxed,
    "boxed_same": partial(_boxed, small=8.5, same=True),
    "numbered_lines": _numbered_lines,
    "lines": _lines,
    "under": _under,
    "grid2": _grid2,
    "numbered_table": _numbered_table,
    "pairs": _pairs,
    "pairs2": partial(_pairs, columns=2),
    "above": _above,
    "card": _card,
    "card_plain": _card_plain,
    "matrix": _matrix,
    "table_heads": _table_heads,
}
