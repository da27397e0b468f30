"""How badly does a generation explain human data, beyond what human data explain of themselves?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from outcross.core.batch import Batch, HasFrequencies
from outcross.core.metric import Metric, Reading
from outcross.core.statistics import Normal
from outcross.metrics._divergence import Known, divergence, known


@final
@dataclass(frozen=True)
class Kl(Metric[Known]):
    """Kullback-Leibler divergence of the generation from the reference, KL(P_0||P_t): its excess population risk.

    Infinite where a part of the human data has become impossible: a type died out, or the spread collapsed along some
    direction. Exact between normal laws and between known frequencies; of counts their shares are taken, and then the
    value is too large by about ``(K - 1) / 2n`` on average, or infinite because a type did not happen to be drawn.

    Examples
    --------
    >>> import numpy as np
    >>> metric = Kl()
    >>> narrow, wide = (metric.summarize(Normal(np.zeros((1, 1)), np.full((1, 1, 1), s**2))) for s in (0.5, 1.0))
    >>> metric.compare(narrow, wide).values.round(4).tolist()
    [0.8069]
    """

    definition = "Divergence of the generation from the reference, KL(P_0||P_t) = E_0 log(p_0 / p_t)."
    source = "Kullback and Leibler (1951), equation 2.4; Cover and Thomas (2006), equations 2.26 and 8.46"
    unit = "nats"
    collapse = "rises"
    reads = (Normal, HasFrequencies)

    def summarize(self, batch: Batch) -> Known:
        """Return mean and covariance, or the frequencies of types."""
        return known(self, batch)

    def compare(self, sample: Known, reference: Known) -> Reading:
        """Return the divergence of each replicate."""
        return divergence(self, reference, sample)
