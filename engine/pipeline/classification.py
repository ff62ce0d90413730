"""CLASSIFICATION: which of the given categories a document belongs to; None rather than a guess.

Three kinds of evidence are added up for each category: its name and description speak of a kind of document that
the page shows itself to be; its corrected examples are like the page; and its words are near the page in meaning.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from reading.document import Page

from . import doctypes, embeddings
from .request import Category

_LEXICON, _EXAMPLES, _MEANING = 1.0, 1.2, 0.5
_SHARPNESS = 4.0
_PLAIN = 1.2
"""What a page scores for a kind that it shows plainly."""
_SURE = 0.42
"""Below this share of the whole evidence the answer is None."""
_EXCERPT = 1000
_CATCH_ALL = {
    "other",
    "others",
    "autre",
    "autres",
    "sonstige",
    "sonstiges",
    "andere",
    "overig",
    "overige",
    "anders",
    "misc",
}
_CATCH_ALL |= {"divers", "diverses", "unknown", "rest", "inconnu", "unbekannt", "onbekend"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The chosen category, or None, and how sure the choice is (0 to 1)."""

    name: str | None
    confidence: float


def classify(pages: Sequence[Page], categories: Sequence[Category]) -> Verdict:
    text = "\n".join(page.text for page in pages[:3]).strip()
    if not categories or not text:
        return Verdict(None, 0.0)
    scores = _scores(pages, text, categories)
    shares = _shares(scores)
    order = sorted(range(len(categories)), key=lambda index: -shares[index])
    best = order[0]
    confidence = shares[best]
    if confidence < _SURE or scores[best] < 0.3:
        rest = next((category for category in categories if _catches_all(category)), None)
        return Verdict(rest.name if rest else None, round(confidence, 3))
    return Verdict(categories[best].name, round(confidence, 3))


def _scores(pages: Sequence[Page], text: str, categories: Sequence[Category]) -> list[float]:
    named = [_named(category) for category in categories]
    shown = _shown(pages, {kind for kinds in named for kind in kinds})
    loudest = max(shown.values(), default=0.0)
    lexicon = [max((trust * shown.get(kind, 0.0) for kind, trust in kinds.items()), default=0.0) for kinds in named]
    lexicon = [score / max(_PLAIN, loudest) for score in lexicon]
    # What the page shows in so many words leaves little to its general meaning.
    weight = _MEANING * (1.0 - 0.75 * min(1.0, max(lexicon)))
    meanings, examples = _meanings(text, categories), _examples(text, categories)
    return [
        _LEXICON * plain + weight * meaning + _EXAMPLES * example
        for plain, meaning, example in zip(lexicon, meanings, examples, strict=True)
    ]


def _shown(pages: Sequence[Page], wanted: set[str]) -> dict[str, float]:
    """What the page shows itself to be; a special kind that no category asks for counts as its general one."""
    shown = doctypes.kinds_shown(pages)
    for kind, parent in doctypes.PARENTS.items():
        if kind not in wanted:
            shown[parent] = max(shown[parent], 0.9 * shown.pop(kind, 0.0))
    return shown


def _named(category: Category) -> dict[str, float]:
    """The kinds of documents that a category means, by its name; by its description where the name says nothing."""
    named = doctypes.kinds_named(category.name)
    exact = {kind: 1.0 for kind, share in named.items() if share >= 0.99}
    longest = max(named.values(), default=0.0)
    partly = {kind: 0.9 if share == longest else 0.5 for kind, share in named.items()}
    return exact or partly or dict.fromkeys(doctypes.kinds_named(category.description), 0.8)


def _catches_all(category: Category) -> bool:
    return any(word in _CATCH_ALL for word in doctypes.words(category.name))


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


def _shares(scores: Sequence[float]) -> list[float]:
    powers = np.exp(_SHARPNESS * (np.array(scores) - max(scores)))
    return [float(share) for share in powers / powers.sum()]
