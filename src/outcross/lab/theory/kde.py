"""A kernel density estimate refitted to its own samples, nothing else kept: it does not collapse to a point.

A Gaussian kernel of fixed bandwidth h adds h^2 to the variance of whatever it is put on, a refit to `n` samples takes
1/n of it away; a bandwidth in proportion to the samples' spread makes the variance grow. Generation 0 is the real
distribution, with unit variance, so `bandwidth` is in units of its standard deviation. In d dimensions this holds for
every coordinate.
"""

from __future__ import annotations

import numpy as np

from outcross.lab.theory._arguments import Array, Times, Values, one_size, positive, running, times, values


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


def rule_variance(t: Times, n: int, factor: float) -> Values:
    """Return the expected variance of the density of generation `t` where the bandwidth follows the samples' spread.

    Parameters
    ----------
    t, n
        As in `variance`.
    factor
        The bandwidth over the samples' standard deviation (``ddof=1``): ``n^(-1/5)`` by Scott's rule, one dimension.

    Raises
    ------
    BadSetting
        If an argument is out of range.

    Notes
    -----
    ``(1 - 1/n + factor^2)^t``: it grows for ever, as every kernel is wider than what a refit takes away. Derivation:
    ``W_{t+1} = S^2 (1 - 1/n + factor^2)`` for samples with the variance ``S^2``, of which the mean is ``W_t``.

    Examples
    --------
    >>> round(rule_variance(10, 100, 100 ** (-1 / 5)), 4)
    3.9927
    """
    return values(np.power(_growth(n, factor), times(t).astype(np.float64)))


def _growth(n: int, factor: float) -> float:
    return 1 - 1 / one_size(n, 2) + positive("factor", factor) ** 2


def rule_mean_variance(t: Times, n: int, factor: float) -> Values:
    """Return the variance of the density's mean over chains where the bandwidth follows the samples' spread.

    Parameters
    ----------
    t, n, factor
        As in `rule_variance`.

    Raises
    ------
    BadSetting
        If an argument is out of range.

    Notes
    -----
    ``(1/n) sum_{i<t} (1 - 1/n + factor^2)^i``. Derivation: each refit adds 1/n of `rule_variance`.

    Examples
    --------
    >>> rule_mean_variance([1, 2], 10, 0.5).round(4).tolist()
    [0.1, 0.215]
    """
    when = times(t)
    steps = np.asarray(rule_variance(np.arange(when.max(initial=0)), n, factor)) / one_size(n, 2)
    return values(np.asarray(running(steps)[when]))
