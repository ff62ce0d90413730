"""Which kinds of documents each category of a classifier means.

A name that is in the lexicon says it plainly. Any other is compared in meaning with what is known of each kind, and not
by itself but against the other categories: "Bills from suppliers" may be no great match for an invoice, but among shop
slips, wages and agreements it is the one that an invoice belongs to.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from . import doctypes, embeddings
from .kinds import BROADER, KINDS
from .request import Category

_NAMES = 8
"""Names of a kind that are told beside its gist."""
_PLAIN = 4.0
"""How far a kind that a category names in so many words stands out among all kinds, in standard deviations."""
_FAR, _NEAR = 0.5, 1.5
"""A kind that stands out less than the first is not meant at all; from the second on it surely is."""
_SHARPNESS = 3.0
_BEHIND = 0.5
"""A special kind, such as a partial invoice, is meant only by a category that means hardly anything else more."""

Matrix = npt.NDArray[np.float64]


def affinities(categories: Sequence[Category], cache_dir: Path | None = None) -> list[dict[str, float]]:
    """For each category the kinds that it means, from 0 to 1; for each kind the nearest category has the most."""
    named = [doctypes.plainly_named(category.name) for category in categories]
    if all(named):
        return [dict.fromkeys(kinds, 1.0) for kinds in named]
    standing = np.stack([_standing(one, kinds, cache_dir) for one, kinds in zip(categories, named, strict=True)])
    against = np.exp(_SHARPNESS * (standing - standing.max(axis=0)))
    meant = np.clip((standing - _FAR) / (_NEAR - _FAR), 0.0, 1.0) * against
    special = np.array([kind in BROADER for kind in KINDS])
    meant[special & (standing < standing.max(axis=1, keepdims=True) - _BEHIND)] = 0.0
    return [{kind: float(share) for kind, share in zip(KINDS, row, strict=True) if share > 0.01} for row in meant]


def _standing(category: Category, named: set[str], cache_dir: Path | None) -> Matrix:
    """How far each kind stands out for a category; what its name says leaves little to what it may mean besides."""
    if not named:
        return _by_meaning(category, cache_dir)
    beside = _by_meaning(category, cache_dir) - 1.0 if category.description else np.full(len(KINDS), -_PLAIN)
    return np.array([_PLAIN if kind in named else other for kind, other in zip(KINDS, beside, strict=True)])


def _by_meaning(category: Category, cache_dir: Path | None) -> Matrix:
    """How far each kind stands out, in standard deviations from the mean of all."""
    text = f"{category.name}: {category.description}" if category.description else category.name
    near = embeddings.lasting_vectors(_descriptions(), cache_dir) @ embeddings.vectors([text], query=True)[0]
    away: Matrix = (near - near.mean()).astype(np.float64)
    return away / max(float(away.std()), 1e-6)


@cache
def _descriptions() -> tuple[str, ...]:
    return tuple(f"{kind.gist}. {', '.join(kind.names[:_NAMES])}" for kind in KINDS.values())
