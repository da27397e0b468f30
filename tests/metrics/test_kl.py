"""Divergence from the reference: by integration, by simulation, against SciPy, and where support was lost."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import entropy, multivariate_normal, norm

from outcross.core.errors import BadInput
from outcross.core.records import Rows, Symbols
from outcross.core.statistics import Counts, Normal, Probabilities
from outcross.metrics.kl import Kl
from tests.metrics.reading import read, reading

TRUTH = Normal(np.zeros((1, 1)), np.ones((1, 1, 1)))


@pytest.mark.parametrize(("mean", "sd"), [(0.0, 0.5), (1.0, 1.0), (-0.5, 2.0)])
def test_normal_laws_by_integration(mean: float, sd: float) -> None:
    def integrand(x: float) -> float:
        return float(norm.pdf(x) * (norm.logpdf(x) - norm.logpdf(x, mean, sd)))

    found = read(Kl(), Normal(np.array([[mean]]), np.array([[[sd**2]]])), TRUTH).item()
    assert found == pytest.approx(quad(integrand, -12, 12)[0], abs=1e-8)


def test_normal_laws_of_three_dimensions_by_simulation(rng: np.random.Generator) -> None:
    roots = rng.normal(size=(2, 3, 3))
    means, covariances = rng.normal(size=(2, 3)), roots @ roots.transpose(0, 2, 1) + np.eye(3)
    law, truth = (Normal(means[i : i + 1], covariances[i : i + 1]) for i in (0, 1))
    drawn = rng.multivariate_normal(means[1], covariances[1], 20_000)
    logs = multivariate_normal(means[1], covariances[1]).logpdf(drawn)
    logs -= multivariate_normal(means[0], covariances[0]).logpdf(drawn)
    assert abs(read(Kl(), law, truth).item() - logs.mean()) < 4 * logs.std() / np.sqrt(len(logs))


def test_shares_against_scipy(rng: np.random.Generator) -> None:
    p, q = rng.dirichlet(np.ones(5), size=3), rng.dirichlet(np.ones(5), size=1)
    np.testing.assert_allclose(read(Kl(), Probabilities(p), Probabilities(q)), [entropy(q[0], one) for one in p])


def test_counts_are_taken_as_shares() -> None:
    found = read(Kl(), Counts(np.array([[2.0, 2.0]])), Symbols(np.array([[0, 1, 1, 1]]), 2))
    np.testing.assert_allclose(found, entropy([0.25, 0.75], [0.5, 0.5]))


def test_lost_support_is_infinite() -> None:
    half, one = Probabilities(np.array([[0.5, 0.5]])), Probabilities(np.array([[1.0, 0.0]]))
    assert read(Kl(), one, half).tolist() == [np.inf]
    np.testing.assert_allclose(read(Kl(), half, one), np.log(2))
    assert read(Kl(), one, one).tolist() == [0.0]


def test_a_singular_covariance_is_infinite() -> None:
    flat = Normal(np.zeros((2, 2)), np.array([np.diag([1.0, 0.0]), np.eye(2)]))
    truth = Normal(np.zeros((1, 2)), np.eye(2)[None])
    assert read(Kl(), flat, truth).tolist() == [np.inf, 0.0]
    found = reading(Kl(), flat, Normal(np.zeros((1, 2)), np.diag([1.0, 0.0])[None]))
    assert np.isnan(found.values).tolist() == [True, False]
    assert found.values[1] == np.inf
    assert found.reason == "both covariances are singular"


def test_what_cannot_be_compared() -> None:
    with pytest.raises(BadInput, match="kl reads Normal or HasFrequencies, not Rows"):
        read(Kl(), Rows(np.zeros((1, 5, 1))))
    with pytest.raises(BadInput, match="two normal laws, or types with types"):
        read(Kl(), TRUTH, Probabilities(np.array([[1.0]])))
    with pytest.raises(BadInput, match="2 types cannot be compared with one of 3"):
        read(Kl(), Counts(np.ones((1, 3))), Counts(np.ones((1, 2))))
