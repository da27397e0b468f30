"""Two modes."""

import numpy as np
import pytest

from outcross.core.seed import Seed
from outcross.populations.two_normals import TwoNormals


def test_the_modes_lie_apart_on_the_first_axis() -> None:
    population = TwoNormals(separation=10.0, sd=0.5, share=0.2, dim=2)
    values = population.draw(20_000, 1, Seed(0)).values[0]
    right = values[:, 0] > 0
    assert right.mean() == pytest.approx(0.2, abs=4 * np.sqrt(0.16 / 20_000))
    for side, mean in ((right, 5.0), (~right, -5.0)):
        assert np.abs(values[side].mean(axis=0) - [mean, 0.0]).max() < 4 * 0.5 / np.sqrt(side.sum())
        assert np.abs(values[side].std(axis=0) - 0.5).max() < 4 * 0.5 / np.sqrt(2 * side.sum())


def test_the_law_knows_how_much_lies_where() -> None:
    law = TwoNormals(separation=8.0, share=0.3).law()
    values = TwoNormals(separation=8.0, share=0.3).draw(100_000, 1, Seed(1)).values[0, :, 0]
    points = np.array([-5.0, -4.0, 0.0, 3.0, 6.0])
    found = (values[:, None] <= points).mean(axis=0)
    np.testing.assert_allclose(law.cdf(points)[0], found, atol=4 * 0.5 / np.sqrt(100_000))
