"""Laws of mixtures and of Poisson counts."""

from __future__ import annotations

import numpy as np
import pytest

from outcross.core.errors import BadInput
from outcross.core.laws import Mixture, Poisson

MIXTURE = Mixture(
    np.array([[0.25, 0.75]]), np.array([[[-3.0, 0.0], [1.0, 2.0]]]), np.array([[np.eye(2), 4 * np.eye(2)]])
)


def test_moments_of_a_mixture() -> None:
    """Mean 0.25 (-3, 0) + 0.75 (1, 2); variance within 3.25, between 0.25 * 0.75 * gap^2."""
    moments = MIXTURE.moments()
    assert moments.mean.tolist() == [[0.0, 1.5]]
    np.testing.assert_allclose(moments.covariance()[0], 3.25 * np.eye(2) + 0.1875 * np.array([[16, 8], [8, 4]]))


def test_a_component_may_be_a_point() -> None:
    law = Mixture(np.array([[0.25, 0.75]]), np.array([[[0.0], [5.0]]]), np.zeros((1, 2, 1, 1)))
    assert law.cdf([-1.0, 0.0, 4.9, 5.0]).tolist() == [[0.0, 0.25, 0.25, 1.0]]


def test_either_coordinate_of_a_mixture() -> None:
    assert MIXTURE.cdf([1e9], axis=1).tolist() == [[1.0]]
    assert MIXTURE.cdf([-3.0], axis=0)[0, 0] > 0.125 > MIXTURE.cdf([-3.0], axis=1)[0, 0]


@pytest.mark.parametrize("law", [MIXTURE, Poisson(np.array([[1.0, 2.0]]))])
def test_laws_are_spread_over_replicates_and_never_pooled(law: Mixture | Poisson) -> None:
    many = law.spread(4)
    assert many.replicates == 4
    assert many.moments().mean.tolist() == law.moments().mean.tolist() * 4
    assert law.join([]) is law
    with pytest.raises(BadInput, match="pooled"):
        law.join([law])
