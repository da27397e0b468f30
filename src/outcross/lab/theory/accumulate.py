"""Every generation's samples join all those before them, the real ones included (accumulate).

After `t` refits the pool holds t blocks of `n` samples, the first of them real; refit t is made on all of them. In
sections of the literature that count blocks, k = t. Generation 0 is the real distribution, with unit variance. What is
said of variances holds for every model that keeps mean and variance, so for the heterozygosity of types as well.
"""

from __future__ import annotations

import math

import numpy as np

from outcross.lab.theory._arguments import (
    Array,
    Times,
    Values,
    given_variance,
    inverse_powers,
    one_size,
    running,
    times,
    values,
    variance_ddof,
)


def variance(t: Times, n: int, ddof: int = 0) -> Values:
    """Return the expected variance of the model fitted to the whole pool.

    Parameters
    ----------
    t
        Number of refits, which is the number of blocks in the pool.
    n
        Samples in each block, at least 2.
    ddof
        0 for maximum likelihood, 1 for the unbiased estimator.

    Raises
    ------
    BadSetting
        If an argument is out of range.

    Notes
    -----
    ``prod_{j=1..t} (1 - 1 / (n j^2))`` with ``ddof=0`` (Kazdan et al., arXiv 2410.16713). Derivation, any ddof: a block
    of n samples from ``N(M, F)`` joins a pool of j - 1 blocks with mean M and variance P; then
    ``E P' = [(j - 1) P + F] / j - F / (n j^2)``, with ``F = P N / (N - ddof)`` for a pool of N.

    Examples
    --------
    >>> round(variance(100, 10), 4), round(variance_limit(10), 4)
    (0.8443, 0.8434)
    """
    return values(_moments(t, n, ddof)[1])


def _moments(t: Times, n: int, ddof: int) -> tuple[Array, Array]:
    """The variance of the fitted mean over chains, and the expected fitted variance."""
    size, when, taken = one_size(n, 2), times(t), variance_ddof(ddof)
    blocks = np.arange(1, when.max(initial=0) + 1.0)
    fit = blocks * size / (blocks * size - taken)  # fitted over pool variance
    fit_before = np.concatenate([[1.0], fit[:-1]]) if len(fit) else fit
    growth = ((blocks - 1) + fit_before) / blocks - fit_before / (size * blocks**2)
    fitted = np.concatenate([[1.0], fit * np.cumprod(growth)])
    drift = running(fitted[:-1] / (size * blocks**2))
    return np.asarray(drift[when]), np.asarray(fitted[when])


def variance_limit(n: int) -> float:
    """Return what `variance` tends to with ``ddof=0``: accumulating keeps a fixed share of the variance for ever.

    Parameters
    ----------
    n
        Samples in each block, at least 2.

    Raises
    ------
    BadSetting
        If `n` is out of range.

    Notes
    -----
    ``sin(pi / sqrt n) / (pi / sqrt n)``: Euler's product for the sine (Kazdan et al., arXiv 2410.16713).

    Examples
    --------
    >>> round(variance_limit(100), 4)
    0.9836
    """
    angle = math.pi / math.sqrt(one_size(n, 2))
    return math.sin(angle) / angle


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
    the mean of the pool moves by ``Z sqrt(F / n) / j`` when block j joins.

    With the variance known ``(1/n) sum_{i=1..t} 1/i^2``: Kazdan et al., arXiv 2410.16713; the same sum governs linear
    regression (Gerstgrasser et al., arXiv 2404.01413).

    Examples
    --------
    >>> round(mean_variance(100, 10), 4), mean_variance(2, 10, known_variance=1.0)
    (0.1557, 0.125)
    """
    given = given_variance(known_variance)
    if given is None:
        return values(_moments(t, n, ddof)[0])
    real = np.minimum(times(t), 1)  # the first block has the real variance
    return values(np.asarray((real + given * (inverse_powers(t, 2) - real)) / one_size(n, 1)))


def mean_variance_limit(n: int, known_variance: float | None = None) -> float:
    """Return what `mean_variance` tends to, with ``ddof=0`` or with a known variance.

    Parameters
    ----------
    n, known_variance
        As in `mean_variance`.

    Raises
    ------
    BadSetting
        If `n` is out of range.

    Notes
    -----
    ``pi^2 / (6 n)`` with the true variance known, by Euler's sum of inverse squares, else 1 minus `variance_limit`
    (Kazdan et al., arXiv 2410.16713).

    Examples
    --------
    >>> round(mean_variance_limit(100), 4), round(mean_variance_limit(100, known_variance=1.0), 4)
    (0.0164, 0.0164)
    """
    given = given_variance(known_variance)
    return 1 - variance_limit(n) if given is None else (1 + given * (math.pi**2 / 6 - 1)) / one_size(n, 1)


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
    ``prod_{j=1..t} (1 - 1 / (n j^2))``. Derivation: heterozygosity is the sum of the variances of the types'
    indicators, and `variance` holds for each.

    Examples
    --------
    >>> round(heterozygosity(1, 10), 6)
    0.9
    """
    return variance(t, n)
