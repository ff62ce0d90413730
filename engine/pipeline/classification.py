"""CLASSIFICATION: which of the given categories a document belongs to; None rather than a guess.

Three kinds of evidence are added up for each category: its name and description speak of a kind of document that
the page shows itself to be; its corrected examples are like the page; and its words are near the page in meaning.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from reading.document import Page
from reading.turning import upright

from . import doctypes, embeddings
from .categories import affinities
from .kinds import BROADER
from .request import Category

_EXAMPLES, _MEANING = 1.2, 0.4
"""What examples and the general meaning weigh against what the page shows in so many words."""
_SILENCED = 0.9
"""What the page shows in so many words leaves little to its general meaning: so much less."""
_PLAIN = 1.2
"""What a page scores for a kind that it shows plainly."""
_WANTED = 0.5
"""A kind that some category means at least so much is asked for."""
_LEAST, _AHEAD = 0.3, 0.1
"""The evidence that an answer needs, and the lead over the next category by which doubt falls to a third."""
_EXCERPT = 1000
_CATCH_ALL = frozenset(["other", "others", "autre", "autres", "sonstige", "sonstiges", "andere", "overig", "overige"])
_CATCH_ALL |= {"anders", "misc", "miscellaneous", "divers", "diverses", "verschiedenes", "varia", "rest", "unknown"}
_CATCH_ALL |= {"inconnu", "unbekannt", "onbekend"}
_OF_NO_KIND = frozenset(
    ["document", "documents", "dokumente", "documenten", "papers", "papiere", "files", "category", "kategorie"]
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The chosen category, or None, and how sure the choice is (0 to 1)."""

    name: str | None
    confidence: float


def classify(pages: Sequence[Page], categories: Sequence[Category], cache_dir: Path | None = None) -> Verdict:
    text = "\n".join(page.text for page in pages[:3]).strip()
    if not categories or not text:
        return Verdict(None, 0.0)
    rest = next((category for category in categories if _catches_all(category)), None)
    named = [category for category in categories if not _catches_all(category)]
    if not named:
        return Verdict(rest.name if rest else None, 0.0)
    scores = _scores(pages, text, named, cache_dir)
    best, confidence = _best(scores)
    if confidence < 0.5:
        return Verdict(rest.name if rest else None, round(confidence, 3))
    return Verdict(named[best].name, round(confidence, 3))


def _best(scores: list[float]) -> tuple[int, float]:
    """The category with the most evidence; from one half on, its lead over the next makes it believable."""
    most = max(scores)
    confidence = 1.0 - math.exp(-max(0.0, _lead(scores)) / _AHEAD)
    return scores.index(most), confidence if most >= _LEAST else min(confidence, 0.5 * max(0.0, most) / _LEAST)


def _scores(pages: Sequence[Page], text: str, categories: Sequence[Category], cache_dir: Path | None) -> list[float]:
    meant = affinities(categories, cache_dir)
    shown = _shown(pages, {kind for kinds in meant for kind, share in kinds.items() if share >= _WANTED})
    loudest = max(shown.values(), default=0.0)
    lexicon = [max((share * shown.get(kind, 0.0) for kind, share in kinds.items()), default=0.0) for kinds in meant]
    lexicon = [score / max(_PLAIN, loudest) for score in lexicon]
    weight = _MEANING * (1.0 - _SILENCED * min(1.0, max(lexicon)))
    examples = _examples(text, categories)
    known = [plain + _EXAMPLES * example for plain, example in zip(lexicon, examples, strict=True)]
    if _lead(known) > 2 * weight:
        return known  # whatever the page means in general cannot change the answer, and asking takes half a second
    return [score + weight * meaning for score, meaning in zip(known, _meanings(text, categories), strict=True)]


def _lead(scores: Sequence[float]) -> float:
    """How far the best is ahead of the next, or of nothing."""
    most, *others = sorted(scores, reverse=True)
    return most - max([0.0, *others])


def _shown(pages: Sequence[Page], wanted: set[str]) -> dict[str, float]:
    """What the page shows itself to be; a special kind that no category asks for counts as its general one."""
    shown = doctypes.kinds_shown([upright(page) for page in pages])
    for kind, parent in BROADER.items():
        if kind not in wanted:
            shown[parent] = max(shown[parent], 0.9 * shown.pop(kind, 0.0))
    return shown


def _catches_all(category: Category) -> bool:
    named = [word for word in doctypes.words(category.name) if word not in _OF_NO_KIND]
    return bool(named) and all(word in _CATCH_ALL for word in named)


def _meanings(text: str, categories: Sequence[Category]) -> list[float]:
    """How near each category is to the page in meaning, against the others: 0 for the average, about 1 for the best."""
    wanted = [f"{category.name}. {category.description}".strip() for category in categories]
    near = np.array(embeddings.likeness(text[:_EXCERPT], wanted))
    spread = max(float(near.std()), 0.008)
    return [float(value) for value in np.clip((near - near.mean()) / (2 * spread), -1.0, 1.0)]


def _examples(text: str, categories: Sequence[Category]) -> list[float]:
    """How like the page the corrected examples of each category are (0 to 1): shared words and shared meaning."""
    found = []
    page_words = Counter(doctypes.words(text[:4000]))
    for category in categories:
        best = 0.0
        for example in category.examples:
            shared = _cosine(page_words, Counter(doctypes.words(example[:4000])))
            near = embeddings.likeness(text[:_EXCERPT], [example[:_EXCERPT]])[0]
            best = max(best, 0.6 * shared + 0.4 * max(0.0, (near - 0.8) / 0.2))
        found.append(best if best > 0.35 else 0.0)
    return found


def _cosine(one: Counter[str], other: Counter[str]) -> float:
    shared = sum(math.sqrt(one[word] * other[word]) for word in one.keys() & other.keys())
    whole = math.sqrt(sum(one.values()) * sum(other.values()))
    return shared / whole if whole else 0.0
