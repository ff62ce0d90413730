"""The head of a document: brand, sender, addressee and title."""

from __future__ import annotations

from benchmarks.layouts_drawn.canvas import BLACK, Run, plain
from benchmarks.layouts_drawn.parties import Party, countries
from benchmarks.layouts_drawn.sheet import GREY, LIGHT, WHITE, Sheet
from benchmarks.layouts_drawn.wording import choices


def address_lines(sheet: Sheet, prefix: str, *, country: bool | None = None) -> list[list[Run]]:
    """Street, town and, where the family writes it, the country."""
    party, design = sheet.content.parties[prefix], sheet.design
    forms = choices(countries()[party.country]["place"])
    form = design.picks(f"place {party.country}", tuple(forms))
    lines: list[list[Run]] = [[(party["street"], f"{prefix}.street")], *party.place_lines(prefix, form)]
    abroad = sheet.content.parties["seller"].country != sheet.content.parties["buyer"].country
    if country if country is not None else abroad or not design.foreign_only:
        name = party.country_name.upper() if design.carries("loud country", 0.3) else party.country_name
        lines.append([(name, f"{prefix}.country")])
    return _with_address(lines, prefix)


def _with_address(lines: list[list[Run]], prefix: str) -> list[list[Run]]:
    """The same lines, every part of them marked as a part of the whole address too."""
    path, whole = f"{prefix}.address", []
    for line in lines:
        runs: list[Run] = []
        for text, paths in ((run, "") if isinstance(run, str) else run for run in line):
            if paths or text.strip(" -,()"):
                runs.append((text, f"{paths},{path}".strip(",")))
                path = f"{prefix}.address+"
            else:
                runs.append(text)
        whole.append(runs)
    return whole


def in_one_line(lines: list[list[Run]], between: str) -> list[Run]:
    return [run for place, line in enumerate(lines) for run in ([between, *line] if place else line)]


def name_run(sheet: Sheet, prefix: str) -> Run:
    name = sheet.content.parties[prefix]["name"]
    if prefix == "seller" and sheet.design.upper_name:
        name = name.upper()
    return (name, f"{prefix}.name")


def brand(sheet: Sheet, x: float, y: float, width: float, align: str = "left") -> float:
    """A logo, the name of the firm or both."""
    design, canvas = sheet.design, sheet.canvas
    size = max(12.0, design.title_size * 0.9)
    left = {"left": x, "right": x + width - 30, "middle": x + width / 2 - 15}[align]
    if design.logo in ("square", "disc", "bars"):
        if design.logo == "square":
            canvas.fill(left, y, 28, 28, design.accent)
        elif design.logo == "disc":
            canvas.disc(left, y, 30, design.accent)
        else:
            for place, height in enumerate((14, 28, 20)):
                canvas.fill(left + place * 10, y + 28 - height, 8, height, design.accent)
        y += 36
    if design.logo == "band":
        canvas.fill(0, 0, canvas.width, y + size * 1.9, design.accent)
    colour = (
        WHITE
        if design.logo == "band"
        else (design.picks("name colour", ("accent", "black")) == "accent" and design.accent) or BLACK
    )
    if design.logo not in ("none",) and not (design.logo in ("square", "disc") and design.carries("logo only", 0.4)):
        y = sheet.line(
            x, y, name_run(sheet, "seller"), width, sheet.style(size=size, bold=True, colour=colour, align=align)
        )
        y += size * 0.2
    if design.slogan:
        y = sheet.line(
            x,
            y,
            sheet.words.fixed("slogans"),
            width,
            sheet.style(colour=colour if colour != BLACK else GREY, align=align),
        )
    return y + (10 if design.logo == "band" else 0)


def sender(sheet: Sheet, x: float, y: float, width: float, align: str = "left", *, label: bool = False) -> float:
    """The block of the firm that writes."""
    design = sheet.design
    if label:
        y = sheet.line(
            x, y, sheet.words.label("buyer" if _orders(sheet) else "seller"), width, sheet.style(bold=True, align=align)
        )
    named = design.logo == "none" or label or design.carries("name again", 0.6) or design.logo in ("square", "disc")
    if named:
        y = sheet.line(
            x, y, name_run(sheet, "seller"), width, sheet.style(bold=design.carries("bold sender", 0.5), align=align)
        )
    style = sheet.style(align=align, colour=GREY if design.carries("grey sender", 0.3) else BLACK)
    lines = address_lines(sheet, "seller", country=design.carries("own country", 0.25))
    if design.sender_one_line:
        y = sheet.line(x, y, in_one_line(lines, ", "), width, style)
    else:
        for line in lines:
            y = sheet.line(x, y, line, width, style)
    for runs in _reach(sheet, sheet.content.parties["seller"]):
        y = sheet.line(x, y, runs, width, style)
    return y


def _orders(sheet: Sheet) -> bool:
    return sheet.content.kind.name == "purchase_order"


def _reach(sheet: Sheet, party: Party) -> list[list[Run]]:
    """Phone, mail and web, and the numbers of the firm where they stand beside its address."""
    design, found = sheet.design, []
    for key in ("phone", "email", "website"):
        if design.carries(f"sender {key}", {"phone": 0.65, "email": 0.55, "website": 0.35}[key]):
            runs: list[Run] = [(party[key], f"seller.{key}")]
            found.append(runs if design.carries(f"bare {key}", 0.45) else [f"{sheet.words.label(key)} ", *runs])
    if design.sender_ids:
        found += [[f"{label} ", run] for label, run in identifiers(sheet)]
    return found


def identifiers(sheet: Sheet) -> list[tuple[str, Run]]:
    party = sheet.content.parties["seller"]
    found: list[tuple[str, Run]] = []
    for key in ("vat_id", "tax_number", "legal_id"):
        likelihood = {"vat_id": 0.9, "tax_number": 0.6, "legal_id": 0.5}[key]
        if party[key] and sheet.design.carries(key, likelihood) and f"seller.{key}" not in sheet.shown:
            found.append((sheet.words.label(key), (party[key], f"seller.{key}")))
            sheet.shown.add(f"seller.{key}")
    return found


def addressee(sheet: Sheet, x: float, y: float, width: float, prefix: str = "buyer") -> float:
    """The block of the customer, or of the place where goods go."""
    design, canvas = sheet.design, sheet.canvas
    how = design.addressee_label if prefix == "buyer" or design.addressee_label in ("box", "bold") else "above"
    if sheet.content.kind.name == "payslip":
        how = "none"
    top, inner, label = y, x, sheet.label(prefix)
    if how == "box":
        y, inner, width = y + 5, x + 7, width - 14
    if how in ("above", "bold", "box"):
        style = sheet.style(bold=how == "bold", colour=GREY if how == "above" else BLACK)
        y = sheet.line(inner, y, label, width, style)
    if how == "beside":
        shift = min(canvas.text_width(label, sheet.style(bold=True)) + 10, width * 0.4)
        sheet.line(x, y, label, shift - 8, sheet.style(bold=True))
        inner, width = x + shift, width - shift
    for runs in _named(sheet, prefix):
        bold = runs == [name_run(sheet, prefix)] and design.carries("bold buyer", 0.4)
        y = sheet.line(inner, y, runs, width, sheet.style(bold=bold))
    if how == "box":
        canvas.frame(x, top, width + 14, y - top + 4, LIGHT if design.carries("light box", 0.4) else BLACK)
        y += 6
    return y


def _named(sheet: Sheet, prefix: str) -> list[list[Run]]:
    """The lines of an addressee: name and contact, address, and what else is said of it."""
    design, party = sheet.design, sheet.content.parties[prefix]
    buyer = prefix == "buyer"
    lines: list[list[Run]] = [[name_run(sheet, prefix)]]
    if buyer and party["vat_id"] and party["contact"] and design.contact_at != "none":
        before, after = sheet.words.fixed("attention", name="\0").split("\0")
        contact: list[Run] = [before, (party["contact"], "buyer.contact"), after]
        lines.insert(1 if design.contact_at == "after_name" else 0, contact)
    lines += address_lines(sheet, prefix)
    numbered = buyer and party["vat_id"] and sheet.content.kind.name != "payslip"
    if numbered and design.carries("buyer vat here", 0.2):
        lines.append([f"{sheet.label('buyer.vat_id')} ", (party["vat_id"], "buyer.vat_id")])
        sheet.shown.add("buyer.vat_id")
    if buyer and design.carries("buyer reach", 0.12):
        lines.append([(party["email"], "buyer.email")])
    return lines


def sender_line(sheet: Sheet, x: float, y: float, width: float) -> float:
    """The small line of return over the address window."""
    party = sheet.content.parties["seller"]
    between = sheet.design.picks("return", (" · ", " - ", ", ", " | "))
    runs = in_one_line([[(party["name"], "seller.name")], *address_lines(sheet, "seller", country=False)], between)
    style = sheet.style(size=6.5, colour=GREY)
    y = sheet.line(x, y, runs, width, style)
    if sheet.design.carries("return rule", 0.5):
        sheet.canvas.rule(x, y - 2, x + min(width, sheet.canvas.text_width(plain(runs), style)), y - 2, GREY)
    return y + 3


def title(sheet: Sheet, x: float, y: float, width: float, align: str = "left") -> float:
    design, canvas = sheet.design, sheet.canvas
    runs: list[Run] = [sheet.words.title(sheet.content.kind.name)]
    if design.title_number and sheet.runs("number"):
        runs = [*runs, design.picks("before number", (" ", " ", " # ", " n° ", " – ")), *sheet.runs("number")]
        sheet.shown.add("number")
    colour = design.accent if design.carries("coloured title", 0.4) else BLACK
    style = canvas.fitted(
        plain(runs),
        width,
        sheet.style(size=design.title_size, bold=design.carries("bold title", 0.7), colour=colour, align=align),
    )
    y = sheet.line(x, y, runs, width, style) + 4
    if design.carries("title rule", 0.15):
        canvas.rule(x, y, x + width, y, design.accent, 1)
        y += 6
    return y
