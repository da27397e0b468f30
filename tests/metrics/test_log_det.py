"""Log generalised variance: against determinants, against its expectation after one refit, and where it is singular."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import digamma

from outcross.core.records import Rows
from outcross.core.statistics import Moments, Normal
from outcross.metrics.log_det import LogDet
from tests.metrics.reading import read, reading, within


@pytest.mark.parametrize("dim", [1, 2, 5])
def test_against_determinants(rng: np.random.Generator, dim: int) -> None:
    values, human = rng.normal(size=(6, 40, dim)) @ rng.normal(size=(dim, dim)), rng.normal(size=(1, 30, dim))
    ratios = [
        np.linalg.det(np.cov(v.T, ddof=0).reshape(dim, dim))
        / np.linalg.det(np.cov(human[0].T, ddof=0).reshape(dim, dim))
        for v in values
    ]
    np.testing.assert_allclose(read(LogDet(), Rows(values), Rows(human)), np.log(ratios))


def test_expected_after_one_refit(rng: np.random.Generator) -> None:
    n, dim = 12, 3
    moments = Rows(rng.normal(size=(4000, n, dim))).moments()
    fitted = Normal(moments.mean, moments.covariance(ddof=1))
    truth = Normal(np.zeros((1, dim)), np.eye(dim)[None])
    expected = digamma((n - np.arange(1, dim + 1)) / 2).sum() - dim * np.log((n - 1) / 2)
    assert within(read(LogDet(), fitted, truth), expected)


def test_fewer_records_than_dimensions_fill_no_volume(rng: np.random.Generator) -> None:
    values = rng.normal(size=(20, 4, 4))  # rank 3: rounding gives determinants of either sign
    assert (read(LogDet(), Rows(values), Rows(rng.normal(size=(1, 50, 4)))) == -np.inf).all()


def test_a_constant_column_fills_no_volume(rng: np.random.Generator) -> None:
    values = np.concatenate([rng.normal(size=(1, 9, 1)), np.ones((1, 9, 1))], axis=2)
    assert read(LogDet(), Rows(values), Rows(rng.normal(size=(1, 9, 2)))).tolist() == [-np.inf]


def test_units_do_not_make_it_singular(rng: np.random.Generator) -> None:
    values, human = rng.normal(size=(3, 30, 2)), rng.normal(size=(1, 30, 2))
    units = np.array([1e9, 1e-9])
    np.testing.assert_allclose(
        read(LogDet(), Rows(values * units), Rows(human * units)), read(LogDet(), Rows(values), Rows(human))
    )


def test_a_singular_reference_is_no_measure(rng: np.random.Generator) -> None:
    found = reading(LogDet(), Rows(rng.normal(size=(2, 9, 1))), Moments(5.0, np.zeros((1, 1)), np.zeros((1, 1, 1))))
    assert np.isnan(found.values).all()
    assert found.reason == "the reference's covariance is singular"
