"""A share of every training set is real and new, the rest is what the last model wrote (fresh data).

Of the `n` samples of a refit ``real n`` are new draws of the real distribution (fixed split); the first refit is on
real data alone. What is said of variances holds for every model that keeps mean and variance. Generation 0 is the real
distribution, with unit variance.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from outcross.core.errors import BadSetting
from outcross.lab.theory._arguments import Times, Values, between, one_size, times, values
from outcross.lab.theory._mixing import mixed_moments

Split = Literal["fixed", "independent"]


def variance(t: Times, n: int, real: float, ddof: int = 0) -> Values:
    """Return the expected variance of the fitted model.

    Parameters
    ----------
    t
        Number of refits.
    n
        Samples in each refit, at least 2.
    real
        Share of new real samples; ``real n`` is rounded to a whole number.
    ddof
        0 for maximum likelihood, 1 for the unbiased estimator.

    Raises
    ------
    BadSetting
        If an argument is out of range.

    Notes
    -----
    With ``ddof=0`` it is 1 minus `mean_variance`. Derivation: the second moment of the mix is that of the real
    distribution, weighted by `real`, plus that of the last model.

    Examples
    --------
    >>> variance([0, 1, 1000], 100, 0.1).round(4).tolist(), round(variance_limit(100, 0.1), 4)
    ([1.0, 0.99, 0.9497], 0.9497)
    """
    return values(mixed_moments(t, *_split(n, real), ddof, None)[1])


def mean_variance(t: Times, n: int, real: float, ddof: int = 0, known_variance: float | None = None) -> Values:
    """Return the variance of the fitted mean over chains.

    Parameters
    ----------
    t, n, real, ddof
        As in `variance`.
    known_variance
        The variance every model is given instead of a fitted one, in units of the real variance; 1 where the truth is
        known, None where it is fitted.

    Raises
    ------
    BadSetting
        If an argument is out of range.

    Notes
    -----
    With ``ddof=0``, ``A_{t+1} = 1/n + (a^2 - a/n) A_t`` with ``a = 1 - real``. Derivation: the mean of the mix is
    linear in its two parts, and the conserved sum of the two variances gives the fitted one.

    Examples
    --------
    >>> mean_variance([1, 1000], 100, 0.1).round(4).tolist()
    [0.01, 0.0503]
    """
    return values(mixed_moments(t, *_split(n, real), ddof, known_variance)[0])


def _split(n: int, real: float) -> tuple[float, int, int]:
    """The weight of the real samples, and how many there are of either kind."""
    size = int(one_size(n, 2))
    new = round(between("real", real, 0, 1) * size)
    return new / size, new, size - new


def mean_variance_limit(n: int, real: float) -> float:
    """Return what `mean_variance` tends to with ``ddof=0``.

    Parameters
    ----------
    n, real
        As in `variance`.

    Raises
    ------
    BadSetting
        If an argument is out of range.

    Notes
    -----
    ``1 / (n (1 - a^2) + a)`` with ``a = 1 - real``. Derivation: the fixed point of the recursion in `mean_variance`.

    Examples
    --------
    >>> round(mean_variance_limit(100, 0.1), 4)
    0.0503
    """
    a = 1 - _split(n, real)[0]
    return 1 / (n * (1 - a * a) + a)


def variance_limit(n: int, real: float) -> float:
    """Return what `variance` tends to with ``ddof=0``: any share of new data keeps some of the variance for ever.

    Parameters
    ----------
    n, real
        As in `variance`.

    Raises
    ------
    BadSetting
        If an argument is out of range.

    Notes
    -----
    1 minus `mean_variance_limit`. Derivation: no step changes the variance of one draw over all chains.

    Examples
    --------
    >>> variance_limit(100, 0.0)
    0.0
    """
    return 1 - mean_variance_limit(n, real)


def heterozygosity(t: Times, n: int, real: float, split: Split = "fixed") -> Values:
    """Return the expected heterozygosity of a categorical model, relative to that of the real distribution.

    Parameters
    ----------
    t, n, real
        As in `variance`.
    split
        ``fixed``: exactly ``real n`` samples are real. ``independent``: each sample is real with probability `real`.

    Raises
    ------
    BadSetting
        If an argument is out of range.

    Notes
    -----
    With ``A_t = 1 - H_t / H_q`` and ``a = 1 - real``: ``A_{t+1} = 1/n + r A_t``, where r is ``a^2 - a/n`` (fixed) or
    ``a^2 (1 - 1/n)`` (independent). Derivation: the variance of the mixed frequencies, summed over types; geneticists
    call it migration into a Wright-Fisher population.

    Examples
    --------
    >>> heterozygosity([1, 1000], 100, 0.1, "independent").round(4).tolist()
    [0.99, 0.9495]
    """
    rate, lost = _decay(n, real, split)
    when = times(t).astype(np.float64)
    return values(np.asarray(1 - lost * (1 - np.power(rate, when))))


def heterozygosity_limit(n: int, real: float, split: Split = "fixed") -> float:
    """Return what `heterozygosity` tends to.

    Parameters
    ----------
    n, real, split
        As in `heterozygosity`.

    Raises
    ------
    BadSetting
        If an argument is out of range.

    Notes
    -----
    ``(1 - a^2 - real/n) / (1 - a^2 + a/n)`` (fixed), ``(1 - 1/n) (1 - a^2) / (1 - a^2 (1 - 1/n))`` (independent).
    Derivation: the fixed points of the recursion in `heterozygosity`.

    Examples
    --------
    >>> round(heterozygosity_limit(100, 0.1), 4), round(heterozygosity_limit(100, 0.1, "independent"), 4)
    (0.9497, 0.9495)
    """
    return 1 - _decay(n, real, split)[1]


def _decay(n: int, real: float, split: Split) -> tuple[float, float]:
    """What a deviation is multiplied by in each refit, and where the lost share of the heterozygosity ends."""
    if split == "fixed":
        a = 1 - _split(n, real)[0]
        rate = a * a - a / n
    elif split == "independent":
        rate = (1 - between("real", real, 0, 1)) ** 2 * (1 - 1 / one_size(n, 2))
    else:
        raise BadSetting(f"split must be 'fixed' or 'independent', not '{split}'")
    return rate, 1 / (n * (1 - rate))
