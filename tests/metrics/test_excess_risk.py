"""Excess risk: by hand, on held-out rows, from rows alone, and in expectation after one refit."""

from __future__ import annotations

import numpy as np
import pytest

from outcross.core.errors import BadInput
from outcross.core.records import Rows
from outcross.core.statistics import Linear, Normal
from outcross.metrics.excess_risk import ExcessRisk
from tests.metrics.reading import read, reading, within


def data(rng: np.random.Generator, replicates: int, n: int, weights: list[float], noise: float = 1.0) -> Rows:
    inputs = rng.normal(size=(replicates, n, len(weights)))
    labels = inputs @ np.array(weights)[:, None] + noise * rng.normal(size=(replicates, n, 1))
    return Rows(np.concatenate([inputs, labels], axis=2))


def test_by_hand() -> None:
    fitted = Linear(np.array([[1.0, 2.0], [0.0, 0.0]]), 1.0)
    assert read(ExcessRisk(), fitted, Linear(np.array([[1.0, 1.0]]), 1.0)).tolist() == [1.0, 2.0]


def test_on_held_out_rows(rng: np.random.Generator) -> None:
    heldout, fitted = data(rng, 1, 50, [1.0, -1.0, 2.0]), Linear(rng.normal(size=(4, 3)), 1.0)
    x, y = heldout.values[0, :, :-1], heldout.values[0, :, -1]
    expected = [((y - x @ w) ** 2).mean() for w in fitted.coefficients]
    np.testing.assert_allclose(read(ExcessRisk(), fitted, heldout), expected)


def test_on_held_out_rows_it_is_the_excess_plus_the_noise(rng: np.random.Generator) -> None:
    heldout = data(rng, 500, 400, [1.0, -1.0], noise=0.5)
    fitted = Linear(np.broadcast_to([1.5, -1.0], (500, 2)), 0.5)
    assert within(read(ExcessRisk(), fitted, heldout), 0.25 + 0.25)


def test_rows_alone_are_fitted_by_least_squares(rng: np.random.Generator) -> None:
    rows, heldout = data(rng, 3, 30, [1.0, 2.0]), data(rng, 1, 40, [1.0, 2.0])
    fits = [np.linalg.lstsq(v[:, :-1], v[:, -1], rcond=None)[0] for v in rows.values]
    np.testing.assert_allclose(
        read(ExcessRisk(), rows, heldout), read(ExcessRisk(), Linear(np.array(fits), 1.0), heldout)
    )


def test_expected_after_one_refit(rng: np.random.Generator) -> None:
    """s^2 d / (T - d - 1) for T rows of d standard normal inputs."""
    rows = data(rng, 4000, 30, [1.0, 2.0, 3.0], noise=2.0)
    assert within(read(ExcessRisk(), rows, Linear(np.array([[1.0, 2.0, 3.0]]), 2.0)), 4 * 3 / (30 - 3 - 1))


def test_what_cannot_be_read(rng: np.random.Generator) -> None:
    few = reading(ExcessRisk(), data(rng, 2, 2, [1.0, 2.0, 3.0]))
    assert few.reason == "2 records are too few for 3 inputs"
    with pytest.raises(BadInput, match="2 inputs cannot be compared with one of 3"):
        read(ExcessRisk(), Linear(np.zeros((1, 2)), 1.0), data(rng, 1, 9, [1.0, 2.0, 3.0]))
    with pytest.raises(BadInput, match="reads Linear or Rows, not Normal"):
        read(ExcessRisk(), Normal(np.zeros((1, 2)), np.eye(2)[None]))
    with pytest.raises(BadInput, match="at least two numbers"):
        read(ExcessRisk(), Rows(np.zeros((1, 5, 1))))
