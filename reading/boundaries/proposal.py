"""Proposes where to cut a stack of pages, and which of them only separate documents."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from reading.boundaries.facts import PageFacts
from reading.boundaries.features import certainly_goes_on, features_of

PROPOSED_FROM = 0.5
REASONS = {
    "is_first": "page_one", "was_last": "last_page", "other_number": "number", "other_of_kind": "number",
    "other_number_below_title": "number", "new_number": "number", "title": "title", "other_title": "title",
    "opens": "opening", "top_other": "letterhead", "bottom_other": "letterhead", "codes_other": "letterhead",
    "other_size": "format", "other_kind": "format", "other_letters": "format", "dates_other": "date",
    "has_closed": "closed", "blank_between": "blank",
}  # fmt: skip
"""What a feature tells people who ask why."""
MOST_REASONS = 3


@dataclass(frozen=True, slots=True)
class Weights:
    bias: float
    of: Mapping[str, float]

    def score(self, features: Mapping[str, float]) -> float:
        return self.bias + sum(self.of[name] * value for name, value in features.items())


@dataclass(frozen=True, slots=True)
class Cut:
    """A document begins with this page (from 1)."""

    page: int
    probability: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    cuts: tuple[Cut, ...]
    empty: tuple[int, ...]
    """Pages that are blank or only separate documents."""


@cache
def learned_weights() -> Weights:
    data = json.loads((Path(__file__).parent / "weights.json").read_text())
    return Weights(data["bias"], data["of"])


def propose(pages: Sequence[PageFacts | None], weights: Weights | None = None) -> Proposal:
    """`pages` are all pages of the file, in order; of those that are None nothing is known, and nothing is proposed."""
    weights = weights or learned_weights()
    cuts: list[Cut] = []
    document: list[PageFacts] = []
    separated = blank = False
    for number, page in enumerate(pages, start=1):
        if page is None:
            document, separated, blank = [], False, False
        elif page.separates:
            separated = True
        elif page.is_blank:
            blank = True
        elif not document:
            document, separated, blank = [page], False, False
        else:
            cut = _cut(number, document, page, weights, separated=separated, blank=blank)
            document = [page] if cut else [*document, page]
            cuts += [cut] if cut else []
            separated = blank = False
    empty = tuple(number for number, page in enumerate(pages, start=1) if page and (page.separates or page.is_blank))
    return Proposal(tuple(cuts), empty)


def _cut(
    number: int, document: Sequence[PageFacts], page: PageFacts, weights: Weights, *, separated: bool, blank: bool
) -> Cut | None:
    if separated:
        return Cut(number, 1.0, ("separator",))
    if certainly_goes_on(document[-1], page):
        return None
    features = features_of(document, page, blank_between=blank)
    probability = 1 / (1 + math.exp(-max(-30.0, min(30.0, weights.score(features)))))
    if probability < PROPOSED_FROM:
        return None
    weightiest = sorted(features, key=lambda name: -weights.of[name] * features[name])
    reasons = dict.fromkeys(
        REASONS[name] for name in weightiest if name in REASONS and weights.of[name] * features[name] > 0
    )
    return Cut(number, round(probability, 3), tuple(reasons)[:MOST_REASONS])
