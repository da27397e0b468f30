"""A kernel density estimate: a model without parameters, whose kernel keeps it from collapsing to a point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, final

import numpy as np

from outcross.core.batch import Batch, Floats, random_index
from outcross.core.errors import BadInput
from outcross.core.model import Fitted, Model, Scored
from outcross.core.records import Rows
from outcross.core.seed import Seed
from outcross.core.setting import Between
from outcross.core.statistics import LogProbs, Moments
from outcross.models._normal import factor

_BLOCK = 2**19
"""Distances worked on at a time, so that memory is bounded."""
_NOTHING = np.finfo(np.float64).tiny
"""Stands for the scale of a kernel that has collapsed: whatever is not exactly on a record is infinitely far."""
_HUGE = np.finfo(np.float64).max


@final
@dataclass(frozen=True)
class Kde(Model):
    """A Gaussian kernel on every record.

    Parameters
    ----------
    bandwidth
        Standard deviation of the kernel in every dimension; or a rule that makes the kernel's covariance that of the
        records times a factor squared: ``scott``, n^(-1/(d+4)), or ``silverman``, (n (d+2)/4)^(-1/(d+4)) (Scott 1992,
        Silverman 1986). With a fixed bandwidth h the variance of a chain tends to (n - 1) h^2.

    Examples
    --------
    >>> fitted = Kde(bandwidth=0.5).fit(Rows(np.array([[[-1.0], [1.0]]])), Seed(0))
    >>> fitted.law().covariance().tolist()
    [[[1.25]]]
    """

    bandwidth: Annotated[float | Literal["scott", "silverman"], Between(0, above=True)] = "scott"

    reads = (Rows,)
    batched = True

    def fit(self, data: Batch, seed: Seed, previous: Fitted | None = None) -> FittedKde:
        """Return the density estimate of these records.

        Raises
        ------
        BadInput
            If a rule for the bandwidth is given fewer than two records.
        """
        if not isinstance(data, Rows):
            raise BadInput(f"a kde is fitted to rows of numbers, not to {type(data).__name__.lower()}")
        if isinstance(self.bandwidth, float):
            kernel = self.bandwidth**2 * np.eye(data.dim)
            return FittedKde(data, np.broadcast_to(kernel, (data.replicates, *kernel.shape)))
        moments = data.moments()
        if moments.count <= 1:
            raise BadInput(f"kde(bandwidth={self.bandwidth}) needs at least 2 records")
        crowd = moments.count if self.bandwidth == "scott" else moments.count * (data.dim + 2) / 4
        return FittedKde(data, crowd ** (-2 / (data.dim + 4)) * moments.covariance(ddof=1))


@final
@dataclass(frozen=True)
class FittedKde(Scored):
    """Records, and the kernel that is put on each.

    Parameters
    ----------
    records
        The training records, with their weights.
    kernel
        Covariance of the kernel, shape (R, d, d).

    Examples
    --------
    >>> FittedKde(Rows(np.zeros((2, 3, 1))), np.ones((2, 1, 1))).sample(5, Seed(0)).values.shape
    (2, 5, 1)
    """

    records: Rows
    kernel: Floats

    def law(self) -> Moments:
        """Return mean and covariance: those of the records, and the kernel's added."""
        moments = self.records.moments()
        return Moments(np.inf, moments.mean, moments.covariance() + self.kernel)

    def sample(self, n: int, seed: Seed) -> Rows:
        """Return n draws in each replicate: a record chosen at random, and a step drawn from the kernel."""
        rng = seed.generator()
        replicates, size, dim = self.records.values.shape
        if self.records.weight is None:
            index = random_index(replicates, size, n, rng, replacement=True)
        else:
            index = rng.choice(size, (replicates, n), p=self.records.weight / self.records.weight.sum())
        chosen = self.records.values[np.arange(replicates)[:, None], index]
        noise = rng.standard_normal((replicates, n, dim))
        return Rows(chosen + noise @ factor(self.kernel).transpose(0, 2, 1))

    def log_prob(self, data: Batch) -> LogProbs:
        """Return log densities; minus infinity where every record is too far (and the kernel has shrunk to nothing)."""
        if not isinstance(data, Rows):
            raise BadInput(f"a kde scores rows of numbers, not {type(data).__name__.lower()}")
        weight = np.ones(self.records.size) if self.records.weight is None else self.records.weight
        with np.errstate(divide="ignore"):
            share = np.log(weight / weight.sum())
        points = np.broadcast_to(data.values, (len(self.kernel), *data.values.shape[1:]))
        log = [_log_density(*both, share) for both in zip(points, self.records.values, self.kernel, strict=True)]
        return LogProbs(np.array(log), np.ones((1, data.size)))


def _log_density(points: Floats, records: Floats, kernel: Floats, share: Floats) -> Floats:
    """Log density at points (m, d) of kernels on records (n, d) with log weights (n,), shape (m,)."""
    dim = points.shape[1]
    variances, axes = np.linalg.eigh(kernel)
    scale = np.sqrt(np.maximum(variances, 0))
    points, records = points @ axes, records @ axes
    found: Floats = np.empty(len(points))
    step = max(1, _BLOCK // len(records))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        constant = -np.log(scale).sum() - 0.5 * dim * np.log(2 * np.pi)
        for first in range(0, len(points), step):
            logs = np.zeros((len(points[first : first + step]), len(records)))
            for axis in range(dim):
                gap = points[first : first + step, axis, None] - records[:, axis]
                gap /= max(scale[axis], _NOTHING)
                gap *= gap
                logs += gap
            logs *= -0.5
            logs += share
            top = np.maximum(logs.max(axis=1, keepdims=True), -_HUGE)
            logs -= top
            found[first : first + step] = np.log(np.exp(logs, out=logs).sum(axis=1)) + top[:, 0]
        found += constant
    found[np.isnan(found)] = -np.inf
    return found
