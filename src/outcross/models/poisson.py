"""Poisson counts fitted by their mean: the model in which a rare event dies out for good."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from outcross.core.batch import Batch, Floats
from outcross.core.errors import BadInput
from outcross.core.laws import Poisson as PoissonLaw
from outcross.core.model import Exact, ExactModel, Fitted, Scored
from outcross.core.records import Rows
from outcross.core.seed import Seed
from outcross.core.special import lgamma
from outcross.core.statistics import LogProbs, Totals


@final
@dataclass(frozen=True)
class Poisson(ExactModel):
    """Independent Poisson counts, one rate a column. A rate of 0 is never left again (Suresh et al. 2024).

    Examples
    --------
    >>> fitted = Poisson().fit(Rows(np.array([[[0.0], [3.0]]])), Seed(0))
    >>> fitted.law().rates.tolist()
    [[1.5]]
    """

    reads = (Rows, Totals, PoissonLaw)

    def statistic(self, data: Batch) -> Batch:
        """Return number and sum of the records (of a law: the law)."""
        if isinstance(data, Totals | PoissonLaw):
            return data
        if not isinstance(data, Rows):
            raise BadInput(f"a poisson is fitted to rows of counts, not to {type(data).__name__.lower()}")
        values = _counts(data)
        if data.weight is None:
            return Totals(data.size, values.sum(axis=1))
        return Totals(float(data.weight.sum()), data.weight @ values)

    def fit(self, data: Batch, seed: Seed, previous: Fitted | None = None) -> FittedPoisson:
        """Return the mean counts.

        Raises
        ------
        BadInput
            If a record is not a whole number of events, or there is no record.
        """
        statistic = self.statistic(data)
        if isinstance(statistic, PoissonLaw):
            return FittedPoisson(statistic.rates)
        if not isinstance(statistic, Totals) or not statistic.count:
            raise BadInput("a poisson cannot be fitted to no record at all")
        return FittedPoisson(statistic.mean)


@final
@dataclass(frozen=True)
class FittedPoisson(Exact, Scored):
    """Poisson counts of known rates.

    Parameters
    ----------
    rates
        Expected counts, shape (R, d).

    Examples
    --------
    >>> FittedPoisson(np.array([[0.0]])).sample(3, Seed(0)).values.tolist()
    [[[0.0], [0.0], [0.0]]]
    """

    rates: Floats

    def law(self) -> PoissonLaw:
        """Return the law."""
        return PoissonLaw(self.rates)

    def sample(self, n: int, seed: Seed) -> Rows:
        """Return n draws in each replicate."""
        replicates, dim = self.rates.shape
        drawn = seed.generator().poisson(self.rates[:, None], (replicates, n, dim))
        return Rows(drawn.astype(np.float64))

    def sample_statistic(self, n: int, seed: Seed) -> Totals:
        """Return the sum of n draws: Poisson again, of n times the rate."""
        return Totals(n, seed.generator().poisson(n * self.rates).astype(np.float64))

    def log_prob(self, data: Batch) -> LogProbs:
        """Return log probabilities; minus infinity for events whose rate is 0."""
        if not isinstance(data, Rows):
            raise BadInput(f"a poisson scores rows of counts, not {type(data).__name__.lower()}")
        values, rates = _counts(data), self.rates[:, None]
        with np.errstate(divide="ignore", invalid="ignore"):
            explained = np.where(values > 0, values * np.log(rates), 0.0)
        log = (explained - rates - _log_factorial(values)).sum(axis=2)
        return LogProbs(log, np.ones((1, data.size)))


def _counts(data: Rows) -> Floats:
    """The values, whole numbers of at least 0."""
    values = data.values
    wrong = (values < 0) | (values != np.floor(values))
    if wrong.any():
        raise BadInput(f"counts are whole numbers of at least 0, not {values[wrong][0]:g}")
    return values


def _log_factorial(values: Floats) -> Floats:
    """The logarithm of the factorial of whole numbers, each different one computed once."""
    distinct, place = np.unique(values, return_inverse=True)
    return lgamma(distinct + 1)[place].reshape(values.shape)
