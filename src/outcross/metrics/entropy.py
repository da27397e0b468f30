"""How many nats of surprise does one more record bring?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from outcross.core.batch import Batch, Floats, HasFrequencies
from outcross.core.metric import Metric, Reading
from outcross.core.records import Symbols
from outcross.core.text import Texts
from outcross.metrics._shares import Shares


@final
@dataclass(frozen=True)
class Entropy(Metric[Shares]):
    """Shannon entropy of the types; in texts of the words, whatever their order.

    A sample's own shares give a value that is too small, by about ``(K - 1) / 2n`` where all K types were seen.

    Parameters
    ----------
    miller_madow
        Add that much to the value of a sample, K being the number of types that it has. A law needs no correction.

    Examples
    --------
    >>> metric = Entropy()
    >>> summary = metric.summarize(Symbols(np.array([[0, 0, 1, 1]]), 3))
    >>> metric.compare(summary, summary).values.round(4).tolist()
    [0.6931]
    """

    miller_madow: bool = False

    definition = "Shannon entropy of the types, -sum p_i log p_i."
    source = "Shannon (1948), theorem 2; correction: Miller (1955)"
    unit = "nats"
    collapse = "falls"
    reads = (HasFrequencies,)
    compares = "alone"
    usual_for = (Symbols, Texts)

    def summarize(self, batch: Batch) -> Shares:
        """Return the counts, or the probabilities of a law."""
        return Shares.of(self, batch)

    def compare(self, sample: Shares, reference: Shares) -> Reading:
        """Return the entropy of each replicate; the reference does not enter."""
        entropy = _entropy(sample.frequencies())
        if self.miller_madow:
            with np.errstate(divide="ignore"):
                entropy += (np.count_nonzero(sample.values, axis=1) - 1) / (2 * sample.totals())
        return sample.reading(entropy)


def _entropy(shares: Floats) -> Floats:
    logs = np.log(shares, out=np.zeros_like(shares), where=shares > 0)
    entropy: Floats = -(shares * logs).sum(axis=1)
    return entropy + 0.0  # not minus zero
