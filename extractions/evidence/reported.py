"""What a service itself says of its values: `x_confidence`, a probability for each path."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import fmean

from extractions.result.rows import is_row

DOUBTFUL = 0.8
"""A reported confidence below which a value counts as doubtful."""
Clues = dict[str, float]


def reported_confidence(answer: object) -> dict[str, float]:
    """The service's confidences by path, as far as they are probabilities."""
    reported = answer.get("x_confidence") if isinstance(answer, Mapping) else None
    if not isinstance(reported, Mapping):
        return {}
    return {
        str(path): float(share)
        for path, share in reported.items()
        if isinstance(share, int | float) and not isinstance(share, bool) and 0 <= share <= 1
    }


def clues_of_reported(paths: Sequence[str], reported: Mapping[str, float]) -> dict[str, Clues]:
    """By path: the value's own reported confidence, the least one of its row, and those of the whole result."""
    shares = {path: reported[path] for path in paths if path in reported}
    if not shares:
        return {}
    rows: defaultdict[str, list[float]] = defaultdict(list)
    for path, share in shares.items():
        rows[_row_of(path)].append(share)
    mean = fmean(shares.values())
    doubtful = sum(share < DOUBTFUL for share in shares.values()) / len(shares)
    return {
        path: {
            "reported": share,
            "reported_of_row": min(rows[_row_of(path)]),
            "reported_mean": mean,
            "reported_doubtful": doubtful,
        }
        for path, share in shares.items()
    }


def _row_of(path: str) -> str:
    """The row that a cell belongs to; a value outside of rows stands for itself."""
    above = path.rpartition(".")[0]
    return above if is_row(above) else path
