"""How many types are still alive?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from outcross.core.batch import Batch, HasFrequencies
from outcross.core.metric import Metric, Reading
from outcross.core.records import Symbols
from outcross.core.text import Texts
from outcross.metrics._shares import Shares


@final
@dataclass(frozen=True)
class Types(Metric[Shares]):
    """Number of surviving types: of a law those with a positive probability, of a sample those that occur.

    In texts a type is a word; all words outside the vocabulary together are one. The number in a sample grows with the
    sample, so compare samples of one size.

    Examples
    --------
    >>> metric = Types()
    >>> summary = metric.summarize(Symbols(np.array([[0, 0, 2, 2]]), 3))
    >>> metric.compare(summary, summary).values.tolist()
    [2.0]
    """

    definition = "Number of types with a positive share, #{i: p_i > 0}."
    source = "Suresh et al., arXiv 2412.17646 (2024); number of alleles: Ewens, Theor. Popul. Biol. 3 (1972)"
    unit = "types"
    collapse = "falls"
    reads = (HasFrequencies,)
    compares = "alone"
    usual_for = (Symbols, Texts)

    def summarize(self, batch: Batch) -> Shares:
        """Return the counts, or the probabilities of a law."""
        return Shares.of(self, batch)

    def compare(self, sample: Shares, reference: Shares) -> Reading:
        """Return the number of types of each replicate; the reference does not enter."""
        return sample.reading(np.count_nonzero(sample.values, axis=1).astype(np.float64))
