"""A Gaussian refitted to its own samples, nothing else kept (replace): every law is a product over generations.

One refit multiplies the variance by ``chi2(n - 1) / (n - ddof)`` and moves the mean by ``s Z / sqrt(n)``, independently
(Cochran's theorem), so all moments follow in closed form. Generation 0 is the real distribution with unit variance;
`t` counts refits. `n` is one sample size or one for each generation. The estimator decides the law: with ``ddof=1`` the
distance to the real distribution grows without end, with ``ddof=0`` it stays below 2.
"""

from __future__ import annotations

import numpy as np

from outcross.core.special import digamma, log_gamma_ratio
from outcross.lab.theory._arguments import (
    Array,
    Sizes,
    Times,
    Values,
    given_variance,
    one_size,
    positive,
    sizes,
    times,
    total,
    values,
    variance_ddof,
)


def c4(n: Sizes) -> Values:
    """Return the expected standard deviation of `n` standard normal samples (``ddof=1``).

    Parameters
    ----------
    n
        Sample sizes, at least 2.

    Raises
    ------
    BadSetting
        If a size is below 2.

    Notes
    -----
    ``c4(n) = sqrt(2 / (n - 1)) Gamma(n / 2) / Gamma((n - 1) / 2)``: the mean of a chi variable (Montgomery,
    *Introduction to Statistical Quality Control*, appendix VI).

    Examples
    --------
    >>> round(c4(10), 4)
    0.9727
    """
    return values(np.exp(log_gamma_ratio((sizes(n, 2) - 1) / 2, 0.5)))


def variance(t: Times, n: Sizes, ddof: int = 1) -> Values:
    """Return the expected variance of the fitted model, ``E s_t^2``.

    Parameters
    ----------
    t
        Number of refits.
    n
        Samples in each refit, or one size for each generation; at least 2.
    ddof
        1 for the unbiased estimator, 0 for maximum likelihood.

    Raises
    ------
    BadSetting
        If an argument is out of range.

    Notes
    -----
    1 (``ddof=1``) or ``(1 - 1/n)^t`` (``ddof=0``). Derivation: the mean of a chi-square is its degrees of freedom.
    It holds for real data of any distribution, and in d dimensions for every entry of the covariance.

    Examples
    --------
    >>> variance(50, 100), round(variance(50, 100, ddof=0), 4)
    (1.0, 0.605)
    >>> variance([0, 1, 2], [10, 20], ddof=0).round(3).tolist()
    [1.0, 0.9, 0.855]
    """
    return values(np.exp(_log_variance_factor(t, n, ddof)))


def _log_variance_factor(t: Times, n: Sizes, ddof: int) -> Array:
    shrinks = 1 - variance_ddof(ddof)
    return total(lambda m: shrinks * np.log1p(-1 / m), t, n)


def moment(r: float, t: Times, n: Sizes, ddof: int = 1) -> Values:
    """Return the expected power `r` of the fitted standard deviation, ``E s_t^r``.

    Parameters
    ----------
    r
        The power; above ``1 - n``, where the expectation exists.
    t, n, ddof
        As in `variance`.

    Raises
    ------
    BadSetting
        If an argument is out of range.

    Notes
    -----
    ``m_r^t`` with ``m_r = (2 / (n - ddof))^(r/2) Gamma((n - 1 + r) / 2) / Gamma((n - 1) / 2)``. Derivation: the moments
    of a chi variable, raised to the number of independent refits.

    Examples
    --------
    >>> round(moment(2, 30, 12), 9), round(moment(1, 1, 10), 4)
    (1.0, 0.9727)
    """
    return values(np.exp(_log_moment(r, t, n, ddof)))


def _log_moment(r: float, t: Times, n: Sizes, ddof: int) -> Array:
    gamma = total(lambda m: log_gamma_ratio((m - 1) / 2, r / 2), t, n)
    return gamma + r / 2 * _log_variance_factor(t, n, ddof)


def std(t: Times, n: Sizes, ddof: int = 1) -> Values:
    """Return the expected standard deviation of the fitted model, ``E s_t``.

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
    ``c4(n)^t``, times ``((n - 1) / n)^(t/2)`` for ``ddof=0``. Derivation: `moment` with r = 1. It falls to zero even
    where the expected variance stays 1: the variance is then carried by ever rarer, ever wider models.

    Examples
    --------
    >>> round(std(100, 100), 4), round(std(100, 100, ddof=0), 4)
    (0.7768, 0.47)
    """
    return moment(1.0, t, n, ddof)


def mean_variance(t: Times, n: Sizes, ddof: int = 1, known_variance: float | None = None) -> Values:
    """Return the variance of the fitted mean over chains, ``Var mu_t``.

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
    ``t/n`` (``ddof=1`` or known; ``sum 1/n_i`` where sizes vary) or ``1 - (1 - 1/n)^t`` (``ddof=0``). Derivation: the
    mean is a random walk whose steps have variance ``s_t^2 / n``; with ``ddof=0`` its variance and ``E s_t^2`` add up
    to 1 for ever.

    Examples
    --------
    >>> mean_variance(50, 100), round(mean_variance(50, 100, ddof=0), 4)
    (0.5, 0.395)
    """
    given = given_variance(known_variance)
    if given is not None or variance_ddof(ddof):
        real = total(lambda m: 1 / m, np.minimum(times(t), 1), n)  # the first samples have the real variance
        return values(np.asarray(real + (given or 1.0) * (total(lambda m: 1 / m, t, n) - real)))
    return values(-np.expm1(_log_variance_factor(t, n, ddof)))


def marginal_variance(t: Times, n: Sizes, ddof: int = 1) -> Values:
    """Return the variance of one draw from generation `t` over all chains, ``Var X_t = E s_t^2 + Var mu_t``.

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
    ``1 + t/n`` with ``ddof=1``, exact (Shumailov et al., Nature 2024, derive the same), 1 for every t with ``ddof=0``.
    Derivation: the law of total variance.

    Examples
    --------
    >>> marginal_variance(50, 100), marginal_variance([1, 50], 100, ddof=0).tolist()
    (1.5, [1.0, 1.0])
    """
    return values(np.asarray(variance(t, n, ddof)) + mean_variance(t, n, ddof))


def wasserstein(t: Times, n: Sizes, ddof: int = 1) -> Values:
    """Return the expected squared Wasserstein-2 distance between generation `t` and the real distribution.

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
    ``E[mu_t^2 + (s_t - 1)^2]``: ``t/n + 2 (1 - c4^t)`` with ``ddof=1``, which diverges (Shumailov et al., Nature 2024,
    theorem 3.1), and ``2 (1 - (c4 sqrt((n - 1) / n))^t)``, below 2, with ``ddof=0``. One dimension.

    Examples
    --------
    >>> round(wasserstein(1000, 100), 2), round(wasserstein(1000, 100, ddof=0), 2)
    (11.84, 2.0)
    """
    spread = np.expm1(_log_variance_factor(t, n, ddof)) - 2 * np.expm1(_log_moment(1.0, t, n, ddof))
    return values(np.asarray(spread + mean_variance(t, n, ddof)))


def wasserstein_first_order(t: Times, n: Sizes) -> Values:
    """Return the expected squared Wasserstein-2 distance to first order in 1/n, with ``ddof=1``.

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
    ``(3/2) sum 1/n_i``: Shumailov et al., Nature 2024, supplementary information, equation 6.

    Examples
    --------
    >>> wasserstein_first_order(10, 1000), round(wasserstein(10, 1000), 6)
    (0.015, 0.014999)
    """
    return values(total(lambda m: 1.5 / m, t, n))


def log_variance(t: Times, n: Sizes, ddof: int = 1) -> Values:
    """Return the expected logarithm of the fitted variance, ``E log s_t^2``.

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
    ``t [psi((n - 1) / 2) - log((n - ddof) / 2)]``, in nats: negative for both estimators, so almost every chain shrinks
    to a point. Derivation: the expected logarithm of a chi-square.

    Examples
    --------
    >>> round(log_variance(100, 100), 4)
    -1.0135
    """
    return log_determinant(t, n, 1, ddof)


def determinant(t: Times, n: Sizes, dim: int, ddof: int = 1) -> Values:
    """Return the expected determinant of the fitted covariance over that of generation 0, ``E det S_t / det S_0``.

    Parameters
    ----------
    t, n, ddof
        As in `variance`; `n` above `dim`.
    dim
        Number of dimensions.

    Raises
    ------
    BadSetting
        If an argument is out of range.

    Notes
    -----
    ``[prod_{i=1..d} (n - i) / (n - ddof)]^t``. Derivation: by Bartlett's decomposition the determinant of a Wishart is
    a product of independent chi-squares with n - 1, ..., n - d degrees of freedom.

    Examples
    --------
    >>> determinant(10, 100, 1), round(determinant(10, 100, 3), 4)
    (1.0, 0.7367)
    """
    order, taken = np.arange(1, int(dim) + 1)[:, None], variance_ddof(ddof)
    return values(np.exp(total(lambda m: np.log((m - order) / (m - taken)).sum(axis=0), t, n, _above(dim))))


def log_determinant(t: Times, n: Sizes, dim: int, ddof: int = 1) -> Values:
    """Return the expected log determinant of the fitted covariance relative to generation 0, in nats.

    Parameters
    ----------
    t, n, ddof
        As in `variance`; `n` above `dim`.
    dim
        Number of dimensions.

    Raises
    ------
    BadSetting
        If an argument is out of range.

    Notes
    -----
    ``t [sum_{i=1..d} psi((n - i) / 2) - d log((n - ddof) / 2)]``. Derivation: as in `determinant`, with the expected
    logarithm of each chi-square.

    Examples
    --------
    >>> round(log_determinant(10, 100, 3), 4)
    -0.6128
    """
    order, taken = np.arange(1, int(dim) + 1)[:, None], variance_ddof(ddof)

    def step(m: Array) -> Array:
        return np.asarray((digamma((m - order) / 2) - np.log((m - taken) / 2)).sum(axis=0))

    return values(total(step, t, n, _above(dim)))


def _above(dim: int) -> int:
    """The least sample size that gives a covariance of full rank."""
    return int(positive("dim", dim)) + 1


def trace(t: Times, n: Sizes, ddof: int = 1) -> Values:
    """Return the expected trace of the fitted covariance over that of generation 0, ``E tr S_t / tr S_0``.

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
    The mean of a Wishart: each entry of the covariance obeys `variance`, in any number of dimensions.

    Examples
    --------
    >>> trace(7, 30)
    1.0
    """
    return variance(t, n, ddof)


def kl(t: Times, n: int, ddof: int = 1, dim: int = 1) -> Values:
    """Return the expected Kullback-Leibler divergence of generation `t` from the real distribution, ``KL(P0 || P_t)``.

    Parameters
    ----------
    t, ddof
        As in `variance`.
    n
        Samples in each refit, above ``dim + 2``: below, the expectation is infinite.
    dim
        Number of dimensions.

    Raises
    ------
    BadSetting
        If an argument is out of range.

    Notes
    -----
    In nats. In one dimension ``1/2 [t L + q^t + q (q^t - 1) / ((q - 1) n) - 1]`` with ``q = (n - ddof) / (n - 3)`` and
    ``t L`` the expected `log_variance`. Derivation: the divergence is linear in ``log s^2``, ``1 / s^2`` and
    ``mu^2 / s^2``, and each refit multiplies the expected inverse variance by q (the inverse Wishart's mean).

    Examples
    --------
    >>> round(kl(10, 100), 4), round(reverse_kl(10, 100), 4)
    (0.1186, 0.1007)
    """
    size, when = one_size(n, int(positive("dim", dim)) + 3), times(t)
    growth = (size - variance_ddof(ddof)) / (size - dim - 2)
    with np.errstate(over="ignore"):
        inverse = growth ** when.astype(np.float64)
        drift = growth * (inverse - 1) / ((growth - 1) * size)
    return values(np.asarray(0.5 * (log_determinant(t, n, dim, ddof) + dim * (inverse + drift - 1))))


def reverse_kl(t: Times, n: Sizes, ddof: int = 1, dim: int = 1) -> Values:
    """Return the expected Kullback-Leibler divergence of the real distribution from generation `t`, ``KL(P_t || P0)``.

    Parameters
    ----------
    t, n, ddof
        As in `variance`; `n` above `dim`.
    dim
        Number of dimensions.

    Raises
    ------
    BadSetting
        If an argument is out of range.

    Notes
    -----
    In nats. ``1/2 [t/n - t L]`` in one dimension with ``ddof=1``, ``-t L / 2`` with ``ddof=0``, ``t L`` being
    `log_variance`. Derivation: the divergence is linear in ``s^2``, ``mu^2`` and ``log s^2``.

    Examples
    --------
    >>> round(reverse_kl(10, 100), 4)
    0.1007
    """
    moments = dim * (np.asarray(marginal_variance(t, n, ddof)) - 1)
    return values(np.asarray(0.5 * (moments - log_determinant(t, n, dim, ddof))))


def tail_bound(t: Times, n: int, epsilon: float, ddof: int = 1) -> Values:
    """Return an upper bound on the probability that a chain has kept more than `epsilon`, ``P(s_t > epsilon)``.

    Parameters
    ----------
    t, ddof
        As in `variance`.
    n
        Samples in each refit, at least 2.
    epsilon
        Standard deviation, in units of that of generation 0.

    Raises
    ------
    BadSetting
        If an argument is out of range.

    Notes
    -----
    ``min_r epsilon^-r m_r^t`` over r >= 0, with the moments ``m_r`` of `moment`: Markov's inequality for every power.
    The logarithm is convex in r, so the best power is where its slope changes sign. Suresh et al. (arXiv 2412.17646)
    bound the same probability by one power, ``exp(-t / (4 n)) / epsilon``.

    Examples
    --------
    >>> tail_bound([0, 100, 1000], 10, 0.1).round(4).tolist()
    [1.0, 0.3739, 0.0]
    """
    size, when, eps = one_size(n, 2), times(t), positive("epsilon", epsilon)
    steps = np.maximum(when, 1)
    # the slope in r vanishes where digamma((n - 1 + r) / 2) equals this
    goal = 2 * np.log(eps) / steps + np.log((size - variance_ddof(ddof)) / 2)
    low, high = np.zeros(np.shape(when)), 2 * np.exp(goal) + 2  # digamma(x) > log(x - 1/2)
    for _ in range(100):
        middle = (low + high) / 2
        rising = digamma((size - 1 + middle) / 2) > goal
        low, high = np.where(rising, low, middle), np.where(rising, middle, high)
    power = np.asarray((low + high) / 2)
    scale = power / 2 * (1 - ddof) * np.log1p(-1 / size)
    log_bound = steps * (log_gamma_ratio((size - 1) / 2, power / 2) + scale) - power * np.log(eps)
    return values(np.where(when == 0, float(eps < 1), np.exp(np.minimum(log_bound, 0.0))))
