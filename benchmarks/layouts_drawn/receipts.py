"""Till receipts: one narrow column, as long as it needs to be."""

from __future__ import annotations

import random

from benchmarks.layouts_drawn.canvas import Canvas, Run
from benchmarks.layouts_drawn.content import Content
from benchmarks.layouts_drawn.design import Design
from benchmarks.layouts_drawn.heads import address_lines, name_run
from benchmarks.layouts_drawn.sheet import Sheet
from benchmarks.layouts_drawn.sums import sums_of, tax_table
from benchmarks.layouts_drawn.wording import Wording


def draw_receipt(content: Content, design: Design, words: Wording, chance: random.Random, width: float) -> Sheet:
    """Twice: the first time says how long the paper is."""
    state, height = chance.getstate(), 2000.0
    while True:
        chance.setstate(state)
        font = design.picks("till font", ("Courier", "Courier", "Helvetica", "Times"))
        size = width / 28 if font == "Courier" else width / 25
        canvas = Canvas(width, height, font, round(size * 2) / 2)
        sheet = Sheet(canvas, content, design, words, chance, 12, width - 12, height)
        end = _draw(sheet) + 18
        if height < 2000:
            return sheet
        height = end


def _draw(sheet: Sheet) -> float:
    y = _shop(sheet, 14)
    y = _between(sheet, y)
    y = _facts(sheet, y)
    y = _between(sheet, y)
    y = _items(sheet, y)
    y = _between(sheet, y)
    y = _sums(sheet, y)
    y = _paid(sheet, y)
    if sheet.design.taxes in ("table", "table_only"):
        y = tax_table(sheet, sheet.left, y + 4, sheet.width)
    if sheet.design.foot != "none":
        y = _facts_below(sheet, y)
    return sheet.line(sheet.left, y + 8, sheet.words.fixed("thanks"), sheet.width, sheet.style(align="middle"))


def _shop(sheet: Sheet, y: float) -> float:
    align = sheet.design.picks("till align", ("middle", "middle", "left"))
    style = sheet.style(align=align)
    big = sheet.style(size=sheet.canvas.size * sheet.chance.choice((1.0, 1.3)), bold=True, align=align)
    y = sheet.line(sheet.left, y, name_run(sheet, "seller"), sheet.width, big) + 2
    for line in address_lines(sheet, "seller", country=False):
        y = sheet.line(sheet.left, y, line, sheet.width, style)
    party = sheet.content.parties["seller"]
    for key, likelihood in (("phone", 0.6), ("website", 0.25), ("vat_id", 0.6), ("tax_number", 0.4)):
        if party[key] and sheet.design.carries(f"till {key}", likelihood):
            label = f"{sheet.words.label(key)} "
            y = sheet.line(sheet.left, y, [label, (party[key], f"seller.{key}")], sheet.width, style)
    if sheet.design.title_at != "none":
        y = sheet.line(
            sheet.left, y + 4, sheet.words.title("receipt"), sheet.width, sheet.style(align="middle", bold=True)
        )
    return y


def _between(sheet: Sheet, y: float) -> float:
    sign = sheet.design.picks("till rule", ("-", "=", "*", "_", ""))
    if sign:
        count = int(sheet.width / max(1.0, sheet.canvas.text_width(sign)))
        sheet.canvas.write(sheet.left, y + sheet.canvas.size * 0.8, sign * count)
    return y + sheet.canvas.size * 1.3


def _facts(sheet: Sheet, y: float) -> float:
    """Number, day, time, who served: in pairs, or day and time without labels in one line."""
    design, found = sheet.design, []
    for path, likelihood in sheet.content.kind.meta.items():
        if design.carries(path, likelihood) and path not in ("issue_date", "time"):
            found.append((sheet.label(path), sheet.runs(path)))
    day, time = sheet.runs("issue_date"), sheet.runs("time") if design.carries("time", 0.85) else []
    how = design.picks("till day", ("line", "line", "labels", "edges"))
    if how == "line":
        y = sheet.line(sheet.left, y, [*day, "  ", *time], sheet.width, sheet.style())
    elif how == "edges":
        sheet.line(sheet.left, y, day, sheet.width, sheet.style())
        y = sheet.line(sheet.left, y, time or " ", sheet.width, sheet.style(align="right"))
    else:
        found.append((sheet.label("issue_date"), day))
        if time:
            found.append((sheet.label("time"), time))
    ends = design.carries("till ends", 0.4)
    for label, runs in found:
        if ends:
            sheet.line(sheet.left, y, label, sheet.width * 0.5, sheet.style())
            y = sheet.line(sheet.left + sheet.width * 0.45, y, runs, sheet.width * 0.55, sheet.style(align="right"))
        else:
            y = sheet.line(sheet.left, y, [f"{label} ", *runs], sheet.width, sheet.style())
    return y


def _items(sheet: Sheet, y: float) -> float:
    """An item in one line or in two: the goods, then how many at what price."""
    design, writing = sheet.design, sheet.content.writing
    how = design.picks("till items", ("one", "one", "counted", "below", "above"))
    times = design.picks("till times", (" x ", " x ", " * ", " @ "))
    for place, row in enumerate(sheet.content.rows):
        path = f"rows[{place}]."
        count: Run = (f"{float(row['quantity']):g}", path + "quantity")
        goods: Run = (str(row["description"]), path + "description")
        price: Run = (writing.number(float(row["unit_price"])), path + "unit_price")
        amount: list[Run] = [(writing.number(float(row["amount"])), path + "amount")]
        if len(sheet.content.taxes) > 1 and design.carries("tax letters", 0.4):
            amount.append(f" {'ABC'[[tax['rate'] for tax in sheet.content.taxes].index(row['tax_rate'])]}")
        several = float(row["quantity"]) > 1
        left: list[Run] = (
            [count, " ", goods] if how in ("counted", "one") and (several or how == "counted") else [goods]
        )
        if how == "above" and several:
            y = sheet.line(sheet.left + 6, y, [count, times, price], sheet.width, sheet.style())
        if how == "below" and several:
            y = sheet.line(sheet.left, y, goods, sheet.width, sheet.style())
            left = ["  ", count, times, price]
        sheet.line(sheet.left, y, left, sheet.width * 0.72, sheet.style())
        y = sheet.line(sheet.left + sheet.width * 0.7, y, amount, sheet.width * 0.3, sheet.style(align="right"))
    return y


def _sums(sheet: Sheet, y: float) -> float:
    for line in sums_of(sheet):
        big = line.strong and sheet.design.gross_at in ("big", "band", "box")
        style = sheet.style(size=sheet.canvas.size * (1.25 if big else 1), bold=line.strong)
        sheet.line(sheet.left, y, line.label, sheet.width * 0.55, style)
        style.align = "right"
        y = sheet.line(sheet.left + sheet.width * 0.5, y, line.runs, sheet.width * 0.5, style)
    return y


def _paid(sheet: Sheet, y: float) -> float:
    values, design = sheet.content.values, sheet.design
    pairs: list[tuple[Run, list[Run]]] = []
    if "cash" in values:
        pairs = [
            (sheet.label("cash", colon=False), sheet.runs("cash")),
            (sheet.label("change", colon=False), sheet.runs("change")),
        ]
    elif design.carries("till method", 0.7):
        method: list[Run] = sheet.runs("payment_method")
        if design.carries("method as label", 0.5):
            pairs = [
                (
                    (str(values["payment_method"]), "payment_method"),
                    [sheet.content.writing.number(float(values["gross"]))],
                )
            ]
        else:
            pairs = [(sheet.label("payment_method"), method)]
        if design.carries("card digits", 0.4):
            pairs.append((sheet.label("card_digits"), ["**** **** **** ", (str(values["card_digits"]), "card_digits")]))
    for label, runs in pairs:
        sheet.line(sheet.left, y, label, sheet.width * 0.5, sheet.style())
        y = sheet.line(sheet.left + sheet.width * 0.4, y, runs, sheet.width * 0.6, sheet.style(align="right"))
    return y


def _facts_below(sheet: Sheet, y: float) -> float:
    for _ in range(min(1, sheet.design.distractors)):
        y = sheet.paragraph(sheet.left, y + 4, sheet.words.say("distractors", sheet.chance), sheet.width, sheet.style())
    return y
