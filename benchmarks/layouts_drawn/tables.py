"""Rows in a table: which columns, how they are ruled, and what happens at the foot of the page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from benchmarks.layouts_drawn.canvas import BLACK, Run, plain
from benchmarks.layouts_drawn.sheet import GREY, LIGHT, WHITE, Sheet

_RIGHT = frozenset((
    "quantity", "ordered", "delivered", "unit_price", "discount_percent", "tax_rate", "amount", "invoice_amount",
    "balance", "debit", "credit", "running", "rate", "worked",
))  # fmt: skip
_TEXTS = ("description", "text", "earning")
_MONEY = frozenset(("unit_price", "amount", "invoice_amount", "balance", "debit", "credit", "running", "rate"))
_FEWEST_POINTS = 120.0


@dataclass
class Column:
    key: str
    head: list[str]
    width: float
    align: str


Cell = list[list[Run]]
"""The lines of a cell."""


def columns_of(sheet: Sheet) -> list[str]:
    """Keys of the columns that the family has, in its order."""
    design, kind = sheet.design, sheet.content.kind
    keys = [key for key, likelihood in kind.columns.items() if design.carries(f"column {key}", likelihood)]
    if kind.name not in ("receipt", "hotel") and "quantity" in keys and design.quantity_first:
        keys.remove("quantity")
        keys.insert(1 if keys[0] == "position" else 0, "quantity")
    if design.amounts_first and "amount" in keys:
        keys.remove("amount")
        keys.insert(0, "amount")
    if "code" in keys and (design.code_at != "column" or design.carries("code last", 0.15)):
        keys.remove("code")
        if design.code_at == "column":
            keys.insert(keys.index("description") + 1, "code")
    if "unit" in keys and design.units_glued and "quantity" in keys:
        keys.remove("unit")
    if not any(row.get("discount_percent") for row in sheet.content.rows) and "discount_percent" in keys:
        keys.remove("discount_percent")
    return keys


def draw_rows(sheet: Sheet, y: float, *, width: float = 0) -> float:
    """The rows, over as many pages as they need; returns where the table ends."""
    width = width or sheet.width
    rows = [_cells(sheet, place, columns_of(sheet)) for place in range(len(sheet.content.rows))]
    columns = _measured(sheet, rows, width)
    y = _head(sheet, columns, y)
    top, total = y, 0.0
    for place, cells in enumerate(rows):
        wrapped = [_wrapped(sheet, cells[column.key], column) for column in columns]
        high = max(len(lines) for lines in wrapped) * sheet.step + sheet.design.row_gap
        if y + high > sheet.bottom:
            _uprights(sheet, columns, top, y)
            y = _turn_page(sheet, columns, y, total)
            top = y
        y = _section(sheet, place, columns, y)
        total += float(sheet.content.rows[place].get("amount") or 0)
        _row(sheet, columns, wrapped, y, high, odd=place % 2 == 0)
        y += high
    _uprights(sheet, columns, top, y)
    if sheet.design.table not in ("bare", "dotted", "plain"):
        sheet.canvas.rule(sheet.left, y, sheet.left + width, y, GREY)
    return y


def _section(sheet: Sheet, place: int, columns: list[Column], y: float) -> float:
    """A heading over some of the items, in a row of its own."""
    names = sheet.words.all("sections")
    if not sheet.design.sections or sheet.content.kind.rows != "items" or place % 3 or place // 3 >= len(names):
        return y
    text = next((column for column in columns if column.key == "description"), None)
    if text is None or len(sheet.content.rows) < 4:
        return y
    x = sheet.left + sum(column.width for column in columns[: columns.index(text)])
    sheet.line(x + 4, y + 3, names[place // 3], text.width - 8, sheet.style(bold=True))
    return y + sheet.step + 5


def _turn_page(sheet: Sheet, columns: list[Column], y: float, total: float) -> float:
    carried = sheet.design.carry and "amount" in sheet.content.rows[0]
    edge = sheet.left + sum(column.width for column in columns)

    def carry(y: float) -> float:
        sheet.line(edge - 200, y + 2, sheet.words.fixed("carried"), 110, sheet.style(bold=True, align="right"))
        return sheet.line(
            edge - 84, y + 2, sheet.content.writing.number(total), 80, sheet.style(bold=True, align="right")
        )

    if carried:
        carry(y)
    y = sheet.new_page()
    if sheet.design.repeat_head:
        y = _head(sheet, columns, y)
    return carry(y) if carried else y


def _cells(sheet: Sheet, place: int, keys: list[str]) -> dict[str, Cell]:
    row, design = sheet.content.rows[place], sheet.design
    cells: dict[str, Cell] = {key: [_cell(sheet, place, key)] for key in keys}
    if "quantity" in cells and design.units_glued and design.carries("column unit", 0.6):
        cells["quantity"][0].append(f" {row['unit']}" if not design.carries("unit marked", 0.6) else " ")
        if design.carries("unit marked", 0.6):
            cells["quantity"][0].append((str(row["unit"]), f"rows[{place}].unit"))
    text = next((key for key in _TEXTS if key in cells), "")
    if design.code_at != "column" and design.carries("column code", 0.5) and row.get("code"):
        code: Run = (str(row["code"]), f"rows[{place}].code")
        if design.code_at == "brackets":
            cells[text][0] = ["[", code, "] ", (str(row["description"]), f"rows[{place}].description?")]
        else:
            label = sheet.words.column("code")
            cells[text].append([f"{label}: ", code])
    if design.sub_lines and text == "description" and sheet.chance.random() < 0.7:
        code_text = f"{sheet.chance.randrange(10000, 99999)}"
        cells[text].append([sheet.words.say("serial", sheet.chance, code=code_text)])
    return cells


def _cell(sheet: Sheet, place: int, key: str) -> list[Run]:
    value = sheet.content.rows[place].get(key)
    path, writing = f"rows[{place}].{key}", sheet.content.writing
    if value is None:
        return []
    if isinstance(value, date):
        return [(writing.day(value), path)]
    if isinstance(value, str):
        return [(value, path)]
    number = float(value)
    if key in _MONEY:
        bare = writing.where in ("totals", "head", "once") or sheet.design.carries("bare cells", 0.3)
        return [(writing.number(number), path)] if bare else writing.amount(number, path)
    if key in ("discount_percent", "tax_rate"):
        if key == "discount_percent" and not number:
            return []
        sign = "" if sheet.design.carries(f"no sign {key}", 0.35) else writing.percent
        decimals = 2 if sheet.design.carries(f"decimals {key}", 0.25) else 0
        text = writing.number(number, decimals) if decimals else writing.short(number)
        return [(text, path), sign]
    return [(writing.quantity(number), path)]


def _measured(sheet: Sheet, rows: list[dict[str, Cell]], width: float) -> list[Column]:
    """Columns as wide as their widest cell; the text takes what is left, and where that is little columns go."""
    keys, design = columns_of(sheet), sheet.design
    while True:
        columns = [_column(sheet, key, rows) for key in keys]
        text = next(column for column in columns if column.key in _TEXTS or column.key == "invoice_number")
        left = width - sum(column.width for column in columns if column is not text)
        spare = [
            key
            for key in (
                "position",
                "unit",
                "running",
                "discount_percent",
                "code",
                "tax_rate",
                "due_date",
                "rate",
                "unit_price",
            )
            if key in keys
        ]
        if left >= _FEWEST_POINTS or not spare:
            text.width = max(left, 60.0)
            if text.key in _TEXTS and design.carries("narrow text", 0.3) and text.width > 230:
                text.width = _spread(columns, text, text.width * 0.6)
            return columns
        keys = [key for key in keys if key != spare[0]]


def _spread(columns: list[Column], text: Column, width: float) -> float:
    """What the text leaves goes to the other columns."""
    more = (text.width - width) / max(1, len(columns) - 1)
    for column in columns:
        if column is not text:
            column.width += more
    return width if len(columns) > 1 else text.width


def _column(sheet: Sheet, key: str, rows: list[dict[str, Cell]]) -> Column:
    design, canvas = sheet.design, sheet.canvas
    head = sheet.words.column(key)
    head = head.upper() if design.head_upper else head
    if key in _MONEY and sheet.content.writing.where == "head":
        head += f" {sheet.design.picks('head sign', ('({})', '{}', 'in {}')).format(sheet.content.writing.symbol)}"
    lines = head.split(" ", 1) if design.two_line_head and " " in head else [head]
    style = sheet.style(bold=True)
    widest = max(canvas.text_width(line, style) for line in lines)
    for cells in rows:
        widest = max([widest, *(canvas.text_width(plain(line)) for line in cells[key])])
    right = key in _RIGHT and not (
        key in ("quantity", "ordered", "delivered", "tax_rate") and design.carries(f"left {key}", 0.2)
    )
    align = "right" if right else "left"
    if key in ("position", "quantity", "unit", "tax_rate") and design.carries(f"centre {key}", 0.2):
        align = "middle"
    return Column(key, lines, widest + 10 + design.row_gap, align)


def _wrapped(sheet: Sheet, cell: Cell, column: Column) -> Cell:
    """Texts that are too long go on in the next line; other cells never are."""
    lines: Cell = []
    for line in cell:
        only = line[0] if len(line) == 1 else None
        if isinstance(only, tuple) and column.key in _TEXTS:
            parts = sheet.canvas.wrapped(only[0], column.width - 8)
            lines += [[(part, only[1] + ("+" if place else ""))] for place, part in enumerate(parts)]
        else:
            lines.append(line)
    return lines


def _head(sheet: Sheet, columns: list[Column], y: float) -> float:
    design, canvas = sheet.design, sheet.canvas
    if design.table == "bare":
        return y
    width = sum(column.width for column in columns)
    high = max(len(column.head) for column in columns) * sheet.step + 5
    fill = {"grey": LIGHT, "accent": design.accent, "black": (38, 38, 42)}.get(design.head_fill)
    if fill:
        canvas.fill(sheet.left, y, width, high, fill)
    style = sheet.style(bold=True, colour=WHITE if design.head_fill in ("accent", "black") else BLACK)
    x = sheet.left
    for column in columns:
        for place, line in enumerate(column.head):
            style.align = column.align
            sheet.line(x + 4, y + 2 + place * sheet.step, line, column.width - 6, style)
        x += column.width
    if design.table in ("grid", "columns"):
        canvas.frame(sheet.left, y, width, high, GREY)
    elif not fill or design.table == "head_rule":
        canvas.rule(sheet.left, y + high, sheet.left + width, y + high, BLACK, 0.8)
    return y + high + 1


def _row(sheet: Sheet, columns: list[Column], cells: list[Cell], y: float, high: float, *, odd: bool) -> None:
    design, canvas = sheet.design, sheet.canvas
    width = sum(column.width for column in columns)
    if design.table == "zebra" and odd:
        canvas.fill(sheet.left, y, width, high, (243, 243, 246))
    x = sheet.left
    for column, lines in zip(columns, cells, strict=True):
        for place, line in enumerate(lines):
            marked = any(isinstance(run, tuple) for run in line)
            style = sheet.style(align=column.align, bold=design.bold_rows and column.key in _TEXTS and marked)
            if not marked or plain(line[:1]).endswith(": "):
                style.size, style.colour = max(6.0, canvas.size - 1.5), GREY
            if line:
                sheet.line(x + 4, y + design.row_gap / 2 + place * sheet.step, line, column.width - 6, style)
        x += column.width
    if design.table in ("lines", "grid"):
        canvas.rule(sheet.left, y + high, sheet.left + width, y + high, (190, 190, 196), 0.4)
    if design.table == "dotted":
        canvas.pdf.set_dash_pattern(dash=1, gap=2)
        canvas.rule(sheet.left, y + high, sheet.left + width, y + high, GREY, 0.4)
        canvas.pdf.set_dash_pattern()


def _uprights(sheet: Sheet, columns: list[Column], top: float, bottom: float) -> None:
    if sheet.design.table not in ("grid", "columns"):
        return
    x = sheet.left
    for column in [*columns, None]:
        sheet.canvas.rule(x, top, x, bottom, GREY, 0.5)
        x += column.width if column else 0
