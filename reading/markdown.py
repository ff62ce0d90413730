"""A page as Markdown: headings, paragraphs, lists, tables, and pictures by name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from reading.document import Box, Line, Region, RegionKind
from reading.tables import Row, Table, around, rows_of, split_tables

BULLET = re.compile(r"^(?:[•▪◦●■·‣⁃]\s*|[–*-]\s+)(?=[^\W\d])")
NUMBERED = re.compile(r"^\d{1,2}[.)]\s+(?=[^\W\d])")
RULE = re.compile(r"^(?=([-=_*]))[-=_* ]{3,}$|^>|^#{1,6}(?=\s|$)|^[-+*](?=\s)")
MARKUP = re.compile(r"<(?=[a-zA-Z/!?])|(?<=!)\[|(?<=\])\(|`")
LARGER = 1.25  # than the usual line: a heading
LEVELS = (1.8, 1.35)  # times the usual height, for the first and the second level
HEADING = 120  # characters, at most
CLOSE = 0.8  # line heights between lines of one paragraph, at most
FULL = 0.75  # of its paragraph's width a line fills, unless it ends there on purpose
PROSE = 40  # characters of a line that was broken only because the column ended


def picture_name(page_number: int, n: int) -> str:
    """The name of the nth picture (from 0) of a page (from 1)."""
    return f"_page_{page_number - 1}_Picture_{n}.jpeg"


@dataclass(slots=True)
class _Block:
    kind: str
    box: Box
    rows: list[Row]
    text: str = ""


def markdown_of(number: int, lines: Sequence[Line], regions: Sequence[Region]) -> str:
    """The lines are in reading order; a region of a picture becomes a reference to it."""
    blocks = [_written(block) for block in _blocks(lines, regions)]
    pictures = [region for region in regions if region.kind is RegionKind.PICTURE]
    for n, picture in enumerate(pictures):
        reference = _Block("picture", picture.box, [], f"![]({picture_name(number, n)})")
        blocks.insert(_place(blocks, picture.box), reference)
    return "".join(_separated(blocks))


def _blocks(lines: Sequence[Line], regions: Sequence[Region]) -> list[_Block]:
    rows = rows_of(lines)
    usual = _usual_height(rows)
    titles = [region.box for region in regions if region.kind is RegionKind.TITLE]
    blocks: list[_Block] = []
    for part in split_tables(rows, regions):
        if isinstance(part, Table):
            blocks.append(_Block("table", around([row.box for row in part.rows]), part.rows, _table(part)))
            continue
        kind = _kind(part, usual, titles)
        if blocks and _goes_on(blocks[-1], kind, part):
            blocks[-1].rows.append(part)
            blocks[-1].box = blocks[-1].box.union(part.box)
        else:
            blocks.append(_Block(kind, part.box, [part]))
    return blocks


def _usual_height(rows: Sequence[Row]) -> float:
    heights: list[float] = []
    for row in rows:
        for line, box in zip(row.cells, row.boxes, strict=True):
            heights += [box.height] * len(line.words)
    return median(heights) if heights else 0.0


def _kind(row: Row, usual: float, titles: Sequence[Box]) -> str:
    text = _row_text(row)
    if len(row.cells) == 1 and len(text) <= HEADING and any(map(str.isalpha, text)):
        box = row.boxes[0]
        if row.height > LARGER * usual or any(box.overlap(title) > 0.6 for title in titles):
            share = row.height / usual
            return "#" * (1 + sum(share < level for level in LEVELS)) + " "
    if BULLET.match(text):
        return "- "
    return "1. " if NUMBERED.match(text) else ""


def _goes_on(block: _Block, kind: str, row: Row) -> bool:
    """Whether the row belongs to the paragraph, heading or item above it."""
    if block.kind == "table" or (kind and not (kind == block.kind and kind.startswith("#"))):
        return False
    if block.kind.startswith("#") and not kind:
        return False
    above = block.rows[-1]
    gap = row.top - above.bottom
    alike = row.height < LARGER * above.height and above.height < LARGER * row.height
    box = row.box
    beside = min(block.box.x1, box.x1) > max(block.box.x0, box.x0)
    return alike and beside and -0.5 * row.height < gap < CLOSE * row.height


def _written(block: _Block) -> _Block:
    if block.kind == "table":
        return block
    lines = [_row_text(row) for row in block.rows]
    if block.kind == "- ":
        lines[0] = BULLET.sub("", lines[0])
    prose = bool(block.kind) or median(map(len, lines)) >= PROSE
    text = _escaped(lines[0])
    for n in range(1, len(lines)):
        text = _joined(text, _escaped(lines[n]), prose and _is_full(block, block.rows[n - 1]))
    block.text = text if block.kind == "1. " else block.kind + text
    return block


def _is_full(block: _Block, row: Row) -> bool:
    if block.kind:
        return True
    return row.box.x1 - block.box.x0 >= FULL * block.box.width


def _joined(text: str, following: str, flows: bool) -> str:
    if not flows:
        return f"{text}  \n{following}"
    if text.endswith("-") and text[-2:-1].isalpha() and following[:1].islower():
        return text[:-1] + following
    return f"{text} {following}"


def _row_text(row: Row) -> str:
    return "  ".join(line.text for line in row.cells)


def _escaped(text: str) -> str:
    """What the page says is text, even where it looks like Markdown or HTML."""
    text = MARKUP.sub(lambda found: "\\" + found[0], text)
    return "\\" + text if RULE.match(text) else text


def _table(table: Table) -> str:
    head, *body = ([_cell(text) for text in row] for row in table.cells())
    rows = [head, ["---"] * len(head), *body]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _cell(text: str) -> str:
    return _escaped(text).replace("|", "\\|")


def _place(blocks: Sequence[_Block], picture: Box) -> int:
    """Before what stands beside or below it in the same column, or else below it anywhere."""
    for n, block in enumerate(blocks):
        meets = min(block.box.x1, picture.x1) > max(block.box.x0, picture.x0)
        if meets and block.box.centre[1] >= picture.y0:
            return n
    return next((n for n, block in enumerate(blocks) if block.box.y0 >= picture.y1), len(blocks))


def _separated(blocks: Sequence[_Block]) -> Iterator[str]:
    """An empty line between blocks, but none between the items of a list."""
    for n, block in enumerate(blocks):
        if n:
            yield "\n" if block.kind in ("- ", "1. ") and block.kind == blocks[n - 1].kind else "\n\n"
        yield block.text
