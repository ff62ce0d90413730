"""A whole document: its parts one below the other, where the design has them."""

from __future__ import annotations

import random
from collections.abc import Callable

from benchmarks.layouts_drawn.canvas import Canvas
from benchmarks.layouts_drawn.content import Content
from benchmarks.layouts_drawn.design import Design
from benchmarks.layouts_drawn.feet import foot, page_numbers, remarks, slip
from benchmarks.layouts_drawn.heads import addressee, brand, sender, sender_line, title
from benchmarks.layouts_drawn.metas import draw_meta, due_box
from benchmarks.layouts_drawn.receipts import draw_receipt
from benchmarks.layouts_drawn.sheet import LIGHT, Sheet
from benchmarks.layouts_drawn.sums import draw_sums
from benchmarks.layouts_drawn.tables import draw_rows
from benchmarks.layouts_drawn.wording import Wording

Block = Callable[[float, float, float], float]
"""Draws at x, y in a width; returns where it ends."""


def draw_document(content: Content, design: Design, chance: random.Random) -> Sheet:
    receipt = content.kind.name == "receipt" and design.carries("narrow", 0.8)
    width, height = (design.picks_width(), 60.0) if receipt else design.paper
    words = Wording(
        design.seed,
        content.language,
        colon=design.colon,
        case=design.case,
        second=design.second,
        country=content.country,
    )
    if receipt:
        return draw_receipt(content, design, words, chance, width)
    canvas = Canvas(width, height, design.font, design.size, design.stretching)
    low = 200 if design.slip and content.kind.name == "invoice" else design.margin + design.size * 5
    sheet = Sheet(canvas, content, design, words, chance, design.margin, width - design.margin, height - low)
    _draw(sheet)
    return sheet


def _draw(sheet: Sheet) -> None:
    design, kind = sheet.design, sheet.content.kind
    y = design.margin
    y = _sidebar(sheet) if design.sidebar else _top(sheet, y)
    y = _second(sheet, y + design.leading * 8)
    if design.title_at == "before_rows" or (design.sidebar and design.title_at == "top"):
        y = title(sheet, sheet.left, y + 6, sheet.width) + 2
    if design.meta_at == "under":
        y = draw_meta(sheet, sheet.left, y + 4, sheet.width if design.meta != "pairs_right" else sheet.width * 0.5) + 4
    if design.due_box and kind.name in ("invoice", "utility_bill", "statement"):
        wide = design.picks("due width", ("0.3", "0.45", "1.0"))
        y = due_box(sheet, sheet.right - sheet.width * float(wide), y + 6, sheet.width * float(wide))
    y = _before_rows(sheet, y + 6)
    if sheet.content.rows:
        y = draw_rows(sheet, y + 4)
    if kind.name == "payslip":
        y = _deductions(sheet, y + 8)
    y = draw_sums(sheet, y)
    remarks(sheet, y)
    foot(sheet)
    if design.slip and kind.name == "invoice":
        slip(sheet)
    page_numbers(sheet)


def _top(sheet: Sheet, y: float) -> float:
    """Brand and sender, with title or fields beside them."""
    design, width = sheet.design, sheet.width
    if design.sender_at == "centre":
        y = brand(sheet, sheet.left, y, width, "middle")
        y = sender(sheet, sheet.left, y, width, "middle")
        return title(sheet, sheet.left, y + 10, width, "middle") if design.title_at in ("top", "middle") else y
    half = width * 0.46
    brand_right = design.sender_at != "top_right" and design.carries("brand right", 0.3)
    near, far = (sheet.right - half, sheet.left) if brand_right else (sheet.left, sheet.right - half)
    align = "right" if brand_right else "left"
    ends = [brand(sheet, near, y, half, align)]
    if design.sender_at == "top_left":
        ends[0] = sender(sheet, near, ends[0], half, align)
    beside = y + (max(12.0, design.title_size * 0.9) * 1.9 + 8 if design.logo == "band" else 0)
    far_align = "left" if brand_right else design.picks("far side", ("left", "right", "right"))
    if design.title_at == "top":
        beside = title(sheet, far, beside, half, far_align)
    if design.sender_at == "top_right":
        beside = sender(sheet, far, beside, half, far_align)
    if design.meta_at == "top_right":
        beside = draw_meta(sheet, far, beside + 6, half)
    y = max(*ends, beside)
    if design.carries("top rule", 0.25):
        sheet.canvas.rule(sheet.left, y + 5, sheet.right, y + 5, design.accent, 1)
        y += 8
    if design.title_at == "middle":
        y = title(sheet, sheet.left, y + 10, width, design.picks("title side", ("left", "left", "middle", "right")))
    return y


def _sidebar(sheet: Sheet) -> float:
    """The sender in a coloured column at the left."""
    design, canvas = sheet.design, sheet.canvas
    canvas.fill(0, 0, design.margin + 132, canvas.height, LIGHT)
    y = brand(sheet, design.margin * 0.7, design.margin, 130)
    y = sender(sheet, design.margin * 0.7, y + 8, 130)
    if design.meta_at == "top_right":
        draw_meta(sheet, design.margin * 0.7, y + 20, 125)
    sheet.left = design.margin + 150
    if design.title_at == "middle":
        return title(sheet, sheet.left, design.margin, sheet.width)
    return design.margin


def _second(sheet: Sheet, y: float) -> float:
    """The addressee, and beside it what the family has there."""
    design, parties = sheet.design, sheet.content.parties
    blocks: list[Block] = []
    if design.sender_at == "second" and not design.sidebar:
        blocks.append(lambda x, top, width: sender(sheet, x, top, width, label=design.addressee_label != "none"))
    blocks.append(lambda x, top, width: _window(sheet, x, top, width))
    if "ship_to" in parties and sheet.content.kind.name in ("invoice", "order", "purchase_order", "delivery_note"):
        blocks.append(lambda x, top, width: addressee(sheet, x, top, width, "ship_to"))
    if design.meta_at == "second":
        blocks.append(lambda x, top, width: _with_sender(sheet, x, top, width))
    elif design.sender_at == "under_meta" and not design.sidebar:
        blocks.append(lambda x, top, width: sender(sheet, x, top, width))
    if design.addressee_at == "right":
        blocks.reverse()
    if len(blocks) == 1:
        side = sheet.right - sheet.width * 0.45 if design.addressee_at == "right" else sheet.left
        return blocks[0](side, y, sheet.width * 0.45)
    most = 3 if sheet.width > 430 and design.size < 9.5 else 2
    bottom = y
    for start in range(0, len(blocks), most):
        row = blocks[start : start + most]
        wide = sheet.width / len(row)
        share = wide * (0.86 if len(row) == 2 else 0.94)
        bottom = max(
            block(sheet.left + wide * place + (wide - share if place == len(row) - 1 else 0), y, share)
            for place, block in enumerate(row)
        )
        y = bottom + 10
    return bottom


def _window(sheet: Sheet, x: float, y: float, width: float) -> float:
    if sheet.design.sender_line:
        y = sender_line(sheet, x, y, width)
    return addressee(sheet, x, y, width)


def _with_sender(sheet: Sheet, x: float, y: float, width: float) -> float:
    y = draw_meta(sheet, x, y, width)
    if sheet.design.sender_at == "under_meta" and not sheet.design.sidebar:
        y = sender(sheet, x, y + 8, width)
    return y


def _before_rows(sheet: Sheet, y: float) -> float:
    """What a letter says first, and the balance that a statement starts with."""
    kind = sheet.content.kind.name
    if kind == "bank_statement":
        label = f"{sheet.label('opening_balance', colon=False)} "
        y = sheet.line(sheet.left, y, [label, *sheet.runs("opening_balance")], sheet.width, sheet.style(bold=True)) + 4
    if sheet.design.letter and kind not in ("payslip", "bank_statement", "statement"):
        y = sheet.line(sheet.left, y, sheet.words.fixed("greetings"), sheet.width, sheet.style()) + 4
        if kind == "invoice":
            y = sheet.paragraph(sheet.left, y, sheet.words.fixed("intros"), sheet.width, sheet.style()) + 4
    return y


def _deductions(sheet: Sheet, y: float) -> float:
    """What is taken off the pay, a line each."""
    wide = sheet.width * 0.6
    for place, row in enumerate(sheet.content.deductions):
        sheet.line(
            sheet.left + 4, y, (str(row["description"]), f"deductions[{place}].description"), wide * 0.7, sheet.style()
        )
        runs = [(sheet.content.writing.number(float(row["amount"])), f"deductions[{place}].amount")]
        y = sheet.line(sheet.left, y, list(runs), wide, sheet.style(align="right"))
    return y + 6
