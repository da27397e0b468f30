"""Comparisons of paired replicates: do the intervals hold the truth as often as they say?"""

from __future__ import annotations

import numpy as np
import pytest

from outcross.core.measure import Measure
from outcross.core.paired import bounded_mean, difference, ratio_of_means, typical_ratio

SIMULATIONS = 2000
ERROR = 4 * np.sqrt(0.95 * 0.05 / SIMULATIONS)


def coverage(found: list[Measure], truth: float) -> float:
    return float(np.mean([m.low is not None and m.high is not None and m.low <= truth <= m.high for m in found]))


@pytest.mark.parametrize("n", [3, 10])
def test_intervals_cover_the_truth(n: int) -> None:
    rng = np.random.default_rng(0)
    before = 10 + rng.standard_normal((SIMULATIONS, n))
    now = 2 * before + rng.standard_normal((SIMULATIONS, n)) - 5
    pairs = list(zip(now, before, strict=True))
    assert abs(coverage([difference(a, b) for a, b in pairs], 5.0) - 0.95) < ERROR
    assert abs(coverage([ratio_of_means(a, b) for a, b in pairs], 1.5) - 0.95) < ERROR
    logs = [typical_ratio(np.exp(0.1 * a), np.exp(0.1 * b)) for a, b in pairs]
    assert abs(coverage(logs, float(np.exp(0.5))) - 0.95) < ERROR


def test_fieller_is_the_inversion_of_the_paired_test() -> None:
    rng = np.random.default_rng(1)
    before, now = 3 + rng.standard_normal(8), 7 + rng.standard_normal(8)
    found = ratio_of_means(now, before)
    for end in (found.low, found.high):
        assert end is not None
        contrast = Measure.mean_of(now - end * before)
        assert contrast.low is not None and contrast.high is not None
        assert min(abs(contrast.low), abs(contrast.high)) < 1e-9


def test_a_constant_denominator_gives_student() -> None:
    now = np.array([1.0, 2.0, 4.0])
    found, plain = ratio_of_means(now, np.full(3, 2.0)), Measure.mean_of(now / 2)
    assert (found.low, found.high) == pytest.approx((plain.low, plain.high))


def test_a_denominator_that_may_be_zero_gives_no_interval() -> None:
    found = ratio_of_means(np.ones(4), np.array([-1.0, 1.0, 2.0, -1.5]))
    assert found.low is None and found.reason
    assert ratio_of_means(np.ones(3), np.zeros(3)).value is None


def test_pairs_with_a_missing_end_are_left_out() -> None:
    found = difference(np.array([2.0, np.nan, 3.0, 4.0]), np.array([1.0, 1.0, np.nan, 1.0]))
    assert found.n == 2 and found.value == 2


def test_infinite_values_leave_the_finite_side() -> None:
    found = bounded_mean(np.array([1.0, 2.0, 3.0, np.inf, np.inf]))
    assert found.value == found.high == np.inf
    assert found.low is not None and found.low == Measure.mean_of([1.0, 2.0, 3.0, 3.0, 3.0]).low
    assert bounded_mean(np.array([np.inf, np.inf])).low == np.inf
    assert bounded_mean(np.array([-np.inf, 1.0])).value == -np.inf
    assert bounded_mean(np.array([-np.inf, np.inf])).value is None
    ratio = ratio_of_means(np.array([4.0, 5.0, np.inf]), np.array([2.0, 2.0, 2.0]))
    assert ratio.high == np.inf and ratio.low is not None and ratio.low > 1
    assert difference(np.ones(2), np.array([1.0, np.inf])).value is None


def test_the_floor_bounds_what_one_replicate_can_do() -> None:
    now = np.array([0.0, 1.0, 1.0])
    assert typical_ratio(now, np.ones(3)).value == 0
    assert typical_ratio(now, np.ones(3), floor=1e-3).value == pytest.approx(0.1)
    assert typical_ratio(np.ones(3), np.zeros(3)).value is None
