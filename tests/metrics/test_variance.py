"""Variance: against NumPy, and in expectation after one refit."""

from __future__ import annotations

import numpy as np
import pytest

from outcross.core.errors import BadInput
from outcross.core.records import Rows, Symbols
from outcross.core.statistics import Normal
from outcross.metrics.variance import Variance
from tests.metrics.reading import read, reading, within


@pytest.mark.parametrize("dim", [1, 3])
def test_against_numpy(rng: np.random.Generator, dim: int) -> None:
    values = rng.normal(3.0, 2.0, (5, 40, dim))
    np.testing.assert_allclose(read(Variance(), Rows(values)), values.var(axis=1).mean(axis=1))


def test_of_a_law() -> None:
    law = Normal(np.zeros((1, 2)), np.array([[[1.0, 0.9], [0.9, 3.0]]]))
    assert read(Variance(), law).tolist() == [2.0]


def test_expected_of_a_sample(rng: np.random.Generator) -> None:
    assert within(read(Variance(), Rows(rng.normal(0, 2, (4000, 10, 1)))), 4 * (1 - 1 / 10))


def test_weights_count() -> None:
    rows = Rows(np.array([[[0.0], [4.0]]]), weight=np.array([3.0, 1.0]))
    assert read(Variance(), rows).tolist() == [3.0]


def test_symbols_have_none() -> None:
    with pytest.raises(BadInput, match="variance reads HasMoments, not Symbols"):
        Variance().summarize(Symbols(np.zeros((1, 3), dtype=np.int64), 2))


def test_numbers_that_are_not_finite_are_missing() -> None:
    with np.errstate(invalid="ignore"):
        found = reading(Variance(), Rows(np.array([[[np.inf], [0.0]], [[1.0], [0.0]]])))
    assert np.isnan(found.values).tolist() == [True, False]
    assert found.reason == "the numbers are not finite"
