"""How much of the spread is left?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from outcross.core.batch import Batch, HasMoments
from outcross.core.records import Rows
from outcross.core.errors import BadInput
from outcross.core.metric import Metric, Reading
from outcross.core.statistics import Moments


@final
@dataclass(frozen=True)
class Variance(Metric[Moments]):
    """Variance, averaged over dimensions.

    Examples
    --------
    >>> metric = Variance()
    >>> summary = metric.summarize(Rows(np.array([[[0.0], [2.0]]])))
    >>> metric.compare(summary, summary).values.tolist()
    [1.0]
    """

    definition = "Trace of the covariance divided by the number of dimensions; of the fitted law where it is known."
    source = "Shumailov et al., Nature 631 (2024), Theorem 3.1: the variance goes to 0 almost surely"
    unit = "squared units of the data"
    collapse = "falls"
    reads = (HasMoments,)
    usual_for = (Rows,)

    def summarize(self, batch: Batch) -> Moments:
        """Return count, mean and scatter."""
        if not isinstance(batch, HasMoments):
            raise BadInput(f"variance reads numbers, not {type(batch).__name__.lower()}")
        return batch.moments()

    def compare(self, sample: Moments, reference: Moments) -> Reading:
        """Return the variance of each replicate; the reference does not enter."""
        return Reading(np.trace(sample.covariance(), axis1=1, axis2=2) / sample.dim)
