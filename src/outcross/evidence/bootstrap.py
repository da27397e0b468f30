"""How sure is a share? A bootstrap of whole clusters, written as weights so that one call estimates every draw."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

from outcross.core.batch import Floats, Ints
from outcross.core.documents import Flags
from outcross.core.quantifier import Sample

BLOCK = 4_000_000
"""Weights held at once, at most: draws are estimated in blocks, so memory does not grow with their number."""


def clusters_of(names: Sequence[Hashable]) -> Ints:
    """Return a number from 0 for each name, the same for the same name, shape (n,).

    Examples
    --------
    >>> clusters_of(["ann", "bob", "ann"]).tolist()
    [0, 1, 0]
    """
    code = {name: place for place, name in enumerate(dict.fromkeys(names))}
    return np.array([code[name] for name in names], dtype=np.int64)


def strata_of(clusters: Ints, synthetic: Flags) -> Ints:
    """Return what each cluster holds: 0 human documents only, 1 synthetic ones only, 2 both; shape (clusters,).

    Examples
    --------
    >>> strata_of(np.array([0, 0, 1, 2]), np.array([False, True, True, False])).tolist()
    [2, 1, 0]
    """
    size = int(clusters.max(initial=-1)) + 1
    human = np.bincount(clusters[~synthetic], minlength=size) > 0
    machine = np.bincount(clusters[synthetic], minlength=size) > 0
    return np.where(human & machine, 2, np.where(machine, 1, 0))


def resample_clusters(
    clusters: Ints, draws: int, rng: np.random.Generator, strata: Ints | None = None, worth: float = 1.0
) -> Floats:
    """Draw as many clusters as there are, with replacement, again and again.

    Parameters
    ----------
    clusters
        The cluster of each document, from 0, shape (n,).
    draws
        R, how many resamples.
    rng
        Where the draws come from.
    strata
        A kind for each cluster, shape (clusters,): of each kind as many are drawn as there are. One kind where none.
    worth
        How many independent clusters one is worth, in (0, 1]: so many fewer are drawn, and the draws vary the more (the
        m out of n bootstrap).

    Returns
    -------
    Floats
        How often each document counts in each resample, shape (R, n).

    Notes
    -----
    Field and Welsh (2007), the cluster bootstrap; Davison and Hinkley (1997), section 3.2, for strata.

    Examples
    --------
    >>> weight = resample_clusters(np.array([0, 0, 1]), 100, np.random.default_rng(0))
    >>> bool((weight[:, 0] == weight[:, 1]).all()), bool((weight[:, 1] + weight[:, 2] == 2).all())
    (True, True)
    """
    size = int(clusters.max(initial=-1)) + 1
    kinds = np.zeros(size, dtype=np.int64) if strata is None else strata
    count = np.empty((draws, size))
    for kind in np.unique(kinds):
        members = np.flatnonzero(kinds == kind)
        number = max(1, round(worth * len(members)))
        drawn = rng.integers(len(members), size=(draws, number), dtype=np.int64)
        drawn += np.arange(draws)[:, None] * len(members)
        count[:, members] = np.bincount(drawn.ravel(), minlength=draws * len(members)).reshape(draws, len(members))
    alone = size == len(clusters) and bool((clusters == np.arange(size)).all())
    return count if alone else count[:, clusters]


def with_unseen(
    sample: Sample, weight: Floats, strange: float, units: tuple[float, float], rng: np.random.Generator
) -> Sample:
    """Add one document that the references have not shown, but the target may hold: one like those of the other origin.

    Of m references none (or few) may be mistaken, and yet a share of up to 3/m be so in truth. A resample never shows
    what the sample does not; so in each draw one strange document joins the references, as often as ``k`` of the
    target's ``N`` documents of this origin are strange: ``k`` of Poisson's law with mean ``N e / m``, and ``e`` of the
    exponential law with mean 1.

    Parameters
    ----------
    sample, weight
        References of one origin, and how often each counts, shape (R, n).
    strange
        What the added document scores.
    units
        m and N: independent clusters among the references, and in the target.
    rng
        Where the numbers come from.

    Notes
    -----
    With m references without an error and a uniform prior the error rate has the law Beta(1, m), whose upper end is
    nearly that of Clopper and Pearson (1934); ``k`` then has its posterior predictive law.

    Examples
    --------
    >>> sample, rng = Sample(np.zeros(100)), np.random.default_rng(0)
    >>> more = with_unseen(sample, np.ones((1000, 100)), 1.0, (100, 1e6), rng)
    >>> bool(0.005 < more.mean(more.values).mean() < 0.015)
    True
    """
    m, size = units
    rate = rng.exponential(size=len(weight)) / m
    count = rng.poisson(size * rate) / size * weight.sum(axis=1)
    return Sample(np.append(sample.values, strange), np.column_stack([weight, count]))


def percentile_interval(draws: Floats, level: float) -> tuple[float, float]:
    """Return the central interval of bootstrap draws; a draw that gave nothing may lie on either side.

    Parameters
    ----------
    draws
        One share a draw, shape (R,); NaN where a draw gave none.
    level
        Confidence level.

    Notes
    -----
    Efron (1979), the percentile method. A draw without an estimate is one in which the references cannot be told
    apart, and where they cannot, every share is possible.

    Examples
    --------
    >>> percentile_interval(np.linspace(0, 1, 101), 0.9)
    (0.05, 0.95)
    >>> percentile_interval(np.repeat([0.5, np.nan], [20, 10]), 0.95)
    (0.0, 1.0)
    """
    lowest, highest = np.where(np.isnan(draws), 0.0, draws), np.where(np.isnan(draws), 1.0, draws)
    low = float(np.quantile(lowest, 0.5 - level / 2))
    return round(low, 12), round(float(np.quantile(highest, 0.5 + level / 2)), 12)
