"""What can be said of each candidate of a document before anybody asks for it: one row of numbers each."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from reading.literals.companies import legal_form

from ..addresses import Block
from ..text_grid import Cell, TextGrid
from .proposals import Origin, Proposal
from .surroundings import NONE, Floats, Surroundings, plain

ORIGINS = tuple(origin for origin in Origin if origin is not Origin.RULES)
PLACE = (
    "page", "last_page", "x0", "y0", "x1", "height", "whole_cell", "start", "behind_colon", "left_gap", "above_gap",
    "row_cells", "first_of_row", "last_of_row", "in_items", "rows_down", "confidence",
)  # fmt: skip
TEXT = (
    "letters", "words", "digits", "capitals", "alphabetic", "title_case", "legal_form", "mail", "domain_alike",
    "sentence", "covers_label", "label_like", "repeats", "spans",
)  # fmt: skip
NUMBER = (
    "size", "places", "currency", "percent", "rank", "largest", "as_gross", "as_net", "as_tax", "sum_of_lines",
    "negative", "whole", "year_like", "last_amount",
)  # fmt: skip
DATE = ("date_order", "dates")
BLOCK = ("in_block", "line_of_block", "lines_of_block", "labelled_block", "town_line", "covers_block")
NAMES = (*(f"origin_{origin.name.lower()}" for origin in ORIGINS), *PLACE, *TEXT, *NUMBER, *DATE, *BLOCK)
_MAIL = re.compile(r"@([\w-]+(?:\.[\w-]+)+)|(?:www\.|https?://)([\w-]+(?:\.[\w-]+)+)")
_LEGAL = re.compile(rf"\b(?:{legal_form('letters')})\b\.?", re.IGNORECASE)
_MOST_TAX = 0.35
"""Of a net amount, the largest share that a tax has anywhere."""


class PageFeatures:
    """One row for each proposal; `columns` are `NAMES`."""

    def __init__(
        self, proposals: Sequence[Proposal], around: Surroundings, grid: TextGrid, blocks: Sequence[Block],
        banned: Iterable[Cell], line_amounts: Sequence[float],
    ) -> None:  # fmt: skip
        self.proposals = proposals
        self._around = around
        self._grid = grid
        self._banned = set(banned)
        self._cell_height = float(np.median([cell.box.height for cell in grid.cells])) if grid.cells else 0.01
        self._last_page = max((cell.page for cell in grid.cells), default=1)
        self._of_block = _lines_of(blocks)
        self.at = np.array([around.at(one) for one in proposals], np.int32)
        parts = (self._origins(), self._places(), self._texts(), self._numbers(line_amounts), self._dates(),
                 self._blocks())  # fmt: skip
        self.rows: Floats = np.hstack(parts) if proposals else np.zeros((0, len(NAMES)), np.float32)

    def _origins(self) -> Floats:
        return np.array([[one.origin is origin for origin in ORIGINS] for one in self.proposals], np.float32)

    def _places(self) -> Floats:
        near = self._around.neighbours
        return np.array([self._place(one, at, near.left_gap, near.above_gap) for one, at in
                         zip(self.proposals, self.at, strict=True)], np.float32)  # fmt: skip

    def _place(self, one: Proposal, at: int, left_gap: Floats, above_gap: Floats) -> list[float]:
        if not one.spans:
            return [0.0] * len(PLACE)
        span, cell = one.spans[0], one.spans[0].cell
        row = self._grid.rows[cell.row]
        size = len(cell.text)
        before = cell.text[: span.start].rstrip()
        box = cell.box
        width = box.width / max(1, size)
        return [
            min(cell.page, 4), cell.page == self._last_page, box.x0 + width * span.start, box.y0,
            box.x0 + width * span.end, box.height / self._cell_height, span.end - span.start == size,
            span.start / size if size else 0, before.endswith(":"), left_gap[at] if at != NONE else 1,
            above_gap[at] if at != NONE else 1, len(row), row[0] is cell, row[-1] is cell, cell in self._banned,
            cell.row / max(1, len(self._grid.rows)), min(word.confidence for word in cell.words),
        ]  # fmt: skip

    def _texts(self) -> Floats:
        texts = [" ".join(span.text for span in one.spans) for one in self.proposals]
        self.plain = [plain(text) for text in texts]
        alike = self._domains()
        count = Counter(zip(self.plain, (one.origin for one in self.proposals), strict=True))
        rows = [
            [*_shape(text), like, *self._labels(one), count[folded, one.origin], len(one.spans)]
            for text, folded, one, like in zip(texts, self.plain, self.proposals, alike, strict=True)
        ]
        return np.array(rows, np.float32).reshape(-1, len(TEXT))

    def _labels(self, one: Proposal) -> tuple[bool, bool, bool]:
        """Whether it is a sentence, has the words of a label in it, and stands in a line that is a label."""
        cell = one.spans[0].cell if one.spans else None
        if cell is None:
            return False, False, False
        span, labels = one.spans[0], self._around.labels_in(cell)
        covers = any(label.is_sure and span.start <= label.start and label.end <= span.end for label in labels)
        sentence = len(cell.tokens) > 9 and cell.text.rstrip().endswith((".", ","))
        return sentence, covers, self._around.is_label(cell)

    def _domains(self) -> Floats:
        """How much a text is like the name of a mail or web domain on the page."""
        found = {(match[1] or match[2]).lower() for match in _MAIL.finditer(self._grid.text)}
        cores = sorted({re.sub(r"[\W_]", "", name.rsplit(".", 1)[0].removeprefix("www.")) for name in found})
        cores = [core for core in cores if len(core) > 3][:8]
        if not cores or not self.plain:
            return np.zeros(len(self.plain), np.float32)
        packed = [text.replace(" ", "")[:60] for text in self.plain]
        like = process.cdist(packed, cores, scorer=fuzz.ratio, dtype=np.float32)
        return np.asarray(like.max(axis=1) / 100, np.float32)

    def _numbers(self, line_amounts: Sequence[float]) -> Floats:
        rows = np.zeros((len(self.proposals), len(NUMBER)), np.float32)
        at = [index for index, one in enumerate(self.proposals) if one.number is not None]
        if not at:
            return rows
        values = np.array([float(self.proposals[index].value) for index in at])
        money = np.array([_is_money(self.proposals[index]) for index in at], bool)
        roles = _roles(values, money)
        rank = (-np.where(money, np.abs(values), 0)).argsort().argsort() / max(1, int(money.sum()))
        largest = float(np.abs(values[money]).max()) if money.any() else 0.0
        lines = round(sum(line_amounts), 2) if line_amounts else None
        last = {self.proposals[index].spans[0].cell.row: index for index in at}
        for order, index in enumerate(at):
            number, value = self.proposals[index].number, float(values[order])
            if number is None:
                continue
            rows[index] = [
                math.copysign(math.log1p(min(abs(value), 1e12)), value), number.places, bool(number.currency),
                number.percent, min(rank[order], 1), abs(value) == largest, *roles[order],
                lines is not None and abs(value - lines) < 0.015, value < 0, value == int(value),
                1950 < value < 2100 and value == int(value) and not number.places,
                last[self.proposals[index].spans[0].cell.row] == index,
            ]  # fmt: skip
        return rows

    def _dates(self) -> Floats:
        days = sorted({str(one.value) for one in self.proposals if one.origin is Origin.DATE})
        order = {day: (index + 1) / len(days) for index, day in enumerate(days)}
        return np.array(
            [[order[str(one.value)], len(days)] if one.origin is Origin.DATE else [0, 0] for one in self.proposals],
            np.float32,
        ).reshape(-1, len(DATE))

    def _blocks(self) -> Floats:
        rows = []
        for one in self.proposals:
            block, line = self._of_block.get(one.spans[0].cell, (None, 0)) if one.spans else (None, 0)
            if block is None:
                rows.append([0.0] * len(BLOCK))
                continue
            rows.append([1, line, len(block.lines), block.labelled, line == block.at, len(one.spans) > 1])
        return np.array(rows, np.float32).reshape(-1, len(BLOCK))

    def role_of(self, one: Proposal) -> str:
        block, _ = self._of_block.get(one.spans[0].cell, (None, 0)) if one.spans else (None, 0)
        return block.role if block is not None else ""


def _lines_of(blocks: Sequence[Block]) -> dict[Cell, tuple[Block, int]]:
    return {line.cell: (block, order) for block in blocks for order, line in enumerate(block.lines)}


def _shape(text: str) -> list[float]:
    size = max(1, len(text))
    letters = sum(char.isalpha() for char in text)
    capitals = sum(char.isupper() for char in text)
    words = text.split()
    return [
        math.log1p(size), len(words), sum(char.isdigit() for char in text) / size, capitals / max(1, letters),
        letters / size, all(word[0].isupper() for word in words if word[0].isalpha()), bool(_LEGAL.search(text)),
        "@" in text or "www." in text or "http" in text,
    ]  # fmt: skip


def _is_money(one: Proposal) -> bool:
    number = one.number
    return number is not None and not number.percent and (number.places >= 2 or bool(number.currency))


def _roles(values: NDArray[np.float64], money: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether an amount is a gross total, a net one or the tax in a sum that some amounts of the page make."""
    cents = np.round(np.abs(values) * 100).astype(np.int64)
    usable = np.unique(cents[money & (cents > 0)])[-120:]
    roles = np.zeros((len(values), 3), bool)
    if len(usable) < 3:
        return roles
    sums = usable[:, None] + usable[None, :]
    is_tax = usable[None, :] <= _MOST_TAX * usable[:, None]
    hits = np.isin(sums, usable) & is_tax
    net, tax = np.nonzero(hits)
    for column, found in enumerate((sums[hits], usable[net], usable[tax])):
        roles[:, column] = np.isin(cents, found) & money
    return roles
