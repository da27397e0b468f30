"""Sums of parts are those of the whole, and quantiles and counts are within the bounds that they state."""

from __future__ import annotations

import numpy as np
import pytest

from outcross.evidence.distinct import KEPT, Distinct
from outcross.evidence.spread import ERROR, Spread


@pytest.mark.parametrize("parts", [1, 7, 1_000])
def test_merging_is_exact(parts: int) -> None:
    values = np.random.default_rng(0).normal(size=5_000)
    values[::50] = np.nan
    whole, merged = Spread.of(values), Spread.merged(map(Spread.of, np.array_split(values, parts)))
    assert (merged.n, merged.missing, merged.bins) == (whole.n, whole.missing, whole.bins)
    assert merged.total == pytest.approx(whole.total, rel=1e-13, abs=1e-12)
    assert Spread.restore(merged.plain()) == merged


@pytest.mark.parametrize("law", ["normal", "lognormal", "beta"])
def test_quantiles_are_within_the_bound(law: str) -> None:
    rng = np.random.default_rng(1)
    values = {
        "normal": rng.normal(size=9_999),
        "lognormal": rng.lognormal(0, 5, 9_999),
        "beta": rng.beta(0.1, 0.1, 9_999),
    }
    spread = Spread.of(values[law])
    for share in (0.001, 0.01, 0.25, 0.5, 0.75, 0.99, 1):
        exact = float(np.quantile(values[law], share, method="inverted_cdf"))
        assert spread.quantile(share) == pytest.approx(exact, rel=ERROR)


def test_edges() -> None:
    odd = Spread.of(np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 5e-324, -5e-324]))
    assert (odd.n, odd.missing, odd.quantile(0.5)) == (4, 3, 0.0)
    nothing = Spread.of(np.zeros(0))
    assert nothing.quantile(0.5) is None and nothing.mean.value is None
    assert list(Spread.of(np.array([-2.0, -1.0, 1.0, 2.0])).bins.values()) == [1, 1, 1, 1]
    assert [Spread.of(np.array([-2.0, -1.0, 1.0, 2.0])).quantile(q) for q in (0.25, 1.0)] == [-2.0078125, 2.0078125]


def test_distinct_texts_are_within_four_standard_errors_and_covered() -> None:
    """40 corpora: the interval of 95 % holds the truth in all but a few."""
    rng, inside, size = np.random.default_rng(2), 0, 9_000
    for _ in range(40):
        found = Distinct.of([f"{number}" for number in rng.integers(2**60, size=size).tolist()]).estimate
        assert found.value is not None and found.low is not None and found.high is not None
        assert abs(found.value - size) < 4 * size / np.sqrt(KEPT - 2)
        inside += found.low <= size <= found.high
    assert inside >= 33  # 38 are expected, with a standard error of 1.4


def test_distinct_of_parts_is_that_of_the_whole() -> None:
    texts = [f"{k % 9_000}" for k in range(12_000)]
    parts = [Distinct.of(texts[start : start + 700]) for start in range(0, len(texts), 700)]
    assert np.array_equal(Distinct.merged(parts).smallest, Distinct.of(texts).smallest)
    few = Distinct.of(texts[:100] * 2).estimate
    assert (few.value, few.low, few.high) == (100, 100, 100)
