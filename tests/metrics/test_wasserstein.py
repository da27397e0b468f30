"""Squared Wasserstein-2 distance: against linear programming, against the matrix formula, and in expectation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.linalg import sqrtm
from scipy.optimize import linprog
from scipy.special import gammaln

from outcross.core.batch import Floats
from outcross.core.errors import BadInput, BadSetting
from outcross.core.records import Rows
from outcross.core.statistics import Normal
from outcross.metrics.wasserstein import Wasserstein
from tests.metrics.reading import read, within


def transport(x: Floats, y: Floats) -> float:
    """The optimal transport between points by linear programming, shapes (n, d) and (m, d)."""
    n, m = len(x), len(y)
    cost = ((x[:, None] - y[None]) ** 2).sum(axis=2)
    rows, columns = np.kron(np.eye(n), np.ones(m)), np.kron(np.ones(n), np.eye(m))
    mass = np.concatenate([np.full(n, 1 / n), np.full(m, 1 / m)])
    return float(linprog(cost.ravel(), A_eq=np.concatenate([rows, columns]), b_eq=mass).fun)


@pytest.mark.parametrize(("n", "m"), [(7, 7), (6, 9), (9, 6), (5, 8), (1, 6), (6, 1), (12, 4)])
def test_one_column_against_linear_programming(rng: np.random.Generator, n: int, m: int) -> None:
    x, y = rng.normal(size=(3, n, 1)), rng.normal(1.0, 2.0, size=(1, m, 1))
    np.testing.assert_allclose(read(Wasserstein(), Rows(x), Rows(y)), [transport(one, y[0]) for one in x], rtol=1e-7)


def test_unequal_sizes_against_copies_of_records(rng: np.random.Generator) -> None:
    """Every record three times against every record twice has the same law, and the same size."""
    x, y = rng.normal(size=(4, 200, 1)), rng.normal(size=(4, 300, 1))
    copied = np.sort(np.repeat(x, 3, axis=1), axis=1) - np.sort(np.repeat(y, 2, axis=1), axis=1)
    np.testing.assert_allclose(read(Wasserstein(), Rows(x), Rows(y)), (copied**2).mean(axis=(1, 2)))


def test_normal_laws_against_the_matrix_formula(rng: np.random.Generator) -> None:
    roots = rng.normal(size=(5, 3, 3))
    means, covariances = rng.normal(size=(5, 3)), roots @ roots.transpose(0, 2, 1)
    laws = Normal(means[:4], covariances[:4])
    truth = Normal(means[4:], covariances[4:])
    whole = sqrtm(covariances[4])
    expected = [
        ((mean - means[4]) ** 2).sum() + np.trace(s + covariances[4] - 2 * sqrtm(whole @ s @ whole)).real
        for mean, s in zip(means[:4], covariances[:4], strict=True)
    ]
    np.testing.assert_allclose(read(Wasserstein(), laws, truth), expected, rtol=1e-6)


def test_normal_laws_of_one_dimension() -> None:
    law, truth = Normal(np.array([[3.0]]), np.array([[[4.0]]])), Normal(np.array([[1.0]]), np.array([[[25.0]]]))
    assert read(Wasserstein(), law, truth).tolist() == [4.0 + 9.0]


def test_a_collapsed_law_is_as_far_as_the_spread_it_lost() -> None:
    point, truth = Normal(np.zeros((1, 2)), np.zeros((1, 2, 2))), Normal(np.zeros((1, 2)), np.diag([4.0, 9.0])[None])
    np.testing.assert_allclose(read(Wasserstein(), point, truth), [13.0])
    np.testing.assert_allclose(read(Wasserstein(), truth, point), [13.0])


def test_expected_after_one_refit(rng: np.random.Generator) -> None:
    n = 10
    values = rng.normal(size=(4000, n, 1))
    fitted = Normal(values.mean(axis=1), values.var(axis=1, ddof=1)[:, :, None])
    c4 = math.sqrt(2 / (n - 1)) * math.exp(gammaln(n / 2) - gammaln((n - 1) / 2))
    assert within(read(Wasserstein(), fitted, Normal(np.zeros((1, 1)), np.ones((1, 1, 1)))), 1 / n + 2 * (1 - c4))


def test_large_samples_come_near_their_laws(rng: np.random.Generator) -> None:
    x, y = rng.normal(0, 1, (20, 4000, 1)), rng.normal(2, 3, (20, 5000, 1))
    assert abs(read(Wasserstein(), Rows(x), Rows(y)).mean() - 8) < 0.1


@pytest.mark.parametrize("dim", [2, 3, 7])
def test_slicing_is_exact_for_shifts_and_dilations(rng: np.random.Generator, dim: int) -> None:
    values, shift = rng.normal(size=(2, 50, dim)), np.arange(1.0, dim + 1)
    moved = read(Wasserstein(directions=10), Rows(values + shift), Rows(values))
    np.testing.assert_allclose(moved, (shift**2).sum())
    larger = read(Wasserstein(directions=10), Rows(3 * values), Rows(values))
    np.testing.assert_allclose(larger, 4 * (values**2).sum(axis=2).mean(axis=1))


def test_slicing_is_never_more_than_the_distance(rng: np.random.Generator) -> None:
    for _ in range(5):
        x, y = rng.normal(size=(1, 8, 2)) ** 3, rng.normal(size=(1, 11, 2))
        sliced = read(Wasserstein(directions=4), Rows(x), Rows(y)).item()
        assert 0.3 * transport(x[0], y[0]) < sliced < transport(x[0], y[0]) + 1e-9


def test_slices_against_numpy(rng: np.random.Generator) -> None:
    """The mean over many directions drawn here: the metric's own directions are others, but enough of them."""
    x, y = rng.normal(size=(60, 3)) * [1, 2, 4], rng.normal(size=(60, 3))
    directions = rng.normal(size=(20_000, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    gaps = np.sort(x @ directions.T, axis=0) - np.sort(y @ directions.T, axis=0)
    costs = 3 * (gaps**2).mean(axis=0)
    found = read(Wasserstein(directions=20_000), Rows(x[None]), Rows(y[None])).item()
    assert abs(found - costs.mean()) < 4 * math.sqrt(2) * costs.std() / math.sqrt(len(costs))


def test_directions_are_always_the_same(rng: np.random.Generator) -> None:
    x, y = Rows(rng.normal(size=(1, 20, 4))), Rows(rng.normal(size=(1, 20, 4)))
    assert read(Wasserstein(), x, y) == read(Wasserstein(), x, y)


def test_what_cannot_be_compared() -> None:
    law, rows = Normal(np.zeros((1, 1)), np.ones((1, 1, 1))), Rows(np.zeros((1, 5, 1)))
    with pytest.raises(BadInput, match="a law with a law"):
        read(Wasserstein(), law, rows)
    with pytest.raises(BadInput, match="2 dimensions cannot be compared with one of 4"):
        read(Wasserstein(), Rows(np.zeros((1, 5, 2))), Rows(np.zeros((1, 5, 4))))
    with pytest.raises(BadInput, match="equal weight"):
        read(Wasserstein(), Rows(np.zeros((1, 2, 1)), weight=np.array([1.0, 2.0])))
    with pytest.raises(BadSetting):
        Wasserstein(directions=0)
