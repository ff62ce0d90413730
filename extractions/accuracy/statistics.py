"""Statistics of shares: intervals, tests and expectations. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

CONFIDENCE_LEVEL = 0.95
SIGNIFICANCE = 0.05


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    hits: int
    total: int

    @property
    def value(self) -> float | None:
        return self.hits / self.total if self.total else None

    @property
    def interval(self) -> tuple[float, float]:
        return wilson(self.hits, self.total)

    @property
    def low(self) -> float:
        return self.interval[0]

    @property
    def high(self) -> float:
        return self.interval[1]


def wilson(hits: int, total: int, level: float = CONFIDENCE_LEVEL) -> tuple[float, float]:
    """Wilson score interval; everything is possible where nothing was seen."""
    if total <= 0:
        return 0.0, 1.0
    z = NormalDist().inv_cdf(0.5 + level / 2)
    share = hits / total
    scale = 1 + z * z / total
    centre = (share + z * z / (2 * total)) / scale
    half = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total)) / scale
    # At the ends the bound is exact; rounding errors must not exclude what was seen.
    low = 0.0 if hits == 0 else max(0.0, min(centre - half, share))
    high = 1.0 if hits == total else min(1.0, max(centre + half, share))
    return low, high


def fisher_exact(first: Share, second: Share) -> float:
    """Two-sided p-value that both shares are the same: Fisher's exact test on the table of hits and misses."""
    hits, total = first.hits + second.hits, first.total + second.total
    if not first.total or not second.total:
        return 1.0
    least, most = max(0, hits - second.total), min(hits, first.total)
    logs = [_log_hypergeometric(k, first.total, second.total, hits) for k in range(least, most + 1)]
    seen = logs[first.hits - least]
    # Tables that are as unlikely as the one that was seen count, whatever rounding does to them.
    extreme = math.fsum(math.exp(log) for log in logs if log <= seen + 1e-7)
    return min(1.0, extreme) if total else 1.0


def benjamini_hochberg(p_values: Sequence[float], level: float = SIGNIFICANCE) -> list[bool]:
    """Which of several tests are significant while at most `level` of those named so are false discoveries."""
    order = sorted(range(len(p_values)), key=lambda at: p_values[at])
    last = max((rank for rank, at in enumerate(order, 1) if p_values[at] <= level * rank / len(p_values)), default=0)
    significant = set(order[:last])
    return [at in significant for at in range(len(p_values))]


def sign_test(worse: int, better: int) -> float:
    """One-sided exact McNemar (sign) test: how likely so many of the pairs that differ got worse if it were chance."""
    pairs = worse + better
    return sum(math.comb(pairs, k) for k in range(worse, pairs + 1)) * math.ldexp(1.0, -pairs)


def tarone(p_values: Sequence[float], least: Sequence[float], level: float = SIGNIFICANCE) -> list[bool]:
    """Which tests are significant while the chance of any false one is at most `level` (Tarone 1990).

    As Bonferroni, but a test that could not become significant at all, whose `least` possible p-value is too high,
    does not count as one more test.
    """
    for factor in range(1, len(p_values) + 1):
        able = [smallest <= level / factor for smallest in least]
        if sum(able) <= factor:
            return [can and p <= level / factor for can, p in zip(able, p_values, strict=True)]
    return [False] * len(p_values)


def looks_needed(share: float, level: float = CONFIDENCE_LEVEL) -> int:
    """How many values without a mistake it takes to say that at most this share is wrong."""
    if not 0 < share < 1:
        raise ValueError(share)
    z = NormalDist().inv_cdf(0.5 + level / 2)
    # The upper Wilson bound of 0 of n is z² / (n + z²).
    return math.ceil(z * z * (1 - share) / share)


def _log_hypergeometric(k: int, first: int, second: int, hits: int) -> float:
    return _log_choose(first, k) + _log_choose(second, hits - k) - _log_choose(first + second, hits)


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
