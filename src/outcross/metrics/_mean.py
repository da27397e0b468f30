"""A mean over texts, kept as sum and number so that it merges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self, final

import numpy as np

from outcross.core.batch import Floats
from outcross.core.metric import Reading
from outcross.metrics._checks import missing


@final
@dataclass(frozen=True)
class Mean:
    """Sum of values, and how many there were.

    Examples
    --------
    >>> Mean.of(np.array([1.0, 2.0])).merge(Mean.of(np.array([6.0]))).reading("none").values.tolist()
    [3.0]
    """

    total: float
    count: int

    @classmethod
    def of(cls, values: Floats) -> Self:
        """Return the summary of these values."""
        return cls(float(values.sum()), len(values))

    def merge(self, other: Self) -> Self:
        """Return the summary of both."""
        return type(self)(self.total + other.total, self.count + other.count)

    def reading(self, reason: str) -> Reading:
        """Return the mean, or the reason why there is none."""
        if not self.count:
            return missing(1, reason)
        return Reading(np.array([self.total / self.count]))
