"""How much of the spread is left?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from outcross.core.batch import Batch, HasMoments
from outcross.core.metric import Metric, Reading
from outcross.core.records import Rows
from outcross.core.statistics import Moments
from outcross.metrics._checks import reading
from outcross.metrics._moments import moments_of


@final
@dataclass(frozen=True)
class Variance(Metric[Moments]):
    """Variance, averaged over dimensions: of the fitted law where it is known, else of the records (divided by n).

    Examples
    --------
    >>> metric = Variance()
    >>> summary = metric.summarize(Rows(np.array([[[0.0], [2.0]]])))
    >>> metric.compare(summary, summary).values.tolist()
    [1.0]
    """

    definition = "Trace of the covariance divided by the number of dimensions, tr S_t / d."
    source = "Shumailov et al., Nature 631 (2024), Theorem 3.1: the variance goes to 0 almost surely"
    unit = "squared units of the data"
    collapse = "falls"
    reads = (HasMoments,)
    compares = "alone"
    usual_for = (Rows,)

    def summarize(self, batch: Batch) -> Moments:
        """Return count, mean and scatter."""
        return moments_of(self, batch)

    def compare(self, sample: Moments, reference: Moments) -> Reading:
        """Return the variance of each replicate; the reference does not enter."""
        covariance = sample.covariance()
        return reading(covariance[:, 0, 0] if sample.dim == 1 else np.trace(covariance, axis1=1, axis2=2) / sample.dim)
