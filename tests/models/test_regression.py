"""Linear regression on its own labels."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from outcross.core.errors import BadInput
from outcross.core.records import Rows
from outcross.core.seed import Seed
from outcross.models.regression import Regression
from tests.models.chains import agree, chain

ROWS, DIM, NOISE, REFITS, REPLICATES = 12, 3, 0.5, 8, 6000
T = np.arange(1, REFITS + 1)


@pytest.mark.parametrize(
    ("policy", "growth"),
    [("replace", T), ("accumulate", np.cumsum(1 / T**2)), ("replace(multiple=true)", np.cumsum(1 / T))],
)
def test_the_error_grows_as_it_should(policy: str, growth: np.ndarray) -> None:
    """Expected squared error of the coefficients: s^2 d / (T - d - 1) times the growth; theorem 1 of Gerstgrasser."""
    fits = chain(f"regression(noise={NOISE})", policy, f"linear(dim={DIM}, noise={NOISE})", ROWS, REPLICATES, REFITS)
    found = np.array([((fit.law().coefficients - 1) ** 2).sum(axis=1) for fit in fits])
    agree(found, NOISE**2 * DIM / (ROWS - DIM - 1) * growth)


@pytest.mark.parametrize("policy", ["replace", "accumulate", "replace(multiple=true)"])
def test_the_design_is_kept(policy: str) -> None:
    fits = list(chain("regression", policy, "linear(dim=2)", 5, 2, 4))
    first = fits[0].sample(5, Seed(9)).values[:, :, :2]
    assert all(np.array_equal(fit.sample(5, Seed(9)).values[:, :, :2], first) for fit in fits)


def test_least_squares_is_that_of_numpy() -> None:
    rng = np.random.default_rng(0)
    values, weight = rng.normal(size=(4, 30, 6)), rng.uniform(0.5, 2, 30)
    for rows, root in ((Rows(values), np.ones(30)), (Rows(values, weight=weight), np.sqrt(weight))):
        found = Regression().fit(rows, Seed(0)).law().coefficients
        for r in range(4):
            scaled = values[r] * root[:, None]
            np.testing.assert_allclose(found[r], np.linalg.lstsq(scaled[:, :5], scaled[:, 5])[0], rtol=1e-9)


def test_dependent_inputs_have_the_shortest_solution() -> None:
    design = np.array([[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]])
    rows = Rows(np.column_stack([design, [2.0, 4.0, 6.0]])[None])
    np.testing.assert_allclose(Regression().fit(rows, Seed(0)).law().coefficients, [[1.0, 1.0]], rtol=1e-9)


def test_densities_are_of_the_label_given_the_inputs() -> None:
    rng = np.random.default_rng(0)
    fitted = Regression(noise=0.3).fit(Rows(rng.normal(size=(1, 20, 3))), Seed(0))
    points = rng.normal(size=(1, 10, 3))
    known = stats.norm(points[0, :, :2] @ fitted.law().coefficients[0], 0.3).logpdf(points[0, :, 2])
    np.testing.assert_allclose(fitted.log_prob(Rows(points)).values[0], known, rtol=1e-10)


@pytest.mark.parametrize("shape", [(1, 5, 1), (1, 2, 4)])
def test_data_that_do_not_do_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(BadInput):
        Regression().fit(Rows(np.ones(shape)), Seed(0))
