"""One type against the rest as an exact Markov chain: every survival and fixation time by linear algebra.

A categorical model refitted to `n` of its own samples is the Wright-Fisher model with n haploid individuals: the count
of a type after a refit is binomial, ``P(i -> j) = Binom(j; n, i/n)``. A chain starts from a share `p` of the real
distribution, which need not be a multiple of 1/n. Source: Fisher (1930), Wright (1931); the algebra of absorbing
chains: Kemeny and Snell (1960), chapter 3.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from outcross.core.errors import BadSetting
from outcross.core.special import lgamma
from outcross.lab.theory._arguments import Array, Times, Values, one_size, shares, times, values
from outcross.lab.theory.categorical import suresh_g

LARGEST = 2048
"""Most states a chain may have: its matrix then takes 32 MB."""
PRECISION = 1e-12
"""Largest error of `survival` from treating a type that has become common as common for good."""


def transition_matrix(n: int) -> Array:
    """Return the probabilities of every count after one refit, given the count before it.

    Parameters
    ----------
    n
        Samples in each refit, at most 2047.

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
        Samples in each refit, at most 2047.

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
        Samples in each refit, at most 2047.

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
        Samples in each refit; any number up to about 140 refits, at most 2047 for more.
    p
        Share of the type in the real distribution, any shape.

    Returns
    -------
    float or array
        The shape of `t` followed by the shape of `p`.

    Raises
    ------
    BadSetting
        If an argument is out of range, or more than 2048 states would be needed.

    Notes
    -----
    Derivation: powers of the chain's matrix, applied to "still there" from the last refit backwards. A count M is lost
    by t with a probability below ``exp(-M g_t)`` (Suresh et al., arXiv 2412.17646), so a count that will certainly
    outlive `t` stands for all larger ones.

    Examples
    --------
    >>> survival([0, 1, 10], 100, 0.01).round(4).tolist()
    [1.0, 0.634, 0.1614]
    """
    when, share = times(t), shares(p)
    later = _probability(when, n, share, lambda count: count > 0)
    return values(np.where(_spread(when, share) == 0, (share > 0).astype(np.float64), later))


def _spread(when: NDArray[np.int64], share: Array) -> NDArray[np.int64]:
    """Generations, with axes for the shares behind them."""
    return when.reshape((*when.shape, *(1,) * share.ndim))


def _probability(when: NDArray[np.int64], n: int, share: Array, event: Callable[[Array], NDArray[np.bool_]]) -> Array:
    """Probability that the count after each of these refits is as asked for; meaningless for refit 0."""
    last, size = int(when.max(initial=1)), int(one_size(n, 1))
    most = min(size, math.ceil(-math.log(PRECISION) / float(suresh_g(last))))
    if most >= LARGEST:
        raise BadSetting(f"{last} refits of n={n} need over {LARGEST} states; categorical.survival_bounds takes any")
    first = _binomial(size, share.ravel(), most)
    matrix = _binomial(size, np.arange(most + 1) / size, most) if last > 1 else first
    beyond, first_beyond = 1 - matrix.sum(axis=1), 1 - first.sum(axis=1)
    chance = event(np.arange(most + 1.0)).astype(np.float64)
    curve = [np.zeros(share.size)]
    for k in range(last):
        if k:
            chance = matrix @ chance + beyond * chance[-1]
        curve.append(first @ chance + first_beyond * chance[-1])
    return np.asarray(np.clip(np.array(curve)[when], 0, 1).reshape((*when.shape, *share.shape)))


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
        If an argument is out of range, or more than 2048 states would be needed.

    Notes
    -----
    The sum of `survival` over types: exact, since expectations add up however types depend on each other.

    Examples
    --------
    >>> round(expected_types(1, 2, [0.5, 0.5]), 6)
    1.5
    """
    return values(np.asarray(np.asarray(survival(t, n, shares(p))).sum(axis=-1)))


def unseen_mass(t: Times, n: int, p: ArrayLike) -> Values:
    """Return the expectation of Good and Turing's estimate from `n` samples of generation `t`.

    Parameters
    ----------
    t, n
        As in `survival`, for one refit more.
    p
        Probability of each type in the real distribution, shape (K,).

    Raises
    ------
    BadSetting
        If an argument is out of range, or more than 2048 states would be needed.

    Notes
    -----
    The share of samples whose type occurs once, ``E[N_1 / n]``. Derivation: n samples of generation t are what refit
    t + 1 is made on, so it is the expected number of counts of 1 after that refit, over n.
    `outcross.lab.theory.unseen.good_turing` is the case t = 0.

    Examples
    --------
    >>> unseen_mass([0, 1], 2, [0.5, 0.5]).round(6).tolist()
    [0.5, 0.25]
    """
    once = _probability(times(t) + 1, n, shares(p), lambda count: count == 1)
    return values(np.asarray(once.sum(axis=-1) / one_size(n, 1)))
