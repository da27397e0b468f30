"""Is there still room for the smallest group?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from outcross.core.batch import Batch, HasFrequencies
from outcross.core.metric import Metric, Reading
from outcross.core.records import Rows, Symbols
from outcross.metrics._checks import missing, reading
from outcross.metrics._groups import Groups


@final
@dataclass(frozen=True)
class MinorityShare(Metric[Groups]):
    """Share of the group that is smallest in the reference (of several equally small: their mean share).

    Types of symbols are groups, with or without a name; rows and texts have groups where these are known, and the
    metric is missing where they are not.

    Examples
    --------
    >>> metric = MinorityShare()
    >>> cats = ("yellow", "blue")
    >>> sample, reference = (
    ...     metric.summarize(Symbols(np.array([codes]), 2, cats)) for codes in ([0, 0, 0, 1], [0, 0, 0, 1, 1])
    ... )
    >>> metric.compare(sample, reference).values.tolist()
    [0.25]
    """

    definition = "Share of the records that belong to the smallest group of the reference."
    source = "Shumailov et al., Nature 631 (2024): minorities are lost first"
    unit = "share of records"
    collapse = "falls"
    reads = (HasFrequencies, Rows)
    usual_for = (Symbols,)

    def summarize(self, batch: Batch) -> Groups:
        """Return the shares of the groups."""
        return Groups.of(self, batch)

    def compare(self, sample: Groups, reference: Groups) -> Reading:
        """Return the share of the reference's smallest group in each replicate."""
        if not (sample.names and reference.names):
            return missing(sample.shares.replicates, "no groups are known")
        shares = reference.frequencies(reference.names)
        alive = np.where(shares > 0, shares, np.inf)
        smallest = np.isfinite(alive) & (alive == alive.min(axis=1, keepdims=True))
        number = np.where(smallest.any(axis=1), smallest.sum(axis=1), np.nan)
        found = (sample.frequencies(reference.names) * smallest).sum(axis=1) / number
        return reading(found, "no record, so no shares")
