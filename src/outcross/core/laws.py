"""Laws that take more than a mean and a covariance to say: mixtures of normals, and Poisson counts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from outcross.core.batch import Floats, HasMoments, Law
from outcross.core.special import normal_cdf
from outcross.core.statistics import Moments


@final
@dataclass(frozen=True)
class Mixture(Law, HasMoments):
    """The law of a mixture of k normals in d dimensions.

    Parameters
    ----------
    weights
        Shape (R, k), rows summing to 1.
    means, covariances
        Shapes (R, k, d) and (R, k, d, d).

    Examples
    --------
    >>> modes = Mixture(np.array([[0.5, 0.5]]), np.array([[[-2.0], [2.0]]]), np.ones((1, 2, 1, 1)))
    >>> modes.moments().covariance().tolist()
    [[[5.0]]]
    """

    weights: Floats
    means: Floats
    covariances: Floats

    @property
    def replicates(self) -> int:
        """R, the number of replicates."""
        return len(self.weights)

    @property
    def components(self) -> int:
        """k, the number of normals."""
        return int(self.weights.shape[1])

    @property
    def dim(self) -> int:
        """d, the number of dimensions."""
        return int(self.means.shape[2])

    def moments(self) -> Moments:
        """Return mean and covariance: the spread within the components and that between their means."""
        mean = np.einsum("rk,rkd->rd", self.weights, self.means)
        gap = self.means - mean[:, None]
        between = np.einsum("rk,rkd,rke->rde", self.weights, gap, gap)
        return Moments(np.inf, mean, np.einsum("rk,rkde->rde", self.weights, self.covariances) + between)

    def cdf(self, points: ArrayLike, axis: int = 0) -> Floats:
        """Return how much of one coordinate lies at or below each point.

        Parameters
        ----------
        points
            Shape (m,).
        axis
            Which coordinate.

        Returns
        -------
        array of float, shape (R, m)

        Examples
        --------
        >>> modes = Mixture(np.array([[0.5, 0.5]]), np.array([[[-2.0], [2.0]]]), np.ones((1, 2, 1, 1)))
        >>> modes.cdf([0.0]).tolist()
        [[0.5]]
        """
        gap = np.asarray(points, dtype=np.float64) - self.means[:, :, axis, None]
        deviation = np.sqrt(self.covariances[:, :, axis, axis, None])
        with np.errstate(divide="ignore", invalid="ignore"):
            score = gap / deviation
        below = normal_cdf(np.where(np.isnan(score), np.inf, score))  # 0 / 0: the point is the whole component
        share: Floats = np.einsum("rk,rkm->rm", self.weights, below)
        return share

    def spread(self, replicates: int) -> Self:
        """Return the same law in each of so many replicates."""
        shown = {name: np.broadcast_to(array, (replicates, *array.shape[1:])) for name, array in self.arrays().items()}
        return replace(self, **shown)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return the arrays it is made of."""
        return {"weights": self.weights, "means": self.means, "covariances": self.covariances}


@final
@dataclass(frozen=True)
class Poisson(Law, HasMoments):
    """The law of independent Poisson counts in d columns.

    Parameters
    ----------
    rates
        Shape (R, d).

    Examples
    --------
    >>> Poisson(np.array([[3.0]])).moments().covariance().tolist()
    [[[3.0]]]
    """

    rates: Floats

    @property
    def replicates(self) -> int:
        """R, the number of replicates."""
        return len(self.rates)

    def moments(self) -> Moments:
        """Return mean and covariance: both are the rates."""
        return Moments(np.inf, self.rates, self.rates[:, :, None] * np.eye(self.rates.shape[1]))

    def spread(self, replicates: int) -> Self:
        """Return the same law in each of so many replicates."""
        return replace(self, rates=np.broadcast_to(self.rates, (replicates, self.rates.shape[1])))

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return the arrays it is made of."""
        return {"rates": self.rates}
