"""What stands below: payment, bank, registers, small print, page numbers."""

from __future__ import annotations

import re

from benchmarks.layouts_drawn.canvas import Run, plain
from benchmarks.layouts_drawn.heads import address_lines, identifiers, in_one_line, name_run
from benchmarks.layouts_drawn.sheet import GREY, Sheet


def bank_fields(sheet: Sheet) -> list[tuple[str, list[Run]]]:
    """Where to pay, in the order of the family."""
    found: list[tuple[str, list[Run]]] = []
    if sheet.content.kind.name in ("purchase_order", "delivery_note", "payslip", "bank_statement", "receipt"):
        return found
    for key, likelihood in (("bank_name", 0.7), ("account_holder", 0.2), ("iban", 1.0), ("bic", 0.75)):
        if key in sheet.content.bank and key not in sheet.shown and sheet.design.carries(key, likelihood):
            found.append((sheet.words.label(key, colon=False), sheet.runs(key)))
            sheet.shown.add(key)
    return found


def remarks(sheet: Sheet, y: float) -> float:
    """Sentences after the sums: terms, thanks, small print with amounts and dates of its own."""
    design, words = sheet.design, sheet.words
    sale = sheet.content.kind.name in ("invoice", "quote", "order", "utility_bill")
    y += sheet.step * 0.6
    if y > sheet.bottom - sheet.step * 6:
        y = sheet.new_page()
    if sale and "payment_terms" not in sheet.shown and design.carries("terms below", 0.4):
        terms = sheet.runs("payment_terms")
        sheet.shown.add("payment_terms")
        labelled: list[Run] = (
            [f"{words.label('payment_terms')} ", *terms] if design.carries("terms label", 0.6) else terms
        )
        y = sheet.line(sheet.left, y, labelled, sheet.width, sheet.style())
    if design.bank_at == "sentence" and sheet.content.kind.name == "invoice" and "iban" in sheet.content.bank:
        y = _pay_sentence(sheet, y + 3)
    if design.bank_at in ("below", "table") and sale:
        y = _bank_below(sheet, y + 3)
    if sheet.content.kind.name in ("payslip", "bank_statement"):
        return y
    for sentence in sheet.chance.sample(words.all("distractors"), design.distractors):
        y = sheet.paragraph(sheet.left, y, sentence, sheet.width, sheet.style(size=sheet.canvas.size - 1, colour=GREY))
    if design.thanks:
        y = sheet.line(
            sheet.left, y + 4, words.fixed("thanks"), sheet.width, sheet.style(bold=design.carries("bold thanks", 0.3))
        )
    if design.letter:
        y = sheet.line(sheet.left, y + 6, words.fixed("closings"), sheet.width, sheet.style())
        if "contact" not in sheet.canvas.marks:
            sheet.doubtful.add("contact")
        y = sheet.line(sheet.left, y + 10, sheet.content.parties["seller"]["contact"], sheet.width, sheet.style())
    return y


def _pay_sentence(sheet: Sheet, y: float) -> float:
    """How much, until when and to which account, in running text of one line or two."""
    iban, due, day = sheet.runs("iban"), sheet.runs("due"), sheet.runs("due_date")
    parts = re.split(r"\{(\w+)\}", sheet.words.fixed("pay", due="{due}", date="{date}", iban="{iban}"))
    found = {"iban": iban, "due": due, "date": day}
    runs: list[Run] = [run for part in parts for run in found.get(part, [part])]
    sheet.shown.add("iban")
    half = len(runs) // 2
    if sheet.canvas.text_width(plain(runs)) > sheet.width:
        y = sheet.line(sheet.left, y, runs[:half], sheet.width, sheet.style())
        runs = runs[half:]
    return sheet.line(sheet.left, y, runs, sheet.width, sheet.style())


def _bank_below(sheet: Sheet, y: float) -> float:
    fields = bank_fields(sheet)
    if not fields:
        return y
    if sheet.design.bank_at == "table":
        wide = sheet.width / len(fields)
        for place, (label, runs) in enumerate(fields):
            below = sheet.line(sheet.left + place * wide, y, label, wide - 8, sheet.style(bold=True))
            sheet.line(sheet.left + place * wide, below, runs, wide - 8, sheet.style())
        return y + sheet.step * 2.4
    for label, runs in fields:
        y = sheet.line(sheet.left, y, [f"{label}{sheet.design.colon or ':'} ", *runs], sheet.width * 0.6, sheet.style())
    return y + 4


def foot(sheet: Sheet) -> None:
    """The foot of the last page, in its own columns or lines."""
    design, canvas = sheet.design, sheet.canvas
    y = canvas.height - design.margin * 0.5 - sheet.step * 3.6
    if design.slip and sheet.content.kind.name == "invoice":
        return
    party = sheet.content.parties["seller"]
    named = [[name_run(sheet, "seller")], *address_lines(sheet, "seller", country=False)]
    reach: list[list[Run]] = [
        [f"{sheet.words.label(key)} ", (party[key], f"seller.{key}")]
        for key in ("phone", "email", "website")
        if design.carries(f"foot {key}", 0.5)
    ]
    ids: list[list[Run]] = [[f"{label} ", run] for label, run in identifiers(sheet)]
    bank = (
        [[f"{label} ", *runs] for label, runs in bank_fields(sheet)] if design.bank_at in ("foot", "sentence") else []
    )
    if party["legal_id"] and design.carries("registered", 0.15) and "seller.legal_id" not in sheet.shown:
        words = sheet.words.fixed("registered", city=party["city"], legal="\0").split("\0")
        ids.append([words[0], (party["legal_id"], "seller.legal_id"), *words[1:]])
        sheet.shown.add("seller.legal_id")
    style = sheet.style(
        size=max(6.0, canvas.size - 2), colour=GREY if design.carries("grey foot", 0.6) else (40, 40, 44)
    )
    if design.foot == "none" and design.sender_at != "foot":
        named, reach = [], []
    columns = [column for column in (named, reach, ids, bank) if column]
    if not columns:
        return
    if design.carries("foot rule", 0.5):
        canvas.rule(sheet.left, y - 3, sheet.right, y - 3, GREY)
    if design.foot == "columns":
        _columns(sheet, columns, y, style.size)
        return
    style.align = "left" if design.foot == "line" else "middle"
    between = design.picks("foot between", (" · ", " | ", " - ", "   "))
    for column in columns:
        y = sheet.line(sheet.left, y, in_one_line(column, between), sheet.width, style)
        y -= max(0.0, sheet.step - style.size * 1.25)


def _columns(sheet: Sheet, columns: list[list[list[Run]]], y: float, size: float) -> None:
    wide = sheet.width / len(columns)
    for place, column in enumerate(columns):
        below = y
        for runs in column:
            for part in _parted(sheet, runs, wide - 10):
                sheet.line(sheet.left + place * wide, below, part, wide - 10, sheet.style(size=size))
                below += size * 1.2


def _parted(sheet: Sheet, runs: list[Run], width: float) -> list[list[Run]]:
    """Label and value in a line each where one is too narrow for both."""
    if len(runs) > 1 and sheet.canvas.text_width(plain(runs), sheet.style(size=5.5)) > width:
        style = sheet.style(size=6.5)
        labels: list[list[Run]] = [[part] for part in sheet.canvas.wrapped(plain(runs[:1]), width, style)]
        return [*labels, runs[1:]]
    return [runs]


def page_numbers(sheet: Sheet) -> None:
    pdf = sheet.canvas.pdf
    last = int(pdf.page)
    if not sheet.design.pages and last == 1:
        return
    for number in range(1, last + 1):
        pdf.page = number
        text = sheet.words.fixed("page", n=str(number), m=str(last))
        align = sheet.design.picks("page at", ("right", "middle", "left"))
        x = {"right": sheet.right, "middle": (sheet.left + sheet.right) / 2, "left": sheet.left}[align]
        sheet.canvas.write(x, sheet.canvas.height - 14, text, sheet.style(size=6.5, colour=GREY, align=align))
    pdf.page = last


def slip(sheet: Sheet) -> None:
    """A part to cut off, with all that a payment needs."""
    canvas = sheet.canvas
    top = canvas.height - 190
    canvas.pdf.set_dash_pattern(dash=3, gap=3)
    canvas.rule(0, top, canvas.width, top, GREY)
    canvas.pdf.set_dash_pattern()
    x, y = sheet.left, top + 10
    wide = sheet.width / 2 - 10
    small = sheet.style(size=6.5, bold=True)
    payee = [[name_run(sheet, "seller")], *address_lines(sheet, "seller", country=False)]
    left: list[tuple[str, list[list[Run]]]] = [
        (sheet.words.label("account_holder", colon=False), payee),
        *((label, [runs]) for label, runs in bank_fields(sheet)),
    ]  # fmt: skip
    right: list[tuple[str, list[list[Run]]]] = [
        (sheet.label("number", colon=False), [sheet.runs("number")]),
        (sheet.label("due_date", colon=False), [sheet.runs("due_date")] if "due_date" in sheet.shown else []),
        (sheet.label("due", colon=False), [sheet.runs("due")]),
    ]
    for column, fields in ((x, left), (x + wide + 20, right)):
        below = y
        for label, lines in fields:
            if not lines:
                continue
            below = sheet.line(column, below, label, wide, small)
            for runs in lines:
                below = sheet.line(column, below, runs, wide, sheet.style(size=min(8.5, canvas.size)))
            below += 3
