"""How far has the centre wandered?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from outcross.core.batch import Batch, HasMoments
from outcross.core.metric import Metric, Reading
from outcross.core.records import Rows
from outcross.core.statistics import Moments
from outcross.metrics._checks import reading, require_same
from outcross.metrics._moments import moments_of


@final
@dataclass(frozen=True)
class MeanDrift(Metric[Moments]):
    """Squared distance of the mean from the reference's mean.

    Its expectation is the variance of the fitted mean, which grows as t/n where nothing but the last generation is kept
    (in one dimension, unit variance, unbiased estimator).

    Examples
    --------
    >>> metric = MeanDrift()
    >>> sample, reference = (metric.summarize(Rows(np.array([[[x, y]]]))) for x, y in [(3.0, 4.0), (0.0, 0.0)])
    >>> metric.compare(sample, reference).values.tolist()
    [25.0]
    """

    definition = "Squared Euclidean distance between the means, |m_t - m_0|^2."
    source = "Shumailov et al., Nature 631 (2024): the fitted mean walks at random, Var m_t = t sigma^2 / n"
    unit = "squared units of the data"
    collapse = "rises"
    reads = (HasMoments,)
    usual_for = (Rows,)

    def summarize(self, batch: Batch) -> Moments:
        """Return count, mean and scatter."""
        return moments_of(self, batch)

    def compare(self, sample: Moments, reference: Moments) -> Reading:
        """Return the squared distance of each replicate's mean from the reference's."""
        require_same("dimensions", sample.dim, reference.dim)
        return reading(np.square(sample.mean - reference.mean).sum(axis=1))
