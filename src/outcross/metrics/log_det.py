"""How much volume does the spread still fill, in logarithms?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from outcross.core.batch import Batch, HasMoments
from outcross.core.metric import Metric, Reading
from outcross.core.statistics import Moments
from outcross.metrics._checks import reading
from outcross.metrics._moments import log_det_ratio, moments_of


@final
@dataclass(frozen=True)
class LogDet(Metric[Moments]):
    """Logarithm of the generalised variance, relative to the reference's.

    It falls steadily with every refit whatever the variance does on average. Minus infinity is a value: a covariance
    that is singular to working precision fills no volume. Missing where the reference's own covariance is singular.

    Examples
    --------
    >>> import numpy as np
    >>> metric = LogDet()
    >>> flat, full = (metric.summarize(Moments(np.inf, np.zeros((1, 2)), s * np.eye(2)[None])) for s in (0.5, 1.0))
    >>> metric.compare(flat, full).values.round(4).tolist()
    [-1.3863]
    """

    definition = "Logarithm of the ratio of the covariances' determinants, log(det S_t / det S_0)."
    source = "Wilks, Biometrika 24 (1932); expected under refitting: Muirhead (1982), theorem 3.2.15"
    unit = "nats"
    collapse = "falls"
    reads = (HasMoments,)

    def summarize(self, batch: Batch) -> Moments:
        """Return count, mean and scatter."""
        return moments_of(self, batch)

    def compare(self, sample: Moments, reference: Moments) -> Reading:
        """Return the log ratio of each replicate."""
        return reading(log_det_ratio(sample, reference), "the reference's covariance is singular")
