"""By which headings and words a page shows what kind of document it is, and which kinds a name speaks of."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache

from reading.document import Line, Page, Source
from reading.normalization import fold

from .kinds import KINDS, PARENTS

_CAMEL = re.compile(r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Þ])")


_TRADE_KINDS = """invoice credit_note self_billed_invoice corrected_invoice prepayment_invoice partial_invoice proforma
    receipt quote purchase_order order_confirmation delivery_note reminder"""
_TRADE = frozenset(_TRADE_KINDS.split())
_SHOWN = 0.9
Phrase = tuple[str, ...]


def words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+|@", fold(text))


@lru_cache(maxsize=4096)
def _words_of_line(text: str) -> Phrase:
    """Kept, for the headings of one document are looked at several times."""
    return tuple(words(text))


@cache
def _phrases(kind: str) -> tuple[tuple[tuple[str, ...], ...], tuple[tuple[str, ...], ...]]:
    entry = KINDS[kind]
    return (
        tuple(tuple(words(part)) for part in entry.names if words(part)),
        tuple(tuple(words(part)) for part in entry.cues if words(part)),
    )


class _NameIndex:
    """The names of all kinds, to find those that stand in a text without comparing each."""

    def __init__(self, names: Iterable[tuple[Phrase, str]]) -> None:
        self._kinds: defaultdict[Phrase, dict[str, None]] = defaultdict(dict)
        for phrase, kind in names:
            self._kinds[phrase][kind] = None
        self._longest = max(map(len, self._kinds))

    def within(self, tokens: Sequence[str]) -> Iterator[tuple[int, int, str]]:
        """First token, number of tokens and kind of each name that stands in the text."""
        for first in range(len(tokens)):
            for size in range(1, min(self._longest, len(tokens) - first) + 1):
                for kind in self._kinds.get(tuple(tokens[first : first + size]), ()):
                    yield first, size, kind


@cache
def _names() -> _NameIndex:
    return _NameIndex((phrase, kind) for kind in KINDS for phrase in _phrases(kind)[0])


@cache
def _stemmed_names() -> _NameIndex:
    return _NameIndex((tuple(map(_stem, phrase)), kind) for kind in KINDS for phrase in _phrases(kind)[0])


@lru_cache(maxsize=1024)
def _kinds_named(text: str) -> Mapping[str, float]:
    tokens = [_stem(word) for word in words(_CAMEL.sub(" ", text))]
    found: dict[str, float] = {}
    for _first, size, kind in _stemmed_names().within(tokens):
        found[kind] = max(found.get(kind, 0.0), size / len(tokens))
    return {kind: found[kind] for kind in KINDS if kind in found}


def kinds_named(text: str) -> dict[str, float]:
    "The kinds that a name or description speaks of; the longer the phrase against the text, the surer (0 to 1)."
    return dict(_kinds_named(text))


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
    blanks = sum(bool(re.search(r":\s*$|^[^:]{2,30}:\s\S|_{3,}|\.{5,}|[☐□☑☒]|\[ ?\]", line)) for line in short)
    return min(0.8, 2.0 * blanks / len(lines)) if len(lines) >= 8 else 0.0


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
        tokens = _words_of_line(line.text)
        if not tokens or len(tokens) > 9:
            continue
        weight = _heading_weight(line, usual, order)
        for kind, clarity in _named_by_line(tokens, capitals=line.text.isupper()).items():
            found[kind] = max(found.get(kind, 0.0), weight * clarity)
    return found


def _named_by_line(tokens: Sequence[str], *, capitals: bool) -> dict[str, float]:
    """The kinds that a line names as a heading would, with how clearly; longer names are clearer."""
    found: dict[str, float] = {}
    for first, size, kind in _names().within(tokens):
        if not first or size > 1:
            clarity = _shortness(tokens, size)
        elif capitals and first + size == len(tokens):
            clarity = 0.7
        else:
            continue
        found[kind] = max(found.get(kind, 0.0), clarity * (1.0 + 0.3 * (size - 1)))
    return found


def _shortness(tokens: Sequence[str], size: int) -> float:
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
