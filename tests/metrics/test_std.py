"""Standard deviation: the root of the variance, replicate by replicate."""

from __future__ import annotations

import numpy as np

from outcross.core.records import Rows
from outcross.core.statistics import Normal
from outcross.metrics.std import Std
from tests.metrics.reading import read


def test_against_numpy(rng: np.random.Generator) -> None:
    values = rng.normal(3.0, 2.0, (5, 40, 1))
    np.testing.assert_allclose(read(Std(), Rows(values)), values.std(axis=1)[:, 0])


def test_in_more_dimensions_it_is_the_root_of_the_mean_variance() -> None:
    law = Normal(np.zeros((1, 2)), np.diag([2.0, 16.0])[None])
    assert read(Std(), law).tolist() == [3.0]
