"""A Gaussian with full covariance: the model whose collapse has closed forms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, final

import numpy as np

from outcross.core.batch import Batch, Floats, HasMoments
from outcross.core.errors import BadInput
from outcross.core.model import Exact, ExactModel, Fitted, Scored
from outcross.core.records import Rows
from outcross.core.seed import Seed
from outcross.core.setting import Between
from outcross.core.statistics import LogProbs, Moments, Normal
from outcross.models._normal import factor, log_density


@final
@dataclass(frozen=True)
class Gaussian(ExactModel):
    """A Gaussian in d dimensions, fitted by moments.

    Parameters
    ----------
    dim
        Number of dimensions; none takes that of the data.
    ddof
        0 for maximum likelihood, 1 for the unbiased covariance. It decides the law of collapse: with 1 the expected
        squared Wasserstein-2 distance to generation 0 diverges, with 0 it stays bounded.
    known_variance
        The variance of every coordinate, where it is known: then only the mean is fitted.

    Examples
    --------
    >>> fitted = Gaussian(ddof=1).fit(Rows(np.array([[[1.0], [3.0]]])), Seed(0))
    >>> fitted.law().mean.tolist(), fitted.law().covariance.tolist()
    ([[2.0]], [[[2.0]]])
    """

    dim: Annotated[int | None, Between(1)] = None
    ddof: Annotated[int, Between(0, 1)] = 0
    known_variance: Annotated[float | None, Between(0, above=True)] = None

    reads = (Rows, HasMoments)

    def statistic(self, data: Batch) -> Moments:
        """Return count, mean and scatter."""
        if not isinstance(data, HasMoments):
            raise BadInput(f"a gaussian is fitted to rows of numbers, not to {type(data).__name__.lower()}")
        return data.moments()

    def fit(self, data: Batch, seed: Seed, previous: Fitted | None = None) -> FittedGaussian:
        """Return the Gaussian with the data's mean and covariance."""
        moments = self.statistic(data)
        if self.dim is not None and moments.dim != self.dim:
            raise BadInput(f"gaussian(dim={self.dim}) was given records of {moments.dim} numbers")
        if moments.count <= self.ddof:
            raise BadInput(f"a gaussian with ddof={self.ddof} needs more than {self.ddof} records")
        if self.known_variance is not None:
            known = self.known_variance * np.eye(moments.dim)
            return FittedGaussian(moments.mean, np.broadcast_to(known, (moments.replicates, *known.shape)))
        root = None if moments.root is None else moments.root / np.sqrt(moments.count - self.ddof)
        return FittedGaussian(moments.mean, moments.covariance(self.ddof), root)


@final
@dataclass(frozen=True)
class FittedGaussian(Exact, Scored):
    """A Gaussian with known mean and covariance.

    Parameters
    ----------
    mean, covariance
        Shapes (R, d) and (R, d, d).
    root
        F with F F' = covariance, shape (R, d, r), where it is known.

    Examples
    --------
    >>> FittedGaussian(np.zeros((2, 1)), np.ones((2, 1, 1))).sample(5, Seed(0)).values.shape
    (2, 5, 1)
    """

    mean: Floats
    covariance: Floats
    root: Floats | None = None

    def law(self) -> Normal:
        """Return the law."""
        return Normal(self.mean, self.covariance)

    def sample(self, n: int, seed: Seed) -> Rows:
        """Return n draws in each replicate."""
        root = self._factor()
        noise = seed.generator().standard_normal((len(root), n, root.shape[2]))
        if root.shape[1:] == (1, 1):
            return Rows(self.mean[:, None] + noise * root)
        return Rows(self.mean[:, None] + noise @ root.transpose(0, 2, 1))

    def sample_statistic(self, n: int, seed: Seed) -> Moments:
        """Return mean and scatter of n draws: a normal and, independent of it, a Wishart (Bartlett 1933)."""
        rng = seed.generator()
        replicates, dim = self.mean.shape
        if dim == 1:  # in place: the generator then takes most of the time
            mean = rng.standard_normal((replicates, 1))
            mean *= np.sqrt(self.covariance[:, 0] * (1 / n))
            mean += self.mean
            scatter = rng.standard_gamma((n - 1) / 2, (replicates, 1, 1))
            scatter *= self.covariance
            scatter *= 2
            return Moments(n, mean, scatter)
        root = self._factor()
        noise = rng.standard_normal((replicates, root.shape[2], 1))
        mean = self.mean + (root @ noise)[:, :, 0] / np.sqrt(n)
        spread = root @ _bartlett(replicates, root.shape[2], n - 1, rng)
        return Moments(n, mean, spread @ spread.transpose(0, 2, 1), spread)

    def _factor(self) -> Floats:
        return factor(self.covariance) if self.root is None else self.root

    def log_prob(self, data: Batch) -> LogProbs:
        """Return log densities; minus infinity off the support of a singular Gaussian."""
        if not isinstance(data, Rows):
            raise BadInput(f"a gaussian scores rows of numbers, not {type(data).__name__.lower()}")
        log = log_density(data.values, self.mean, self.covariance)
        return LogProbs(log, np.ones((1, log.shape[1])))


def _bartlett(replicates: int, dim: int, degrees: int, rng: np.random.Generator) -> Floats:
    """A with A A' standard Wishart of that many degrees of freedom, shape (R, d, min(d, degrees)).

    With fewer degrees of freedom than dimensions the Wishart is singular, and A is a plain matrix of normals.
    """
    if degrees < dim:
        return rng.standard_normal((replicates, dim, degrees))
    lower = np.tril(rng.standard_normal((replicates, dim, dim)), -1)
    index = np.arange(dim)
    lower[:, index, index] = np.sqrt(2 * rng.standard_gamma((degrees - index) / 2, (replicates, dim)))
    return lower
