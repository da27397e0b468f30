"""Categorical and Poisson models: formulas against resampled counts, the exact chain, and each other."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from outcross.core.errors import BadSetting
from outcross.lab.theory import accumulate, categorical, fresh, poisson, subsample, unseen, wright_fisher
from tests.lab.theory.simulation import agree, categoricals

LAW = np.array([0.5, 0.3, 0.15, 0.04, 0.01])
H0 = 1 - np.sum(LAW**2)
N = 12
REFITS = 15
T = np.arange(REFITS + 1)
REPLICATES = 20_000


@pytest.fixture(scope="module")
def resampled() -> np.ndarray:
    return categoricals("replace", LAW, N, REFITS, REPLICATES)


def heterozygosity(shares: np.ndarray) -> np.ndarray:
    return 1 - np.sum(shares**2, axis=2)


class TestReplace:
    def test_heterozygosity(self, resampled: np.ndarray) -> None:
        agree(heterozygosity(resampled) / H0, categorical.heterozygosity(T, N))

    def test_shares(self, resampled: np.ndarray) -> None:
        for i, p in enumerate(LAW):
            agree(resampled[:, :, i], categorical.expected_share(T, p))
            agree((resampled[:, :, i] - p) ** 2, categorical.frequency_variance(T, N, p))

    def test_survival(self, resampled: np.ndarray) -> None:
        exact = np.asarray(wright_fisher.survival(T, N, LAW))
        for i in range(len(LAW)):
            agree((resampled[:, :, i] > 0).astype(float), exact[:, i])
        agree((resampled > 0).sum(axis=2).astype(float), wright_fisher.expected_types(T, N, LAW))
        lost = 1 - np.asarray(wright_fisher.survival(1, N, LAW))
        assert_allclose(categorical.loss_probability(LAW, N), lost, rtol=1e-10)

    def test_unseen_mass(self, resampled: np.ndarray) -> None:
        once = np.sum(np.isclose(resampled[1:] * N, 1), axis=2) / N
        agree(once, wright_fisher.unseen_mass(T[:-1], N, LAW))
        assert_allclose(wright_fisher.unseen_mass(0, N, LAW), unseen.good_turing(N, LAW))

    def test_fixation_and_its_time(self) -> None:
        n, refits = 6, 150
        shares = categoricals("replace", LAW, n, refits, 10_000, seed=1)
        for i, p in enumerate(LAW):
            assert np.all((shares[-1, :, i] == 0) | (shares[-1, :, i] == 1))
            agree(shares[-1, :, i], categorical.fixation_probability(p))
            settled = (shares[:, :, i] == 0) | (shares[:, :, i] == 1)
            agree(np.argmax(settled, axis=0).astype(float), wright_fisher.fixation_time(p, n))
            losers = shares[-1, :, i] == 0
            agree(np.argmax(shares[:, losers, i] == 0, axis=0).astype(float), wright_fisher.loss_time(p, n))


def test_transition_matrix() -> None:
    matrix = wright_fisher.transition_matrix(9)
    assert_allclose(matrix, [stats.binom.pmf(np.arange(10), 9, i / 9) for i in range(10)], atol=1e-14)


def test_survival_is_a_power_of_the_matrix() -> None:
    n, t = 7, 5
    power = np.linalg.matrix_power(wright_fisher.transition_matrix(n), t)
    assert_allclose(wright_fisher.survival(t, n, np.arange(n + 1) / n), 1 - power[:, 0], atol=1e-12)


def test_the_chain_is_cut_where_it_does_not_matter() -> None:
    n, t, p = 500, 12, np.array([0.001, 0.01, 0.2])
    matrix = stats.binom.pmf(np.arange(n + 1), n, np.arange(n + 1)[:, None] / n)
    counts = stats.binom.pmf(np.arange(n + 1), n, p[:, None]) @ np.linalg.matrix_power(matrix, t - 1)
    assert_allclose(wright_fisher.survival(t, n, p), 1 - counts[:, 0], rtol=1e-10)
    assert_allclose(wright_fisher.unseen_mass(t - 1, n, p), counts[:, 1].sum() / n, rtol=1e-10)


def test_survival_of_very_many_samples_is_between_its_bounds() -> None:
    t = np.arange(0, 41)
    exact = np.asarray(wright_fisher.survival(t, 10_000, 0.001))
    lower, upper = categorical.survival_bounds(t, 10_000, 0.001)
    assert np.all((lower <= exact + 1e-12) & (exact <= upper))
    assert np.all(exact - lower < 0.002)


@pytest.mark.parametrize(("p", "n"), [(0.001, 1000), (0.01, 100), (0.05, 20)])
def test_survival_bounds(p: float, n: int) -> None:
    t = np.arange(0, 60)
    lower, upper = categorical.survival_bounds(t, n, p)
    exact = np.asarray(wright_fisher.survival(t, n, p))
    assert np.all((lower <= exact + 1e-12) & (exact <= np.asarray(upper) + 1e-12))
    g = [1.0]
    for _ in t[2:]:
        g.append(1 - math.exp(-g[-1]))
    assert_allclose(categorical.suresh_g(t[1:]), g)
    lost = np.exp(-n * p * np.array(g))
    assert_allclose(lower[1:], 1 - lost)  # type: ignore[index]
    published = 1 - (1 - 3 * n * p**2 - 3 * t[1:] * p) * lost
    assert_allclose(upper[1:], np.minimum(published, 1))  # type: ignore[index]


def test_fixation_time_tends_to_the_diffusion() -> None:
    p = np.array([0.1, 0.3, 0.5])
    for n, tolerance in ((50, 0.05), (800, 0.005)):
        assert_allclose(
            wright_fisher.fixation_time(p, n), categorical.fixation_time_approximately(p, n), rtol=tolerance
        )


def test_what_is_settled_takes_no_time() -> None:
    assert_allclose(wright_fisher.fixation_time([0.0, 1.0], 10), 0)
    assert_allclose(wright_fisher.loss_time([0.0], 10), 0)
    assert_allclose(wright_fisher.survival(T, 10, [0.0, 1.0]), np.tile([0.0, 1.0], (len(T), 1)))
    lower, upper = categorical.survival_bounds([0, 3], 10, 0.0)
    assert_allclose([lower, upper], 0)


def test_types_left_of_different_samples() -> None:
    n = 200
    shares = categoricals("replace", np.full(n, 1 / n), n, 20, 400, seed=2)
    left = (shares > 0).sum(axis=2).mean(axis=1)
    t = np.array([1, 2, 5, 10, 20])
    assert_allclose(categorical.types_left(t, n), left[t], rtol=0.04)
    assert_allclose(categorical.types_left(t, n), 2 * n / (t + 2), rtol=0.07)
    agree((shares[t] > 0).sum(axis=2).astype(float), wright_fisher.expected_types(t, n, np.full(n, 1 / n)))


def test_accumulate() -> None:
    shares = categoricals("accumulate", LAW, N, REFITS, 10_000, seed=3)
    agree(heterozygosity(shares) / H0, accumulate.heterozygosity(T, N))


def test_subsample() -> None:
    shares = categoricals("subsample", LAW, N, 6, 2_000, seed=4)
    agree(heterozygosity(shares) / H0, subsample.heterozygosity(T[:7], N))


@pytest.mark.parametrize("split", ["fixed", "independent"])
def test_fresh(split: fresh.Split) -> None:
    shares = categoricals(split, LAW, N, REFITS, REPLICATES, real=3, seed=5)
    agree(heterozygosity(shares) / H0, fresh.heterozygosity(T, N, 3 / N, split))


@pytest.mark.parametrize("real", [0.1, 0.25, 1.0])
def test_fresh_limits(real: float) -> None:
    n, a = 20, 1 - real
    fixed = (1 - a**2 - real / n) / (1 - a**2 + a / n)
    independent = (1 - 1 / n) * (1 - a**2) / (1 - a**2 * (1 - 1 / n))
    assert_allclose(fresh.heterozygosity_limit(n, real), fixed)
    assert_allclose(fresh.heterozygosity_limit(n, real, "independent"), independent)
    assert_allclose(fresh.heterozygosity(5000, n, real), fixed)
    assert_allclose(fresh.heterozygosity(5000, n, real, "independent"), independent)


def test_temperature() -> None:
    law = LAW
    for t in range(6):
        assert_allclose(categorical.at_temperature(t, LAW, 0.8), law)
        law = law ** (1 / 0.8) / np.sum(law ** (1 / 0.8))
    assert_allclose(categorical.at_temperature([0, 5000], LAW, 0.5), [LAW, [1.0, 0.0, 0.0, 0.0, 0.0]])
    assert_allclose(categorical.at_temperature(2000, [0.7, 0.3, 0.0], 2.0), [0.5, 0.5, 0.0])


@pytest.mark.parametrize(("n", "rate"), [(10, 1.0), (4, 0.5)])
def test_poisson(n: int, rate: float) -> None:
    rng = np.random.default_rng(6)
    rates = np.full((21, 50_000), rate)
    for t in range(1, 21):
        rates[t] = rng.poisson(n * rates[t - 1]) / n
    t = np.arange(21)
    agree((rates > 0).astype(float), poisson.survival(t, n, rate))
    agree((rates - rate)[:8] ** 2, poisson.mean_variance(t[:8], n, rate))


def test_shapes_are_those_of_generations_then_of_shares() -> None:
    p = np.full((2, 3), 0.1)
    for function in (wright_fisher.survival, categorical.frequency_variance):
        assert np.shape(function(T, 10, p)) == (len(T), 2, 3)
        assert isinstance(function(3, 10, 0.1), float)


@pytest.mark.parametrize(
    "call",
    [
        lambda: categorical.heterozygosity(1, 0),
        lambda: categorical.frequency_variance(1, 10, 1.2),
        lambda: categorical.at_temperature(1, [0.5, 0.5], 0.0),
        lambda: categorical.at_temperature(1, 0.5, 1.0),
        lambda: wright_fisher.transition_matrix(2048),
        lambda: wright_fisher.survival(3000, 100_000, 0.1),
        lambda: wright_fisher.loss_time(1.0, 10),
        lambda: wright_fisher.fixation_time(-0.1, 10),
        lambda: poisson.survival(1, 10, 0.0),
    ],
)
def test_what_has_no_answer_is_refused(call) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(BadSetting):
        call()
