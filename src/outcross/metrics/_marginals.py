"""The columns of a law one by one, which answer the same questions as a sample in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self, final

import numpy as np

from outcross.core.batch import Batch, Floats
from outcross.core.errors import BadInput
from outcross.core.laws import Mixture
from outcross.core.metric import Metric
from outcross.core.special import normal_cdf, normal_quantile
from outcross.core.statistics import Normal
from outcross.metrics._sorted import Sorted, rows_of


@final
@dataclass(frozen=True)
class Marginals:
    """Each column of a normal law or of a mixture of k normals.

    Parameters
    ----------
    weights
        Shape (R, k).
    means, sds
        Shapes (R, d, k); a collapsed component has a standard deviation of 0.

    Examples
    --------
    >>> law = Marginals.of(Normal(np.zeros((1, 1)), np.full((1, 1, 1), 4.0)))
    >>> law.quantile(np.array([0.975])).round(2).tolist(), law.below(np.array([[[0.0]]])).tolist()
    ([[[3.92]]], [[[0.5]]])
    """

    weights: Floats
    means: Floats
    sds: Floats

    @classmethod
    def of(cls, law: Normal | Mixture) -> Self:
        """Return the marginals of a law."""
        if isinstance(law, Normal):
            variances = np.diagonal(law.covariance, axis1=1, axis2=2)[:, :, None]
            return cls(np.ones((law.replicates, 1)), law.mean[:, :, None], np.sqrt(variances))
        variances = np.diagonal(law.covariances, axis1=2, axis2=3)
        return cls(law.weights, law.means.transpose(0, 2, 1), np.sqrt(variances).transpose(0, 2, 1))

    @property
    def replicates(self) -> int:
        """R, the number of replicates."""
        return len(self.means)

    @property
    def dim(self) -> int:
        """d, the number of columns."""
        return int(self.means.shape[1])

    def merge(self, other: Self) -> Self:
        """Refuse: laws are not pooled."""
        raise BadInput("laws of infinitely many records cannot be pooled")

    def quantile(self, p: Floats) -> Floats:
        """Return the quantiles at probabilities of shape (m,): shape (R, d, m).

        That of a mixture lies between those of its components, where it is found by bisection.
        """
        single = self.means[:, :, None] + self.sds[:, :, None] * normal_quantile(p)[:, None]
        low, high = single.min(axis=3), single.max(axis=3)
        for _ in range(200):
            middle = (low + high) / 2
            if ((middle <= low) | (middle >= high)).all():
                break
            left = self.below(middle) < p
            low, high = np.where(left, middle, low), np.where(left, high, middle)
        return np.asarray(high)

    def resolves(self, p: float) -> bool:
        """Whether it has mass beyond its p and 1 - p quantiles: a law has."""
        return True

    def below(self, points: Floats) -> Floats:
        """Return the probability strictly below each point, points and probabilities of shape (R, d, m)."""
        return self._mean(self._beyond(points[..., None] - self.means[:, :, None]))

    def above(self, points: Floats) -> Floats:
        """Return the probability strictly above each point, to the last digits however small it is."""
        return self._mean(self._beyond(self.means[:, :, None] - points[..., None]))

    def at(self, points: Floats) -> Floats:
        """Return the probability of each point exactly: above 0 only where a component has collapsed to it."""
        collapsed = (self.sds[:, :, None] == 0) & (points[..., None] == self.means[:, :, None])
        return self._mean(collapsed.astype(np.float64))

    def _beyond(self, away: Floats) -> Floats:
        """The probability that a component lies farther from its mean than that, on one side; shape (R, d, m, k)."""
        sds = np.broadcast_to(self.sds[:, :, None], away.shape)
        return normal_cdf(np.divide(away, sds, out=np.where(away > 0, np.inf, -np.inf), where=sds > 0))

    def _mean(self, values: Floats) -> Floats:
        """The mean over components, by weight."""
        mean: Floats = (values * self.weights[:, None, None]).sum(axis=3)
        return mean


Ordered = Marginals | Sorted


def ordered(metric: Metric[Any], batch: Batch) -> Ordered:
    """Return the marginals of a law, or the records in order.

    Examples
    --------
    >>> from outcross.core.part import build
    >>> ordered(build("metric", "tail_mass"), Normal(np.zeros((1, 2)), np.eye(2)[None])).dim
    2
    """
    return Marginals.of(batch) if isinstance(batch, Normal | Mixture) else Sorted.of(rows_of(metric, batch))
