"""How many really different records does a generation hold?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, final

import numpy as np

from outcross.core.batch import Batch, Floats
from outcross.core.metric import Metric, Reading
from outcross.core.records import Rows
from outcross.core.setting import Between
from outcross.metrics._checks import missing, reading, require_same
from outcross.metrics._distances import squared_distances
from outcross.metrics._points import Points, directions
from outcross.metrics._sorted import rows_of


@final
@dataclass(frozen=True)
class Vendi(Metric[Points]):
    """The Vendi score: the effective number of records, 1 where all are alike and n where no two have anything alike.

    It needs no reference and grows with the number of records, so compare samples of one size only. Where there are
    more records than dimensions, cosines are read off the d x d matrix that has the same eigenvalues.

    Parameters
    ----------
    kernel
        What alike means. ``cosine``: the cosine of the angle between two records (a record of zeros is like records of
        zeros only). ``rbf``: exp(-distance^2 / (2 bandwidth^2)).
    bandwidth
        Of ``rbf``, in units of the data; none for the median distance between human records.
    most
        ``rbf`` looks at so many records at most, the first ones: its work grows with the cube of their number.

    Examples
    --------
    >>> metric = Vendi()
    >>> summary = metric.summarize(Rows(np.array([[[1.0, 0.0], [3.0, 0.0], [0.0, 2.0], [0.0, 1.0]]])))
    >>> metric.compare(summary, summary).values.round(9).tolist()
    [2.0]
    """

    kernel: Literal["cosine", "rbf"] = "cosine"
    bandwidth: Annotated[float | None, Between(0, above=True, below=True)] = None
    most: Annotated[int, Between(2)] = 2000

    definition = "exp(-sum of l log l) over the eigenvalues l of K / n, K the similarities of all pairs of records."
    source = (
        "Friedman and Dieng, TMLR 2023, arXiv 2210.02410, definition 3.1; "
        "median bandwidth: Gretton et al., JMLR 13 (2012), section 8"
    )
    unit = "effective number of records"
    collapse = "falls"
    reads = (Rows,)

    def summarize(self, batch: Batch) -> Points:
        """Return the points."""
        return Points(rows_of(self, batch))

    def compare(self, sample: Points, reference: Points) -> Reading:
        """Return the score of each replicate; of the reference only the median distance enters, and that in `rbf`."""
        if not np.isfinite(sample.values).all():
            return missing(sample.replicates, "some records are not finite")
        if self.kernel == "cosine":
            return reading(np.array([_effective(_cosines(values)) for values in sample.values]))
        require_same("dimensions", sample.values.shape[2], reference.values.shape[2])
        widths = np.broadcast_to(self._widths(reference), (sample.replicates,))
        found = [self._rbf(values, width) for values, width in zip(sample.values, widths, strict=True)]
        return reading(np.array(found), "the median distance between human records is not a positive number")

    def _widths(self, reference: Points) -> Floats:
        if self.bandwidth is not None:
            return np.array([self.bandwidth])
        return np.array([_median_distance(values[: self.most]) for values in reference.values])

    def _rbf(self, values: Floats, width: float) -> float:
        if not 0 < width < np.inf:
            return np.nan
        squares = _all_pairs(values[: self.most])
        return _effective(np.exp(-squares / (2 * width**2)) / len(squares))


def _cosines(values: Floats) -> Floats:
    """K / n, or the smaller matrix that has the same eigenvalues but for zeros."""
    units = directions(values) / np.sqrt(len(values))
    matrix: Floats = units @ units.T if len(units) < units.shape[1] else units.T @ units
    return matrix


def _effective(matrix: Floats) -> float:
    """The exponential of the entropy of the eigenvalues."""
    shares = np.linalg.eigvalsh(matrix)
    shares = shares[shares > 0]  # rounding leaves some a little below
    return float(np.exp(-(shares * np.log(shares)).sum()))


def _all_pairs(values: Floats) -> Floats:
    return np.concatenate(list(squared_distances(values, values)))


def _median_distance(values: Floats) -> float:
    """NaN for a single record."""
    squares = _all_pairs(values)[np.triu_indices(len(values), 1)]
    return float(np.sqrt(np.median(squares))) if len(squares) else np.nan
