"""How a closed form reads its arguments: generations (a number or an array), sizes of samples, shares of types."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from outcross.core.errors import BadSetting

Array = NDArray[np.float64]
Times = int | Sequence[int] | NDArray[np.integer]
"""How many times the model was refitted; 0 is the real distribution."""
Sizes = int | Sequence[int] | NDArray[np.integer]
"""How many samples each refit sees: one number, or one for each generation."""
Values = float | Array
"""A float for one generation, an array of float64 for an array of them."""


def times(t: Times) -> NDArray[np.int64]:
    """Return the generations as an array of integers, 0-dimensional for a number."""
    given = np.asarray(t)
    whole = given.astype(np.int64) if given.dtype.kind in "iuf" and np.all(np.isfinite(given)) else None
    if whole is None or np.any(whole != given) or np.any(whole < 0):
        raise BadSetting(f"a generation is a whole number, 0 or more, not {t}")
    return whole


def sizes(n: Sizes, least: int) -> Array:
    """Return the sample sizes as floats, all at least `least`."""
    given = np.asarray(n, dtype=np.float64)
    if given.ndim > 1 or not np.all(given >= least):
        raise BadSetting(f"the sample size must be at least {least} here, not {n}")
    return given


def one_size(n: int, least: int) -> float:
    """Return one sample size that serves every generation."""
    if np.ndim(n):
        raise BadSetting(f"one sample size for all generations is needed here, not {n}")
    return float(sizes(n, least))


def between(name: str, value: float, low: float, high: float) -> float:
    """Return a setting that lies in a closed range."""
    if not low <= value <= high:
        raise BadSetting(f"{name} must lie between {low:g} and {high:g}, not {value}")
    return float(value)


def positive(name: str, value: float) -> float:
    """Return a setting that is larger than zero."""
    if not 0 < value < np.inf:
        raise BadSetting(f"{name} must be a number above 0, not {value}")
    return float(value)


def shares(p: ArrayLike) -> Array:
    """Return probabilities as floats, all between 0 and 1."""
    share = np.asarray(p, dtype=np.float64)
    wrong = share[~((share >= 0) & (share <= 1))]
    if wrong.size:
        raise BadSetting(f"a share lies between 0 and 1, not {wrong[0]:g}")
    return share


def variance_ddof(ddof: int) -> int:
    """Return what the variance estimator takes off the sample size: 1 (unbiased) or 0 (maximum likelihood)."""
    if ddof not in (0, 1):
        raise BadSetting(f"ddof must be 0 (maximum likelihood) or 1 (unbiased), not {ddof}")
    return ddof


def given_variance(known: float | None) -> float | None:
    """Return the variance that models are given, or None where they fit it."""
    return None if known is None else positive("known_variance", known)


def total(step: Callable[[Array], Array], t: Times, n: Sizes, least: int = 2) -> Array:
    """Return the sum of ``step(n_i)`` over the first `t` generations."""
    size, when = sizes(n, least), times(t)
    steps = step(np.atleast_1d(size))
    if size.ndim == 0:
        return np.asarray(when * steps[0])
    if when.max(initial=0) > len(size):
        raise BadSetting(f"generation {when.max()} needs {when.max()} sample sizes, and {len(size)} are given")
    return np.asarray(running(steps)[when])


def running(steps: Array) -> Array:
    """Return the running sum, which starts with nothing summed."""
    return np.concatenate([[0.0], np.cumsum(steps)])


def inverse_powers(t: Times, power: int) -> Array:
    """Return ``sum 1 / i**power`` over i = 1..t."""
    when = times(t)
    return np.asarray(running(np.arange(1, when.max(initial=0) + 1.0) ** -power)[when])


def values(result: Array) -> Values:
    """Return a float where one generation was asked for."""
    return float(result) if np.ndim(result) == 0 else np.asarray(result, dtype=np.float64)
