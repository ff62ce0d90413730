"""Sums below the rows: which lines a document has, and how they are set."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.layouts_drawn.canvas import BLACK, Run, plain
from benchmarks.layouts_drawn.sheet import GREY, LIGHT, WHITE, Sheet

_OTHERS = {
    "statement": ("total_invoiced", "due"), "bank_statement": ("total_debit", "total_credit", "closing_balance"),
    "reminder": ("fee", "interest", "total_open"), "payslip": ("gross_pay", "total_deductions", "net_pay"),
}  # fmt: skip
_STRONG = frozenset(("gross", "due", "closing_balance", "total_open", "net_pay"))


@dataclass
class Sum:
    label: str
    runs: list[Run]
    strong: bool = False


def sums_of(sheet: Sheet) -> list[Sum]:
    kind = sheet.content.kind
    if not kind.taxed:
        keys = [key for key in _OTHERS.get(kind.name, ()) if key in sheet.content.values]
        keys = [key for key in keys if key in _STRONG or sheet.design.carries(f"sum {key}", 0.7)]
        return [Sum(sheet.label(key, colon=False), sheet.runs(key), key in _STRONG) for key in keys]
    return _sale(sheet)


def _sale(sheet: Sheet) -> list[Sum]:
    content, design = sheet.content, sheet.design
    values, found = content.values, []
    differs = "discount" in values or "shipping" in values
    after_tax = content.kind.name in ("receipt", "hotel")
    if (differs or (after_tax and design.subtotal)) and values["subtotal"] != values["gross"]:
        found.append(Sum(sheet.label("subtotal", colon=False), sheet.runs("subtotal")))
    found += [Sum(_label(sheet, key), _signed(sheet, key)) for key in ("discount", "shipping") if key in values]
    if not after_tax or design.carries("net in receipts", 0.35):
        both = "subtotal,net" if values["subtotal"] == values["net"] else "net"
        if not differs and design.subtotal and both != "net":
            found.append(Sum(sheet.label("subtotal", colon=False), _amount(sheet, "net", both)))
        else:
            found.append(Sum(sheet.label("net", colon=False), _amount(sheet, "net", both)))
    if design.taxes in ("lines", "table") or (design.taxes == "none" and not after_tax):
        found += _taxes(sheet)
    gross = Sum(sheet.label("gross", colon=False), sheet.runs("gross"), strong=True)
    found = [gross, *found] if after_tax and design.carries("taxes after total", 0.5) else [*found, gross]
    for key in ("rounding", "prepaid", "tip"):
        if key in values:
            found.append(Sum(sheet.label(key, colon=False), _signed(sheet, key)))
    if values["due"] != values["gross"] or (design.due and content.kind.name in ("invoice", "utility_bill")):
        found.append(Sum(sheet.label("due", colon=False), sheet.runs("due"), strong=True))
    return found


def _label(sheet: Sheet, key: str) -> str:
    return sheet.words.label(key, colon=False)


def _amount(sheet: Sheet, key: str, paths: str) -> list[Run]:
    return sheet.content.writing.amount(float(sheet.content.values[key]), paths, total=True)


def _signed(sheet: Sheet, key: str) -> list[Run]:
    """What is taken off may stand with a minus; the truth says how much it is."""
    runs = sheet.runs(key)
    if key in ("discount", "prepaid") and sheet.design.negative:
        return [sheet.design.picks("minus", ("-", "-", "- ", "– ")), *runs]
    return runs


def _taxes(sheet: Sheet) -> list[Sum]:
    taxes, writing = sheet.content.taxes, sheet.content.writing
    one, found = len(taxes) == 1, []
    for place, tax in enumerate(taxes):
        rate = writing.rate(float(tax["rate"]))
        label = sheet.words.label("tax", rate=rate, colon=False)
        if not one and rate not in label:
            label = f"{label} {rate}"
        elif one and rate not in label and sheet.design.carries("rate in label", 0.5):
            label = f"{label} ({rate})" if sheet.design.carries("rate in brackets", 0.3) else f"{label} {rate}"
        path = f"taxes[{place}].tax" + (",tax" if one else "")
        found.append(Sum(label, _amount_of(sheet, float(tax["tax"]), path)))
        if rate in label:
            sheet.shown.add(f"taxes[{place}].rate")
    return found


def _amount_of(sheet: Sheet, value: float, paths: str) -> list[Run]:
    return sheet.content.writing.amount(value, paths, total=True)


def draw_sums(sheet: Sheet, y: float) -> float:
    sums, design = sums_of(sheet), sheet.design
    if design.taxes in ("table", "table_only") and sheet.content.taxes:
        y = tax_table(sheet, sheet.left, y + 4, min(sheet.width * 0.5, 250)) + 4
    if not sums:
        return y
    high = (sheet.step + 3) * len(sums) + 24
    if y + high > sheet.bottom:
        y = sheet.new_page()
    if design.totals_upper:
        sums = [Sum(line.label.upper(), line.runs, line.strong) for line in sums]
    if design.totals == "across" and len(sums) < 7:
        return _across(sheet, y + 6, sums)
    return _stacked(sheet, y + 4, sums)


def _stacked(sheet: Sheet, y: float, sums: list[Sum]) -> float:
    design, how = sheet.design, sheet.design.totals
    wide = {"wide": sheet.width, "spread": sheet.width * 0.55, "rows": sheet.width}.get(how, sheet.width * 0.4)
    wide = max(wide, 175.0)
    left = sheet.left if design.carries("sums at left", 0.07) else sheet.right - wide
    for place, line in enumerate(sums):
        last = not any(other.strong for other in sums[place + 1 :])
        strong = line.strong and (last or design.carries("all strong", 0.4))
        y = _sum(sheet, left, y, wide, line, strong=strong)
    return y + 6


def _sum(sheet: Sheet, left: float, y: float, wide: float, line: Sum, *, strong: bool) -> float:
    """One label and its amount."""
    design, canvas, how = sheet.design, sheet.canvas, sheet.design.totals
    big = strong and design.gross_at == "big"
    high = (sheet.step + 3) * (1.3 if big else 1)
    style = sheet.style(size=canvas.size * (1.35 if big else 1), bold=strong and design.gross_at != "plain")
    _behind(sheet, left, y, wide, high, strong=strong)
    if strong and design.gross_at == "band":
        style.colour = WHITE
    label = line.label + (design.colon or (":" if how == "right_colon" else ""))
    share = wide * (0.7 if how in ("wide", "rows", "across") else 0.52)
    bold = style.bold or design.carries("bold sum labels", 0.2)
    align = "right" if how in ("right_colon", "rows") else "left"
    sheet.line(left + 4, y + 1, label, share, sheet.style(size=style.size, bold=bold, colour=style.colour, align=align))
    if how == "leaders":
        end = left + wide - 10 - canvas.text_width(plain(line.runs), style)
        start = left + 12 + canvas.text_width(label, sheet.style(size=style.size, bold=bold))
        _leaders(sheet, start, end, y + canvas.size + 1)
    style.align = "right"
    sheet.line(left + share + 8, y + 1, line.runs, wide - share - 12, style)
    if how == "table":
        canvas.frame(left, y, share + 6, high, GREY)
        canvas.frame(left + share + 6, y, wide - share - 6, high, GREY)
    return y + high


def _behind(sheet: Sheet, left: float, y: float, wide: float, high: float, *, strong: bool) -> None:
    canvas, how = sheet.canvas, sheet.design.gross_at
    if not strong:
        return
    if how == "band":
        canvas.fill(left, y, wide, high, sheet.design.accent)
    elif how == "box":
        canvas.frame(left, y, wide, high, BLACK)
    elif how == "rules":
        canvas.rule(left, y, left + wide, y, BLACK, 0.8)
        canvas.rule(left, y + high, left + wide, y + high, BLACK, 0.8)


def _leaders(sheet: Sheet, x0: float, x1: float, y: float) -> None:
    dot = sheet.canvas.text_width(".")
    if x1 - x0 > 4 * dot:
        sheet.canvas.write(x0, y, "." * int((x1 - x0) / dot - 1))


def _across(sheet: Sheet, y: float, sums: list[Sum]) -> float:
    """Labels in one row, amounts below them."""
    canvas, wide, high = sheet.canvas, sheet.width / len(sums), sheet.step + 4
    canvas.fill(sheet.left, y, sheet.width, high, LIGHT)
    for place, line in enumerate(sums):
        left = sheet.left + place * wide
        sheet.line(left + 3, y + 1, line.label, wide - 6, sheet.style(size=canvas.size - 1, bold=True, align="right"))
        sheet.line(left + 3, y + high + 1, line.runs, wide - 6, sheet.style(bold=line.strong, align="right"))
        if sheet.design.table in ("grid", "columns", "lines"):
            canvas.frame(left, y, wide, high * 2, GREY)
    return y + high * 2 + 8


def tax_table(sheet: Sheet, x: float, y: float, width: float) -> float:
    """Rate, base and tax of each rate."""
    canvas, writing, taxes = sheet.canvas, sheet.content.writing, sheet.content.taxes
    keys = [key for key in ("rate", "base", "tax") if key != "base" or sheet.design.carries("tax base", 0.85)]
    if sheet.design.carries("base first", 0.2) and "base" in keys:
        keys = ["base", "rate", "tax"]
    if y + (len(taxes) + 2) * sheet.step > sheet.bottom:
        y = sheet.new_page()
    wide = width / len(keys)
    names = {"rate": "tax_rate", "base": "tax_base", "tax": "tax_amount"}
    for place, key in enumerate(keys):
        label = sheet.words.label(names[key], colon=False)
        sheet.line(x + place * wide, y, label, wide - 6, sheet.style(bold=True, align="right"))
    y += sheet.step
    canvas.rule(x, y + 1, x + width, y + 1, GREY)
    y += 3
    for row, tax in enumerate(taxes):
        for place, key in enumerate(keys):
            value, path = float(tax[key]), f"taxes[{row}].{key}"
            more = {"tax": ",tax", "base": ",net"}.get(key, "") if len(taxes) == 1 else ""
            runs: list[Run] = (
                [(writing.short(value), path), writing.percent]
                if key == "rate"
                else [(writing.number(value), path + more)]
            )
            sheet.line(x + place * wide, y, runs, wide - 6, sheet.style(align="right"))
        y += sheet.step
    return y + 4
