"""One type against the rest as an exact Markov chain: every survival and fixation time by linear algebra.

A categorical model refitted to `n` of its own samples is the Wright-Fisher model with n haploid individuals: the count
of a type after a refit is binomial, ``P(i -> j) = Binom(j; n, i/n)``. A chain starts from a share `p` of the real
distribution, which need not be a multiple of 1/n. Source: Fisher (1930), Wright (1931); the algebra of absorbing
chains: Kemeny and Snell (1960), chapter 3.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from outcross.core.errors import BadSetting
from outcross.core.special import lgamma
from outcross.lab.theory._arguments import Array, Times, Values, one_size, shares, times, values
from outcross.lab.theory.categorical import suresh_g

LARGEST = 4096
"""Most states a chain may have: its matrix then takes 128 MB."""
PRECISION = 1e-13
"""Largest error of `survival` from treating a type that has become common as common for good."""


def transition_matrix(n: int) -> Array:
    """Return the probabilities of every count after one refit, given the count before it.

    Parameters
    ----------
    n
        Samples in each refit, at most 4095.

    Returns
    -------
    array, shape (n + 1, n + 1)
        Row i, column j: ``Binom(j; n, i/n)``.

    Raises
    ------
    BadSetting
        If `n` is out of range.

    Examples
    --------
    >>> transition_matrix(2).round(6).tolist()
    [[1.0, 0.0, 0.0], [0.25, 0.5, 0.25], [0.0, 0.0, 1.0]]
    """
    size = _states(n) - 1
    return _binomial(size, np.arange(size + 1) / size, size)


def _states(n: int) -> int:
    states = int(one_size(n, 1)) + 1
    if states > LARGEST:
        raise BadSetting(f"the exact chain of n={n} has {states} states; it takes n up to {LARGEST - 1}")
    return states


def _binomial(n: int, p: Array, most: int) -> Array:
    """Binomial probabilities of the counts 0..most, shape (len(p), most + 1)."""
    count = np.arange(most + 1.0)
    choose = lgamma(n + 1) - lgamma(count + 1) - lgamma(n - count + 1)
    inside = (p > 0) & (p < 1)
    share = p[inside, None]
    result = np.zeros((len(p), most + 1))
    result[inside] = np.exp(choose + count * np.log(share) + (n - count) * np.log1p(-share))
    result[p == 0, 0] = 1.0
    if most == n:
        result[p == 1, n] = 1.0
    return result


def fixation_time(p: ArrayLike, n: int) -> Values:
    """Return the expected number of refits until either the type or the rest is all that is left.

    Parameters
    ----------
    p
        Share of the type in the real distribution, any shape.
    n
        Samples in each refit, at most 4095.

    Raises
    ------
    BadSetting
        If an argument is out of range.

    Notes
    -----
    One linear solve with the fundamental matrix. The diffusion's ``-2n [p ln p + (1 - p) ln(1 - p)]`` is
    `outcross.lab.theory.categorical.fixation_time_approximately`.

    Examples
    --------
    >>> round(fixation_time(0.5, 100), 2)
    136.6
    """
    shape, share = np.shape(p), shares(p).ravel()
    after = _solve(n, np.ones(_states(n) - 2))
    mixed = (share > 0) & (share < 1)
    return values(np.reshape(mixed * (1 + _binomial(n, share, n) @ after), shape))


def _solve(n: int, reward: Array) -> Array:
    """Expected sum of rewards of the mixed counts 1..n-1 until absorption, by count; 0 where absorbed."""
    inner = transition_matrix(n)[1:-1, 1:-1]
    return np.concatenate([[0.0], np.linalg.solve(np.eye(len(inner)) - inner, reward), [0.0]])


def loss_time(p: ArrayLike, n: int) -> Values:
    """Return the expected number of refits until the type is lost, among the chains that lose it.

    Parameters
    ----------
    p
        Share of the type in the real distribution, below 1, any shape.
    n
        Samples in each refit, at most 4095.

    Raises
    ------
    BadSetting
        If an argument is out of range.

    Notes
    -----
    Derivation: the chain is weighted by the probability ``1 - i/n`` of losing a type of count i, then solved as in
    `fixation_time`.

    Examples
    --------
    >>> round(loss_time(0.01, 100), 2)
    8.66
    """
    shape, share = np.shape(p), shares(p).ravel()
    if np.any(share == 1):
        raise BadSetting("a type that is all there is cannot be lost: its share must be below 1")
    size = _states(n) - 1
    weighted = _solve(n, 1 - np.arange(1, size) / size)
    time = 1 + _binomial(size, share, size) @ weighted / (1 - share)
    return values(np.reshape(np.where(share > 0, time, 0.0), shape))


def survival(t: Times, n: int, p: ArrayLike) -> Values:
    """Return the probability that the type is still there after `t` refits.

    Parameters
    ----------
    t
        Number of refits.
    n
        Samples in each refit. Above 4095 a count that will certainly outlive `t` stands for all larger ones, which
        works up to about 250 refits.
    p
        Share of the type in the real distribution, any shape.

    Returns
    -------
    float or array
        The shape of `t` followed by the shape of `p`.

    Raises
    ------
    BadSetting
        If an argument is out of range, or more than 4096 states would be needed.

    Notes
    -----
    Derivation: powers of the chain's matrix, applied to "still there" from the last refit backwards. A count M is lost
    by t with a probability below ``exp(-M g_t)`` (Suresh et al., arXiv 2412.17646), which says where to cut.

    Examples
    --------
    >>> survival([0, 1, 10], 100, 0.01).round(4).tolist()
    [1.0, 0.634, 0.1614]
    """
    shape, share = np.shape(p), shares(p).ravel()
    when, size = times(t), int(one_size(n, 1))
    last = int(when.max(initial=0))
    most = size
    if size >= LARGEST:
        certain = math.ceil(-math.log(PRECISION) / float(suresh_g(max(last, 1))))
        most = min(size, certain)
    if most >= LARGEST:
        raise BadSetting(f"{last} refits of n={n} need over {LARGEST} states; categorical.survival_bounds takes any")
    alive = (np.arange(most + 1) > 0).astype(np.float64)
    matrix = _binomial(size, np.arange(most + 1) / size, most) if last > 1 else np.zeros((most + 1, most + 1))
    first = _binomial(size, share, most)
    curve = [(share > 0).astype(np.float64)]
    for _ in range(last):
        curve.append(first @ alive + (1 - first.sum(axis=1)) * alive[-1])
        alive = matrix @ alive + (1 - matrix.sum(axis=1)) * alive[-1]
    return values(np.reshape(np.clip(np.array(curve)[when], 0, 1), (*when.shape, *shape)))


def expected_types(t: Times, n: int, p: ArrayLike) -> Values:
    """Return the expected number of types that are still there after `t` refits.

    Parameters
    ----------
    t, n
        As in `survival`.
    p
        Probability of each type in the real distribution, shape (K,).

    Raises
    ------
    BadSetting
        If an argument is out of range, or more than 4096 states would be needed.

    Notes
    -----
    The sum of `survival` over types: exact, since expectations add up however types depend on each other.

    Examples
    --------
    >>> round(expected_types(1, 2, [0.5, 0.5]), 6)
    1.5
    """
    return values(np.asarray(np.asarray(survival(t, n, shares(p))).sum(axis=-1)))
