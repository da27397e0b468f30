"""The Gaussian: its chains against the closed forms, and what it does when it has collapsed."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from outcross.core.errors import BadInput
from outcross.core.records import Rows
from outcross.core.seed import Seed
from outcross.models.gaussian import FittedGaussian, Gaussian
from tests.models.chains import agree, chain

N, REFITS, REPLICATES = 12, 20, 20_000
T = np.arange(1, REFITS + 1)


def c4(n: int) -> float:
    return math.sqrt(2 / (n - 1)) * math.exp(math.lgamma(n / 2) - math.lgamma((n - 1) / 2))


def laws(words: str, policy: str = "replace", *, exact: bool, replicates: int = REPLICATES) -> tuple[np.ndarray, ...]:
    """Means and variances, shape (T, R)."""
    fits = [fit.law() for fit in chain(words, policy, "normal", N, replicates, REFITS, exact=exact)]
    return np.array([law.mean[:, 0] for law in fits]), np.array([law.covariance[:, 0, 0] for law in fits])


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("ddof", [0, 1])
def test_replace(ddof: int, exact: bool) -> None:
    replicates = REPLICATES if exact else 4000
    mean, variance = laws(f"gaussian(ddof={ddof})", exact=exact, replicates=replicates)
    shrink = 1.0 if ddof else 1 - 1 / N
    agree(variance, shrink**T)
    agree(np.sqrt(variance), (c4(N) * math.sqrt(shrink)) ** T)
    agree(mean**2, T / N if ddof else 1 - shrink**T)


@pytest.mark.parametrize("exact", [True, False])
def test_accumulate(exact: bool) -> None:
    mean, variance = laws("gaussian", "accumulate", exact=exact, replicates=4000)
    expected = np.cumprod(1 - 1 / (N * T**2))
    agree(variance, expected)
    agree(mean**2, 1 - expected)


def test_known_variance() -> None:
    """Only the mean is fitted: Var mu_t = t / n."""
    mean, variance = laws("gaussian(known_variance=1.0)", exact=True)
    assert (variance == 1).all()
    agree(mean**2, T / N)


def test_determinant_in_three_dimensions() -> None:
    fits = chain("gaussian(ddof=1)", "replace", "normal(dim=3)", N, REPLICATES, 6, exact=True)
    step = math.prod((N - i) / (N - 1) for i in (1, 2, 3))
    agree(np.array([np.linalg.det(fit.law().covariance) for fit in fits]), step ** T[:6])


def test_densities_are_those_of_scipy() -> None:
    rng = np.random.default_rng(0)
    root = rng.normal(size=(3, 3))
    fitted = FittedGaussian(np.array([[1.0, -2.0, 30.0]]), (root @ root.T)[None])
    points = rng.normal(size=(1, 50, 3)) * 5
    known = stats.multivariate_normal(fitted.mean[0], fitted.covariance[0]).logpdf(points[0])
    np.testing.assert_allclose(fitted.log_prob(Rows(points)).values[0], known, rtol=1e-10)


def test_a_point_is_collapsed_and_says_so() -> None:
    fitted = Gaussian().fit(Rows(np.full((1, 5, 2), 3.0)), Seed(0))
    assert (fitted.sample(4, Seed(1)).values == 3).all()
    assert (fitted.sample_statistic(4, Seed(1)).scatter == 0).all()
    assert fitted.log_prob(Rows(np.array([[[3.0, 3.1]]]))).values[0, 0] == -np.inf


def test_fewer_records_than_dimensions() -> None:
    rng = np.random.default_rng(0)
    fitted = Gaussian().fit(Rows(rng.normal(size=(2, 3, 5))), Seed(0))
    for statistic in (fitted.sample_statistic(4, Seed(1)), fitted.sample(4, Seed(1)).moments()):
        assert [np.linalg.matrix_rank(covariance, tol=1e-9) for covariance in statistic.covariance()] == [2, 2]


@pytest.mark.parametrize(("words", "shape"), [({"dim": 2}, (1, 5, 1)), ({"ddof": 1}, (1, 1, 1))])
def test_data_that_do_not_do_are_refused(words: dict[str, int], shape: tuple[int, ...]) -> None:
    with pytest.raises(BadInput):
        Gaussian(**words).fit(Rows(np.zeros(shape)), Seed(0))
