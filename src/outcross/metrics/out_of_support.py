"""How much of a generation lies where there are no human data?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, final

import numpy as np

from outcross.core.batch import Batch, HasFrequencies
from outcross.core.errors import BadInput
from outcross.core.metric import Metric, Reading
from outcross.core.records import Rows
from outcross.core.setting import Between
from outcross.metrics._checks import missing, reading, require_same
from outcross.metrics._cloud import Cloud
from outcross.metrics._shares import Shares
from outcross.metrics._sorted import rows_of


@final
@dataclass(frozen=True)
class OutOfSupport(Metric[Cloud | Shares]):
    """Share of a generation outside the support of the reference: hallucinated data. One minus precision.

    The support of rows is the union of balls around the reference's records, each reaching to its k-th nearest
    neighbour; the support of symbols and words is the set of types that the reference has. A finite reference leaves
    gaps, so that intact data read a little above 0: compare with generation 0. In more than one column the work grows
    with the product of the sizes of sample and reference.

    Parameters
    ----------
    neighbours
        k: the more, the wider the support. Kynkäänniemi et al. take 3.

    Examples
    --------
    >>> metric = OutOfSupport(neighbours=1)
    >>> sample, reference = (metric.summarize(Rows(np.array([x])[:, :, None])) for x in ([0.5, 9.0], [0.0, 1.0, 2.0]))
    >>> metric.compare(sample, reference).values.tolist()
    [0.5]
    """

    neighbours: Annotated[int, Between(1)] = 3

    definition = "Share of the records farther from every reference record than that one's k-th nearest neighbour is."
    source = (
        "Kynkäänniemi et al., NeurIPS 2019, arXiv 1904.06991, equations 1 and 2; "
        "as a definition of collapse: Schaeffer et al., arXiv 2503.03150 (2025)"
    )
    unit = "share of records"
    collapse = "rises"
    reads = (Rows, HasFrequencies)

    def summarize(self, batch: Batch) -> Cloud | Shares:
        """Return the points, or the frequencies of types."""
        if isinstance(batch, HasFrequencies):
            return Shares.of(self, batch)
        return Cloud(rows_of(self, batch), self.neighbours)

    def compare(self, sample: Cloud | Shares, reference: Cloud | Shares) -> Reading:
        """Return the share outside the reference's support in each replicate."""
        if isinstance(sample, Shares) and isinstance(reference, Shares):
            require_same("types", sample.types, reference.types)
            known = np.where(reference.totals() > 0, 1.0, np.nan)
            outside = (sample.frequencies() * (reference.values == 0)).sum(axis=1)
            return reading(outside * known, "no record, so no shares")
        if isinstance(sample, Cloud) and isinstance(reference, Cloud):
            require_same("dimensions", sample.values.shape[2], reference.values.shape[2])
            if reference.values.shape[1] <= self.neighbours:
                return missing(len(sample.values), f"the reference has no {self.neighbours} neighbours of a record")
            return reading(1 - reference.holds(sample.values).mean(axis=1))
        raise BadInput("out_of_support compares rows with rows, or types with types")
