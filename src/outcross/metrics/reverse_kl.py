"""How much of what a generation writes would human data make surprising?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from outcross.core.batch import Batch, HasFrequencies
from outcross.core.metric import Metric, Reading
from outcross.core.statistics import Normal
from outcross.metrics._divergence import Known, divergence, known


@final
@dataclass(frozen=True)
class ReverseKl(Metric[Known]):
    """Kullback-Leibler divergence of the reference from the generation, KL(P_t||P_0).

    It stays finite when types die out, and grows as a generation concentrates; infinite where the generation writes
    what the reference does not have, or where its spread has collapsed along some direction. Of counts their shares
    are taken, as in `kl`.

    Examples
    --------
    >>> import numpy as np
    >>> metric = ReverseKl()
    >>> narrow, wide = (metric.summarize(Normal(np.zeros((1, 1)), np.full((1, 1, 1), s**2))) for s in (0.5, 1.0))
    >>> metric.compare(narrow, wide).values.round(4).tolist()
    [0.3181]
    """

    definition = "Divergence of the reference from the generation, KL(P_t||P_0) = E_t log(p_t / p_0)."
    source = "Kullback and Leibler (1951), equation 2.4; Cover and Thomas (2006), equations 2.26 and 8.46"
    unit = "nats"
    collapse = "rises"
    reads = (Normal, HasFrequencies)

    def summarize(self, batch: Batch) -> Known:
        """Return mean and covariance, or the frequencies of types."""
        return known(self, batch)

    def compare(self, sample: Known, reference: Known) -> Reading:
        """Return the divergence of each replicate."""
        return divergence(self, sample, reference)
