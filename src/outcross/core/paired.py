"""Two generations compared replicate by replicate: difference, ratio of means, typical ratio; each with its interval.

Replicates are paired, since a chain's later generation descends from its earlier one. Infinite values (a perplexity
where a word was lost) do not spoil an interval: the side they lie on becomes infinite, and the other side is computed
with them moved to the nearest finite value, which can only weaken a claim that the mean is large.
"""

from __future__ import annotations

import math

import numpy as np

from outcross.core.batch import Floats
from outcross.core.measure import Measure
from outcross.core.special import student_quantile

LEVEL = 0.95


def difference(now: Floats, before: Floats, level: float = LEVEL) -> Measure:
    """By how much did it change, on average over replicates?

    Parameters
    ----------
    now, before
        Shape (R,), one value a replicate; pairs with a NaN are left out.
    level
        Confidence level of the Student interval.

    Examples
    --------
    >>> print(difference(np.array([2.0, 3.0, 4.0]), np.array([1.0, 1.0, 1.0])))
    2 [-0.4841, 4.484]
    """
    now, before = _pairs(now, before)
    if np.isinf(before).any():
        return Measure.missing("infinite at the earlier one", n=len(before))
    return bounded_mean(now - before, level)


def ratio_of_means(now: Floats, before: Floats, level: float = LEVEL) -> Measure:
    """How many times as large as before is the mean? With the interval of Fieller (1954).

    The interval holds every number k for which the mean of ``now - k * before`` may be 0.

    Parameters
    ----------
    now, before
        Shape (R,), one value a replicate; pairs with a NaN are left out.
    level
        Confidence level.

    Examples
    --------
    >>> print(ratio_of_means(np.array([4.0, 5.0, 6.0]), np.array([2.0, 2.0, 2.0])))
    2.5 [1.258, 3.742]
    """
    now, before = _pairs(now, before)
    if np.isinf(before).any():
        return Measure.missing("infinite at the earlier one", n=len(before))
    n = len(now)
    if n == 0 or before.mean() == 0:
        return Measure.missing("no replicate has a value" if n == 0 else "0 at the earlier one", n=n)
    if np.isinf(now).all():
        return Measure(math.inf, math.inf, math.inf, n, level)
    tame = _tamed(now)
    value = float(now.mean() / before.mean())
    if n == 1:
        return Measure(value, n=1, level=level, reason="one replicate gives no interval")
    (var_now, cov), (_, var_before) = np.cov(tame, before) / n
    above, below = float(tame.mean()), float(before.mean())
    square = student_quantile(0.5 + level / 2, n - 1) ** 2
    a, b = below**2 - square * var_before, above * below - square * cov
    if a <= 0:
        return Measure(value, n=n, level=level, reason="what it is divided by may be 0")
    root = math.sqrt(max(b * b - a * (above**2 - square * var_now), 0.0))
    high = math.inf if np.isinf(now).any() else (b + root) / a
    return Measure(value, (b - root) / a, high, n, level)


def typical_ratio(now: Floats, before: Floats, level: float = LEVEL, floor: float = 0.0) -> Measure:
    """How many times as large as before is it in a typical replicate? The geometric mean of the ratios.

    What is multiplied at random, as variances are, has a mean that a few replicates make; its logarithm has not.

    Parameters
    ----------
    now, before
        Shape (R,), one value >= 0 a replicate; pairs with a NaN are left out.
    level
        Confidence level of the Student interval of the mean log ratio.
    floor
        Smaller ratios count as this one, so that a replicate at exactly 0 does not outweigh all others.

    Examples
    --------
    >>> typical_ratio(np.array([1.0, 4.0]), np.array([1.0, 1.0])).value
    2.0
    """
    now, before = _pairs(now, before)
    if np.isinf(before).any() or (before <= 0).any():
        fault = "infinite" if np.isinf(before).any() else "0"
        return Measure.missing(f"{fault} at the earlier one", n=len(before))
    with np.errstate(divide="ignore"):
        logs = bounded_mean(np.log(np.maximum(now / before, floor)), level)
    if logs.value is None:
        return logs
    low, high = (None if end is None else float(np.exp(end)) for end in (logs.low, logs.high))
    return Measure(float(np.exp(logs.value)), low, high, logs.n, level, logs.reason)


def bounded_mean(values: Floats, level: float = LEVEL) -> Measure:
    """Return the mean with its Student interval, which is one-sided where some values are infinite.

    Examples
    --------
    >>> print(bounded_mean(np.array([1.0, 2.0, 3.0, np.inf])))
    inf [0.7265, inf]
    """
    known = values[~np.isnan(values)]
    up, down = bool((known == np.inf).any()), bool((known == -np.inf).any())
    if up and down:
        return Measure.missing("infinite both ways", n=len(known))
    if not (up or down):
        return Measure.mean_of(known, level)
    end = math.inf if up else -math.inf
    if np.isinf(known).all():
        return Measure(end, end, end, len(known), level)
    tame = Measure.mean_of(_tamed(known), level)
    return Measure(end, -math.inf if down else tame.low, math.inf if up else tame.high, len(known), level)


def _pairs(now: Floats, before: Floats) -> tuple[Floats, Floats]:
    known = ~(np.isnan(now) | np.isnan(before))
    return now[known], before[known]


def _tamed(values: Floats) -> Floats:
    """The values with infinite ones moved to the nearest finite one."""
    finite = values[np.isfinite(values)]
    return np.clip(values, finite.min(), finite.max())
