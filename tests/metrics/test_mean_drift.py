"""Drift of the mean: by hand, and in expectation."""

from __future__ import annotations

import numpy as np
import pytest

from outcross.core.errors import BadInput
from outcross.core.records import Rows
from outcross.core.statistics import Normal
from outcross.metrics.mean_drift import MeanDrift
from tests.metrics.reading import read, within


def test_by_hand(rng: np.random.Generator) -> None:
    values, human = rng.normal(size=(4, 30, 3)), rng.normal(size=(1, 50, 3))
    expected = ((values.mean(axis=1) - human.mean(axis=1)) ** 2).sum(axis=1)
    np.testing.assert_allclose(read(MeanDrift(), Rows(values), Rows(human)), expected)


@pytest.mark.parametrize("dim", [1, 4])
def test_expected_of_a_sample(rng: np.random.Generator, dim: int) -> None:
    truth = Normal(np.zeros((1, dim)), np.eye(dim)[None])
    assert within(read(MeanDrift(), Rows(rng.normal(size=(4000, 25, dim))), truth), dim / 25)


def test_dimensions_must_agree() -> None:
    with pytest.raises(BadInput, match="a batch of 1 dimensions cannot be compared with one of 3"):
        read(MeanDrift(), Rows(np.zeros((1, 5, 1))), Rows(np.zeros((1, 5, 3))))
