"""How often each type occurred, or how probable it is: the summary of everything that looks at frequencies."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self, final

import numpy as np

from outcross.core.batch import Batch, Floats, HasCounts, HasFrequencies
from outcross.core.errors import BadInput
from outcross.core.metric import Metric, Reading
from outcross.metrics._checks import reading, require_records, require_same, unreadable


@final
@dataclass(frozen=True)
class Shares:
    """Counts of types, or a law's probabilities; counts merge.

    Parameters
    ----------
    values
        Shape (R, K).
    law
        Whether they are the probabilities of a law.

    Examples
    --------
    >>> Shares(np.array([[3.0, 1.0]])).merge(Shares(np.array([[0.0, 4.0]]))).frequencies().tolist()
    [[0.375, 0.625]]
    """

    values: Floats
    law: bool = False

    @classmethod
    def of(cls, metric: Metric[Any], batch: Batch) -> Self:
        """Return the counts of a batch where it has some, else its frequencies.

        Raises
        ------
        BadInput
            If the batch has no frequencies, or no record.
        """
        if not isinstance(batch, HasFrequencies):
            raise unreadable(metric, batch)
        require_records(metric, batch)
        if isinstance(batch, HasCounts):
            return cls(batch.counts().values)
        return cls(batch.frequencies(), law=True)

    @property
    def replicates(self) -> int:
        """R, the number of replicates."""
        return len(self.values)

    @property
    def types(self) -> int:
        """K, the number of types of the alphabet."""
        return int(self.values.shape[1])

    def merge(self, other: Self) -> Self:
        """Return the counts of both."""
        if self.law or other.law:
            raise BadInput("laws of infinitely many records cannot be pooled")
        require_same("types", self.types, other.types)
        return replace(self, values=self.values + other.values)

    def totals(self) -> Floats:
        """Return the number of records of each replicate, shape (R,); infinite for a law."""
        totals: Floats = np.full(self.replicates, np.inf) if self.law else self.values.sum(axis=1)
        return totals

    def frequencies(self) -> Floats:
        """Return the share of each type, shape (R, K); NaN in a replicate without any record."""
        if self.law:
            return self.values
        totals = self.values.sum(axis=1, keepdims=True)
        return np.asarray(np.divide(self.values, totals, out=np.full_like(self.values, np.nan), where=totals > 0))

    def reading(self, values: Floats) -> Reading:
        """Return a reading of these values, shape (R,), missing where there is no record."""
        return reading(np.where(self.totals() > 0, values, np.nan), "no record, so no shares")
