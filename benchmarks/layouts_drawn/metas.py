"""The fields beside the heading - number, dates, references - in the many ways that they stand on paper."""

from __future__ import annotations

import re

from benchmarks.layouts_drawn.canvas import BLACK, Run, plain
from benchmarks.layouts_drawn.sheet import GREY, LIGHT, WHITE, Sheet

Fields = list[tuple[str, list[Run]]]


def draw_meta(sheet: Sheet, x: float, y: float, width: float) -> float:
    fields, how = sheet.fields(), sheet.design.meta
    if sheet.content.kind.name in ("payslip", "utility_bill", "bank_statement") and sheet.design.carries("boxed", 0.35):
        how = "boxes"
    if how == "sentence":
        y, fields = _sentence(sheet, x, y, width, fields)
        how = "pairs"
    if sheet.design.number_and_date and len(fields) > 1 and how in ("pairs", "table", "boxes", "above", "grid"):
        fields = _in_one_cell(fields)
    if how in ("grid", "table", "inline") and width < 300:
        how = {"grid": "above", "table": "zebra", "inline": "colon"}[how]
    if not fields:
        return y
    return {
        "colon": _colon, "pairs": _pairs, "pairs_right": _pairs_right, "right_colon": _right_colon, "above": _above,
        "grid": _grid, "table": _table, "boxes": _boxes, "zebra": _zebra, "inline": _inline,
    }[how](sheet, x, y, width, fields)  # fmt: skip


def due_box(sheet: Sheet, x: float, y: float, width: float) -> float:
    """What is to be paid, large, before anything else is said."""
    design, canvas, high = sheet.design, sheet.canvas, sheet.step + 26
    colour = WHITE if design.gross_at == "band" else BLACK
    if colour == WHITE:
        canvas.fill(x, y, width, high, design.accent)
    else:
        canvas.frame(x, y, width, high, GREY)
    sheet.line(x + 8, y + 4, sheet.label("due", colon=False), width - 16, sheet.style(colour=colour))
    large = sheet.style(size=15, bold=True, colour=colour, align=design.picks("due side", ("left", "right")))
    sheet.line(x + 8, y + 2 + sheet.step, sheet.runs("due"), width - 16, large)
    return y + high + 8


def _sentence(sheet: Sheet, x: float, y: float, width: float, fields: Fields) -> tuple[float, Fields]:
    """ "Invoice no. 12 of 3 May": only invoices say so here."""
    number, day = sheet.content.values["number"], sheet.runs("issue_date")
    if sheet.content.kind.name != "invoice" or len(fields) < 2 or plain(fields[1][1]) != plain(day):
        return y, fields
    if plain(fields[0][1]) != number:
        return y, fields
    parts = re.split(r"\{(number|date)\}", sheet.words.fixed("sentence_number", number="{number}", date="{date}"))
    runs: list[Run] = [run for part in parts for run in {"number": fields[0][1], "date": day}.get(part, [part])]
    y = sheet.line(x, y, runs, width, sheet.style(bold=True)) + 3
    return y, fields[2:]


def _in_one_cell(fields: Fields) -> Fields:
    (first, number), (second, day), *rest = fields
    return [(f"{first} / {second}", [*number, " / ", *day]), *rest]


def _bold(sheet: Sheet) -> tuple[bool, bool]:
    return sheet.design.meta_bold == "labels", sheet.design.meta_bold == "values"


def _colon(sheet: Sheet, x: float, y: float, width: float, fields: Fields) -> float:
    """Label and value one after the other."""
    colon = ":" if sheet.design.colon == "" and sheet.design.carries("meta colon", 0.7) else sheet.design.colon
    for label, runs in fields:
        y = sheet.line(
            x,
            y,
            [f"{label}{colon} ", *runs],
            width,
            sheet.style(align=sheet.design.picks("meta side", ("left", "left", "right"))),
        )
    return y


def _pairs(sheet: Sheet, x: float, y: float, width: float, fields: Fields) -> float:
    bold, strong = _bold(sheet)
    style = sheet.style(bold=bold)
    labels = [f"{label}{sheet.design.colon}" for label, _ in fields]
    gap = min(max(sheet.canvas.text_width(label, style) for label in labels) + 12, width * 0.55)
    for label, (_, runs) in zip(labels, fields, strict=True):
        sheet.line(x, y, label, gap - 6, style)
        y = sheet.line(x + gap, y, runs, width - gap, sheet.style(bold=strong))
    return y


def _pairs_right(sheet: Sheet, x: float, y: float, width: float, fields: Fields) -> float:
    """Labels at the left edge, values at the right one."""
    bold, strong = _bold(sheet)
    for label, runs in fields:
        sheet.line(x, y, f"{label}{sheet.design.colon}", width * 0.52, sheet.style(bold=bold))
        y = sheet.line(x + width * 0.5, y, runs, width * 0.5, sheet.style(bold=strong, align="right"))
    return y


def _right_colon(sheet: Sheet, x: float, y: float, width: float, fields: Fields) -> float:
    """Labels end where values begin."""
    bold, strong = _bold(sheet)
    for label, runs in fields:
        sheet.line(x, y, f"{label}{sheet.design.colon or ':'}", width * 0.46, sheet.style(bold=bold, align="right"))
        y = sheet.line(x + width * 0.5, y, runs, width * 0.5, sheet.style(bold=strong))
    return y


def _above(sheet: Sheet, x: float, y: float, width: float, fields: Fields) -> float:
    bold, strong = _bold(sheet)
    small = sheet.style(size=max(6.0, sheet.canvas.size - 1.5), bold=bold, colour=BLACK if bold else GREY)
    for label, runs in fields:
        y = sheet.line(x, y, label, width, small)
        y = sheet.line(x, y, runs, width, sheet.style(bold=strong)) + 3
    return y


def _columns(sheet: Sheet, width: float, fields: Fields, most: int) -> list[tuple[Fields, list[float]]]:
    """Fields in rows, with the width of each."""
    rows = [fields[place : place + most] for place in range(0, len(fields), most)]
    return [(row, [width / len(row)] * len(row)) for row in rows]


def _grid(sheet: Sheet, x: float, y: float, width: float, fields: Fields) -> float:
    bold, strong = _bold(sheet)
    small = sheet.style(size=max(6.0, sheet.canvas.size - 1.5), bold=bold, colour=BLACK if bold else GREY)
    for row, widths in _columns(sheet, width, fields, 4):
        for place, (label, runs) in enumerate(row):
            left = x + sum(widths[:place])
            below = sheet.line(left, y, label, widths[place] - 8, small)
            sheet.line(left, below, runs, widths[place] - 8, sheet.style(bold=strong))
        y += sheet.step * 2.4
    return y


def _table(sheet: Sheet, x: float, y: float, width: float, fields: Fields) -> float:
    """A ruled table of two rows: labels over values."""
    design, canvas, high = sheet.design, sheet.canvas, sheet.step + 5
    filled = design.head_fill in ("accent", "black")
    middle = design.carries("meta centred", 0.4)
    for row, widths in _columns(sheet, width, fields, 5):
        for place, (label, runs) in enumerate(row):
            left, wide = x + sum(widths[:place]), widths[place]
            if filled or design.head_fill == "grey":
                canvas.fill(left, y, wide, high, design.accent if filled else LIGHT)
            align = "middle" if middle else "left"
            sheet.line(
                left + 4, y + 2, label, wide - 8, sheet.style(bold=True, align=align, colour=WHITE if filled else BLACK)
            )
            sheet.line(left + 4, y + high + 2, runs, wide - 8, sheet.style(align=align))
            if design.table in ("grid", "columns", "lines"):
                canvas.frame(left, y, wide, high, GREY)
                canvas.frame(left, y + high, wide, high, GREY)
        y += high * 2 + 6
    return y


def _boxes(sheet: Sheet, x: float, y: float, width: float, fields: Fields) -> float:
    """Every field in a ruled box of its own, the label small in its upper corner."""
    canvas, high = sheet.canvas, sheet.step + 13
    numbered = sheet.design.carries("numbered boxes", 0.25)
    place_of_first = 1
    for row, widths in _columns(sheet, width, fields, 4 if width > 300 else 2):
        for place, (label, runs) in enumerate(row):
            left, wide = x + sum(widths[:place]), widths[place]
            canvas.frame(left, y, wide, high, BLACK)
            number = f"{place_of_first + place} " if numbered else ""
            sheet.line(left + 3, y + 1, f"{number}{label}", wide - 6, sheet.style(size=6, colour=GREY))
            sheet.line(left + 5, y + 10, runs, wide - 8, sheet.style())
        place_of_first += len(row)
        y += high
    return y + 4


def _zebra(sheet: Sheet, x: float, y: float, width: float, fields: Fields) -> float:
    """A ruled table of two columns."""
    bold, strong = _bold(sheet)
    high, split = sheet.step + 4, width * 0.48
    for place, (label, runs) in enumerate(fields):
        if place % 2 == 0 and sheet.design.carries("zebra fill", 0.5):
            sheet.canvas.fill(x, y, width, high, LIGHT)
        sheet.line(x + 4, y + 1.5, label, split - 8, sheet.style(bold=bold))
        sheet.line(x + split + 4, y + 1.5, runs, width - split - 8, sheet.style(bold=strong))
        if sheet.design.carries("zebra rules", 0.6):
            sheet.canvas.frame(x, y, split, high, GREY)
            sheet.canvas.frame(x + split, y, width - split, high, GREY)
        y += high
    return y


def _inline(sheet: Sheet, x: float, y: float, width: float, fields: Fields) -> float:
    """As many as fit on a line, one after the other."""
    between = sheet.design.picks("inline", ("     ", "  |  ", "  ·  ", "   /   "))
    runs: list[Run] = []
    for label, value in fields:
        more: list[Run] = [f"{label}{sheet.design.colon or ':'} ", *value]
        if runs and sheet.canvas.text_width(plain([*runs, between, *more])) > width:
            y, runs = sheet.line(x, y, runs, width, sheet.style()), []
        runs = [*runs, between, *more] if runs else more
    return sheet.line(x, y, runs, width, sheet.style()) + 2
