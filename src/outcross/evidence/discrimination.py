"""How well does a score tell synthetic documents from human ones? The area under the ROC curve, with its interval."""

from __future__ import annotations

import math

import numpy as np

from outcross.core.batch import Floats, Ints
from outcross.core.documents import Flags
from outcross.core.measure import Measure
from outcross.core.special import normal_quantile
from outcross.evidence.bootstrap import clusters_of

LEVEL = 0.95


def auc(scores: Floats, synthetic: Flags) -> float:
    """Return the probability that a synthetic document scores above a human one; ties count half.

    NaN where a class has no document with a score.

    Notes
    -----
    Mann and Whitney (1947): ``(mean rank of the synthetic - (n + 1) / 2) / m``.

    Examples
    --------
    >>> auc(np.array([0.1, 0.4, 0.35, 0.8]), np.array([False, False, True, True]))
    0.75
    """
    known = np.isfinite(scores)
    values, flags = scores[known], synthetic[known]
    n, m = int(flags.sum()), int((~flags).sum())
    if not n or not m:
        return math.nan
    return (float(midranks(values)[flags].sum()) - n * (n + 1) / 2) / (n * m)


def midranks(values: Floats) -> Floats:
    """Return the rank of each value, from 1; equal values share their mean rank.

    Examples
    --------
    >>> midranks(np.array([5.0, 1.0, 5.0])).tolist()
    [2.5, 1.0, 2.5]
    """
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    ranks: Floats = (last - (count - 1) / 2)[place]
    return ranks


def auc_measure(scores: Floats, synthetic: Flags, groups: tuple[str, ...], level: float = LEVEL) -> Measure:
    """Return the area under the ROC curve with an interval that knows of groups.

    Parameters
    ----------
    scores, synthetic
        Score and class of each document, shape (n,); documents without a score are left out.
    groups
        Documents of one group are not independent of each other, shape (n,).
    level
        Confidence level.

    Notes
    -----
    Obuchowski (1997): DeLong's variance (1988) with its components summed over groups, on the scale of the log odds.
    Where the classes are separated completely no variance is seen: the bound is then Newcombe's (2006, method 5) with
    groups for documents. Neither knows that the scores come from detectors which were themselves fitted to a sample.

    Examples
    --------
    >>> scores = np.arange(40.0) % 7
    >>> measure = auc_measure(scores, scores > 3, tuple(map(str, range(40))))
    >>> measure.value, round(measure.low, 2), measure.high
    (1.0, 0.9, 1.0)
    """
    known = np.flatnonzero(np.isfinite(scores))
    values, flags = scores[known], synthetic[known]
    found = auc(values, flags)
    if math.isnan(found):
        kind = "synthetic" if not flags.any() else "human"
        return Measure.missing(f"no {kind} document has a score", len(known))
    clusters = clusters_of([groups[int(place)] for place in known])
    held = [len(np.unique(clusters[flags == kind])) for kind in (False, True)]
    z = float(normal_quantile(0.5 + level / 2))
    variance = _variance(values, flags, clusters, found)
    if min(held) < 2:
        return Measure(found, n=len(known), level=level, reason="one group of a class gives no interval")
    if 0 < found < 1 and variance > 0:
        step = z * math.sqrt(variance) / (found * (1 - found))
        centre = math.log(found / (1 - found))
        low, high = (1 / (1 + math.exp(-max(-500.0, min(500.0, centre + sign * step)))) for sign in (-1, 1))
    else:
        low, high = _newcombe(found, held[0], held[1], z)
    return Measure(found, low, high, len(known), level)


def _variance(values: Floats, flags: Flags, clusters: Ints, found: float) -> float:
    """Obuchowski's variance of the area: structural components of each document, summed over clusters."""
    n, m = int(flags.sum()), int((~flags).sum())
    ranks = midranks(values)
    component = np.empty(len(values))
    component[flags] = (ranks[flags] - midranks(values[flags])) / m  # how much of the humans lies below
    component[~flags] = 1 - (ranks[~flags] - midranks(values[~flags])) / n  # how much of the synthetic lies above
    size = int(clusters.max(initial=-1)) + 1
    off = component - found
    total = [np.bincount(clusters[flags == kind], weights=off[flags == kind], minlength=size) for kind in (True, False)]
    held = [len(np.unique(clusters[flags == kind])) for kind in (True, False)]
    if min(held) < 2:
        return 0.0
    own = [held[k] / (held[k] - 1) * float(total[k] @ total[k]) / (n, m)[k] ** 2 for k in (0, 1)]
    shared = size / (size - 1) * float(total[0] @ total[1]) / (n * m)
    return max(0.0, own[0] + own[1] + 2 * shared)


def _newcombe(found: float, m: int, n: int, z: float) -> tuple[float, float]:
    """The areas within z of their own standard errors of the one that was found."""
    grid = np.linspace(0, 1, 2001)
    middle = (m + n) / 2 - 1
    variance = grid * (1 - grid) * (1 + middle * (1 - grid) / (2 - grid) + middle * grid / (1 + grid)) / (m * n)
    near = grid[np.abs(found - grid) <= z * np.sqrt(variance) + 1e-12]
    return float(near.min(initial=found)), float(near.max(initial=found))


def auc_within(scores: Floats, synthetic: Flags, strata: Ints) -> float:
    """Return the area under the ROC curve among pairs of one stratum; NaN where no stratum has both classes.

    Examples
    --------
    >>> auc_within(np.array([0.0, 1.0, 5.0, 4.0]), np.array([False, True, False, True]), np.array([0, 0, 1, 1]))
    0.5
    """
    right = pairs = 0.0
    for stratum in np.unique(strata):
        here = strata == stratum
        count = float((synthetic & here & np.isfinite(scores)).sum() * (~synthetic & here & np.isfinite(scores)).sum())
        if count:
            right += count * auc(scores[here], synthetic[here])
            pairs += count
    return right / pairs if pairs else math.nan
