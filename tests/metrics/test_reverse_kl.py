"""Divergence from the generation: the other direction of the same formula."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import entropy

from outcross.core.statistics import Normal, Probabilities
from outcross.metrics.kl import Kl
from outcross.metrics.reverse_kl import ReverseKl
from tests.metrics.reading import read, within


def test_it_is_the_divergence_the_other_way_round(rng: np.random.Generator) -> None:
    roots = rng.normal(size=(2, 2, 2))
    one, other = (Normal(rng.normal(size=(1, 2)), (root @ root.T)[None]) for root in roots)
    np.testing.assert_allclose(read(ReverseKl(), one, other), read(Kl(), other, one))


def test_it_stays_finite_when_types_die_out() -> None:
    p, q = np.array([[1.0, 0.0]]), np.array([[0.25, 0.75]])
    np.testing.assert_allclose(read(ReverseKl(), Probabilities(p), Probabilities(q)), entropy(p[0], q[0]))
    assert read(ReverseKl(), Probabilities(q), Probabilities(p)).tolist() == [np.inf]


def test_a_collapsed_law_is_infinitely_far() -> None:
    point, truth = Normal(np.zeros((1, 1)), np.zeros((1, 1, 1))), Normal(np.zeros((1, 1)), np.ones((1, 1, 1)))
    assert read(ReverseKl(), point, truth).tolist() == [np.inf]


@pytest.mark.parametrize("n", [10, 50])
def test_expected_after_one_refit(rng: np.random.Generator, n: int) -> None:
    """1/n in the mean and -E log chi^2/(n - 1) in the variance, halved (unbiased estimator)."""
    from scipy.special import digamma

    values = rng.normal(size=(4000, n, 1))
    fitted = Normal(values.mean(axis=1), values.var(axis=1, ddof=1)[:, :, None])
    expected = 0.5 * (1 / n - digamma((n - 1) / 2) + np.log((n - 1) / 2))
    assert within(read(ReverseKl(), fitted, Normal(np.zeros((1, 1)), np.ones((1, 1, 1)))), expected)
