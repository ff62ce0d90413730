"""By which headings and words a page shows what kind of document it is, and which kinds a name speaks of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from reading.document import Line, Page, Source
from reading.normalization import fold

from .kinds import KINDS, PARENTS

_CAMEL = re.compile(r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Þ])")


_TRADE_KINDS = """invoice credit_note self_billed_invoice corrected_invoice prepayment_invoice partial_invoice proforma
    receipt quote purchase_order order_confirmation delivery_note reminder"""
_TRADE = frozenset(_TRADE_KINDS.split())
_SHOWN = 0.9


def words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+|@", fold(text))


@cache
def _phrases(kind: str) -> tuple[tuple[tuple[str, ...], ...], tuple[tuple[str, ...], ...]]:
    entry = KINDS[kind]
    return (
        tuple(tuple(words(part)) for part in entry.names if words(part)),
        tuple(tuple(words(part)) for part in entry.cues if words(part)),
    )


def _within(phrase: Sequence[str], text: Sequence[str]) -> bool:
    size = len(phrase)
    return any(tuple(text[start : start + size]) == tuple(phrase) for start in range(len(text) - size + 1))


def kinds_named(text: str) -> dict[str, float]:
    "The kinds that a name or description speaks of; the longer the phrase against the text, the surer (0 to 1)."
    tokens = [_stem(word) for word in words(_CAMEL.sub(" ", text))]
    found: dict[str, float] = {}
    for kind in KINDS:
        for phrase in _phrases(kind)[0]:
            stems = tuple(_stem(word) for word in phrase)
            if _within(stems, tokens):
                found[kind] = max(found.get(kind, 0.0), len(stems) / len(tokens))
    return found


def _stem(word: str) -> str:
    """Without what makes a plural in English, French or German."""
    if len(word) > 4:
        word = word.removesuffix("s")
    return re.sub(r"(?:en|e|n)$", "", word) if len(word) > 5 else word


def plainly_named(name: str) -> set[str]:
    """The kinds that a name says in so many words."""
    return {kind for kind, share in kinds_named(name).items() if share >= 0.99}


def kinds_shown(pages: Sequence[Page]) -> dict[str, float]:
    """How strongly the document shows itself to be of each kind: by its headings first, then by its words."""
    if not pages:
        return {}
    text = words("\n".join(page.text for page in pages[:3]))
    joined = " ".join(text)
    scores = dict.fromkeys(KINDS, 0.0)
    for kind in KINDS:
        cues = _phrases(kind)[1]
        hits = sum(f" {' '.join(cue)} " in f" {joined} " for cue in cues)
        scores[kind] = min(hits / 6.0, 1.2)
    for kind, parent in PARENTS.items():
        scores[kind] = max(scores[kind], 0.8 * scores[parent])
    for kind, score in _headings(pages[0]).items():
        scores[kind] += score
    if is_receipt(pages):
        scores["receipt"] = max(scores["receipt"], scores["invoice"]) + 0.5
    scores["form"] += _blanks_to_fill(pages[0]) * (1.0 if max(scores["invoice"], scores["receipt"]) < 0.7 else 0.2)
    return scores


def is_trade(pages: Sequence[Page]) -> bool:
    """Whether this is a document about goods or services sold, whose words for amounts and parties are well known."""
    shown = kinds_shown(pages)
    kind = max(shown, key=lambda one: shown[one], default="")
    return kind in _TRADE and shown[kind] >= _SHOWN


def _blanks_to_fill(page: Page) -> float:
    """How much a page looks like labels with room behind them, which is what makes a form (0 to 0.8)."""
    lines = [line.text.strip() for line in page.lines]
    short = [line for line in lines if len(line.split()) <= 8]
    asked = sum(bool(re.search(r":\s*$|^[^:]{2,30}:\s\S|_{3,}|\.{5,}|[☐□☑☒]|\[ ?\]", line)) for line in short)
    return min(0.8, 2.0 * asked / len(lines)) if len(lines) >= 8 else 0.0


def is_receipt(pages: Sequence[Page]) -> bool:
    """Whether this is a till receipt, even one that is headed 'tax invoice': it speaks of cash and change."""
    if not pages or len(pages) > 2:
        return False
    text = f" {' '.join(words(pages[0].text))} "
    cues = {kind: sum(f" {' '.join(cue)} " in text for cue in _phrases(kind)[1]) for kind in ("receipt", "invoice")}
    headings = _headings(pages[0])
    narrow = pages[0].width < 0.62 * pages[0].height
    printed = pages[0].source is Source.TEXT and not narrow
    receipt = cues["receipt"] / 6 * (1.5 if narrow else 0.9 if printed else 1.0) + headings.get("receipt", 0.0)
    invoice = cues["invoice"] / 6 + headings.get("invoice", 0.0) * (0.6 if printed else 0.2)
    enough = 3 if cues["invoice"] or len(pages[0].lines) > 60 else 1
    return cues["receipt"] >= enough and receipt > invoice


def _headings(page: Page) -> dict[str, float]:
    """Kinds named by short lines of the first page: bigger letters and a higher place count more."""
    if not page.lines:
        return {}
    heights = sorted(line.box.height for line in page.lines)
    usual = heights[len(heights) // 2] or 0.01
    found: dict[str, float] = {}
    for order, line in enumerate(page.lines):
        tokens = words(line.text)
        if not tokens or len(tokens) > 9:
            continue
        weight = _heading_weight(line, usual, order)
        for kind, clarity in _named_by_line(tokens, capitals=line.text.isupper()).items():
            found[kind] = max(found.get(kind, 0.0), weight * clarity)
    return found


def _named_by_line(tokens: list[str], *, capitals: bool) -> dict[str, float]:
    """The kinds that a line names as a heading would, with how clearly; longer names are clearer."""
    found: dict[str, float] = {}
    for kind in KINDS:
        for phrase in _phrases(kind)[0]:
            size = len(phrase)
            if tuple(tokens[:size]) == phrase or (size > 1 and _within(phrase, tokens)):
                clarity = _shortness(tokens, size)
            elif capitals and tuple(tokens[-size:]) == phrase:
                clarity = 0.7
            else:
                continue
            found[kind] = max(found.get(kind, 0.0), clarity * (1.0 + 0.3 * (size - 1)))
    return found


def _shortness(tokens: list[str], size: int) -> float:
    "A heading is its name alone or with a number behind; with other words it is likely to be a label."
    behind = tokens[size:]
    if (
        not behind
        or any(char.isdigit() for word in behind[:2] for char in word)
        or behind[0] in ("n", "no", "nr", "vom", "du")
    ):
        return 1.0
    return 0.45


def _heading_weight(line: Line, usual: float, order: int) -> float:
    size = min(line.box.height / usual, 2.5)
    place = 1.0 if line.box.y0 < 0.35 else 0.6 if line.box.y0 < 0.6 else 0.3
    capitals = 0.2 if line.text.isupper() else 0.0
    return place * (0.35 + 0.45 * size + capitals) * (1.1 if order < 6 else 1.0)
