"""Is this type still alive?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Self, final

import numpy as np

from outcross.core.batch import Batch, Floats, HasFrequencies, Law
from outcross.core.errors import BadInput
from outcross.core.laws import Poisson
from outcross.core.metric import Metric, Reading
from outcross.core.records import Rows
from outcross.core.setting import Between
from outcross.metrics._checks import reading, require_records, unreadable


@final
@dataclass(frozen=True)
class Alive:
    """1 where there is any of a type, 0 where there is none, NaN where there is no record; shape (R,).

    Examples
    --------
    >>> Alive(np.array([0.0])).merge(Alive(np.array([1.0]))).values.tolist()
    [1.0]
    """

    values: Floats
    law: bool = False

    def merge(self, other: Self) -> Self:
        """Return whether there is any in either."""
        if self.law or other.law:
            raise BadInput("laws of infinitely many records cannot be pooled")
        return replace(self, values=np.fmax(self.values, other.values))


@final
@dataclass(frozen=True)
class Survival(Metric[Alive]):
    """1 where a type has not died out, 0 where it has: its mean over replicates is the probability of survival.

    Of a Poisson law, and of rows of counts, a type is a column, and it lives where its rate or one of its counts is
    positive.

    Parameters
    ----------
    type
        Code of the type, or number of the column, from 0.

    Raises
    ------
    BadInput
        If there is no such type, or rows have negative numbers, which are no counts.

    Examples
    --------
    >>> from outcross.core.records import Symbols
    >>> metric = Survival(type=1)
    >>> summary = metric.summarize(Symbols(np.array([[0, 0, 0], [0, 1, 0]]), 2))
    >>> metric.compare(summary, summary).values.tolist()
    [0.0, 1.0]
    """

    type: Annotated[int, Between(0)] = 0

    definition = "1 where the share (or the rate) of the type is positive, else 0."
    source = "Suresh et al., arXiv 2412.17646 (2024): the probability that a symbol survives k refits"
    unit = "probability"
    collapse = "falls"
    reads = (HasFrequencies, Poisson, Rows)

    def summarize(self, batch: Batch) -> Alive:
        """Return whether the type is alive in each replicate."""
        require_records(self, batch)
        if isinstance(batch, HasFrequencies):
            share = self._column(batch.frequencies())
            return Alive(np.where(np.isnan(share), np.nan, share > 0), law=isinstance(batch, Law))
        if isinstance(batch, Poisson):
            return Alive((self._column(batch.rates) > 0).astype(np.float64), law=True)
        if not isinstance(batch, Rows):
            raise unreadable(self, batch)
        largest = self._column(batch.values.max(axis=1))
        if batch.values.min() < 0:
            raise BadInput(f"survival reads counts, which are at least 0, not {batch.values.min():g}")
        return Alive((largest > 0).astype(np.float64))

    def _column(self, values: Floats) -> Floats:
        types = values.shape[1]
        if self.type >= types:
            raise BadInput(f"survival(type={self.type}): there are {types:,} types, 0 to {types - 1}")
        column: Floats = values[:, self.type]
        return column

    def compare(self, sample: Alive, reference: Alive) -> Reading:
        """Return whether the type is alive in each replicate; the reference does not enter."""
        return reading(sample.values, "no record, so no shares")
