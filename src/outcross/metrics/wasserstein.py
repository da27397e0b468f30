"""How far must the mass of a generation be carried to make the human data of it again?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Annotated, Self, final

import numpy as np

from outcross.core.batch import Batch, Floats
from outcross.core.errors import BadInput
from outcross.core.metric import Metric, Reading
from outcross.core.records import Rows
from outcross.core.setting import Between
from outcross.core.statistics import Moments, Normal
from outcross.metrics._checks import reading, require_same
from outcross.metrics._sorted import Sorted, rows_of


@final
@dataclass(frozen=True)
class Slices:
    """Records of some columns in order along each direction.

    Examples
    --------
    >>> one = Slices(Sorted.of(np.zeros((1, 4, 1))), 1)
    >>> one.merge(one).order.size
    8
    """

    order: Sorted
    columns: int

    def merge(self, other: Self) -> Self:
        """Return both in order together."""
        return type(self)(self.order.merge(other.order), self.columns)


@final
@dataclass(frozen=True)
class Wasserstein(Metric[Moments | Slices]):
    """Squared Wasserstein-2 distance to the reference.

    Exact between normal laws and, by coupling quantiles, between samples of one column, of any two sizes. Samples of
    more columns are sliced: d times the mean squared distance along fixed directions, taken in orthogonal sets of d so
    that this is never more than the distance itself, and equal to it where the sample is the reference shifted or
    scaled as a whole. Two samples of one law are some distance apart (of order 1/n), so compare samples of one size.

    Parameters
    ----------
    directions
        How many directions to slice along at least; rounded up to whole orthogonal sets.

    Examples
    --------
    >>> metric = Wasserstein()
    >>> narrow, wide = (metric.summarize(Normal(np.zeros((1, 1)), np.full((1, 1, 1), s**2))) for s in (1.0, 3.0))
    >>> metric.compare(narrow, wide).values.tolist()
    [4.0]
    >>> sample, reference = (metric.summarize(Rows(np.array([x])[:, :, None])) for x in ([0.0, 1.0], [3.0, 2.0, 2.0]))
    >>> metric.compare(sample, reference).values.round(4).tolist()
    [3.5]
    """

    directions: Annotated[int, Between(1)] = 64

    definition = "Squared Wasserstein-2 distance, min E|x - y|^2 over couplings; of rows, d times the sliced one."
    source = (
        "Normal laws: Givens and Shortt (1984), proposition 7; one column: Peyré and Cuturi (2019), remark 2.30; "
        "slicing: Bonneel et al. (2015), in orthogonal sets: Rowland et al. (2019)"
    )
    unit = "squared units of the data"
    collapse = "rises"
    reads = (Normal, Rows)
    usual_for = (Rows,)

    def summarize(self, batch: Batch) -> Moments | Slices:
        """Return mean and covariance of a law; of records, their order along each direction."""
        if isinstance(batch, Normal):
            return batch.moments()
        rows = rows_of(self, batch)
        columns = rows.shape[2]
        return Slices(Sorted.of(rows @ _directions(self.directions, columns).T if columns > 1 else rows), columns)

    def compare(self, sample: Moments | Slices, reference: Moments | Slices) -> Reading:
        """Return the squared distance of each replicate to the reference.

        Raises
        ------
        BadInput
            If one is a law and the other a sample.
        """
        if isinstance(sample, Moments) and isinstance(reference, Moments):
            require_same("dimensions", sample.dim, reference.dim)
            return reading(_between_normals(sample, reference))
        if isinstance(sample, Slices) and isinstance(reference, Slices):
            require_same("dimensions", sample.columns, reference.columns)
            along = _between_samples(sample.order.values, reference.order.values)
            return reading(sample.columns * along.mean(axis=1))
        raise BadInput("wasserstein compares a law with a law, or records with records")


@cache
def _directions(least: int, columns: int) -> Floats:
    """Unit vectors in orthogonal sets, uniform on the sphere and always the same, shape (directions, d)."""
    sets = -(-least // columns)
    square = np.random.default_rng(0).standard_normal((sets, columns, columns))
    rotation, triangle = np.linalg.qr(square)
    signs = np.sign(np.diagonal(triangle, axis1=1, axis2=2))
    return np.asarray((rotation * signs[:, None]).transpose(0, 2, 1).reshape(-1, columns), dtype=np.float64)


def _between_normals(sample: Moments, reference: Moments) -> Floats:
    """Squared distance between normal laws: that of the means plus Bures' of the covariances."""
    apart: Floats = np.square(sample.mean - reference.mean).sum(axis=1)
    one, other = sample.covariance(), reference.covariance()
    if sample.dim == 1:
        return np.asarray(apart + np.square(np.sqrt(one) - np.sqrt(other))[:, 0, 0])
    variances, axes = np.linalg.eigh(other)
    root = (axes * np.sqrt(np.maximum(variances, 0))[:, None]) @ axes.transpose(0, 2, 1)
    common = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ one @ root), 0)).sum(axis=1)
    traces = np.trace(one, axis1=1, axis2=2) + np.trace(other, axis1=1, axis2=2)
    return np.asarray(apart + np.maximum(traces - 2 * common, 0))


def _between_samples(one: Floats, other: Floats) -> Floats:
    """Squared distance between samples in order, shapes (R, d, n) and (R or 1, d, m), for each coordinate.

    The i-th of n values is carried to the i-th n-th part of the other's mass. Its cost is the squared way to that
    part's mean, plus the part's own variance; these take m steps once, not for every replicate.
    """
    n, m = one.shape[2], other.shape[2]
    ends = np.union1d(m * np.arange(1, n + 1), n * np.arange(1, m + 1))  # of the pieces of mass, in units of 1/(nm)
    share = np.diff(ends, prepend=0) / m  # of the n-th part that the piece belongs to
    value = other[..., (ends - 1) // n]
    part = (ends - 1) // m
    mean = np.add.reduceat(value * share, np.searchsorted(part, np.arange(n)), axis=2)
    variance = (np.square(value - mean[..., part]) * share).sum(axis=2) / n
    return np.asarray(np.square(one - mean).mean(axis=2) + variance)
