"""Linear regression refitted to its own labels on the design it was first given.

Rows have independent standard normal inputs, labels have noise of variance `noise`; every generation writes new labels,
with noise, for the same rows. The error is ``E ||w_t - w||^2``. `t` counts refits; generation 0 is the truth. Source:
Gerstgrasser et al., arXiv 2404.01413; replace: Dohmatob et al., arXiv 2402.07712.
"""

from __future__ import annotations

import math

import numpy as np

from outcross.core.errors import BadSetting
from outcross.lab.theory._arguments import Times, Values, inverse_powers, one_size, positive, times, values


def first_error(rows: int, dim: int, noise: float = 1.0) -> float:
    """Return the error of a fit to real labels.

    Parameters
    ----------
    rows
        Rows of the design, at least ``dim + 2``.
    dim
        Number of inputs.
    noise
        Variance of the label noise.

    Raises
    ------
    BadSetting
        If an argument is out of range.

    Notes
    -----
    ``noise d / (T - d - 1)``: the trace of an inverse Wishart's mean.

    Examples
    --------
    >>> first_error(32, 1), first_error(111, 10, noise=2.0)
    (0.03333333333333333, 0.2)
    """
    inputs = int(positive("dim", dim))
    return positive("noise", noise) * inputs / (one_size(rows, inputs + 2) - inputs - 1)


def replace(t: Times, rows: int, dim: int, noise: float = 1.0) -> Values:
    """Return the error after `t` refits, each on the labels of the last model: it grows linearly.

    Parameters
    ----------
    t
        Number of refits.
    rows, dim, noise
        As in `first_error`.

    Raises
    ------
    BadSetting
        If an argument is out of range.

    Notes
    -----
    ``t noise d / (T - d - 1)``: Dohmatob et al., arXiv 2402.07712; Gerstgrasser et al., arXiv 2404.01413.

    Examples
    --------
    >>> round(replace(10, 32, 1), 4)
    0.3333
    """
    return smoother_replace(t, first_error(rows, dim, noise))


def accumulate(t: Times, rows: int, dim: int, noise: float = 1.0) -> Values:
    """Return the error after `t` refits, each on the labels of all models and the real ones: it stays bounded.

    Parameters
    ----------
    t, rows, dim, noise
        As in `replace`.

    Raises
    ------
    BadSetting
        If an argument is out of range.

    Notes
    -----
    ``(sum_{i<=t} 1/i^2) noise d / (T - d - 1)``, below ``pi^2/6`` times the first error: Gerstgrasser et al., arXiv
    2404.01413.

    Examples
    --------
    >>> round(accumulate(10, 32, 1), 4), round(accumulate_limit(32, 1), 4)
    (0.0517, 0.0548)
    """
    return smoother_accumulate(t, first_error(rows, dim, noise))


def accumulate_limit(rows: int, dim: int, noise: float = 1.0) -> float:
    """Return what `accumulate` tends to, ``pi^2/6`` times the error of the first fit.

    Parameters
    ----------
    rows, dim, noise
        As in `first_error`.

    Raises
    ------
    BadSetting
        If an argument is out of range.

    Notes
    -----
    Gerstgrasser et al., arXiv 2404.01413.

    Examples
    --------
    >>> round(accumulate_limit(32, 1) / first_error(32, 1), 4)
    1.6449
    """
    return math.pi**2 / 6 * first_error(rows, dim, noise)


def replace_multiple(t: Times, rows: int, dim: int, noise: float = 1.0) -> Values:
    """Return the error after `t` refits, refit i on i sets of labels of the last model: it grows as a logarithm.

    Parameters
    ----------
    t, rows, dim, noise
        As in `replace`.

    Raises
    ------
    BadSetting
        If an argument is out of range.

    Notes
    -----
    ``(sum_{i<=t} 1/i) noise d / (T - d - 1)``: Gerstgrasser et al., arXiv 2404.01413.

    Examples
    --------
    >>> round(replace_multiple(10, 32, 1), 4)
    0.0976
    """
    return smoother_replace_multiple(t, first_error(rows, dim, noise))


def smoother_replace(t: Times, first: float) -> Values:
    """Return the error of any linear smoother on a fixed design after `t` refits under replace.

    Parameters
    ----------
    t
        Number of refits.
    first
        Variance of the first fit.

    Raises
    ------
    BadSetting
        If an argument is out of range.

    Notes
    -----
    ``t v``. Derivation: the fits are linear in the labels, and the noise of different generations is independent; a
    smoother that reproduces its own fits adds v each time.

    Examples
    --------
    >>> smoother_replace([0, 1, 5], 0.5).tolist()
    [0.0, 0.5, 2.5]
    """
    return values(np.asarray(times(t) * _error(first)))


def smoother_replace_multiple(t: Times, first: float) -> Values:
    """Return the error of any linear smoother on a fixed design after `t` refits under replace-multiple.

    Parameters
    ----------
    t, first
        As in `smoother_replace`.

    Raises
    ------
    BadSetting
        If an argument is out of range.

    Notes
    -----
    ``v sum_{i<=t} 1/i``. Derivation: the average of i labels of each row has an i-th of their noise.

    Examples
    --------
    >>> smoother_replace_multiple([1, 2], 1.0).tolist()
    [1.0, 1.5]
    """
    return values(np.asarray(inverse_powers(t, 1) * _error(first)))


def smoother_accumulate(t: Times, first: float) -> Values:
    """Return the error of any linear smoother on a fixed design after `t` refits under accumulate.

    Parameters
    ----------
    t, first
        As in `smoother_replace`.

    Raises
    ------
    BadSetting
        If an argument is out of range.

    Notes
    -----
    ``v sum_{i<=t} 1/i^2``. Derivation: block i moves the average of the labels by 1/i of its own noise.

    Examples
    --------
    >>> smoother_accumulate([1, 2], 0.8).tolist()
    [0.8, 1.0]
    """
    return values(np.asarray(inverse_powers(t, 2) * _error(first)))


def _error(first: float) -> float:
    if not 0 <= first < np.inf:
        raise BadSetting(f"the variance of the first fit must be a number of at least 0, not {first}")
    return float(first)
