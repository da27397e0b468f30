"""How far are two records of a generation from one another?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self, final

import numpy as np

from outcross.core.batch import Batch, Floats
from outcross.core.metric import Metric, Reading
from outcross.core.records import Rows
from outcross.metrics._checks import missing, reading
from outcross.metrics._points import directions
from outcross.metrics._sorted import rows_of


@final
@dataclass(frozen=True)
class Directions:
    """Sum of the records at length 1, shape (R, d + 1), and how many there were.

    Examples
    --------
    >>> one = Directions(np.ones((1, 2)), 1)
    >>> one.merge(one).total.tolist()
    [[2.0, 2.0]]
    """

    total: Floats
    count: int

    def merge(self, other: Self) -> Self:
        """Return the sums of both."""
        return type(self)(self.total + other.total, self.count + other.count)


@final
@dataclass(frozen=True)
class MeanDistance(Metric[Directions]):
    """Mean cosine distance between two records: of sentence embeddings, it is known as semantic diversity.

    It is 0 where all records point the same way and 1 where they have no direction in common. The mean over all pairs
    follows from the sum of the records at length 1, so it costs one look at each. A record of zeros has no direction:
    it is at distance 0 from other such records and 1 from all others.

    Examples
    --------
    >>> metric = MeanDistance()
    >>> summary = metric.summarize(Rows(np.array([[[1.0, 0.0], [2.0, 0.0], [0.0, 1.0]]])))
    >>> metric.compare(summary, summary).values.round(4).tolist()
    [0.6667]
    """

    definition = "Mean of 1 - cos(x_i, x_j) over all pairs of different records."
    source = (
        "Guo et al., Findings of NAACL 2024, arXiv 2311.09807: semantic diversity over generations; "
        "Tevet and Berant, EACL 2021, arXiv 2004.02990"
    )
    unit = "cosine distance"
    collapse = "falls"
    reads = (Rows,)
    compares = "alone"

    def summarize(self, batch: Batch) -> Directions:
        """Return the sum of the records at length 1."""
        units = directions(rows_of(self, batch))
        return Directions(units.sum(axis=1), units.shape[1])

    def compare(self, sample: Directions, reference: Directions) -> Reading:
        """Return the mean distance in each replicate; the reference does not enter."""
        n = sample.count
        if n < 2:
            return missing(len(sample.total), "one record makes no pair")
        return reading(np.maximum(n**2 - np.square(sample.total).sum(axis=1), 0) / (n * (n - 1)))
