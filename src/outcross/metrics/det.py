"""How much volume does the spread still fill?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from outcross.core.batch import Batch, HasMoments
from outcross.core.metric import Metric, Reading
from outcross.core.statistics import Moments
from outcross.metrics._checks import reading
from outcross.metrics._moments import log_det_ratio, moments_of


@final
@dataclass(frozen=True)
class Det(Metric[Moments]):
    """Generalised variance: the determinant of the covariance, relative to the reference's.

    In d dimensions with n samples and the unbiased estimator its expectation is ``[prod (n - i)/(n - 1)]^t``.

    Examples
    --------
    >>> metric = Det()
    >>> flat, full = (metric.summarize(Moments(np.inf, np.zeros((1, 2)), s * np.eye(2)[None])) for s in (0.5, 1.0))
    >>> metric.compare(flat, full).values.round(4).tolist()
    [0.25]
    """

    definition = "Ratio of the covariances' determinants, det S_t / det S_0."
    source = "Wilks, Biometrika 24 (1932); expected under refitting: Muirhead (1982), theorem 3.2.15"
    unit = "ratio, 1 where nothing is lost"
    collapse = "falls"
    reads = (HasMoments,)

    def summarize(self, batch: Batch) -> Moments:
        """Return count, mean and scatter."""
        return moments_of(self, batch)

    def compare(self, sample: Moments, reference: Moments) -> Reading:
        """Return the ratio of each replicate; 0 where its covariance is singular."""
        return reading(np.exp(log_det_ratio(sample, reference)), "the reference's covariance is singular")
