"""Is this type still alive?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, final

import numpy as np

from outcross.core.batch import Batch, HasFrequencies
from outcross.core.errors import BadInput
from outcross.core.metric import Metric, Reading
from outcross.core.records import Symbols
from outcross.core.setting import Between
from outcross.metrics._shares import Shares


@final
@dataclass(frozen=True)
class Survival(Metric[Shares]):
    """1 where a type has not died out, 0 where it has: its mean over replicates is the probability of survival.

    Parameters
    ----------
    type
        Code of the type.

    Raises
    ------
    BadInput
        If there is no such type.

    Examples
    --------
    >>> metric = Survival(type=1)
    >>> summary = metric.summarize(Symbols(np.array([[0, 0, 0], [0, 1, 0]]), 2))
    >>> metric.compare(summary, summary).values.tolist()
    [0.0, 1.0]
    """

    type: Annotated[int, Between(0)] = 0

    definition = "1 where the share of the type is positive, else 0."
    source = "Suresh et al., arXiv 2412.17646 (2024): the probability that a symbol survives k refits"
    unit = "probability"
    collapse = "falls"
    reads = (HasFrequencies,)

    def summarize(self, batch: Batch) -> Shares:
        """Return the counts, or the probabilities of a law."""
        shares = Shares.of(self, batch)
        if self.type >= shares.types:
            raise BadInput(f"survival(type={self.type}): there are {shares.types} types, 0 to {shares.types - 1}")
        return shares

    def compare(self, sample: Shares, reference: Shares) -> Reading:
        """Return whether the type is alive in each replicate; the reference does not enter."""
        return sample.reading((sample.values[:, self.type] > 0).astype(np.float64))
