"""Exact bounds of a proportion: what share of errors a count of errors allows for."""

from __future__ import annotations

import math

import numpy as np

from outcross.core.batch import Floats
from outcross.core.errors import BadInput
from outcross.core.measure import Measure
from outcross.core.special import beta_cdf, beta_quantile

LEVEL = 0.95


def clopper_pearson(hits: float, n: float, level: float = LEVEL) -> Measure:
    """Return a share with its exact interval: it covers the truth at least as often as its level says.

    Parameters
    ----------
    hits, n
        How many of how many; they need not be whole, see `effective_size`.
    level
        Confidence level of the two-sided interval.

    Notes
    -----
    Clopper and Pearson (1934).

    Examples
    --------
    >>> print(clopper_pearson(0, 59, level=0.9))
    0 [0, 0.04951]
    >>> print(clopper_pearson(0, 0))
    missing: nothing was counted
    """
    if n <= 0:
        return Measure.missing("nothing was counted")
    tail = (1 - level) / 2
    low = 0.0 if hits <= 0 else float(beta_quantile(tail, hits, n - hits + 1)[0])
    return Measure(hits / n, low, upper_bound(hits, n, 1 - tail), round(n), level)


def upper_bound(hits: float, n: float, level: float = LEVEL) -> float:
    """Return what a share does not exceed, at this one-sided level, when ``hits`` of ``n`` were counted.

    Examples
    --------
    >>> round(upper_bound(0, 299), 4)
    0.01
    """
    return 1.0 if hits >= n else float(beta_quantile(level, hits + 1, n - hits)[0])


def surely_below(hits: float, n: float, rate: float, level: float = LEVEL) -> bool:
    """Return whether `upper_bound` is at most this rate, without finding the bound.

    Examples
    --------
    >>> surely_below(0, 59, 0.05), surely_below(0, 58, 0.05)
    (True, False)
    """
    return hits < n and bool(beta_cdf(rate, hits + 1, n - hits)[0] >= level)


def enough_for(rate: float, level: float = LEVEL) -> int:
    """Return how many must be counted, none of them a hit, for a share to be below this rate.

    Raises
    ------
    BadInput
        If the rate is not between 0 and 1.

    Examples
    --------
    >>> enough_for(0.05), enough_for(0.01)
    (59, 299)
    """
    if not 0 < rate < 1:
        raise BadInput(f"a rate between 0 and 1 is wanted, not {rate:g}")
    return math.ceil(math.log(1 - level) / math.log1p(-rate))


def effective_size(values: Floats, clusters: tuple[str, ...]) -> float:
    """Return how many independent documents these are worth, when those of one cluster resemble each other.

    Parameters
    ----------
    values
        A score of each document, shape (n,).
    clusters
        What each belongs to, shape (n,).

    Notes
    -----
    ``n / (1 + (m - 1) rho)`` with ``m = sum m_i^2 / n`` the size of the cluster that a document finds itself in, and
    ``rho`` the intraclass correlation of the scores by analysis of variance, not below 0 (Kish 1965; Korn and Graubard
    1998 put such a size into the exact interval). Where no cluster has two documents it is n.

    Examples
    --------
    >>> effective_size(np.array([1.0, 1.0, 2.0, 2.0]), ("a", "a", "b", "b"))
    2.0
    >>> effective_size(np.array([1.0, 2.0, 3.0]), ("a", "b", "c"))
    3.0
    """
    n = len(values)
    code = {name: place for place, name in enumerate(dict.fromkeys(clusters))}
    member = np.array([code[name] for name in clusters], dtype=np.int64)
    sizes = np.bincount(member, minlength=len(code)).astype(np.float64)
    if n == len(code) or n < 2:
        return float(n)
    typical = float(sizes @ sizes) / n
    if len(code) == 1:
        return 1.0
    means = np.bincount(member, weights=values, minlength=len(code)) / sizes
    within = float(((values - means[member]) ** 2).sum()) / (n - len(code))
    between = float(sizes @ (means - values.mean()) ** 2) / (len(code) - 1)
    usual = (n - float(sizes @ sizes) / n) / (len(code) - 1)
    spread = between + (usual - 1) * within
    rho = min(1.0, max(0.0, (between - within) / spread)) if spread > 0 else 0.0
    return float(n / (1 + (typical - 1) * rho))
