"""Mean distance: the mean over all pairs, from the sum of all records."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import pdist

from outcross.core.records import Rows
from outcross.metrics.mean_distance import MeanDistance
from tests.metrics.reading import read, reading, within


@pytest.mark.parametrize("dim", [2, 50])
def test_every_pair_counts_once(rng: np.random.Generator, dim: int) -> None:
    values = rng.normal(0.4, 1, (3, 40, dim))
    np.testing.assert_allclose(read(MeanDistance(), Rows(values)), [pdist(x, "cosine").mean() for x in values])


def test_directions_at_random_are_at_distance_one_on_average(rng: np.random.Generator) -> None:
    assert within(read(MeanDistance(), Rows(rng.normal(size=(2000, 5, 3)))), 1)


def test_the_ends_of_the_scale() -> None:
    assert read(MeanDistance(), Rows(np.array([[[1.0, 2.0], [2.0, 4.0]]]))).item() == pytest.approx(0)
    assert read(MeanDistance(), Rows(np.array([[[1.0, 2.0], [-1.0, -2.0]]]))).item() == pytest.approx(2)
    assert read(MeanDistance(), Rows(np.array([[[0.0, 0.0], [-1.0, -2.0]]]))).item() == pytest.approx(1)


def test_one_record_is_not_far_from_anything() -> None:
    assert reading(MeanDistance(), Rows(np.ones((2, 1, 3)))).reason == "one record makes no pair"
