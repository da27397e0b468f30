"""A model with heavier tails than the normal: independent Laplace distributions, one a column."""

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

import outcross as oc


@final
@dataclass(frozen=True)
class Laplace(oc.Model):
    """Laplace distributions with the mean and the variance of the data."""

    reads = (oc.Rows,)
    batched = True

    def fit(self, data: oc.Batch, seed: oc.Seed, previous: oc.Fitted | None = None) -> "FittedLaplace":
        """Return the model with the mean and the variance of the records, weighted where they are."""
        if not isinstance(data, oc.Rows):
            raise oc.BadInput("laplace is fitted to rows of numbers")
        moments = data.moments()
        variance = np.diagonal(moments.covariance(), axis1=1, axis2=2)
        return FittedLaplace(moments.mean, np.sqrt(variance / 2))


@final
@dataclass(frozen=True)
class FittedLaplace(oc.Scored):
    """Mean and scale of every column, each of shape (R, d). `Scored`: it knows how probable a record is."""

    mean: NDArray[np.float64]
    scale: NDArray[np.float64]

    def sample(self, n: int, seed: oc.Seed) -> oc.Rows:
        """Return n new records in each replicate."""
        shape = (len(self.mean), n, self.mean.shape[1])
        return oc.Rows(seed.generator().laplace(self.mean[:, None], self.scale[:, None], shape))

    def log_prob(self, data: oc.Batch) -> oc.LogProbs:
        """Return the log density of each record."""
        if not isinstance(data, oc.Rows):
            raise oc.BadInput("laplace scores rows of numbers")
        scale = np.maximum(self.scale, np.finfo(float).tiny)[:, None]
        logs = -np.abs(data.values - self.mean[:, None]) / scale - np.log(2 * scale)
        return oc.LogProbs(logs.sum(axis=2), np.ones((1, data.size)))
