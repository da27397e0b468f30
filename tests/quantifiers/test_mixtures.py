"""The quantifiers that fit a mixture, by hand and against the maximum found by search."""

from __future__ import annotations

import numpy as np
import pytest

from outcross.core.quantifier import Sample, Scores
from outcross.quantifiers._mixture import mixing_share
from outcross.quantifiers.distribution_matching import DistributionMatching
from outcross.quantifiers.token_mixture import TokenMixture

GRID = np.linspace(0, 1, 100_001)


def test_the_likeliest_share_by_search() -> None:
    rng = np.random.default_rng(0)
    human, synthetic = rng.exponential(size=(2, 40))
    weight = rng.poisson(1.0, size=(6, 40)).astype(np.float64)
    found = mixing_share(human, synthetic, weight)
    for share, counts in zip(found, weight, strict=True):
        sums = np.log(human[:, None] * (1 - GRID) + synthetic[:, None] * GRID).T @ counts
        assert share == pytest.approx(GRID[sums.argmax()], abs=2e-5)


def test_the_least_hellinger_distance_by_search() -> None:
    rng = np.random.default_rng(1)
    human, synthetic, target = rng.dirichlet(np.ones(6), size=3)
    mixtures = human[:, None] * (1 - GRID) + synthetic[:, None] * GRID
    expected = GRID[((np.sqrt(mixtures) - np.sqrt(target)[:, None]) ** 2).sum(axis=0).argmin()]
    assert mixing_share(human, synthetic, np.sqrt(target)[None], power=0.5)[0] == pytest.approx(expected, abs=2e-5)


def test_densities_of_zero_and_of_hundreds_of_digits() -> None:
    """One point in four can only be synthetic, the others only human."""
    assert mixing_share(np.array([1.0, 0.0]), np.array([0.0, 1.0]), np.array([[3.0, 1.0]]))[0] == pytest.approx(0.25)
    tiny = np.array([1.0, 1e-130]), np.array([1e-130, 1.0])
    assert mixing_share(*tiny, np.array([[3.0, 1.0]]))[0] == pytest.approx(0.25)
    assert np.isnan(mixing_share(np.array([0.0, 2.0]), np.array([0.0, 2.0]), np.ones((1, 2)))[0])


def test_each_draw_may_have_densities_of_its_own() -> None:
    human, synthetic = np.array([[0.9, 0.1], [0.5, 0.5]]), np.array([[0.1, 0.9], [0.0, 1.0]])
    weight = np.array([[50.0, 50.0], [1.0, 3.0]])
    np.testing.assert_allclose(mixing_share(human, synthetic, weight), [0.5, 0.5], atol=1e-9)


def test_a_hundred_times_sharper_root_near_an_end() -> None:
    """One in ten thousand: far from where the search starts."""
    counts = np.array([[9_999.0, 1.0]])
    assert mixing_share(np.array([1.0, 0.0]), np.array([0.0, 1.0]), counts)[0] == pytest.approx(1e-4, rel=1e-9)


def test_matching_by_hand() -> None:
    """Bins below and above 1/2: humans 3 and 1, synthetic ones 1 and 3, target 5 and 3 of 8, so (3/8 - 1/4) / (1/2)."""
    human, synthetic = np.array([0.1, 0.2, 0.3, 0.8]), np.array([0.25, 0.6, 0.7, 0.9])
    target = np.array([0.1] * 5 + [0.9] * 3)
    given = Scores(Sample(target), Sample(human), Sample(synthetic))
    for by in ("likelihood", "hellinger"):
        part = DistributionMatching(bins=2, by=by, smoothing=0)
        assert part.estimate(given)[0] == pytest.approx(0.25, abs=1e-9)
    # half a document more in each bin: 3.5 and 1.5 of 5, so (3/8 - 0.3) / 0.4
    assert DistributionMatching(bins=2).estimate(given)[0] == pytest.approx(0.1875, abs=1e-9)


def test_matching_does_not_care_for_the_scale_of_scores() -> None:
    rng = np.random.default_rng(2)
    rows = rng.normal(0.3, 1, 300), rng.normal(0, 1, 200), rng.normal(1, 1, 200)
    plain, bent = (Scores(*(Sample(f(row)) for row in rows)) for f in (lambda x: x, lambda x: np.exp(3 * x)))
    assert DistributionMatching().estimate(plain) == pytest.approx(DistributionMatching().estimate(bent), abs=1e-9)


def test_token_log_odds_are_too_sure_and_the_adjustment_heals_it() -> None:
    """Log odds four times as large as they should be, and moved to one side: a fifth of the humans is above 0."""
    rng = np.random.default_rng(3)

    def odds(synthetic: np.ndarray) -> np.ndarray:
        return 4 * (2.5 * (synthetic - 0.5) + 1.6 * rng.normal(size=len(synthetic)) + 0.5)

    target = (rng.random(5000) < 0.1) * 1.0
    given = Scores(Sample(odds(target)), Sample(odds(np.zeros(2500))), Sample(odds(np.ones(2500))))
    assert TokenMixture(adjust=False).estimate(given)[0] > 0.25
    assert TokenMixture().estimate(given)[0] == pytest.approx(0.1, abs=0.03)


def test_log_odds_of_any_size_do() -> None:
    far = Scores(Sample(np.array([-9e4, 9e4])), Sample(np.array([-9e4, -9e4])), Sample(np.array([9e4, 9e4])))
    assert TokenMixture().estimate(far).tolist() == pytest.approx([0.5], abs=1e-9)
