"""Intervals and tests against published values, and what must hold for any figures."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractions.accuracy.statistics import Share, benjamini_hochberg, fisher_exact, looks_needed, wilson

counts = st.integers(0, 5_000).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total)))
shares = counts.map(lambda pair: Share(*pair))


@pytest.mark.parametrize(
    ("hits", "total", "low", "high"),
    [
        (8, 10, 0.4902, 0.9433),
        (81, 263, 0.2553, 0.3662),  # Newcombe 1998, table I, method 3
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_gives_the_published_intervals(hits, total, low, high):
    assert wilson(hits, total) == pytest.approx((low, high), abs=5e-5)


@given(counts)
def test_an_interval_holds_its_share_and_stays_within_bounds(pair):
    low, high = wilson(*pair)

    assert 0 <= low <= high <= 1
    if pair[1]:
        assert low <= pair[0] / pair[1] <= high


@given(counts.filter(lambda pair: pair[1] > 0))
def test_more_of_the_same_makes_an_interval_narrower(pair):
    low, high = wilson(*pair)
    more_low, more_high = wilson(pair[0] * 10, pair[1] * 10)

    assert more_high - more_low < high - low


def test_fishers_test_gives_the_published_p_values():
    assert fisher_exact(Share(1, 12), Share(9, 12)) == pytest.approx(0.002759, abs=1e-6)
    assert fisher_exact(Share(3, 4), Share(1, 4)) == pytest.approx(0.485714, abs=1e-6)  # the lady tasting tea


@given(shares, shares)
def test_fishers_test_is_symmetric_and_a_probability(first, second):
    p = fisher_exact(first, second)

    assert 0 <= p <= 1
    assert p == pytest.approx(fisher_exact(second, first), rel=1e-6)


@given(shares)
def test_equal_shares_are_never_different(share):
    assert fisher_exact(share, share) == pytest.approx(1.0)


def test_false_discoveries_are_controlled_as_benjamini_and_hochberg_do():
    p_values = [
        0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528,
        0.7590, 1.0,
    ]  # fmt: skip

    assert sum(benjamini_hochberg(p_values)) == 4  # their example of 1995
    assert benjamini_hochberg(p_values)[:4] == [True] * 4


def test_nothing_tested_is_nothing_significant():
    assert benjamini_hochberg([]) == []
    assert fisher_exact(Share(0, 0), Share(3, 9)) == 1.0


def test_so_many_values_without_a_mistake_show_a_share():
    needed = looks_needed(0.01)

    assert wilson(0, needed)[1] <= 0.01 < wilson(0, needed - 1)[1]
