"""Accumulate, subsample, replace-multiple, fresh, weighted and kernel densities against chains of samples."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

from outcross.core.errors import BadSetting
from outcross.lab.theory import accumulate, fresh, gaussian, kde, replace_multiple, subsample, weighted
from tests.lab.theory import simulation
from tests.lab.theory.simulation import agree, gaussians

N = 6
REFITS = 8
REPLICATES = 40_000
T = np.arange(REFITS + 1)
KNOWN = pytest.mark.parametrize("known", [0.7, 1.0])
BOTH = pytest.mark.parametrize("ddof", [0, 1])


@BOTH
def test_accumulate(ddof: int) -> None:
    mean, variance = gaussians(simulation.accumulate, N, REFITS, REPLICATES, ddof=ddof, seed=ddof)
    agree(variance, accumulate.variance(T, N, ddof))
    agree(mean**2, accumulate.mean_variance(T, N, ddof))


@KNOWN
def test_accumulate_with_known_variance(known: float) -> None:
    mean, _ = gaussians(simulation.accumulate, N, REFITS, REPLICATES, known=known, seed=2)
    agree(mean**2, accumulate.mean_variance(T, N, known_variance=known))


def test_accumulate_as_printed() -> None:
    product = np.cumprod([1.0, *(1 - 1 / (N * j**2) for j in range(1, REFITS + 1))])
    assert_allclose(accumulate.variance(T, N), product)
    assert_allclose(accumulate.mean_variance(T, N), 1 - product, atol=1e-14)
    assert_allclose(accumulate.heterozygosity(T, N), product)
    assert_allclose(
        accumulate.mean_variance(T, N, known_variance=1.0), [sum(1 / i**2 for i in range(1, k + 1)) / N for k in T]
    )


def test_accumulate_limits() -> None:
    for n in (2, 10, 1000):
        assert_allclose(accumulate.variance(10**6, n), accumulate.variance_limit(n), rtol=1e-5)
        assert_allclose(accumulate.variance_limit(n), math.sin(math.pi / math.sqrt(n)) * math.sqrt(n) / math.pi)
        assert_allclose(accumulate.mean_variance(10**6, n), accumulate.mean_variance_limit(n), rtol=1e-3)
        known = accumulate.mean_variance(10**6, n, known_variance=1.0)
        assert_allclose(known, math.pi**2 / (6 * n), rtol=1e-5)
        assert_allclose(accumulate.mean_variance_limit(n, known_variance=1.0), math.pi**2 / (6 * n))


@BOTH
def test_subsample(ddof: int) -> None:
    mean, variance = gaussians(simulation.subsample, N, REFITS, REPLICATES, ddof=ddof, seed=10 + ddof)
    agree(variance, subsample.variance(T, N, ddof))
    agree(mean**2, subsample.mean_variance(T, N, ddof))


def test_subsample_pool() -> None:
    """The pool's own variance, seen by a chain that keeps it."""
    rng = np.random.default_rng(4)
    pool = rng.normal(size=(REPLICATES, N))
    for t in range(1, 6):
        agree(pool.var(axis=1), subsample.pool_variance(t, N))
        part = rng.permuted(pool, axis=1)[:, :N]
        noise = rng.normal(size=part.shape)
        pool = np.concatenate([pool, part.mean(axis=1)[:, None] + part.std(axis=1)[:, None] * noise], axis=1)


@KNOWN
def test_subsample_with_known_variance(known: float) -> None:
    mean, _ = gaussians(simulation.subsample, N, REFITS, REPLICATES, known=known, seed=12)
    agree(mean**2, subsample.mean_variance(T, N, known_variance=known))


def test_subsample_as_printed() -> None:
    def c(j: int) -> float:
        total = (j - 1) * N
        return total / (total - 1) * ((1 - N / total) / N + (N - 1) / N**2)

    pool = (1 - 1 / N) * np.cumprod([1.0, *(1 - c(j) / j**2 for j in range(2, REFITS + 1))])
    total = np.arange(1, REFITS + 1) * N
    assert_allclose(subsample.pool_variance(T[1:], N), pool)
    assert_allclose(subsample.variance(T[1:], N), pool * total / (total - 1) * (N - 1) / N)
    assert_allclose(subsample.variance(T, N) + np.asarray(subsample.mean_variance(T, N)), 1)
    assert_allclose(subsample.heterozygosity(T, N), subsample.variance(T, N))


def test_subsample_limit() -> None:
    assert_allclose(subsample.mean_variance_limit(), math.pi**2 / 2 - 2)
    n = 10**6
    assert_allclose(n * float(subsample.mean_variance(20_000, n, known_variance=1.0)), math.pi**2 / 2 - 2, rtol=1e-4)


def test_subsample_loses_more_than_accumulate_and_less_than_replace() -> None:
    t = np.arange(2, 50)
    ordered = [gaussian.variance(t, N, ddof=0), subsample.variance(t, N), accumulate.variance(t, N)]
    assert np.all(np.diff(np.array(ordered), axis=0) > 0)


@BOTH
def test_replace_multiple(ddof: int) -> None:
    mean, variance = gaussians(
        simulation.replace, N, REFITS, REPLICATES, ddof=ddof, size=lambda t: t * N, seed=20 + ddof
    )
    sizes = replace_multiple.sizes(REFITS, N)
    assert sizes.tolist() == [N * t for t in range(1, REFITS + 1)]
    agree(variance, gaussian.variance(T, sizes, ddof))
    agree(mean**2, gaussian.mean_variance(T, sizes, ddof))


@KNOWN
def test_replace_multiple_with_known_variance(known: float) -> None:
    mean, _ = gaussians(simulation.replace, N, REFITS, REPLICATES, known=known, size=lambda t: t * N, seed=22)
    agree(mean**2, gaussian.mean_variance(T, replace_multiple.sizes(REFITS, N), known_variance=known))
    if known == 1:
        agree(mean**2, replace_multiple.mean_variance(T, N))
    assert_allclose(replace_multiple.mean_variance(T, N), [sum(1 / i for i in range(1, k + 1)) / N for k in T])
    assert_allclose(replace_multiple.mean_variance(T, N), gaussian.mean_variance(T, replace_multiple.sizes(T, N)))


@BOTH
@pytest.mark.parametrize("real", [1, 3])
def test_fresh(ddof: int, real: int) -> None:
    rule = simulation.mix(real, real / N)
    mean, variance = gaussians(rule, N, REFITS, REPLICATES, ddof=ddof, seed=30 + ddof)
    agree(variance, fresh.variance(T, N, real / N, ddof))
    agree(mean**2, fresh.mean_variance(T, N, real / N, ddof))


@KNOWN
def test_fresh_with_known_variance(known: float) -> None:
    mean, _ = gaussians(simulation.mix(2, 2 / N), N, REFITS, REPLICATES, known=known, seed=33)
    agree(mean**2, fresh.mean_variance(T, N, 2 / N, known_variance=known))


@pytest.mark.parametrize("real", [0.0, 0.1, 0.5, 1.0])
def test_fresh_limits(real: float) -> None:
    n, a = 10, 1 - real
    assert_allclose(fresh.mean_variance_limit(n, real), 1 / (n * (1 - a**2) + a))
    assert_allclose(fresh.mean_variance(2000, n, real), fresh.mean_variance_limit(n, real))
    assert_allclose(fresh.variance(2000, n, real), fresh.variance_limit(n, real), atol=1e-12)


def test_fresh_without_real_data_is_replace() -> None:
    assert_allclose(fresh.variance(T, N, 0.0), gaussian.variance(T, N, ddof=0))
    assert_allclose(fresh.mean_variance(T, N, 0.0, ddof=1), gaussian.mean_variance(T, N))
    assert_allclose(fresh.heterozygosity(T, N, 0.0), (1 - 1 / N) ** T)


@BOTH
def test_weighted(ddof: int) -> None:
    rule = simulation.mix(2, 0.6)
    mean, variance = gaussians(rule, N, REFITS, REPLICATES, ddof=ddof, seed=40 + ddof)
    agree(mean**2, weighted.mean_variance(T, 2, N - 2, 0.6, ddof))
    agree(variance, weighted.variance(T, 2, N - 2, 0.6, ddof))


@KNOWN
def test_weighted_with_known_variance(known: float) -> None:
    mean, _ = gaussians(simulation.mix(2, 0.6), N, REFITS, REPLICATES, known=known, seed=43)
    agree(mean**2, weighted.mean_variance(T, 2, N - 2, 0.6, known_variance=known))
    far = weighted.mean_variance(200, 2, N - 2, 0.6, known_variance=1.0)
    assert_allclose(2 * float(far), weighted.limit(0.6, ratio=(N - 2) / 2))


@pytest.mark.parametrize(("ratio", "published"), [(1, 0.6180), (2, 0.5), (0.5, 0.7321), (10, 0.2702)])
def test_golden_ratio(ratio: float, published: float) -> None:
    best = weighted.best_weight(ratio)
    assert round(best, 4) == published
    assert_allclose(weighted.limit(best, ratio), best)
    grid = np.linspace(0.001, 1, 10_000)
    assert abs(grid[np.argmin([weighted.limit(w, ratio) for w in grid])] - best) < 1e-3


def test_golden_ratio_is_golden() -> None:
    assert_allclose(weighted.best_weight(), (math.sqrt(5) - 1) / 2, rtol=1e-14)


@pytest.mark.parametrize("bandwidth", [0.3, 0.8])
def test_kernel_density(bandwidth: float) -> None:
    mean, variance = gaussians(simulation.replace, N, REFITS, REPLICATES, kernel=bandwidth, seed=50)
    agree(variance, kde.variance(T, N, bandwidth))
    agree(variance[1:] - bandwidth**2, kde.centre_variance(T[1:], N, bandwidth))
    agree(mean**2, kde.mean_variance(T, N, bandwidth))


def test_kernel_density_with_a_rule_for_the_bandwidth() -> None:
    factor = N ** (-1 / 5)
    mean, variance = gaussians(simulation.replace, N, 4, REPLICATES, factor=factor, seed=51)
    agree(variance, kde.rule_variance(T[:5], N, factor))
    agree(mean**2, kde.rule_mean_variance(T[:5], N, factor))


def test_kernel_density_does_not_collapse_to_a_point() -> None:
    assert_allclose(kde.variance_limit(N, 0.3), N * 0.09)
    assert_allclose(kde.variance(10**4, N, 0.3), N * 0.09)
    assert_allclose(kde.centre_variance(10**4, N, 0.3), (N - 1) * 0.09)


@pytest.mark.parametrize(
    "call",
    [
        lambda: accumulate.variance(1, 1),
        lambda: accumulate.mean_variance(1, 10, known_variance=False),
        lambda: accumulate.variance(1, 10, ddof=3),
        lambda: subsample.variance(-1, 10),
        lambda: replace_multiple.mean_variance(1, 0),
        lambda: fresh.variance(1, 10, 1.5),
        lambda: fresh.heterozygosity(1, 10, 0.5, "both"),  # type: ignore[arg-type]
        lambda: weighted.mean_variance(1, 0, 10, 0.5),
        lambda: weighted.limit(0.0),
        lambda: weighted.best_weight(0.0),
        lambda: kde.variance(1, 10, 0.0),
        lambda: kde.centre_variance(0, 10, 0.1),
    ],
)
def test_what_has_no_answer_is_refused(call) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(BadSetting):
        call()
