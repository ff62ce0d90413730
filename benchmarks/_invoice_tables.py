"""The tables of a drawn invoice: what was bought, the totals, the taxes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks._canvas import HEIGHT, Piece
from benchmarks._invoices import Item

if TYPE_CHECKING:
    from benchmarks._invoice_pages import Layout

LEFT, RIGHT = 50.0, 545.0
_WIDTHS = {"position": 26, "article_number": 62, "quantity": 44, "unit": 46, "unit_price": 66, "discount": 44,
           "vat_rate": 42, "net_amount": 74}  # fmt: skip


@dataclass
class Grid:
    """The columns of the table of items, their left edges, and how it is drawn."""

    columns: list[str]
    heads: dict[str, str]
    edges: dict[str, tuple[float, float]]
    right: bool
    headed: bool
    two_lined: bool
    rules: str
    zebra: bool
    gap: float
    places: int


def draw_items(layout: Layout) -> None:
    grid, chance = _grid(layout), layout.chance
    items = layout.invoice.items
    groups = chance.random() < 0.1 and len(items) > 4
    carried = chance.random() < 0.5
    _grid_head(layout, grid)
    total = 0.0
    for order, item in enumerate(items):
        lines = layout.canvas.wrapped(item.description, grid.edges["description"][1] - grid.edges["description"][0] - 6)
        height = (len(lines) + bool(item.remark)) * layout.pitch + grid.gap
        if layout.y + height > HEIGHT - 110:
            _break(layout, grid, total if carried else None)
        _row(layout, grid, order, item, lines, height)
        total += item.net_amount
        if groups and order in (len(items) // 2, len(items) - 1):
            _group(layout, grid, sum(entry.net_amount for entry in items[: order + 1]), order > len(items) // 2)
    if grid.rules != "none":
        layout.canvas.rule(LEFT, layout.y - layout.canvas.size, RIGHT)


def _grid(layout: Layout) -> Grid:
    """Which columns in which order: the name of the thing takes the room that the others leave."""
    chance, items = layout.chance, layout.invoice.items
    columns = ["description", "quantity", "unit_price", "net_amount"]
    if chance.random() < 0.2:
        columns = ["quantity", "description", "unit_price", "net_amount"]
    if chance.random() < 0.3:
        columns.insert(columns.index("quantity") + 1, "unit")
    if chance.random() < 0.35:
        columns.insert(chance.choice((0, columns.index("description"))), "article_number")
    if chance.random() < 0.3:
        columns.insert(0, "position")
    if any(item.discount for item in items):
        columns.insert(columns.index("net_amount"), "discount")
    if len(layout.invoice.taxes) > 1 or chance.random() < 0.35:
        columns.insert(columns.index("net_amount") + chance.choice((0, 0, 1)), "vat_rate")
    if chance.random() < 0.06:
        columns = ["description", "net_amount"]
    heads = {column: str(chance.choice(layout.words["columns"][column])) for column in columns}
    if layout.invoice.writing.sign_at == "none" and chance.random() < 0.5:
        heads["net_amount"] += f" ({layout.invoice.currency})"
    widths = {column: _width(layout, column, heads[column]) for column in columns if column != "description"}
    widths["description"] = RIGHT - LEFT - sum(widths.values())
    edges, x = {}, LEFT
    for column in columns:
        width = widths[column]
        edges[column] = (x, x + width)
        x += width
    return Grid(
        columns, heads, edges, right=chance.random() < 0.85, headed=chance.random() < 0.95,
        two_lined=chance.random() < 0.2, rules=chance.choice(("none", "head", "rows", "all")),
        zebra=chance.random() < 0.2, gap=chance.choice((0.0, 2.0, 5.0, 9.0)), places=chance.choice((0, 0, 0, 2)),
    )  # fmt: skip


def _width(layout: Layout, column: str, head: str) -> float:
    """Room for what is usual in a column, and for the longest word of its name."""
    return max(_WIDTHS[column], 10 + max(layout.canvas.width(word, bold=True) for word in head.split()))


def _grid_head(layout: Layout, grid: Grid) -> None:
    canvas, y = layout.canvas, layout.y
    if not grid.headed:
        return
    wrapped = {column: _head_lines(layout, grid, column) for column in grid.columns}
    deepest = max(len(lines) for lines in wrapped.values())
    for column, lines in wrapped.items():
        for order, line in enumerate(lines):
            _in_column(layout, grid, column, y + order * layout.pitch, [line], bold=True)
            if column == "net_amount" and layout.invoice.currency in line:
                x = grid.edges[column][1] - 3
                mark = canvas.width(layout.invoice.currency, bold=True)
                canvas._note("currency", x - mark - 3, x - 3, y + order * layout.pitch, canvas.size)
    layout.y += deepest * layout.pitch + 5
    if grid.rules != "none":
        canvas.rule(LEFT, layout.y - canvas.size - 2, RIGHT)


def _head_lines(layout: Layout, grid: Grid, column: str) -> list[str]:
    width = grid.edges[column][1] - grid.edges[column][0] - 6
    text = grid.heads[column]
    if grid.two_lined or layout.canvas.width(text, bold=True) > width:
        return layout.canvas.wrapped(text, min(width, layout.canvas.width(text) * 0.8))
    return [text]


def _in_column(
    layout: Layout, grid: Grid, column: str, y: float, pieces: Sequence[Piece], *, bold: bool = False
) -> None:
    x0, x1 = grid.edges[column]
    numeric = column not in ("description", "article_number", "unit", "position")
    if numeric and grid.right:
        layout.canvas.write(x1 - 3, y, *pieces, align="right", bold=bold)
    else:
        layout.canvas.write(x0 + 3, y, *pieces, bold=bold)


def _row(layout: Layout, grid: Grid, order: int, item: Item, lines: list[str], height: float) -> None:
    canvas, top = layout.canvas, layout.y
    if grid.zebra and order % 2:
        canvas.box(LEFT, top - canvas.size - 1, RIGHT - LEFT, height, shade=232)
    path = f"items[{order}]."
    for number, line in enumerate(lines):
        mark = f"{path}description{'+' if number else ''}"
        _in_column(layout, grid, "description", top + number * layout.pitch, [(line, mark)])
    if item.remark:
        _in_column(layout, grid, "description", top + len(lines) * layout.pitch, [item.remark])
    for column in grid.columns:
        if column != "description":
            _in_column(layout, grid, column, top, _cell(layout, grid, item, column, order, path))
    layout.y += height
    if grid.rules in ("rows", "all"):
        canvas.rule(LEFT, layout.y - canvas.size - grid.gap / 2 + 1, RIGHT)
    if grid.rules == "all":
        for x0, x1 in grid.edges.values():
            for x in (x0, x1):
                canvas.upright(x, top - canvas.size - 1, top - canvas.size - 1 + height)


def _cell(layout: Layout, grid: Grid, item: Item, column: str, order: int, path: str) -> list[Piece]:
    writing = layout.invoice.writing
    match column:
        case "position":
            return [str(order + 1)]
        case "quantity":
            return [(writing.quantity(item.quantity, grid.places), f"{path}quantity")]
        case "unit_price" | "net_amount":
            return layout.money(getattr(item, column), path + column)
        case "discount":
            return [writing.rate(item.discount)] if item.discount else [""]
        case "vat_rate":
            return [(writing.rate(item.vat_rate), f"{path}vat_rate")]
    return [(getattr(item, column), path + column)]


def _break(layout: Layout, grid: Grid, total: float | None) -> None:
    """A page ends within the table: its head is repeated, and often the sum so far."""
    labels = layout.words["labels"]
    if total is not None:
        _in_column(layout, grid, "description", layout.y, [layout.chance.choice(labels["carried"])])
        _in_column(layout, grid, "net_amount", layout.y, layout.money(total))
    layout.new_page()
    _grid_head(layout, grid)
    if total is not None:
        text = layout.chance.choice(labels["brought"]).format(before=layout.canvas.page - 1)
        _in_column(layout, grid, "description", layout.y, [text])
        _in_column(layout, grid, "net_amount", layout.y, layout.money(total))
        layout.y += layout.pitch + grid.gap


def _group(layout: Layout, grid: Grid, total: float, last: bool) -> None:
    text = layout.chance.choice(layout.words["labels"]["group"])
    name = layout.words["names"]["groups"][1 if last else 0]
    _in_column(layout, grid, "description", layout.y, [text.format(name=name)], bold=True)
    _in_column(layout, grid, "net_amount", layout.y, layout.money(total), bold=True)
    layout.y += layout.pitch + grid.gap + 2


def draw_totals(layout: Layout) -> None:
    """A list at the right, boxed or not, or a row of columns with the labels above."""
    invoice, chance = layout.invoice, layout.chance
    layout.y += 16
    if layout.y > HEIGHT - 190:
        layout.new_page()
    lines = _total_lines(layout)
    if len(lines) <= 4 and chance.random() < 0.12:
        _totals_row(layout, lines)
        return
    longest = max(layout.canvas.width(label, bold=True) for label, _, _ in lines)
    x = min(chance.choice((320.0, 360.0, 390.0)), RIGHT - 90 - longest)
    if chance.random() < 0.2:
        layout.canvas.box(x - 6, layout.y - 12, RIGHT - x + 6, len(lines) * (layout.pitch + 2) + 8)
    for label, value, path in lines:
        bold = path in ("total_with_vat", "amount_due")
        if invoice.is_credit_note:  # all in one cell
            layout.canvas.write(x, layout.y, f"{label} ", *layout.money(value, path, total=True), bold=bold)
        else:
            layout.canvas.write(x, layout.y, label, bold=bold)
            layout.canvas.write(RIGHT - 3, layout.y, *layout.money(value, path, total=True), align="right", bold=bold)
        layout.y += layout.pitch + 2
    if not layout.canvas.places["currency"]:
        layout.y += 4
        layout.canvas.write(x, layout.y, layout.named("currency"), " ", (invoice.currency, "currency"))
        layout.y += layout.pitch


def _total_lines(layout: Layout) -> list[tuple[str, float, str]]:
    invoice, colon = layout.invoice, layout.colon
    lines: list[tuple[str, float, str]] = []
    if invoice.charge:
        lines.append((layout.label("line_total"), invoice.line_total, ""))
        lines.append((layout.label("charge_total"), invoice.charge, "charge_total"))
    lines.append((layout.label("total_without_vat"), invoice.net, "total_without_vat"))
    forms = layout.words["labels"]["total_vat"]
    rated = [form for form in forms if "{rate}" in form]
    if len(invoice.taxes) == 1:
        rate, _, tax = invoice.taxes[0]
        form = layout.chance.choice(forms)
        lines.append((form.format(rate=invoice.writing.rate(rate)), tax, "total_vat"))
    elif layout.chance.random() < 0.4:
        form = layout.chance.choice(rated)
        lines += [
            (form.format(rate=invoice.writing.rate(rate)), tax, f"total_vat{'+' if order else ''}")
            for order, (rate, _, tax) in enumerate(invoice.taxes)
        ]
    else:
        form = layout.chance.choice([form for form in forms if "{rate}" not in form])
        lines.append((form, invoice.tax, "total_vat"))
    lines.append((layout.label("total_with_vat"), invoice.gross, "total_with_vat"))
    if invoice.rounding:
        lines.append((layout.label("rounding"), invoice.rounding, ""))
    if invoice.prepaid:
        sign = layout.chance.choice((1, -1))
        lines.append((layout.label("prepaid_amount"), sign * invoice.prepaid, "prepaid_amount"))
    if invoice.prepaid or invoice.rounding:
        lines.append((layout.label("amount_due"), invoice.due, "amount_due"))
    return [(label + (colon if colon.strip() == ":" else ""), value, path) for label, value, path in lines]


def _totals_row(layout: Layout, lines: list[tuple[str, float, str]]) -> None:
    step = (RIGHT - LEFT) / len(lines)
    ruled = layout.chance.random() < 0.5
    if ruled:
        layout.canvas.box(LEFT, layout.y - 12, RIGHT - LEFT, 2 * layout.pitch + 10)
    for order, (label, value, path) in enumerate(lines):
        x = LEFT + (order + 1) * step - 6
        layout.canvas.write(x, layout.y, label.rstrip(" :"), align="right", bold=True)
        layout.canvas.write(x, layout.y + layout.pitch + 2, *layout.money(value, path, total=True), align="right")
    layout.y += 2 * layout.pitch + 14


def draw_taxes(layout: Layout) -> None:
    """Rate, base and tax of each rate, now and then with the gross; in a place of its own below the totals."""
    chance, writing = layout.chance, layout.invoice.writing
    layout.y += 14
    if layout.y > HEIGHT - 150:
        layout.new_page()
    columns = ["rate", "base", "tax"]
    if chance.random() < 0.2:
        columns = ["base", "rate", "tax"]
    if chance.random() < 0.25:
        columns.append("gross")
    title = chance.choice(layout.words["labels"]["tax_summary"])
    if title:
        layout.canvas.write(LEFT, layout.y, title, bold=True)
        layout.y += layout.pitch + 2
    stops = {column: LEFT + 90.0 * (order + 1) for order, column in enumerate(columns)}
    for column in columns:
        text = chance.choice(layout.words["columns"][column])
        layout.canvas.write(stops[column], layout.y, text, bold=True, align="right")
    for order, (rate, base, tax) in enumerate(layout.invoice.taxes):
        layout.y += layout.pitch
        path = f"taxes[{order}]."
        texts: dict[str, list[Piece]] = {
            "rate": [(writing.rate(rate), f"{path}rate")], "base": layout.money(base, f"{path}base"),
            "tax": layout.money(tax, f"{path}tax"), "gross": layout.money(round(base + tax, 2)),
        }  # fmt: skip
        for column in columns:
            layout.canvas.write(stops[column], layout.y, *texts[column], align="right")
    layout.y += layout.pitch
