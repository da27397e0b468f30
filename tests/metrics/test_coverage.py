"""Coverage: by hand, by histogram, where a mode was lost, and in the limit of a law."""

from __future__ import annotations

import numpy as np
from scipy.stats import norm

from outcross.core.laws import Mixture
from outcross.core.records import Rows
from outcross.core.statistics import Normal
from outcross.metrics.coverage import Coverage
from tests.metrics.reading import read, reading

STANDARD = Normal(np.zeros((1, 1)), np.ones((1, 1, 1)))


def test_by_hand() -> None:
    human = np.arange(1.0, 12.0).reshape(1, 11, 1)  # quantiles at 3, 6 and 9; the last bin begins at 9
    sample = np.array([1.0, 2.0, 2.5, 9.0]).reshape(1, 4, 1)
    assert read(Coverage(bins=4), Rows(sample), Rows(human)).tolist() == [0.5]


def test_by_histogram(rng: np.random.Generator) -> None:
    values, human = rng.normal(0, 0.6, (4, 80, 2)), rng.normal(size=(1, 500, 2))
    expected = []
    for sample in values:
        reached = []
        for column, truth in zip(sample.T, human[0].T, strict=True):
            inner = np.quantile(truth, np.arange(1, 20) / 20, method="weibull")
            edges = np.concatenate([[-np.inf], inner, [np.inf]])
            reached.append(np.histogram(column, edges)[0] / 80 >= 0.1 * np.histogram(truth, edges)[0] / 500)
        expected.append(np.mean(reached))
    np.testing.assert_allclose(read(Coverage(), Rows(values), Rows(human)), expected)


def test_of_a_law() -> None:
    narrow = Normal(np.array([[0.5]]), np.array([[[0.09]]]))
    mass = np.diff(norm.cdf(np.concatenate([[-np.inf], norm.ppf(np.arange(1, 10) / 10), [np.inf]]), 0.5, 0.3))
    assert read(Coverage(bins=10, least=0.2), narrow, STANDARD).item() == np.mean(mass >= 0.02)


def test_intact_data_cover_everything(rng: np.random.Generator) -> None:
    found = read(Coverage(), Rows(rng.normal(size=(50, 1000, 1))), Rows(rng.normal(size=(1, 1000, 1))))
    assert (found == 1).all()
    assert read(Coverage(), STANDARD, STANDARD).tolist() == [1.0]


def test_a_lost_mode_leaves_its_half(rng: np.random.Generator) -> None:
    both = Mixture(np.array([[0.5, 0.5]]), np.array([[[-9.0], [9.0]]]), np.ones((1, 2, 1, 1)))
    one = Mixture(np.array([[1.0, 0.0]]), both.means, both.covariances)
    assert read(Coverage(), one, both).tolist() == [0.5]
    human = np.concatenate([rng.normal(-9, 1, (1, 500, 1)), rng.normal(9, 1, (1, 500, 1))], axis=1)
    assert read(Coverage(), Rows(rng.normal(9, 1, (1, 800, 1))), Rows(human)).tolist() == [0.5]


def test_ties() -> None:
    values = np.repeat([0.0, 1.0], [95, 5]).reshape(1, 100, 1)
    assert read(Coverage(), Rows(values)).tolist() == [1.0]
    assert read(Coverage(), Rows(np.zeros((1, 100, 1))), Rows(values)).tolist() == [0.5]


def test_fewer_records_than_bins_cannot_tell(rng: np.random.Generator) -> None:
    found = reading(Coverage(), Rows(np.zeros((2, 19, 1))), Rows(rng.normal(size=(1, 100, 1))))
    assert np.isnan(found.values).all()
    assert found.reason == "19 records cannot reach 20 bins"
