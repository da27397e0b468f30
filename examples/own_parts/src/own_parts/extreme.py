"""How far out does the farthest record lie?"""

from dataclasses import dataclass
from typing import Self, final

import numpy as np
from numpy.typing import NDArray

import outcross as oc


@final
@dataclass(frozen=True)
class Largest:
    """The largest absolute value of each replicate, shape (R,): all that the metric keeps of its records."""

    values: NDArray[np.float64]

    def merge(self, other: Self) -> "Largest":
        """Return the summary of both sets of records together."""
        return Largest(np.maximum(self.values, other.values))


@final
@dataclass(frozen=True)
class Extreme(oc.Metric[Largest]):
    """The largest absolute value: the first thing that a chain loses."""

    definition = "max |x| over records and columns"
    source = "Gumbel, Statistics of Extremes (1958)"
    unit = "units of the data"
    collapse = "falls"
    reads = (oc.Rows,)
    compares = "alone"

    def summarize(self, batch: oc.Batch) -> Largest:
        """Return the largest absolute value of each replicate."""
        if not isinstance(batch, oc.Rows) or not batch.size:
            raise oc.BadInput("extreme reads rows of numbers, at least one")
        return Largest(np.abs(batch.values).max(axis=(1, 2)))

    def compare(self, sample: Largest, reference: Largest) -> oc.Reading:
        """Return it; the reference does not enter."""
        return oc.Reading(sample.values, "the numbers are not finite")
