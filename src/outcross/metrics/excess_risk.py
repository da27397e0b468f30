"""How much worse does a linear model predict than the true one?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self, final

import numpy as np

from outcross.core.batch import Batch, Floats
from outcross.core.errors import BadInput
from outcross.core.metric import Metric, Reading
from outcross.core.records import Rows
from outcross.core.statistics import Linear, Moments
from outcross.metrics._checks import missing, reading, require_same, unreadable
from outcross.metrics._moments import moments_of


@final
@dataclass(frozen=True)
class Coefficients:
    """What a linear law predicts with.

    Examples
    --------
    >>> Coefficients(np.zeros((1, 3))).values.shape
    (1, 3)
    """

    values: Floats

    def merge(self, other: Self) -> Self:
        """Refuse: laws are not pooled."""
        raise BadInput("laws of infinitely many records cannot be pooled")


@final
@dataclass(frozen=True)
class ExcessRisk(Metric[Coefficients | Moments]):
    """Expected squared error of prediction in excess of the noise; of held-out rows, the mean squared error on them.

    The last column of rows is what is predicted, from the others, without an intercept. Where a generation is known by
    its rows only, least squares is fitted to them: train on synthetic, test on real (Esteban et al. 2017).

    Examples
    --------
    >>> metric = ExcessRisk()
    >>> sample, truth = (metric.summarize(Linear(np.array([w]), 1.0)) for w in ([1.0, 2.0], [1.0, 0.0]))
    >>> metric.compare(sample, truth).values.tolist()
    [4.0]
    >>> heldout = metric.summarize(Rows(np.array([[[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]]])))
    >>> metric.compare(sample, heldout).values.tolist()
    [0.5]
    """

    definition = "Squared distance of the coefficients, |w_t - w_0|^2; on held-out rows, the mean of (y - x w_t)^2."
    source = "Gerstgrasser et al., arXiv 2404.01413 (2024), section 3; Dohmatob et al., arXiv 2402.07712 (2024)"
    unit = "squared units of the label"
    collapse = "rises"
    reads = (Linear, Rows)
    compares = "any"

    def summarize(self, batch: Batch) -> Coefficients | Moments:
        """Return the coefficients of a law; of rows, their moments."""
        if isinstance(batch, Linear):
            return Coefficients(batch.coefficients)
        if not isinstance(batch, Rows):
            raise unreadable(self, batch)
        if batch.dim < 2:
            raise BadInput("excess_risk reads rows of at least two numbers: inputs, and the label last")
        return moments_of(self, batch)

    def compare(self, sample: Coefficients | Moments, reference: Coefficients | Moments) -> Reading:
        """Return the risk of each replicate; a law may be compared with rows and the other way round."""
        if isinstance(sample, Moments):
            if sample.count < sample.dim - 1:
                return missing(sample.replicates, f"{sample.count:g} records are too few for {sample.dim - 1} inputs")
            return self.compare(_least_squares(sample), reference)
        if isinstance(reference, Coefficients):
            require_same("inputs", sample.values.shape[1], reference.values.shape[1])
            return reading(np.square(sample.values - reference.values).sum(axis=1))
        require_same("inputs", sample.values.shape[1], reference.dim - 1)
        weight = np.concatenate([-sample.values, np.ones((len(sample.values), 1))], axis=1)
        return reading((weight[:, None] @ _products(reference) @ weight[:, :, None])[:, 0, 0])


def _products(rows: Moments) -> Floats:
    """Mean of the outer products of the rows with themselves, shape (R, d + 1, d + 1)."""
    return rows.covariance() + rows.mean[:, :, None] * rows.mean[:, None]


def _least_squares(rows: Moments) -> Coefficients:
    """The shortest solution where the inputs are dependent."""
    products = _products(rows)
    solved = np.linalg.pinv(products[:, :-1, :-1], hermitian=True) @ products[:, :-1, -1:]
    return Coefficients(solved[:, :, 0])
