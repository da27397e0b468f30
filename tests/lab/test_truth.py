"""Where human data come from: on the exact path too they must be those of the population."""

import numpy as np
import pytest

from outcross.core.part import build
from outcross.core.seed import Seed
from outcross.core.statistics import Counts, Moments
from outcross.lab.truth import Truth

REPLICATES = 20_000


@pytest.mark.parametrize("level", ["statistics", "mixed"])
def test_a_gaussian_is_given_the_moments_of_two_normals(level: str) -> None:
    """Var of the sample variance is (m_4 - s^4)/n - ..., and m_4 = 43 for two modes four standard deviations apart."""
    n, m4, variance = 20, 43.0, 5.0
    truth = Truth.of_population(build("population", "two_normals(separation=4.0)"), Seed(0))
    pool, _ = truth.pool(build("model", "gaussian"), build("policy", "replace"), n, REPLICATES, Seed(1), level)
    drawn = pool.draw(build("policy", "replace").plan(pool.inventory(), n), Seed(2))
    assert isinstance(drawn, Moments)
    found = drawn.covariance(1)[:, 0, 0]
    expected = m4 / n - variance**2 * (n - 3) / (n * (n - 1))
    error = np.std((found - found.mean()) ** 2) / np.sqrt(REPLICATES)
    assert abs(found.var() - expected) < 4 * error
    assert abs(found.mean() - variance) < 4 * found.std() / np.sqrt(REPLICATES)


def test_a_sharpening_model_is_given_unsharpened_data() -> None:
    truth = Truth.of_population(build("population", "zipf(types=10)"), Seed(0))
    model = build("model", "categorical(temperature=0.5)")
    _, human = truth.pool(model, build("policy", "replace"), 100, REPLICATES, Seed(1), "statistics")
    assert isinstance(human, Counts) and truth.law is not None
    shares = human.frequencies().mean(axis=0)
    law = truth.law.arrays()["values"][0].astype(float)
    assert np.all(np.abs(shares - law) < 4 * np.sqrt(law * (1 - law) / (100 * REPLICATES)))
