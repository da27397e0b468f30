"""Exact bounds against SciPy's, and what clusters are worth."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest

from outcross.core.errors import BadInput
from outcross.evidence.proportion import clopper_pearson, effective_size, enough_for, upper_bound


@pytest.mark.parametrize(("hits", "n"), [(0, 10), (3, 50), (50, 50), (17, 1_000)])
def test_the_interval_is_the_exact_one(hits: int, n: int) -> None:
    found = clopper_pearson(hits, n)
    exact = binomtest(hits, n).proportion_ci(0.95, "exact")
    assert found.low == pytest.approx(exact.low, abs=1e-9)
    assert found.high == pytest.approx(exact.high, abs=1e-9)


@pytest.mark.parametrize("rate", [0.01, 0.05, 0.2])
def test_enough_is_enough_and_one_fewer_is_not(rate: float) -> None:
    n = enough_for(rate)
    assert upper_bound(0, n) <= rate < upper_bound(0, n - 1)


def test_a_rate_is_wanted() -> None:
    with pytest.raises(BadInput, match="between 0 and 1"):
        enough_for(1.5)


def test_clusters_of_equal_scores_count_once() -> None:
    rng = np.random.default_rng(0)
    names = tuple(str(place // 5) for place in range(500))
    assert effective_size(np.repeat(rng.normal(size=100), 5), names) == pytest.approx(100)
    assert effective_size(rng.normal(size=500), names) > 350
    assert effective_size(rng.normal(size=500), ("one",) * 500) == 1


def test_the_worth_of_clusters_is_that_of_their_correlation() -> None:
    rng = np.random.default_rng(1)
    effect = np.repeat(rng.normal(size=2_000), 4) * np.sqrt(0.3) + rng.normal(size=8_000) * np.sqrt(0.7)
    assert effective_size(effect, tuple(str(place // 4) for place in range(8_000))) == pytest.approx(
        8_000 / (1 + 3 * 0.3), rel=0.05
    )
