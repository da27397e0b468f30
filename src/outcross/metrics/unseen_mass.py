"""How much of the distribution has a sample not seen?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from outcross.core.batch import Batch, HasCounts
from outcross.core.errors import BadInput
from outcross.core.metric import Metric, Reading
from outcross.core.text import Texts
from outcross.metrics._checks import unreadable
from outcross.metrics._shares import Shares


@final
@dataclass(frozen=True)
class UnseenMass(Metric[Shares]):
    """Good and Turing's estimate of the probability that the next record is of a type the sample does not have.

    It is too large by ``sum p^2 (1-p)^(n-1)`` on average, at most 1/n. It falls as rare types die out: a generation
    that repeats itself leaves little unseen.

    Raises
    ------
    BadInput
        If counts are not whole, as those of weighted records are.

    Examples
    --------
    >>> from outcross.core.records import Symbols
    >>> metric = UnseenMass()
    >>> summary = metric.summarize(Symbols(np.array([[0, 0, 1, 2]]), 9))
    >>> metric.compare(summary, summary).values.tolist()
    [0.5]
    """

    definition = "Share of the records whose type occurs only once, N_1 / n."
    source = "Good, Biometrika 40 (1953): the unseen probability is about N_1 / n; bias: Robbins (1968)"
    unit = "probability"
    collapse = "falls"
    reads = (HasCounts,)
    compares = "alone"
    usual_for = (Texts,)

    def summarize(self, batch: Batch) -> Shares:
        """Return the counts."""
        if not isinstance(batch, HasCounts):
            raise unreadable(self, batch)
        shares = Shares.of(self, batch)
        if (shares.values != np.round(shares.values)).any():
            raise BadInput("unseen_mass reads how often each type occurred, in whole numbers")
        return shares

    def compare(self, sample: Shares, reference: Shares) -> Reading:
        """Return the share of types seen once in each replicate; the reference does not enter."""
        once = np.count_nonzero(sample.values == 1, axis=1)
        return sample.reading(once / np.maximum(sample.totals(), 1))
