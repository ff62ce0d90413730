"""A family's design: everything that its documents share but words of a language and content."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from benchmarks.layouts_drawn.canvas import Colour

_COLOURS: tuple[Colour, ...] = (
    (29, 78, 137), (160, 32, 48), (20, 110, 86), (96, 56, 140), (196, 106, 18), (40, 44, 52), (0, 122, 150),
    (120, 94, 40),
)  # fmt: skip
META = (
    "colon",
    "pairs",
    "pairs_right",
    "right_colon",
    "above",
    "grid",
    "table",
    "boxes",
    "zebra",
    "inline",
    "sentence",
)


@dataclass(frozen=True)
class Design:
    seed: str
    # the page
    paper: tuple[float, float]
    margin: float
    font: str
    size: float
    stretching: float
    leading: float
    accent: Colour
    sidebar: bool
    # words
    colon: str
    case: str
    second: str
    # the head
    logo: str
    slogan: bool
    upper_name: bool
    title_at: str
    title_size: float
    title_number: bool
    sender_at: str
    sender_line: bool
    sender_ids: bool
    sender_one_line: bool
    addressee_at: str
    addressee_label: str
    contact_at: str
    foreign_only: bool
    meta: str
    meta_at: str
    meta_bold: str
    meta_due: bool
    due_box: bool
    number_and_date: bool
    letter: bool
    # rows
    table: str
    head_fill: str
    head_upper: bool
    two_line_head: bool
    code_at: str
    units_glued: bool
    sub_lines: bool
    amounts_first: bool
    quantity_first: bool
    bold_rows: bool
    carry: bool
    repeat_head: bool
    row_gap: float
    sections: bool
    # sums
    totals: str
    gross_at: str
    taxes: str
    subtotal: bool
    due: bool
    totals_upper: bool
    negative: bool
    # the foot
    bank_at: str
    foot: str
    distractors: int
    pages: bool
    thanks: bool
    slip: bool

    def carries(self, key: str, likelihood: float) -> bool:
        """Whether documents of the family show a field; most of what they show, they always show."""
        return random.Random(f"{self.seed} carries {key}").random() < likelihood

    def picks(self, key: str, options: tuple[str, ...]) -> str:
        return random.Random(f"{self.seed} picks {key}").choice(options)

    def picks_width(self) -> float:
        """Of a roll of paper: 58, 72 or 80 mm."""
        return random.Random(f"{self.seed} roll").choice((164.0, 204.0, 227.0, 227.0))


class _Chance(random.Random):
    def odds(self, likelihood: float) -> bool:
        return self.random() < likelihood

    def one(self, options: str) -> str:
        """One of those between the bars; "3*left" counts as three, "-" is nothing."""
        weighted = []
        for option in options.split("|"):
            times, _, name = option.rpartition("*")
            weighted += ["" if name == "-" else name] * int(times or 1)
        return self.choice(weighted)


def draw_design(seed: str) -> Design:
    chance = _Chance(f"{seed} design")
    return Design(seed=seed, **_page(chance), **_head(chance), **_rows(chance), **_foot(chance))


def _page(chance: _Chance) -> dict[str, Any]:
    a4, letter = (595.0, 842.0), (612.0, 792.0)
    return {
        "paper": chance.choice((a4, a4, letter)), "margin": chance.choice((34.0, 40.0, 45.0, 50.0, 57.0, 68.0)),
        "font": chance.one("3*Helvetica|2*Times|Courier"),
        "size": chance.choice((7.5, 8.0, 8.5, 9.0, 9.0, 9.5, 10.0)),
        "stretching": chance.choice((100.0, 100.0, 100.0, 100.0, 88.0, 94.0, 108.0)),
        "leading": chance.choice((1.2, 1.3, 1.4, 1.55)), "accent": chance.choice(_COLOURS),
        "sidebar": chance.odds(0.06), "colon": chance.one("2*-|3*:| :"), "case": chance.one("4*-|upper|lower"),
        "second": chance.one("45*-|en|fr|de"),
    }  # fmt: skip


def _head(chance: _Chance) -> dict[str, Any]:
    return {
        "logo": chance.one("3*name|square|disc|bars|none|band"), "slogan": chance.odds(0.3),
        "upper_name": chance.odds(0.15), "title_at": chance.one("2*top|3*middle|2*before_rows|none"),
        "title_size": chance.choice((11.0, 14.0, 16.0, 18.0, 22.0, 28.0)), "title_number": chance.odds(0.22),
        "sender_at": chance.one("2*top_right|2*top_left|2*second|foot|centre|under_meta"),
        "sender_line": chance.odds(0.3), "sender_ids": chance.odds(0.5), "sender_one_line": chance.odds(0.15),
        "addressee_at": chance.one("2*left|right"),
        "addressee_label": chance.one("2*none|3*above|bold|box|beside"),
        "contact_at": chance.one("2*none|after_name|before_name"), "foreign_only": chance.odds(0.6),
        "meta": chance.choice(META), "meta_at": chance.one("3*second|2*under|top_right"),
        "meta_bold": chance.one("2*none|2*labels|values"), "meta_due": chance.odds(0.15), "due_box": chance.odds(0.1),
        "number_and_date": chance.odds(0.1), "letter": chance.odds(0.25),
    }  # fmt: skip


def _rows(chance: _Chance) -> dict[str, Any]:
    return {
        "table": chance.one("plain|3*lines|2*grid|2*zebra|columns|2*head_rule|dotted|bare"),
        "head_fill": chance.one("3*none|2*grey|accent|black"), "head_upper": chance.odds(0.15),
        "two_line_head": chance.odds(0.2), "code_at": chance.one("3*column|brackets|below"),
        "units_glued": chance.odds(0.3), "sub_lines": chance.odds(0.2), "amounts_first": chance.odds(0.05),
        "quantity_first": chance.odds(0.25), "bold_rows": chance.odds(0.12), "carry": chance.odds(0.3),
        "repeat_head": chance.odds(0.8), "row_gap": chance.choice((1.5, 3.0, 5.0, 8.0)),
        "sections": chance.odds(0.1),
        "totals": chance.one("3*right|right_colon|spread|table|across|wide|leaders|rows"),
        "gross_at": chance.one("2*bold|plain|box|band|big|rules"), "taxes": chance.one("3*lines|table|table_only|none"),
        "subtotal": chance.odds(0.35), "due": chance.odds(0.4), "totals_upper": chance.odds(0.1),
        "negative": chance.odds(0.6),
    }  # fmt: skip


def _foot(chance: _Chance) -> dict[str, Any]:
    return {
        "bank_at": chance.one("2*foot|2*below|table|sentence|none"),
        "foot": chance.one("2*columns|centred|running|line|none"),
        "distractors": chance.choice((0, 0, 1, 1, 2, 3)),
        "pages": chance.odds(0.5),
        "thanks": chance.odds(0.4),
        "slip": chance.odds(0.06),
    }
