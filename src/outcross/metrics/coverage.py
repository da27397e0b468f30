"""How much of the range of the human data does a generation still reach?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, final

import numpy as np

from outcross.core.batch import Batch, Floats
from outcross.core.laws import Mixture
from outcross.core.metric import Metric, Reading
from outcross.core.records import Rows
from outcross.core.setting import Between
from outcross.core.statistics import Normal
from outcross.metrics._checks import missing, reading, require_same
from outcross.metrics._marginals import Ordered, ordered
from outcross.metrics._sorted import Sorted


@final
@dataclass(frozen=True)
class Coverage(Metric[Ordered]):
    """Share of the reference's quantile bins that a generation still fills.

    Coverage as Naeem et al. define it is the share of human records with a generated one in their neighbourhood. Here
    the neighbourhoods are bins between quantiles of the reference, each as likely as the others, column by column; a
    bin is reached where it holds at least a tenth (`least`) of the mass that it holds in the reference. Missing for a
    sample of fewer records than bins, which could not reach them all.

    Parameters
    ----------
    bins
        Number of bins in each column.
    least
        Share of the reference's mass from which on a bin counts as reached.

    Examples
    --------
    >>> metric = Coverage(bins=4)
    >>> narrow, wide = (metric.summarize(Normal(np.zeros((1, 1)), np.full((1, 1, 1), s**2))) for s in (0.2, 1.0))
    >>> metric.compare(narrow, wide).values.tolist()
    [0.5]
    """

    bins: Annotated[int, Between(2)] = 20
    least: Annotated[float, Between(0, 1, above=True)] = 0.1

    definition = "Share of the reference's quantile bins that keep at least a tenth of their mass; mean over columns."
    source = "Naeem et al., ICML 2020, arXiv 2002.09797, section 3.2, with quantile bins as neighbourhoods"
    unit = "share of bins"
    collapse = "falls"
    reads = (Normal, Mixture, Rows)
    compares = "any"

    def summarize(self, batch: Batch) -> Ordered:
        """Return the columns of a law; of records, their order."""
        return ordered(self, batch)

    def compare(self, sample: Ordered, reference: Ordered) -> Reading:
        """Return the coverage of each replicate; a law may be compared with records and the other way round."""
        require_same("dimensions", sample.dim, reference.dim)
        if isinstance(sample, Sorted) and sample.size < self.bins:
            return missing(sample.replicates, f"{sample.size} records cannot reach {self.bins} bins")
        edges = reference.quantile(np.arange(1, self.bins) / self.bins)
        whole = _masses(reference, edges)
        reached = (_masses(sample, edges) >= self.least * whole) & (whole > 0)
        return reading(reached.sum(axis=(1, 2)) / (whole > 0).sum(axis=(1, 2)))


def _masses(law: Ordered, edges: Floats) -> Floats:
    """The mass of each bin, shape (R, d, bins); the lower edge belongs to a bin, the upper one to the next."""
    return np.diff(law.below(edges), axis=2, prepend=0, append=1)
