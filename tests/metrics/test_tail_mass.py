"""Tail mass: against SciPy's normal law, by counting, without bias where nothing is lost, and with ties."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import norm

from outcross.core.errors import BadSetting
from outcross.core.laws import Mixture
from outcross.core.records import Rows
from outcross.core.statistics import Normal
from outcross.metrics.tail_mass import TailMass
from tests.metrics.reading import read, reading, within


@pytest.mark.parametrize("quantile", [0.001, 0.01, 0.2])
def test_normal_laws_against_scipy(quantile: float) -> None:
    law, truth = Normal(np.array([[0.3]]), np.array([[[0.64]]])), Normal(np.array([[1.0]]), np.array([[[4.0]]]))
    low, high = norm.ppf([quantile, 1 - quantile], 1.0, 2.0)
    expected = (norm.cdf(low, 0.3, 0.8) + norm.sf(high, 0.3, 0.8)) / (2 * quantile)
    np.testing.assert_allclose(read(TailMass(quantile=quantile), law, truth), expected, rtol=1e-9)


def test_columns_are_averaged() -> None:
    covariance = np.array([[[1.0, 0.5], [0.5, 1.0]], [[0.25, 0.0], [0.0, 1.0]]])
    found = read(TailMass(), Normal(np.zeros((2, 2)), covariance), Normal(np.zeros((1, 2)), np.eye(2)[None]))
    alone = norm.sf(norm.ppf(0.99), 0, 0.5) / 0.01
    np.testing.assert_allclose(found, [1.0, (1 + alone) / 2])


def test_mixtures_against_root_finding() -> None:
    weights, means, sds = np.array([0.3, 0.7]), np.array([-2.0, 1.0]), np.array([0.5, 1.5])
    law = Mixture(weights[None], means[None, :, None], (sds**2)[None, :, None, None])

    def cdf(x: float) -> float:
        return float(weights @ norm.cdf(x, means, sds))

    low, high = (brentq(lambda x, p=p: cdf(x) - p, -20, 20, xtol=1e-13) for p in (0.01, 0.99))
    one = Mixture(np.ones((1, 1)), np.zeros((1, 1, 1)), np.ones((1, 1, 1, 1)))
    np.testing.assert_allclose(read(TailMass(), law, law), 1.0)
    np.testing.assert_allclose(read(TailMass(), one, law), (norm.cdf(low) + norm.sf(high)) / 0.02)


def test_a_mixture_of_one_is_a_normal() -> None:
    one = Mixture(np.ones((1, 1)), np.full((1, 1, 1), 0.4), np.full((1, 1, 1, 1), 0.5))
    normal, truth = Normal(np.full((1, 1), 0.4), np.full((1, 1, 1), 0.5)), Normal(np.zeros((1, 1)), np.ones((1, 1, 1)))
    np.testing.assert_allclose(read(TailMass(), one, truth), read(TailMass(), normal, truth))


def test_samples_by_counting(rng: np.random.Generator) -> None:
    values, human = rng.normal(0, 0.8, (5, 300, 2)), rng.normal(size=(1, 999, 2))
    low, high = np.quantile(human[0], [0.05, 0.95], axis=0, method="weibull")
    beyond = ((values < low) | (values > high)).mean(axis=(1, 2)) / 0.1
    np.testing.assert_allclose(read(TailMass(quantile=0.05), Rows(values), Rows(human)), beyond)


@pytest.mark.parametrize(("n", "m"), [(50, 150), (500, 1000)])
def test_intact_tails_read_one_on_average(rng: np.random.Generator, n: int, m: int) -> None:
    """References of any size leave no bias, and heavy tails neither."""
    values, human = rng.standard_t(3, (3000, n, 1)), rng.standard_t(3, (3000, m, 1))
    assert within(read(TailMass(quantile=0.02), Rows(values), Rows(human)), 1.0)


def test_lost_tails_read_nothing(rng: np.random.Generator) -> None:
    assert read(TailMass(), Rows(np.zeros((1, 50, 1))), Rows(rng.normal(size=(1, 500, 1)))).tolist() == [0.0]
    point, truth = Normal(np.zeros((1, 1)), np.zeros((1, 1, 1))), Normal(np.zeros((1, 1)), np.ones((1, 1, 1)))
    assert read(TailMass(), point, truth).tolist() == [0.0]
    far = Normal(np.full((1, 1), 9.0), np.zeros((1, 1, 1)))
    np.testing.assert_allclose(read(TailMass(), far, truth), 50.0)


def test_ties_and_constant_columns_read_one_when_intact(rng: np.random.Generator) -> None:
    for values in (np.ones((1, 500, 1)), rng.poisson(1.0, (1, 500, 1)).astype(float)):
        np.testing.assert_allclose(read(TailMass(), Rows(values)), 1.0)
    flat = Normal(np.ones((1, 1)), np.zeros((1, 1, 1)))
    np.testing.assert_allclose(read(TailMass(), flat), 1.0)


def test_counts_lose_their_tails_too(rng: np.random.Generator) -> None:
    human, narrow = rng.poisson(20, (1, 2000, 1)).astype(float), rng.binomial(40, 0.5, (200, 500, 1)).astype(float)
    assert 0 < read(TailMass(), Rows(narrow), Rows(human)).mean() < 0.3


def test_a_law_may_be_compared_with_records(rng: np.random.Generator) -> None:
    law = Normal(np.zeros((1, 1)), np.ones((1, 1, 1)))
    records = Rows(rng.normal(size=(40, 20_000, 1)))
    assert within(read(TailMass(), records, law), 1.0)
    assert abs(read(TailMass(), law, records).mean() - 1) < 0.02


def test_a_reference_too_small_for_its_tails(rng: np.random.Generator) -> None:
    found = reading(TailMass(), Rows(rng.normal(size=(2, 500, 1))), Rows(rng.normal(size=(1, 98, 1))))
    assert np.isnan(found.values).all()
    assert found.reason == "the reference has too few records to tell its 0.01 quantile"
    assert np.isfinite(read(TailMass(), Rows(rng.normal(size=(2, 50, 1))), Rows(rng.normal(size=(1, 99, 1))))).all()


def test_settings() -> None:
    with pytest.raises(BadSetting, match=r"in \(0, 0.5\]"):
        TailMass(quantile=0.0)
