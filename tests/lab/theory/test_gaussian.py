"""Replace: every formula against chains of samples, and against each other."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import special, stats

from outcross.core.errors import BadSetting
from outcross.lab.theory import gaussian
from tests.lab.theory.simulation import agree, gaussians, replace

T = np.array([0, 1, 2, 5, 20])
REPLICATES = 20_000


@pytest.mark.parametrize("ddof", [0, 1])
@pytest.mark.parametrize("n", [5, 12])
class TestAgainstChains:
    @pytest.fixture
    def chain(self, n: int, ddof: int) -> tuple[np.ndarray, np.ndarray]:
        mean, variance = gaussians(replace, n, T[-1], REPLICATES, ddof=ddof, seed=10 * n + ddof)
        return mean[T], variance[T]

    def test_moments(self, n: int, ddof: int, chain: tuple[np.ndarray, np.ndarray]) -> None:
        mean, variance = chain
        early = slice(0, 4)  # the variance of chains that are 20 refits old is carried by too few of them
        agree(variance[early], gaussian.variance(T[early], n, ddof))
        agree(np.sqrt(variance), gaussian.std(T, n, ddof))
        agree(variance**0.25, gaussian.moment(0.5, T, n, ddof))
        agree(mean[early] ** 2, gaussian.mean_variance(T[early], n, ddof))
        agree(np.log(variance), gaussian.log_variance(T, n, ddof))

    def test_distances(self, n: int, ddof: int, chain: tuple[np.ndarray, np.ndarray]) -> None:
        mean, variance = (x[:4] for x in chain)
        agree(mean**2 + (np.sqrt(variance) - 1) ** 2, gaussian.wasserstein(T[:4], n, ddof))
        agree((mean**2 + variance - 1 - np.log(variance)) / 2, gaussian.reverse_kl(T[:4], n, ddof))
        if n == 12:  # below, the divergence has no variance and no standard error
            kl = (np.log(variance) + (1 + mean**2) / variance - 1) / 2
            agree(kl[:3], gaussian.kl(T[:3], n, ddof))

    def test_one_draw(self, n: int, ddof: int, chain: tuple[np.ndarray, np.ndarray]) -> None:
        mean, variance = chain
        draw = mean + np.sqrt(variance) * np.random.default_rng(1).normal(size=mean.shape)
        agree(draw[:4] ** 2, gaussian.marginal_variance(T[:4], n, ddof))

    def test_tail_bound(self, n: int, ddof: int, chain: tuple[np.ndarray, np.ndarray]) -> None:
        for epsilon in (0.05, 0.5, 1.0, 2.0):
            share = (np.sqrt(chain[1]) > epsilon).mean(axis=1)
            bound = np.asarray(gaussian.tail_bound(T, n, epsilon, ddof))
            assert np.all(share <= bound + 4 * np.sqrt(bound * (1 - bound) / REPLICATES))


@pytest.mark.parametrize("ddof", [0, 1])
def test_sizes_that_vary(ddof: int) -> None:
    sizes = [4, 9, 30, 6]
    mean, variance = gaussians(replace, 4, 4, REPLICATES, ddof=ddof, size=lambda t: sizes[min(t, 4) - 1], seed=3)
    t = np.arange(5)
    agree(variance, gaussian.variance(t, sizes, ddof))
    agree(mean**2, gaussian.mean_variance(t, sizes, ddof))
    agree(mean**2 + (np.sqrt(variance) - 1) ** 2, gaussian.wasserstein(t, sizes, ddof))
    agree(np.log(variance), gaussian.log_variance(t, sizes, ddof))


@pytest.mark.parametrize("ddof", [0, 1])
def test_several_dimensions(ddof: int) -> None:
    d, n, replicates = 3, 12, 10_000
    rng = np.random.default_rng(5)
    covariance = np.array([[2.0, 0.6, 0.0], [0.6, 1.0, -0.3], [0.0, -0.3, 0.5]])
    mean, cov = np.zeros((replicates, d)), np.broadcast_to(covariance, (replicates, d, d))
    inverse = np.linalg.inv(covariance)
    for t in range(1, 4):
        noise = rng.normal(size=(replicates, n, d))
        x = mean[:, None] + noise @ np.linalg.cholesky(cov).transpose(0, 2, 1)
        mean = x.mean(axis=1)
        centred = x - mean[:, None]
        cov = centred.transpose(0, 2, 1) @ centred / (n - ddof)
        ratio = np.linalg.det(cov) / np.linalg.det(covariance)
        agree(np.trace(cov, axis1=1, axis2=2) / np.trace(covariance), gaussian.trace(t, n, ddof))
        agree(ratio, gaussian.determinant(t, n, d, ddof))
        agree(np.log(ratio), gaussian.log_determinant(t, n, d, ddof))
        distance = np.einsum("ri,ij,rj->r", mean, inverse, mean)
        spread = np.trace(inverse @ cov, axis1=1, axis2=2)
        agree((spread + distance - d - np.log(ratio)) / 2, gaussian.reverse_kl(t, n, ddof, dim=d))
        precision = np.linalg.inv(cov)
        distance = np.einsum("ri,rij,rj->r", mean, precision, mean)
        spread = np.trace(precision @ covariance, axis1=1, axis2=2)
        agree((spread + distance - d + np.log(ratio)) / 2, gaussian.kl(t, n, ddof, dim=d))


def test_table_of_closed_forms() -> None:
    """The formulas as they are printed, where the code writes them otherwise."""
    n, t = 30, np.arange(8)
    c4 = np.sqrt(2 / (n - 1)) * special.gamma(n / 2) / special.gamma((n - 1) / 2)
    shrunk = c4 * np.sqrt((n - 1) / n)
    assert_allclose(gaussian.c4(n), c4, rtol=1e-12)
    assert_allclose(gaussian.std(t, n), c4**t)
    assert_allclose(gaussian.std(t, n, ddof=0), shrunk**t)
    assert_allclose(gaussian.variance(t, n, ddof=0), (1 - 1 / n) ** t)
    assert_allclose(gaussian.wasserstein(t, n), t / n + 2 * (1 - c4**t), atol=1e-14)
    assert_allclose(gaussian.wasserstein(t, n, ddof=0), 2 * (1 - shrunk**t), atol=1e-14)
    assert_allclose(gaussian.marginal_variance(t, n), 1 + t / n)
    assert_allclose(gaussian.marginal_variance(t, n, ddof=0), 1)
    psi = special.digamma((n - 1) / 2)
    L = psi - np.log((n - 1) / 2)
    assert_allclose(gaussian.log_variance(t, n), t * L)
    assert_allclose(gaussian.log_variance(t, n, ddof=0), t * (psi - np.log(n / 2)))
    q = (n - 1) / (n - 3)
    assert_allclose(gaussian.kl(t, n), (t * L + q**t + q * (q**t - 1) / ((q - 1) * n) - 1) / 2, atol=1e-14)
    assert_allclose(gaussian.reverse_kl(t, n), (t / n - t * L) / 2)
    d = 4
    assert_allclose(gaussian.determinant(t, n, d), np.prod([(n - i) / (n - 1) for i in range(1, d + 1)]) ** t)
    logs = sum(special.digamma((n - i) / 2) for i in range(1, d + 1)) - d * np.log((n - 1) / 2)
    assert_allclose(gaussian.log_determinant(t, n, d), t * logs)


def test_moments_of_order_one_and_two_are_std_and_variance() -> None:
    for ddof in (0, 1):
        assert_allclose(gaussian.moment(1, T, 7, ddof), gaussian.std(T, 7, ddof))
        assert_allclose(gaussian.moment(2, T, 7, ddof), gaussian.variance(T, 7, ddof))


def test_first_order_is_the_limit_of_large_samples() -> None:
    t = np.array([1, 5, 10])
    for n, tolerance in ((100, 0.1), (10_000, 1e-3), (10**8, 1e-6)):
        assert_allclose(gaussian.wasserstein(t, n), gaussian.wasserstein_first_order(t, n), rtol=tolerance)


def test_the_estimator_decides_the_law() -> None:
    late = np.array([10**5, 10**6])
    assert np.all(np.asarray(gaussian.wasserstein(late, 100)) > 1000)
    assert_allclose(gaussian.wasserstein(late, 100, ddof=0), 2)


def test_tail_bound_is_the_best_power() -> None:
    n, t, epsilon = 8, 40, 0.2
    powers = np.linspace(0, 20, 4_001)
    best = min(epsilon**-r * float(gaussian.moment(r, t, n)) for r in powers)
    assert_allclose(gaussian.tail_bound(t, n, epsilon), best, rtol=1e-5)


def test_tail_bound_is_below_the_published_one() -> None:
    t = np.arange(0, 400, 20)
    published = np.minimum(1, np.exp(-t / (4 * 10)) / 0.1)
    assert np.all(np.asarray(gaussian.tail_bound(t, 10, 0.1)) <= published + 1e-12)


def test_tail_bound_of_generation_0_is_exact() -> None:
    assert [gaussian.tail_bound(0, 10, epsilon) for epsilon in (0.5, 1.0, 2.0)] == [1, 0, 0]


def test_tail_bound_of_one_refit_covers_the_chi_law() -> None:
    epsilon = 1.7
    exact = stats.chi2.sf(epsilon**2 * 9, 9)
    assert exact < gaussian.tail_bound(1, 10, epsilon) < 20 * exact


def test_a_number_gives_a_float_and_an_array_an_array() -> None:
    assert isinstance(gaussian.variance(3, 10, ddof=0), float)
    assert isinstance(gaussian.tail_bound(3, 10, 0.5), float)
    result = gaussian.wasserstein(np.array([[1, 2], [3, 4]]), 10)
    assert isinstance(result, np.ndarray)
    assert result.shape == (2, 2)
    assert result.dtype == np.float64


@pytest.mark.parametrize(
    "call",
    [
        lambda: gaussian.variance(1, 1),
        lambda: gaussian.variance(-1, 10),
        lambda: gaussian.variance(1.5, 10),  # type: ignore[arg-type]
        lambda: gaussian.variance(1, 10, ddof=2),
        lambda: gaussian.variance(3, [10, 10]),
        lambda: gaussian.kl(1, 3),
        lambda: gaussian.kl(1, [10, 20]),  # type: ignore[arg-type]
        lambda: gaussian.log_determinant(1, 5, 5),
        lambda: gaussian.log_determinant(1, 5, 0),
        lambda: gaussian.moment(-9, 1, 10),
        lambda: gaussian.tail_bound(1, 10, 0.0),
    ],
)
def test_what_has_no_answer_is_refused(call) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(BadSetting):
        call()
