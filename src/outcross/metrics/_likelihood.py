"""Log-probabilities of records, summed up: what likelihood metrics keep."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self, final

import numpy as np

from outcross.core.batch import Batch, Floats
from outcross.core.errors import BadInput
from outcross.core.metric import Metric, Reading
from outcross.core.part import part_name
from outcross.core.statistics import LogProbs
from outcross.metrics._checks import reading, unreadable


def scored(metric: Metric[Any], batch: Batch) -> LogProbs:
    """Return the batch, which must be log-probabilities.

    Raises
    ------
    BadInput
        If it is something else, or a model could not say how probable a record is (NaN).
    """
    if not isinstance(batch, LogProbs):
        raise unreadable(metric, batch)
    unknown = int(np.isnan(batch.values).sum())
    if unknown:
        raise BadInput(f"{part_name(type(metric))}: the log-probability of {unknown:,} records is NaN")
    return batch


@final
@dataclass(frozen=True)
class Likelihood:
    """Sum of log-probabilities and number of tokens of each replicate, shape (R,) each.

    Examples
    --------
    >>> one = Likelihood.of(LogProbs(np.array([[-2.0, -4.0]]), np.array([[1.0, 2.0]])))
    >>> one.reading(exponential=False).values.tolist()
    [2.0]
    """

    total: Floats
    tokens: Floats

    @classmethod
    def of(cls, batch: LogProbs) -> Self:
        """Return the sums of scored records."""
        with np.errstate(invalid="ignore"):  # densities may be infinite both ways
            total = batch.values.sum(axis=1)
        return cls(total, np.broadcast_to(batch.tokens, batch.values.shape).sum(axis=1, dtype=np.float64))

    def merge(self, other: Self) -> Self:
        """Return the sums of both."""
        with np.errstate(invalid="ignore"):
            return type(self)(self.total + other.total, self.tokens + other.tokens)

    def nats(self) -> Floats:
        """Return the mean negative log-probability of a token; NaN where there is none."""
        return ratio(-self.total, self.tokens)

    def reading(self, exponential: bool) -> Reading:
        """Return nats per token, or their exponential (perplexity)."""
        values = self.nats()
        if exponential:
            with np.errstate(over="ignore"):
                values = np.exp(values)
        empty = bool((self.tokens <= 0).any())
        return reading(values, "no token was scored" if empty else "some densities are 0 and some infinite")


def nats_by_record(batch: LogProbs) -> Floats:
    """Return the log-perplexity of each record: nats per token, shape (R, n); NaN for records without a token."""
    tokens = np.broadcast_to(batch.tokens, batch.values.shape)
    return ratio(-batch.values, tokens)


def ratio(part: Floats, whole: Floats) -> Floats:
    """Return part / whole; NaN where the whole is nothing."""
    found = np.full(part.shape, np.nan)
    np.divide(part, whole, out=found, where=whole > 0)
    return found
