"""How much of the spread is left, in the units of the data?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from outcross.core.batch import Batch, HasMoments
from outcross.core.metric import Metric, Reading
from outcross.core.statistics import Moments
from outcross.metrics._checks import reading
from outcross.metrics._moments import moments_of


@final
@dataclass(frozen=True)
class Std(Metric[Moments]):
    """Standard deviation: the root of `variance`, replicate by replicate.

    Its mean over replicates falls even where the mean variance does not: with the unbiased estimator and n samples,
    ``E s_t = c4(n)^t`` while ``E s_t^2 = 1``.

    Examples
    --------
    >>> metric = Std()
    >>> summary = metric.summarize(Moments.of(np.array([[[0.0], [4.0]]])))
    >>> metric.compare(summary, summary).values.tolist()
    [2.0]
    """

    definition = "Root of the mean variance over dimensions, (tr S_t / d)^(1/2)."
    source = "Montgomery, Introduction to Statistical Quality Control, appendix VI: E s = c4(n) sigma"
    unit = "units of the data"
    collapse = "falls"
    reads = (HasMoments,)
    compares = "alone"

    def summarize(self, batch: Batch) -> Moments:
        """Return count, mean and scatter."""
        return moments_of(self, batch)

    def compare(self, sample: Moments, reference: Moments) -> Reading:
        """Return the standard deviation of each replicate; the reference does not enter."""
        return reading(np.sqrt(np.trace(sample.covariance(), axis1=1, axis2=2) / sample.dim))
