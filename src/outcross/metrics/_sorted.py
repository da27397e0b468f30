"""Records in order, coordinate by coordinate: the summary behind quantiles, tails and one-dimensional transport."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self, final

import numpy as np

from outcross.core.batch import Batch, Floats, Ints
from outcross.core.errors import BadInput
from outcross.core.metric import Metric
from outcross.core.part import part_name
from outcross.core.records import Rows
from outcross.metrics._checks import require_records, unreadable


def rows_of(metric: Metric[Any], batch: Batch) -> Floats:
    """Return the numbers of a batch of rows, shape (R, n, d).

    Raises
    ------
    BadInput
        If the batch holds no rows, or rows of unequal training weight, which a sample in order cannot show.

    Examples
    --------
    >>> from outcross.core.part import build
    >>> rows_of(build("metric", "tail_mass"), Rows(np.zeros((2, 5, 1)))).shape
    (2, 5, 1)
    """
    if not isinstance(batch, Rows):
        raise unreadable(metric, batch)
    require_records(metric, batch)
    if batch.weight is not None and np.ptp(batch.weight) > 0:
        raise BadInput(f"{part_name(type(metric))} reads records of equal weight, and these differ in weight")
    return batch.values


@final
@dataclass(frozen=True)
class Sorted:
    """A sample in order along each coordinate; two of them merge into that of both samples.

    Parameters
    ----------
    values
        Shape (R, d, n), in ascending order.

    Examples
    --------
    >>> sample = Sorted.of(np.array([[[3.0], [1.0], [2.0]]]))
    >>> sample.quantile(np.array([0.25, 0.5])).tolist(), sample.below(np.array([[[2.0]]])).round(2).tolist()
    ([[[1.0, 2.0]]], [[[0.33]]])
    """

    values: Floats

    @classmethod
    def of(cls, rows: Floats) -> Self:
        """Return the order of rows of shape (R, n, d)."""
        return cls(np.sort(rows.transpose(0, 2, 1), axis=2))

    @property
    def replicates(self) -> int:
        """R, the number of replicates."""
        return len(self.values)

    @property
    def dim(self) -> int:
        """d, the number of coordinates."""
        return int(self.values.shape[1])

    @property
    def size(self) -> int:
        """n, the number of records in each replicate."""
        return int(self.values.shape[2])

    def merge(self, other: Self) -> Self:
        """Return the order of both samples together."""
        return type(self)(np.sort(np.concatenate([self.values, other.values], axis=2), axis=2, kind="stable"))

    def quantile(self, p: Floats) -> Floats:
        """Return the quantiles at probabilities of shape (k,): shape (R, d, k).

        Weibull's positions (Hyndman and Fan 1996, type 6): beyond the k-th of n records a new one of the same law falls
        with probability k/(n + 1) on average, so that tails beyond these quantiles are not biased.
        """
        place = np.clip((self.size + 1) * p - 1, 0, self.size - 1)
        low = np.floor(place).astype(np.int64)
        high = np.minimum(low + 1, self.size - 1)
        left = self.values[..., low]
        # ties stay exactly where they are, which `at` relies on
        quantile: Floats = left + (place - low) * (self.values[..., high] - left)
        return quantile

    def resolves(self, p: float) -> bool:
        """Whether the sample is large enough to have records beyond its p and 1 - p quantiles."""
        return (self.size + 1) * p >= 1

    def below(self, points: Floats) -> Floats:
        """Return the share of records strictly below each point, points and shares of shape (R, d, k)."""
        return self.rank(points, strictly=True) / self.size

    def above(self, points: Floats) -> Floats:
        """Return the share of records strictly above each point."""
        return (self.size - self.rank(points)) / self.size

    def at(self, points: Floats) -> Floats:
        """Return the share of records at each point exactly."""
        return (self.rank(points) - self.rank(points, strictly=True)) / self.size

    def rank(self, points: Floats, strictly: bool = False) -> Ints:
        """Return how many records lie at or below each point (or below it), by bisection of all rows at once."""
        points = np.broadcast_to(points, (max(self.replicates, len(points)), *points.shape[1:]))
        low = np.zeros(points.shape, dtype=np.int64)
        high = np.full(points.shape, self.size)
        for _ in range(self.size.bit_length()):
            middle = (low + high) // 2
            value = np.take_along_axis(self.values, np.minimum(middle, self.size - 1), axis=2)
            right = (value < points if strictly else value <= points) & (low < high)
            low, high = np.where(right, middle + 1, low), np.where(right, high, middle)
        return low
