"""Every generation's samples join the pool, each refit sees a random part of fixed size (accumulate-subsample).

After `t` refits the pool holds t blocks of `n` samples, the first of them real; refit t is made on n of those t n,
drawn without replacement (Kazdan et al., arXiv 2410.16713). Generation 0 is the real distribution, with unit variance.
"""

from __future__ import annotations

import math

import numpy as np

from outcross.lab.theory._arguments import Array, Times, Values, given_variance, one_size, times, values, variance_ddof


def _moments(t: Times, n: int, ddof: int, known_variance: float | None = None) -> tuple[Array, Array, Array]:
    """Variance of the fitted mean over chains, expected fitted variance, and expected variance of the pool.

    Between pool and fit stands one more sample: its mean differs from the pool's by a finite-population error, whose
    variance is `error`. All three are linear in the pool's moments, so the recursion is exact.
    """
    size, when, taken, given = one_size(n, 2), times(t), variance_ddof(ddof), given_variance(known_variance)
    last = int(when.max(initial=0))
    mean, fitted, pool = np.zeros(last + 1), np.ones(last + 1), np.ones(last + 1)
    centre, error = 0.0, 0.0  # variance over chains of the pool's mean, and of the sample's mean around it
    for k in range(1, last + 1):
        block = error + fitted[k - 1] / size  # variance of the new block's mean around the pool's
        pool[k] = ((k - 1) * pool[k - 1] + error + fitted[k - 1]) / k - block / k**2
        centre += block / k**2
        total = k * size
        unbiased = pool[k] * total / (total - 1)
        error = unbiased / size * (1 - 1 / k)
        mean[k] = centre + error
        fitted[k] = unbiased * (size - 1) / (size - taken) if given is None else given
    return np.asarray(mean[when]), np.asarray(fitted[when]), np.asarray(pool[when])


def variance(t: Times, n: int, ddof: int = 0) -> Values:
    """Return the expected variance of the fitted model.

    Parameters
    ----------
    t
        Number of refits, which is the number of blocks in the pool.
    n
        Samples in each block and in each refit, at least 2.
    ddof
        0 for maximum likelihood, 1 for the unbiased estimator.

    Raises
    ------
    BadSetting
        If an argument is out of range.

    Notes
    -----
    ``E V_k = E V_pool_k (N / (N - 1)) ((n - 1) / n)`` with ``N = k n`` and ``ddof=0``. Derivation: the variance of a
    sample drawn without replacement from a finite population (Cochran, *Sampling Techniques*, theorem 2.4).

    Examples
    --------
    >>> variance([1, 2, 10, 100], 10).round(4).tolist()
    [0.9, 0.8313, 0.7598, 0.7411]
    """
    return values(_moments(t, n, ddof)[1])


def pool_variance(t: Times, n: int, ddof: int = 0) -> Values:
    """Return the expected variance of the pool that refit `t` draws from.

    Parameters
    ----------
    t, n, ddof
        As in `variance`.

    Raises
    ------
    BadSetting
        If an argument is out of range.

    Notes
    -----
    ``(1 - 1/n) prod_{j=2..k} (1 - c_j / j^2)``, ``c_j = (N / (N - 1)) [(1/n) (1 - n/N) + (n - 1) / n^2]``,
    ``N = (j - 1) n``, with ``ddof=0``. Derivation: a new block's mean differs from the pool's by the error of the
    sample it was fitted to and by its own.

    Examples
    --------
    >>> pool_variance([1, 2], 10).round(4).tolist()
    [0.9, 0.8775]
    """
    return values(_moments(t, n, ddof)[2])


def mean_variance(t: Times, n: int, ddof: int = 0, known_variance: float | None = None) -> Values:
    """Return the variance of the fitted mean over chains.

    Parameters
    ----------
    t, n, ddof
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
    1 minus `variance` with ``ddof=0``: no step changes the variance of one draw over all chains. Derivation otherwise:
    the same recursion, for a known variance with new blocks of unit variance.

    Examples
    --------
    >>> round(mean_variance(10, 10), 4), round(1000 * mean_variance(2000, 1000, known_variance=1.0), 2)
    (0.2402, 2.93)
    """
    return values(_moments(t, n, ddof, known_variance)[0])


def mean_variance_limit() -> float:
    """Return n times `mean_variance` with a known variance, for many samples and many generations: ``pi^2 / 2 - 2``.

    Notes
    -----
    Derivation: the pool's mean gathers ``(2 - 1 / (j - 1)) / j^2`` with block j, the sample another ``1 - 1/k``.

    Examples
    --------
    >>> round(mean_variance_limit(), 4)
    2.9348
    """
    return math.pi**2 / 2 - 2


def heterozygosity(t: Times, n: int) -> Values:
    """Return the expected heterozygosity of a categorical model, relative to generation 0.

    Parameters
    ----------
    t, n
        As in `variance`.

    Raises
    ------
    BadSetting
        If an argument is out of range.

    Notes
    -----
    Derivation: `variance` with ``ddof=0``, summed over the indicators of the types.

    Examples
    --------
    >>> round(heterozygosity(1, 10), 6)
    0.9
    """
    return variance(t, n)
