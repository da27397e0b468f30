"""How far must the mass of a generation be carried to make the human data of it again?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Annotated, final

import numpy as np

from outcross.core.batch import Batch, Floats
from outcross.core.errors import BadInput
from outcross.core.metric import Metric, Reading
from outcross.core.records import Rows
from outcross.core.setting import Between
from outcross.core.statistics import Moments, Normal
from outcross.metrics._checks import reading, require_same
from outcross.metrics._sorted import Sorted, rows_of


@final
@dataclass(frozen=True)
class Wasserstein(Metric[Moments | Sorted]):
    """Squared Wasserstein-2 distance to the reference.

    Exact between normal laws and, by coupling quantiles, between samples of one column, of any two sizes. Samples of
    more columns are sliced: d times the mean squared distance along fixed directions, taken in orthogonal sets of d so
    that this is never more than the distance itself, and equal to it where the sample is the reference shifted or
    scaled as a whole. Two samples of one law are some distance apart (of order 1/n), so compare samples of one size.

    Parameters
    ----------
    directions
        How many directions to slice along at least; rounded up to whole orthogonal sets.

    Examples
    --------
    >>> metric = Wasserstein()
    >>> narrow, wide = (metric.summarize(Normal(np.zeros((1, 1)), np.full((1, 1, 1), s**2))) for s in (1.0, 3.0))
    >>> metric.compare(narrow, wide).values.tolist()
    [4.0]
    >>> sample, reference = (metric.summarize(Rows(np.array([x])[:, :, None])) for x in ([0.0, 1.0], [3.0, 2.0, 2.0]))
    >>> metric.compare(sample, reference).values.round(4).tolist()
    [3.5]
    """

    directions: Annotated[int, Between(1)] = 64

    definition = "Squared Wasserstein-2 distance, min E|x - y|^2 over couplings; d times the sliced one for samples, d > 1."
    source = (
        "Normal laws: Givens and Shortt (1984), proposition 7; one column: Peyré and Cuturi (2019), remark 2.30; "
        "slicing: Bonneel et al. (2015), in orthogonal sets: Rowland et al. (2019)"
    )
    unit = "squared units of the data"
    collapse = "rises"
    reads = (Normal, Rows)
    usual_for = (Rows,)

    def summarize(self, batch: Batch) -> Moments | Sorted:
        """Return mean and covariance of a law; of records, their order along each direction."""
        if isinstance(batch, Normal):
            return batch.moments()
        rows = rows_of(self, batch)
        return Sorted.of(rows @ _directions(self.directions, rows.shape[2]).T)

    def compare(self, sample: Moments | Sorted, reference: Moments | Sorted) -> Reading:
        """Return the squared distance of each replicate to the reference.

        Raises
        ------
        BadInput
            If one is a law and the other a sample.
        """
        if isinstance(sample, Moments) and isinstance(reference, Moments):
            require_same("dimensions", sample.dim, reference.dim)
            return reading(_between_normals(sample, reference))
        if isinstance(sample, Sorted) and isinstance(reference, Sorted):
            require_same("directions", sample.dim, reference.dim)
            along = _between_samples(sample.values, reference.values)
            return reading(along.mean(axis=1) * self._columns(sample.dim))
        raise BadInput("wasserstein compares a law with a law, or records with records")
