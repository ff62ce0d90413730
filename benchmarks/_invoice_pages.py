"""Draws an invoice: each part of its layout is chosen by chance, whatever the others are."""

from __future__ import annotations

import random
from collections.abc import Callable

from benchmarks._canvas import HEIGHT, Canvas, Piece
from benchmarks._invoice_tables import draw_items, draw_taxes, draw_totals
from benchmarks._invoices import Invoice, Party, words

LEFT, RIGHT = 50.0, 545.0
_KEYS = ("invoice_number", "issue_date", "due_date", "delivery_date", "order_number", "customer_number", "buyer.vat_id")


class Layout:
    """One invoice being drawn: the chance that decides, the words of its language, and the line that is reached."""

    def __init__(self, invoice: Invoice, chance: random.Random) -> None:
        self.invoice, self.chance = invoice, chance
        self.words = words(invoice.language)
        font = chance.choice(("Helvetica", "Helvetica", "Times", "Courier"))
        self.canvas = Canvas(font, chance.choice((8.0, 9.0, 10.0)) if font != "Courier" else 8.0)
        self.y = 60.0
        self.free = 0.0
        """Where the addresses end: above that, only the right half of the page is."""
        self.seller_at = chance.choice(("left", "right", "top", "line", "footer"))
        self.buyer_at = "left" if self.seller_at in ("right", "line") else chance.choice(("left", "right", "right"))
        self.colon = chance.choice((":", ":", "", " :" if invoice.language == "fr" else ":"))
        self.with_due_sentence = chance.random() < 0.3
        self.sentence_title = chance.random() < 0.15
        self.with_country = chance.random() < 0.4
        self.numbered_pages = chance.random() < 0.6
        self.charged_in_items = False

    @property
    def pitch(self) -> float:
        return self.canvas.size * 1.35

    def label(self, concept: str) -> str:
        return str(self.chance.choice(self.words["labels"][concept]))

    def named(self, concept: str) -> str:
        """A label as it stands before a value on its line."""
        text = self.label(concept)
        return text if text.endswith(":") else text + self.colon

    def money(self, value: float, path: str = "", *, total: bool = False) -> list[Piece]:
        """An amount with its currency where this supplier puts it."""
        writing = self.invoice.writing
        number: Piece = (writing.number(value), path) if path else writing.number(value)
        sign: Piece = (writing.sign, "currency")
        match writing.sign_at:
            case "before":
                return [sign, " ", number]
            case "close":
                return [sign, number]
            case "after":
                return [number, " ", sign]
            case "totals" if total:
                return [number, " ", (self.invoice.currency, "currency")]
        return [number]

    def text_of(self, concept: str) -> str:
        """A value of the head, as this supplier writes it."""
        invoice = self.invoice
        if concept in ("issue_date", "due_date", "delivery_date"):
            return invoice.writing.day(getattr(invoice, concept))
        return invoice.buyer.vat_id if concept == "buyer.vat_id" else str(getattr(invoice, concept))

    def new_page(self) -> None:
        self._page_number()
        self.canvas.pdf.add_page()
        self.y = 70.0

    def _page_number(self) -> None:
        if self.numbered_pages:
            page = self.canvas.page
            text = self.words["labels"]["page"][0].format(n=page, m=page + 1)
            self.canvas.write(RIGHT, HEIGHT - 22, text, size=7, align="right")

    def finish(self) -> None:
        _footer(self)
        self._page_number()


def draw_pages(invoice: Invoice, chance: random.Random) -> Canvas:
    layout = Layout(invoice, chance)
    _letterhead(layout)
    bottom = _addresses(layout)
    _title(layout, bottom)
    _head(layout)
    if chance.random() < 0.3:
        layout.y += 8
        layout.canvas.write(LEFT, layout.y, chance.choice(layout.words["sentences"]["intro"]))
        layout.y += layout.pitch
    layout.y += 14
    draw_items(layout)
    draw_totals(layout)
    if len(invoice.taxes) > 1 or chance.random() < 0.2:
        draw_taxes(layout)
    _payment(layout)
    layout.finish()
    return layout.canvas


def _lines_of(party: Party, path: str, countries: dict[str, str], with_country: bool) -> list[list[Piece]]:
    code, city = (party.postal_code, f"{path}.postal_code"), (party.city, f"{path}.city")
    town: list[Piece] = [city, " ", code] if party.country == "GB" else [code, " ", city]
    if party.country == "US":
        state = {"Chicago": "IL", "Portland": "OR"}[party.city]
        town = [city, f", {state} ", code]
    lines: list[list[Piece]] = [[(party.name, f"{path}.name")], [(party.street, f"{path}.street")], town]
    if with_country:
        lines.append([(countries[party.country], f"{path}.country")])
    return lines


def _letterhead(layout: Layout) -> None:
    """The seller: as a block, in one line under the window, or only in the footer with a drawn sign at the top."""
    canvas, seller = layout.canvas, layout.invoice.seller
    lines = _lines_of(seller, "seller", layout.words["countries"], layout.with_country)
    lines += _contact(layout)
    where = layout.seller_at
    if layout.chance.random() < 0.4:
        canvas.box(LEFT if where != "left" else 400, 30, 46, 26, shade=90)
    if where in ("line", "footer"):
        layout.y = 100.0
        return
    x, align = {"left": (LEFT, "left"), "right": (RIGHT, "right"), "top": (297.0, "middle")}[where]
    if where == "right" and layout.chance.random() < 0.5:
        x, align = 390.0, "left"
    if where == "left" and layout.chance.random() < 0.2:
        canvas.write(x, layout.y, layout.named("seller"), bold=True)
        layout.y += layout.pitch
    for order, line in enumerate(lines):
        size = canvas.size + (layout.chance.choice((0, 2, 5)) if order == 0 else 0)
        canvas.write(x, layout.y, *line, size=size, bold=order == 0, align=align)
        layout.y += layout.pitch
    layout.y += 20


def _contact(layout: Layout) -> list[list[Piece]]:
    seller = layout.invoice.seller
    lines: list[list[Piece]] = []
    if layout.chance.random() < 0.5:
        lines.append([f"{layout.named('phone')} +44 20 7946 0{layout.chance.randrange(100, 999)}"])
    if layout.chance.random() < 0.4:
        lines.append([f"{layout.named('email')} info@{seller.name.split()[0].lower()}.example"])
    if seller.vat_id and layout.seller_at in ("left", "right") and layout.chance.random() < 0.5:
        lines.append([layout.named("seller.vat_id"), " ", (seller.vat_id, "seller.vat_id")])
    return lines


def _addresses(layout: Layout) -> float:
    """The buyer, and beside it where the goods went; the line below both."""
    canvas, invoice, top = layout.canvas, layout.invoice, max(layout.y, 128.0)
    x = LEFT if layout.buyer_at == "left" else 340.0
    if layout.seller_at == "line":
        _sender_line(layout, x, top)
        top += 16
    y = _address(layout, x, top, invoice.buyer, "buyer", 0.5)
    if invoice.ship_to is not None:
        y = max(y, _address(layout, 340.0 if x == LEFT else LEFT, top, invoice.ship_to, "ship_to", 1.0))
    layout.y, layout.free = top, y
    canvas.pdf.set_line_width(0.5)
    return y


def _sender_line(layout: Layout, x: float, y: float) -> None:
    seller = layout.invoice.seller
    mark = layout.chance.choice((" · ", ", ", " - ", " | "))
    pieces: list[Piece] = [(seller.name, "seller.name"), mark, (seller.street, "seller.street"), mark]
    town = _lines_of(seller, "seller", layout.words["countries"], False)[2]
    layout.canvas.write(x, y, *pieces, *town, size=6.5)


def _address(layout: Layout, x: float, y: float, party: Party, path: str, headed: float) -> float:
    canvas = layout.canvas
    if layout.chance.random() < headed:
        canvas.write(x, y, layout.named(path), bold=layout.chance.random() < 0.5)
        y += layout.pitch + layout.chance.choice((0, 3))
    countries = layout.words["countries"]
    lines = _lines_of(party, path, countries, layout.with_country)
    if party.vat_id and path == "buyer" and layout.chance.random() < 0.15:
        lines.append([layout.named("buyer.vat_id"), " ", (party.vat_id, "buyer.vat_id")])
    for line in lines:
        canvas.write(x, y, *(piece if path != "ship_to" or isinstance(piece, str) else piece[0] for piece in line))
        y += layout.pitch
    return y


def _title(layout: Layout, bottom: float) -> None:
    """At the top right where there is room, else above the head."""
    canvas, invoice = layout.canvas, layout.invoice
    if layout.sentence_title:
        form = layout.chance.choice(layout.words["sentences"]["title"])
        values = {"{number}": "invoice_number", "{date}": "issue_date"}
        layout.y = bottom + 26
        canvas.write(LEFT, layout.y, *_filled(layout, form, values), size=13, bold=True)
        return
    title = layout.chance.choice(layout.words["labels"]["title"])
    if invoice.is_credit_note:
        title = layout.words["labels"]["credit_note"][0]
    if layout.seller_at in ("left", "line", "footer") and layout.chance.random() < 0.5:
        canvas.write(RIGHT, 60, title, size=18, bold=True, align="right")
        layout.y = bottom + 6 if invoice.ship_to or layout.buyer_at == "right" else layout.y
    else:
        layout.y = bottom + 26
        canvas.write(LEFT, layout.y, title, size=15, bold=True)
    layout.y = max(layout.y, bottom if layout.chance.random() < 0.7 or layout.buyer_at == "right" else layout.y)


def _filled(layout: Layout, form: str, values: dict[str, str]) -> list[Piece]:
    pieces: list[Piece] = []
    while form:
        sign = min((sign for sign in values if sign in form), key=form.index, default="")
        if not sign:
            return [*pieces, form]
        before, _, form = form.partition(sign)
        pieces += [before, (layout.text_of(values[sign]), values[sign])]
    return pieces


def _head(layout: Layout) -> None:
    """Number, dates and references: inline, in two columns, or as a table with labels above the values."""
    invoice, chance = layout.invoice, layout.chance
    keys = [key for key in _KEYS[:2] if not (layout.sentence_title and f"{key}" in layout.canvas.places)]
    if not layout.with_due_sentence:
        keys.append("due_date")
    keys += [key for key in _KEYS[3:6] if chance.random() < 0.45]
    if invoice.buyer.vat_id and "buyer.vat_id" not in layout.canvas.places and chance.random() < 0.2:
        keys.append("buyer.vat_id")
    if invoice.writing.sign_at == "none" and chance.random() < 0.5:
        keys.append("currency")
    if chance.random() < 0.3:
        chance.shuffle(keys)
    layout.y += 24
    styles: tuple[Callable[[Layout, list[str]], None], ...] = (_inline, _two_columns, _two_columns, _head_table)
    chance.choice(styles)(layout, keys)
    layout.y = max(layout.y, layout.free)


def _inline(layout: Layout, keys: list[str]) -> None:
    x = LEFT if layout.y > 240 or layout.buyer_at == "right" else 340.0
    x = 340.0 if layout.buyer_at == "left" and layout.chance.random() < 0.5 else x
    x = 340.0 if layout.y < layout.free else x
    for key in keys:
        layout.canvas.write(x, layout.y, layout.named(key), " ", (layout.text_of(key), key))
        layout.y += layout.pitch


def _two_columns(layout: Layout, keys: list[str]) -> None:
    canvas = layout.canvas
    x = LEFT if layout.chance.random() < 0.4 else 330.0
    x = 330.0 if layout.y < layout.free else x
    labels = [layout.named(key) for key in keys]
    stop = x + max(canvas.width(label) for label in labels) + layout.chance.choice((10, 24, 40))
    right = layout.chance.random() < 0.3
    for key, label in zip(keys, labels, strict=True):
        canvas.write(x, layout.y, label)
        canvas.write(RIGHT if right and x > LEFT else stop, layout.y, (layout.text_of(key), key),
                     align="right" if right and x > LEFT else "left")  # fmt: skip
        layout.y += layout.pitch


def _head_table(layout: Layout, keys: list[str]) -> None:
    """Labels in one row and values below, over the whole width; a second such row for what has no room."""
    canvas, ruled = layout.canvas, layout.chance.random() < 0.5
    layout.y = max(layout.y, layout.free + 14)
    for start in range(0, len(keys), 4):
        part = keys[start : start + 4]
        step = (RIGHT - LEFT) / len(part)
        if ruled:
            canvas.box(LEFT, layout.y - canvas.size - 2, RIGHT - LEFT, 2.7 * canvas.size + 6)
        for order, key in enumerate(part):
            canvas.write(LEFT + 4 + order * step, layout.y, layout.label(key), bold=True)
            canvas.write(LEFT + 4 + order * step, layout.y + 1.5 * canvas.size, (layout.text_of(key), key))
        layout.y += 4 * canvas.size


def _payment(layout: Layout) -> None:
    canvas, invoice, chance = layout.canvas, layout.invoice, layout.chance
    layout.y += 22
    if layout.y > HEIGHT - 130:
        layout.new_page()
    if layout.with_due_sentence:
        form = chance.choice(layout.words["sentences"]["due"])
        canvas.write(LEFT, layout.y, *_filled(layout, form, {"{due}": "due_date"}))
        layout.y += layout.pitch
    if chance.random() < 0.7:
        number = invoice.iban if chance.random() < 0.3 else " ".join(_fours(invoice.iban))
        canvas.write(LEFT, layout.y, layout.named("iban"), " ", (number, "iban"))
        layout.y += layout.pitch
        if chance.random() < 0.7:
            canvas.write(LEFT, layout.y, layout.named("bic"), " ", (invoice.bic, "bic"))
            layout.y += layout.pitch
    if chance.random() < 0.5:
        canvas.write(LEFT, layout.y, chance.choice(layout.words["sentences"]["thanks"]))


def _fours(text: str) -> list[str]:
    return [text[start : start + 4] for start in range(0, len(text), 4)]


def _footer(layout: Layout) -> None:
    """In columns, or in one line in the middle; it names the seller where nothing else does."""
    canvas, seller = layout.canvas, layout.invoice.seller
    if layout.seller_at != "footer" and layout.chance.random() < 0.4:
        return
    tax: list[Piece] = [layout.named("seller.vat_id"), " ", (seller.vat_id, "seller.vat_id")] if seller.vat_id else []
    lines = _lines_of(seller, "seller", layout.words["countries"], False)
    canvas.rule(LEFT, HEIGHT - 74, RIGHT)
    if layout.chance.random() < 0.5:
        for order, line in enumerate(lines):
            canvas.write(LEFT, HEIGHT - 62 + 10 * order, *line, size=7)
        canvas.write(240, HEIGHT - 62, "Tel. +49 40 3344 512", size=7)
        canvas.write(400, HEIGHT - 62, *tax, size=7)
        return
    mark = layout.chance.choice((" - ", " · ", ", ", " | "))
    pieces = [piece for line in lines for piece in (*line, mark)][:-1]
    canvas.write(297, HEIGHT - 60, *pieces, size=7, align="middle")
    if tax:
        canvas.write(297, HEIGHT - 50, *tax, size=7, align="middle")
