"""How much of the tails is left?"""

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


@final
@dataclass(frozen=True)
class TailMass(Metric[Ordered]):
    """Mass beyond the reference's outer quantiles, relative to what it should be: 1 is intact, 0 is lost.

    Column by column, then averaged. Records that lie on a quantile exactly count in part, so that ties, or a column
    that is constant, read as intact where they are. Missing where the reference is too small to have records beyond
    its quantiles.

    Parameters
    ----------
    quantile
        Share of the reference in each of the two tails.

    Examples
    --------
    >>> metric = TailMass()
    >>> narrow, wide = (metric.summarize(Normal(np.zeros((1, 1)), np.full((1, 1, 1), s**2))) for s in (0.8, 1.0))
    >>> metric.compare(narrow, wide).values.round(4).tolist()
    [0.1819]
    """

    quantile: Annotated[float, Between(0, 0.5, above=True)] = 0.01

    definition = "Mass below the reference's q-quantile and above its (1-q)-quantile, divided by 2q; mean over columns."
    source = (
        "Shumailov et al., Nature 631 (2024): early collapse is the loss of the tails; "
        "quantiles: Hyndman and Fan (1996), type 6"
    )
    unit = "ratio, 1 where nothing is lost"
    collapse = "falls"
    reads = (Normal, Mixture, Rows)
    compares = "any"
    usual_for = (Rows,)

    def summarize(self, batch: Batch) -> Ordered:
        """Return the columns of a law; of records, their order."""
        return ordered(self, batch)

    def compare(self, sample: Ordered, reference: Ordered) -> Reading:
        """Return the tail mass of each replicate; a law may be compared with records and the other way round."""
        require_same("dimensions", sample.dim, reference.dim)
        tail = self.quantile
        if not reference.resolves(tail):
            return missing(sample.replicates, f"the reference has too few records to tell its {tail:g} quantile")
        low, high = (reference.quantile(np.array([p])) for p in (tail, 1 - tail))
        lower = sample.below(low) + sample.at(low) * _part(tail - reference.below(low), reference.at(low))
        upper = sample.above(high) + sample.at(high) * _part(tail - reference.above(high), reference.at(high))
        return reading(((lower + upper) / (2 * tail)).mean(axis=(1, 2)))


def _part(wanted: Floats, tied: Floats) -> Floats:
    """The part of the ties on a quantile that belongs to the tail."""
    part: Floats = np.divide(wanted, tied, out=np.zeros_like(wanted), where=tied > 0)
    return np.clip(part, 0, 1)
