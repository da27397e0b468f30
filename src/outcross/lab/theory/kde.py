"""A kernel density estimate refitted to its own samples, nothing else kept: it does not collapse to a point.

A Gaussian kernel of fixed bandwidth h adds h^2 to the variance of whatever it is put on, a refit to `n` samples takes
1/n of it away. Generation 0 is the real distribution, with unit variance, so `bandwidth` is in units of its standard
deviation. In d dimensions this holds for every coordinate.
"""

from __future__ import annotations

import numpy as np

from outcross.lab.theory._arguments import Array, Times, Values, one_size, positive, times, values


def variance(t: Times, n: int, bandwidth: float) -> Values:
    """Return the expected variance of the density of generation `t`.

    Parameters
    ----------
    t
        Number of refits.
    n
        Samples in each refit, at least 2.
    bandwidth
        Standard deviation of the kernel, the same in every generation.

    Raises
    ------
    BadSetting
        If an argument is out of range.

    Notes
    -----
    ``n h^2 + (1 - 1/n)^t (1 - n h^2)``. Derivation: ``W_{t+1} = (1 - 1/n) W_t + h^2`` from ``W_0 = 1``: the samples
    have the variance of the density they were drawn from, less 1/n, and the kernel adds its own. Setting of Kazdan et
    al., arXiv 2410.16713.

    Examples
    --------
    >>> variance([0, 1, 10000], 100, 0.2).round(4).tolist(), round(variance_limit(100, 0.2), 4)
    ([1.0, 1.03, 4.0], 4.0)
    """
    ceiling, kept = _terms(t, n, bandwidth)
    return values(ceiling + kept * (1 - ceiling))


def _terms(t: Times, n: int, bandwidth: float) -> tuple[float, Array]:
    """What the variance tends to, and the share of generation 0 that is left."""
    size = one_size(n, 2)
    return size * positive("bandwidth", bandwidth) ** 2, np.power(1 - 1 / size, times(t).astype(np.float64))


def centre_variance(t: Times, n: int, bandwidth: float) -> Values:
    """Return the expected variance (``ddof=0``) of the samples the density of generation `t` is centred on.

    Parameters
    ----------
    t
        Number of refits, at least 1: the real distribution has no centres.
    n, bandwidth
        As in `variance`.

    Raises
    ------
    BadSetting
        If an argument is out of range.

    Notes
    -----
    `variance` less h^2. Derivation: ``E V_{t+1} = (1 - 1/n) (E V_t + h^2)`` from ``E V_1 = 1 - 1/n``, which tends to
    ``(n - 1) h^2``.

    Examples
    --------
    >>> round(centre_variance(1, 100, 0.2), 6), round(centre_variance(10000, 100, 0.2), 6)
    (0.99, 3.96)
    """
    ceiling, kept = _terms(t, n, bandwidth)
    positive("t", int(times(t).min(initial=1)))
    return values(ceiling + kept * (1 - ceiling) - bandwidth**2)


def variance_limit(n: int, bandwidth: float) -> float:
    """Return what `variance` tends to, ``n h^2``; the centres' tends to ``(n - 1) h^2``.

    Parameters
    ----------
    n, bandwidth
        As in `variance`.

    Raises
    ------
    BadSetting
        If an argument is out of range.

    Notes
    -----
    Derivation: the fixed point of the recursion in `variance`.

    Examples
    --------
    >>> variance_limit(100, 0.5)
    25.0
    """
    return _terms(0, n, bandwidth)[0]


def mean_variance(t: Times, n: int, bandwidth: float) -> Values:
    """Return the variance of the density's mean over chains.

    Parameters
    ----------
    t, n, bandwidth
        As in `variance`.

    Raises
    ------
    BadSetting
        If an argument is out of range.

    Notes
    -----
    ``t h^2 + (1 - n h^2) (1 - (1 - 1/n)^t)``: the mean wanders for ever. Derivation: each refit adds 1/n of `variance`.

    Examples
    --------
    >>> mean_variance([0, 1, 100], 100, 0.2).round(4).tolist()
    [0.0, 0.01, 2.0981]
    """
    ceiling, kept = _terms(t, n, bandwidth)
    return values(np.asarray(times(t) * bandwidth**2 + (1 - ceiling) * (1 - kept)))
