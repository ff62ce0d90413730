"""The paired test of the publish gate."""

from itertools import product
from math import comb

import pytest

from extractions.accuracy.statistics import SIGNIFICANCE, sign_test, tarone


@pytest.mark.parametrize(("worse", "better"), list(product(range(8), range(8))))
def test_the_sign_test_counts_all_outcomes_at_least_as_bad(worse, better):
    pairs = worse + better
    outcomes = [sum(bits) for bits in product((0, 1), repeat=pairs)]
    assert sign_test(worse, better) == pytest.approx(sum(hits >= worse for hits in outcomes) / len(outcomes))


def test_nothing_differs_is_no_sign_of_anything():
    assert sign_test(0, 0) == 1.0


def test_fields_that_could_not_become_significant_are_no_further_tests():
    p = [sign_test(5, 0), *[sign_test(1, 0)] * 40]
    assert tarone(p, p) == [True, *[False] * 40]
    # Bonferroni would have counted all of them.
    assert p[0] > SIGNIFICANCE / len(p)


def test_many_fields_that_could_be_significant_by_chance_ask_for_more():
    p = [sign_test(5, 0), *[sign_test(3, 2)] * 9]
    least = [sign_test(5, 0)] * 10
    assert tarone(p, least) == [False] * 10
    assert tarone([], []) == []


def test_the_chance_of_any_false_alarm_stays_below_the_level():
    """Exactly, over all outcomes of three fields with six differing documents each."""
    pairs = 6
    weights = {worse: comb(pairs, worse) / 2**pairs for worse in range(pairs + 1)}
    alarm = 0.0
    for outcome in product(weights, repeat=3):
        p = [sign_test(worse, pairs - worse) for worse in outcome]
        if any(tarone(p, [sign_test(pairs, 0)] * 3)):
            alarm += weights[outcome[0]] * weights[outcome[1]] * weights[outcome[2]]
    assert alarm <= SIGNIFICANCE
