"""A categorical model refitted to `n` of its own samples, nothing else kept: the Wright-Fisher model of genetics.

`t` counts refits, generation 0 is the real distribution. What has a closed form or a published bound stands here; what
takes linear algebra is in `outcross.lab.theory.wright_fisher`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from outcross.core.errors import BadSetting
from outcross.lab.theory._arguments import Array, Times, Values, one_size, positive, shares, times, values


def _over(t: Times, p: ArrayLike) -> tuple[Array, Array]:
    """Generations and shares that broadcast to the shape of `t` followed by the shape of `p`."""
    share, when = shares(p), times(t).astype(np.float64)
    return when.reshape((*when.shape, *(1,) * share.ndim)), share


def heterozygosity(t: Times, n: int) -> Values:
    """Return the expected heterozygosity ``H = 1 - sum p_i^2``, relative to generation 0.

    Parameters
    ----------
    t
        Number of refits.
    n
        Samples in each refit.

    Raises
    ------
    BadSetting
        If an argument is out of range.

    Notes
    -----
    ``E H_t = H_0 (1 - 1/n)^t``: the probability that two samples differ falls by the chance that both copy the same one
    (Wright 1931).

    Examples
    --------
    >>> round(heterozygosity(100, 100), 4)
    0.366
    """
    return values(np.power(1 - 1 / one_size(n, 1), times(t).astype(np.float64)))


def frequency_variance(t: Times, n: int, p: ArrayLike) -> Values:
    """Return the variance over chains of the share of a type.

    Parameters
    ----------
    t, n
        As in `heterozygosity`.
    p
        Share of the type in the real distribution, any shape.

    Returns
    -------
    float or array
        The shape of `t` followed by the shape of `p`.

    Raises
    ------
    BadSetting
        If an argument is out of range.

    Notes
    -----
    ``p (1 - p) (1 - (1 - 1/n)^t)``, around the expected share, which stays p (Wright 1931).

    Examples
    --------
    >>> round(frequency_variance(1, 100, 0.5), 6)
    0.0025
    """
    when, share = _over(t, p)
    return values(np.asarray(-share * (1 - share) * np.expm1(when * np.log1p(-1 / one_size(n, 2)))))


def expected_share(t: Times, p: ArrayLike) -> Values:
    """Return the expected share of a type: it never changes.

    Parameters
    ----------
    t, p
        As in `frequency_variance`.

    Raises
    ------
    BadSetting
        If an argument is out of range.

    Notes
    -----
    The share is a martingale: samples are unbiased (Wright 1931).

    Examples
    --------
    >>> expected_share([0, 5], 0.25).tolist()
    [0.25, 0.25]
    """
    when, share = _over(t, p)
    return values(np.asarray(share + 0 * when))


def fixation_probability(p: ArrayLike) -> Values:
    """Return the probability that a type is the one that is left in the end: exactly its real share.

    Parameters
    ----------
    p
        Share of the type in the real distribution, any shape.

    Raises
    ------
    BadSetting
        If a share is out of range.

    Notes
    -----
    Optional stopping of the martingale `expected_share`; Kimura (1962).

    Examples
    --------
    >>> fixation_probability([0.9, 0.1]).tolist()
    [0.9, 0.1]
    """
    return values(shares(p))


def fixation_time_approximately(p: ArrayLike, n: int) -> Values:
    """Return about how many refits it takes until either the type or the rest is all that is left.

    Parameters
    ----------
    p
        Share of the type in the real distribution, any shape.
    n
        Samples in each refit.

    Raises
    ------
    BadSetting
        If an argument is out of range.

    Notes
    -----
    ``-2 n [p ln p + (1 - p) ln(1 - p)]``: the diffusion limit for large n (Watterson 1962; Ewens, *Mathematical
    Population Genetics*). `outcross.lab.theory.wright_fisher.fixation_time` is exact.

    Examples
    --------
    >>> round(fixation_time_approximately(0.5, 100), 2)
    138.63
    """
    share = shares(p)
    entropy = -sum(np.where(x > 0, x * np.log(np.where(x > 0, x, 1)), 0) for x in (share, 1 - share))
    return values(np.asarray(2 * one_size(n, 1) * entropy))


def loss_probability(p: ArrayLike, n: int) -> Values:
    """Return the probability that a type is lost in one refit.

    Parameters
    ----------
    p
        Share of the type, any shape.
    n
        Samples in the refit.

    Raises
    ------
    BadSetting
        If an argument is out of range.

    Notes
    -----
    ``(1 - p)^n``. Derivation: none of n samples is of the type.

    Examples
    --------
    >>> round(loss_probability(0.01, 100), 4)
    0.366
    """
    return values(np.power(1 - shares(p), one_size(n, 1)))


def suresh_g(t: Times) -> Values:
    """Return the coefficients ``g_t`` of the survival bounds: how likely the line of one sample is to last.

    Parameters
    ----------
    t
        Number of refits; ``g_0`` is infinite, since nothing is lost yet.

    Raises
    ------
    BadSetting
        If `t` is no generation.

    Notes
    -----
    ``g_1 = 1, g_{k+1} = 1 - exp(-g_k)``, about 2/k: Suresh et al., arXiv 2412.17646. It is the survival of a branching
    process with Poisson offspring of mean 1.

    Examples
    --------
    >>> suresh_g([1, 2, 3]).round(4).tolist()
    [1.0, 0.6321, 0.4685]
    """
    when = times(t)
    sequence = [np.inf]
    for _ in range(int(when.max(initial=0))):
        sequence.append(-float(np.expm1(-sequence[-1])))
    return values(np.asarray(np.array(sequence)[when]))


def survival_bounds(t: Times, n: int, p: ArrayLike) -> tuple[Values, Values]:
    """Return bounds on the probability that a type is still there after `t` refits, for any `n`.

    Parameters
    ----------
    t
        Number of refits.
    n
        Samples in each refit.
    p
        Share of the type in the real distribution, any shape.

    Returns
    -------
    lower, upper
        Each of the shape of `t` followed by the shape of `p`.

    Raises
    ------
    BadSetting
        If an argument is out of range.

    Notes
    -----
    ``1 - exp(-n p g_k) <= P <= 1 - (1 - 3 n p^2 - 3 k p) exp(-n p g_k)``: Suresh et al., arXiv 2412.17646. The upper
    bound is cut at 1. `outcross.lab.theory.wright_fisher.survival` is exact.

    Examples
    --------
    >>> lower, upper = survival_bounds([1, 10, 100], 10_000, 0.001)
    >>> lower.round(3).tolist(), upper.round(3).tolist()
    ([1.0, 0.821, 0.178], [1.0, 0.832, 0.449])
    """
    when, share = _over(t, p)
    size = one_size(n, 1)
    g = np.asarray(suresh_g(t)).reshape(when.shape)
    with np.errstate(invalid="ignore"):  # 0 times the infinite g_0
        lost = np.where(share > 0, np.exp(-size * share * g), 1.0)
    upper = 1 - (1 - 3 * size * share**2 - 3 * when * share) * lost
    return values(np.asarray(1 - lost)), values(np.asarray(np.minimum(upper, 1.0)))


def types_left(t: Times, n: int) -> Values:
    """Return about how many types are left after `t` refits of `n` samples that were all different.

    Parameters
    ----------
    t
        Number of refits of samples; 0 is the sample of n different ones.
    n
        Samples in each refit.

    Raises
    ------
    BadSetting
        If an argument is out of range.

    Notes
    -----
    About ``n (1 - exp(-g_t))``, which is about ``2 n / (t + 2)`` (within 7 per cent). Derivation: the lower
    bound of `survival_bounds` for n types of share 1/n.

    Examples
    --------
    >>> types_left([0, 1, 10], 1000).round(1).tolist()
    [1000.0, 632.1, 158.2]
    """
    return values(np.asarray(-one_size(n, 1) * np.expm1(-np.asarray(suresh_g(t)))))


def at_temperature(t: Times, p: ArrayLike, temperature: float) -> Array:
    """Return the probabilities after `t` refits with infinitely many samples drawn at a temperature.

    Parameters
    ----------
    t
        Number of refits.
    p
        Probabilities of the real distribution, shape (K,).
    temperature
        Exponent ``1 / temperature`` of the probabilities in each generation; below 1 the tail is cut.

    Returns
    -------
    array
        The shape of `t` followed by (K,).

    Raises
    ------
    BadSetting
        If an argument is out of range.

    Notes
    -----
    Proportional to ``p^((1/T)^t)``. Derivation: exponents multiply.

    Examples
    --------
    >>> at_temperature([0, 1, 2], [0.6, 0.4], 0.5).round(3).tolist()
    [[0.6, 0.4], [0.692, 0.308], [0.835, 0.165]]
    """
    when, share = _over(t, p)
    if share.ndim != 1 or not share.sum() > 0:
        raise BadSetting("the probabilities of the types are needed, at least one of them above 0")
    exponent = np.exp(np.minimum(-when * np.log(positive("temperature", temperature)), 700.0))
    relative = np.log(np.where(share > 0, share, 1.0)) - np.log(share.max())
    powers = np.where(share > 0, np.exp(np.maximum(exponent * relative, -1e4)), 0.0)
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))
