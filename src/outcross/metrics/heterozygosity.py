"""How likely are two records to be of different types?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from outcross.core.batch import Batch, HasFrequencies
from outcross.core.metric import Metric, Reading
from outcross.core.records import Symbols
from outcross.metrics._shares import Shares


@final
@dataclass(frozen=True)
class Heterozygosity(Metric[Shares]):
    """Gene diversity: the probability that two draws differ in type; of a sample, with its own shares.

    Under resampling of n records it falls by the factor ``1 - 1/n`` a generation, whatever the shares are.

    Examples
    --------
    >>> metric = Heterozygosity()
    >>> summary = metric.summarize(Symbols(np.array([[0, 0, 1, 1]]), 2))
    >>> metric.compare(summary, summary).values.tolist()
    [0.5]
    """

    definition = "Probability that two draws are of different types, H = 1 - sum p_i^2."
    source = "Nei, PNAS 70 (1973), equation 1: one minus the gene identity"
    unit = "probability"
    collapse = "falls"
    reads = (HasFrequencies,)
    compares = "alone"
    usual_for = (Symbols,)

    def summarize(self, batch: Batch) -> Shares:
        """Return the counts, or the probabilities of a law."""
        return Shares.of(self, batch)

    def compare(self, sample: Shares, reference: Shares) -> Reading:
        """Return the heterozygosity of each replicate; the reference does not enter."""
        return sample.reading(1 - np.square(sample.frequencies()).sum(axis=1))
