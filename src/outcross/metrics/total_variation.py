"""What is the largest difference in the probability of any event?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from outcross.core.batch import Batch, Floats, HasFrequencies
from outcross.core.metric import Metric, Reading
from outcross.core.records import Symbols
from outcross.core.special import normal_cdf
from outcross.core.statistics import Moments, Normal
from outcross.metrics._checks import missing, reading, require_same
from outcross.metrics._divergence import Known, known, unlike
from outcross.metrics._shares import Shares


@final
@dataclass(frozen=True)
class TotalVariation(Metric[Known]):
    """Total variation distance, from 0 (the same law) to 1 (nothing in common).

    Exact between known frequencies and between normal laws of one dimension; missing for normal laws of more, where
    there is no closed form. Of counts their shares are taken, and then the value is too large on average.

    Examples
    --------
    >>> metric = TotalVariation()
    >>> one, other = (metric.summarize(Normal(np.full((1, 1), m), np.ones((1, 1, 1)))) for m in (0.0, 2.0))
    >>> metric.compare(one, other).values.round(4).tolist()
    [0.6827]
    """

    definition = "Largest difference in probability of any event, half of sum |p_t - p_0|."
    source = "Levin and Peres, Markov Chains and Mixing Times, equation 4.1 and proposition 4.2"
    unit = "probability"
    collapse = "rises"
    reads = (Normal, HasFrequencies)
    usual_for = (Symbols,)

    def summarize(self, batch: Batch) -> Known:
        """Return mean and covariance, or the frequencies of types."""
        return known(self, batch)

    def compare(self, sample: Known, reference: Known) -> Reading:
        """Return the distance of each replicate."""
        if isinstance(sample, Moments) and isinstance(reference, Moments):
            require_same("dimensions", sample.dim, reference.dim)
            if sample.dim > 1:
                return missing(sample.replicates, "normal laws of more than one dimension have no closed form")
            return reading(_of_normals(sample, reference))
        if isinstance(sample, Shares) and isinstance(reference, Shares):
            require_same("types", sample.types, reference.types)
            apart = np.abs(sample.frequencies() - reference.frequencies()).sum(axis=1) / 2
            return reading(apart, "no record, so no shares")
        raise unlike(self)


def _of_normals(sample: Moments, reference: Moments) -> Floats:
    """The two densities cross at two points, and the event between them (or outside) is the one that differs most.

    In units of the reference the points are the roots of (s^2 - 1) x^2 + 2 m x - (m^2 + 2 s^2 log s) = 0; one of them
    is infinite where s = 1.
    """
    scale = np.sqrt(reference.covariance()[:, 0, 0])
    sd = np.sqrt(sample.covariance()[:, 0, 0])
    with np.errstate(divide="ignore", invalid="ignore"):
        s = sd / scale
        m = (sample.mean - reference.mean)[:, 0] / scale
        root = s * np.sqrt(m**2 + 2 * (s**2 - 1) * np.log(s))
        larger = -(m + np.copysign(root, m))
        one, other = larger / (s**2 - 1), -(m**2 + 2 * s**2 * np.log(s)) / larger
        inside = normal_cdf((one - m) / s) - normal_cdf((other - m) / s)
        apart = np.abs(inside - normal_cdf(one) + normal_cdf(other))
    same = (sample.mean == reference.mean)[:, 0] & (sd == scale)
    return np.where(same, 0.0, np.where((sd == 0) | (scale == 0), 1.0, apart))
