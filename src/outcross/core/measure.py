"""A number with its interval and how many observations it rests on, or the reason why it is missing."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from outcross.core.errors import BadSetting
from outcross.core.special import student_quantile


@dataclass(frozen=True, slots=True)
class Measure:
    """How large is it, how sure are we, and from how many observations? Never 0.0 for "don't know".

    Parameters
    ----------
    value
        The estimate, or None when it is missing; then ``reason`` says why.
    low, high
        The interval, or None when one observation does not give one.
    n
        Number of observations it rests on.
    level
        Confidence level of the interval.
    reason
        Why the value, or the interval, is missing.

    Examples
    --------
    >>> print(Measure.mean_of([1.0, 2.0, 3.0]))
    2 [-0.4841, 4.484]
    >>> print(Measure.missing("no model at generation 0"))
    missing: no model at generation 0
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    n: int = 0
    level: float = 0.95
    reason: str = ""

    def __post_init__(self) -> None:
        unknown = self.value is None or math.isnan(self.value)
        if unknown and not self.reason:
            raise BadSetting("a missing measure must say why it is missing")
        if unknown and self.value is not None:
            object.__setattr__(self, "value", None)

    @classmethod
    def missing(cls, reason: str, n: int = 0) -> Measure:
        """Return a measure without a value."""
        return cls(None, n=n, reason=reason)

    @classmethod
    def mean_of(cls, values: ArrayLike, level: float = 0.95) -> Measure:
        """Return the mean of independent replicates with its Student t interval.

        Parameters
        ----------
        values
            One number a replicate; NaN where a replicate has none.
        level
            Confidence level.

        Notes
        -----
        Student (1908). An infinite value makes the mean infinite and leaves no interval.
        """
        array: NDArray[np.float64] = np.asarray(values, dtype=np.float64).ravel()
        known = array[~np.isnan(array)]
        if not len(known):
            return cls.missing("no replicate has a value")
        mean = float(known.mean())
        if len(known) == 1 or not np.isfinite(known).all():
            reason = "one replicate gives no interval" if len(known) == 1 else "infinite in some replicates"
            return cls(mean, n=len(known), level=level, reason=reason)
        half = float(student_quantile(0.5 + level / 2, len(known) - 1) * known.std(ddof=1) / math.sqrt(len(known)))
        return cls(mean, mean - half, mean + half, len(known), level)

    def __str__(self) -> str:
        if self.value is None:
            return f"missing: {self.reason}"
        if self.low is None or self.high is None:
            return _show(self.value)
        return f"{_show(self.value)} [{_show(self.low)}, {_show(self.high)}]"


def _show(number: float) -> str:
    """Four digits; whole thousands with commas rather than powers of ten."""
    return f"{number:,.0f}" if 1000 <= abs(number) < 1e9 else f"{number:.4g}"
