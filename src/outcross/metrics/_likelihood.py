"""Log-probabilities of records, summed up: what likelihood metrics keep."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self, final

import numpy as np

from outcross.core.batch import Batch, Floats
from outcross.core.errors import BadInput
from outcross.core.metric import Reading
from outcross.core.statistics import LogProbs


def scored(batch: Batch, metric: str) -> LogProbs:
    """Return the batch, which must be log-probabilities.

    Raises
    ------
    BadInput
        If it is something else, or a model could not say how probable a record is (NaN).
    """
    if not isinstance(batch, LogProbs):
        raise BadInput(f"{metric} reads the log-probabilities of records, not {type(batch).__name__.lower()}")
    if np.isnan(batch.values).any():
        raise BadInput(f"{metric}: the model's log-probability of {np.isnan(batch.values).sum():,} records is NaN")
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
        return _ratio(-self.total, self.tokens)

    def reading(self, exponential: bool) -> Reading:
        """Return nats per token, or their exponential (perplexity)."""
        values = self.nats()
        if exponential:
            with np.errstate(over="ignore"):
                values = np.exp(values)
        if (self.tokens <= 0).any():
            return Reading(values, "no token was scored")
        if np.isnan(values).any():
            return Reading(values, "some densities are 0 and some infinite")
        return Reading(values)


def nats_by_record(batch: LogProbs) -> Floats:
    """Return the log-perplexity of each record: nats per token, shape (R, n); NaN for records without a token."""
    tokens = np.broadcast_to(batch.tokens, batch.values.shape)
    return _ratio(-batch.values, tokens)


def _ratio(nats: Floats, tokens: Floats) -> Floats:
    per_token = np.full(nats.shape, np.nan)
    np.divide(nats, tokens, out=per_token, where=tokens > 0)
    return per_token
