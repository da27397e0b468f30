"""Generalised variance: the exponential of its logarithm, and its expectation after one refit."""

from __future__ import annotations

import numpy as np

from outcross.core.records import Rows
from outcross.core.statistics import Normal
from outcross.metrics.det import Det
from outcross.metrics.log_det import LogDet
from tests.metrics.reading import read, reading, within


def test_it_is_the_exponential_of_the_log(rng: np.random.Generator) -> None:
    values, human = Rows(rng.normal(size=(6, 40, 3))), Rows(rng.normal(size=(1, 40, 3)))
    np.testing.assert_allclose(read(Det(), values, human), np.exp(read(LogDet(), values, human)))


def test_expected_after_one_refit(rng: np.random.Generator) -> None:
    n, dim = 10, 2
    moments = Rows(rng.normal(size=(4000, n, dim))).moments()
    fitted = Normal(moments.mean, moments.covariance(ddof=1))
    truth = Normal(np.zeros((1, dim)), np.eye(dim)[None])
    assert within(read(Det(), fitted, truth), (n - 1) * (n - 2) / (n - 1) ** 2)


def test_singular(rng: np.random.Generator) -> None:
    flat, full = Rows(np.zeros((1, 9, 1))), Rows(rng.normal(size=(1, 9, 1)))
    assert read(Det(), flat, full).tolist() == [0.0]
    assert "singular" in reading(Det(), full, flat).reason
