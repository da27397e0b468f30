"""Inputs and labels."""

import numpy as np

from outcross.core.seed import Seed
from outcross.populations.linear import Linear


def test_labels_are_the_weighted_inputs_and_noise() -> None:
    population = Linear(dim=3, coefficient=2.0, noise=0.5)
    values = population.draw(100_000, 1, Seed(0)).values[0]
    residual = values[:, 3] - 2 * values[:, :3].sum(axis=1)
    assert abs(residual.std() - 0.5) < 4 * 0.5 / np.sqrt(2 * 100_000)
    assert np.abs(np.cov(np.column_stack([values[:, :3], residual]).T) - np.diag([1, 1, 1, 0.25])).max() < 0.02
    assert population.law().coefficients.tolist() == [[2.0, 2.0, 2.0]]
    assert population.law().noise == 0.5
