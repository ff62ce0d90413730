"""What an address block says: the name, the street, the town, the country, the whole address in print order."""

from __future__ import annotations

import re

from .address_lines import (
    LEGAL_FORM,
    begins_with_street,
    continues_name,
    is_contact,
    is_department,
    is_second_line,
    is_street,
    is_surely_street,
    may_be_name,
    name_alone,
)
from .addresses import Block
from .candidates import Candidate
from .text_grid import Span
from .towns import country_in, is_code

PARTS = ("name", "street", "postal_code", "city", "country", "address", "region")


def part_of(concept: str, block: Block | None) -> Candidate | None:
    """One of `PARTS`; None if the block does not say it."""
    if block is None:
        return None
    score = 0.9 if block.labelled else 0.75
    if concept == "country":
        return _country(block, score)
    if concept in ("postal_code", "city"):
        town = block.town
        return None if town is None else _joined([town.code if concept == "postal_code" else town.city], score, "")
    if concept == "region":
        return _region(block, score)
    name, rest = _divided(block)
    if concept == "name":
        return _joined(name, score, " ")
    street = _street(block, rest)
    if concept == "street":
        return _joined(street, score, ", ")
    return _address(block, rest, street, score)


def _joined(spans: list[Span], score: float, between: str) -> Candidate | None:
    """None of no spans; a comma that ends a line is not printed twice."""
    texts = [span.text.rstrip(" ,") if "," in between else span.text for span in spans]
    return Candidate(between.join(texts), tuple(spans), score) if spans else None


def _divided(block: Block) -> tuple[list[Span], list[Span]]:
    """The lines of the name, and those of the address between it and the town."""
    above = block.lines[: block.at] if block.town is not None else block.lines
    above = [line for line in above if not (is_contact(line.text) or _is_remark(line.text))] or above
    named = next((at for at, line in enumerate(above[:3]) if may_be_name(line.text)), None)
    if named is None or (len(above) > named and _is_no_name(above, named)):
        return [], _of_address(block, above)
    named = _company(above, named)
    end = named + 1
    while end < len(above) and end - named < 3 and continues_name(above[end - 1].text, above[end].text):
        end += 1
    return [name_alone(above[named]), *above[named + 1 : end]], _of_address(block, above[end:])


def _company(lines: list[Span], named: int) -> int:
    """The line with the legal form, if a logo, a slogan or a person stands above it."""
    for at, line in enumerate(lines[named : named + 3], named):
        if LEGAL_FORM.search(line.text):
            alone = at > named and continues_name(lines[at - 1].text, line.text)
            return at if line.text[:1].isupper() and may_be_name(line.text) and not alone else named
        if is_surely_street(line.text) or is_second_line(line.text):
            break
    return named


def _is_remark(text: str) -> bool:
    return text.startswith("(") and text.endswith(")") and " " in text


def _is_no_name(lines: list[Span], at: int) -> bool:
    """Whether a block has lost its name: it begins with its street."""
    text = lines[at].text
    alone = len(lines) == at + 1
    if not is_surely_street(text):
        return alone and begins_with_street(text)
    return alone or is_second_line(text) or (text[:1].isdigit() and not is_surely_street(lines[at + 1].text))


def _of_address(block: Block, lines: list[Span]) -> list[Span]:
    """From the first line that looks like an address on; before it stand people and slogans."""
    town = block.town
    city = town.city.cell if town is not None and town.city.cell is not block.foot else None
    first = next(
        (at for at, line in enumerate(lines) if line.cell is city or is_surely_street(line.text)
         or is_second_line(line.text) or is_street(line.text)), max(0, len(lines) - 1) if town is not None else 0
    )  # fmt: skip
    return lines[first:]


def _street(block: Block, rest: list[Span]) -> list[Span]:
    """What stands before the town on its line, or else the line of the street above the town."""
    town = block.town
    if town is None:
        return next(([line] for line in rest if is_surely_street(line.text) or re.search(r"\d", line.text)), [])
    if town.city.cell is block.foot:
        first = min(town.code.start, town.city.start)
        inline = Span(town.code.cell, block.lines[block.at].start, first).stripped()
        if len(inline.text) > 5 and re.search(r"\d", inline.text):
            return [inline]
    lines = [line for line in rest if line.cell is not town.city.cell or block.single]
    if len(lines) > 1 and block.single and re.search(r"\d", lines[-2].text) and not re.search(r"\d", lines[-1].text):
        number, road = lines[-2:]  # 'Unit 7, Station Road'
        return [Span(road.cell, number.start, road.end)] if number.cell is road.cell else [number, road]
    for looks_so in (is_surely_street, is_street):
        if found := [line for line in lines if looks_so(line.text) and not is_second_line(line.text)]:
            return found[-1:]
    return [line for line in lines if not is_department(line.text)][-1:]


def _address(block: Block, rest: list[Span], street: list[Span], score: float) -> Candidate | None:
    """All lines from the street to the country as they are printed."""
    lines = list(rest or (street if street and street[0].cell is not block.foot else []))
    if block.town is not None:
        lines.append(block.lines[block.at])
        if block.lines[block.at].cell is not block.town.code.cell:
            lines.append(block.town.code)
    lines += [span for span in (*block.lines[block.at + 1 :], *block.below[:2]) if _is_country(span)][:1]
    return _joined(lines, score, ", ")


def _is_country(span: Span) -> bool:
    found = country_in(span)
    return found is not None and len(found[1].text) >= len(span.text) - 6


def _country(block: Block, score: float) -> Candidate | None:
    town = block.town
    lines = [*block.lines[block.at + 1 :], *block.below[:2]]
    if town is not None:
        lines.append(Span(town.city.cell, town.city.end, len(town.city.cell.text)))
        if not is_code(town.code) or town.code.cell is not town.city.cell:
            lines.append(Span(town.code.cell, town.code.end, len(town.code.cell.text)))
    for span in lines if town is not None else block.lines[-1:]:
        found = country_in(span)
        if found:
            return Candidate(found[0], (found[1],), score)
    if town is None:
        return None
    if town.land:
        return Candidate(town.land, (_before_code(town.code) or block.lines[block.at],), score)
    line = block.lines[block.at]
    return (
        Candidate("US", (line.cut(len(line.text) - 2, len(line.text)),), score) if line.text.endswith(" US") else None
    )


def _region(block: Block, score: float) -> Candidate | None:
    """The state or province of an American, Canadian or Australian address."""
    town = block.town
    if town is None or not town.region:
        return None
    text = town.code.cell.text
    start = text.rfind(town.region, 0, town.code.start)
    return _joined([Span(town.code.cell, start, start + len(town.region))], score, "") if start >= 0 else None


def _before_code(code: Span) -> Span | None:
    """The letters of the country or the state that stand before a postal code."""
    letters = re.search(r"\b([A-Z]{1,3})[-, ]*$", code.cell.text[: code.start])
    return Span(code.cell, *letters.span(1)) if letters else None
