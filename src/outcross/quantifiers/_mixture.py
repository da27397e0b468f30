"""In what proportion are two known densities mixed? By maximum likelihood, or least Hellinger distance, for every
resample at once.

Both are the maximum of a concave function of the share, so its slope has one root, which Newton's method finds and a
bracket guards. The root of the likelihood's slope is the fixed point of the EM algorithm, which is reached in a handful
of steps rather than hundreds.
"""

from __future__ import annotations

import numpy as np

from outcross.core.batch import Floats

FLAT = 1e-12
"""Densities that differ by no more than this agree, but for rounding."""
CLOSE = 1e-8
"""A step of Newton's method that is no longer than this leaves an error of about its square."""
STEPS = 100
"""At most: a bracket that is halved a hundred times is a point."""
SMALLEST = 1e-150
"""In place of a density of zero: its square is still a number."""
BLOCK = 60_000
"""So many numbers are worked on at a time: they stay in the processor's cache."""


def mixing_share(human: Floats, synthetic: Floats, weight: Floats, power: float = 1.0) -> Floats:
    """Return the share p that maximises the sum of ``weight * log((1 - p) human + p synthetic)``.

    Parameters
    ----------
    human, synthetic
        Densities at n points, up to a factor of each point's own; shape (n,), or (R, n) where each draw has its own.
    weight
        How often each point was met, shape (R, n).
    power
        The slope's terms are ``weight * (synthetic - human) / mixture**power``. 1 is the likelihood; 1/2, with weights
        that are roots of frequencies, is the least Hellinger distance.

    Returns
    -------
    array, shape (R,)
        NaN where the two densities agree at every point that was met.
    """
    base, gap = np.atleast_2d(human), np.atleast_2d(synthetic - human)
    start = np.full(len(weight), 0.5)
    if len(base) == 1 < len(weight):  # all draws together are near each of them
        start[:] = np.nan_to_num(_root(base, gap, weight.sum(axis=0, keepdims=True), power, start[:1]), nan=0.5)
    rows = max(1, BLOCK // weight.shape[1])
    blocks = [slice(first, first + rows) for first in range(0, len(weight), rows)]
    return np.concatenate(
        [_root(_of(base, block), _of(gap, block), weight[block], power, start[block]) for block in blocks]
    )


def _of(densities: Floats, block: slice) -> Floats:
    """The densities of these draws; all draws may share one row."""
    return densities if len(densities) == 1 else densities[block]


def _root(base: Floats, gap: Floats, weight: Floats, power: float, start: Floats) -> Floats:
    """Where the slope is zero, for the draws of one block; an end of [0, 1] where it does not change its sign."""

    def terms(mixture: Floats) -> Floats:
        """What each point adds to the slope."""
        dense = np.maximum(mixture, SMALLEST)
        return gap / (dense if power == 1.0 else dense**power)

    at_low, at_high = _sums(weight, terms(base)) <= 0, _sums(weight, terms(base + gap)) >= 0
    low, high, share = np.zeros(len(weight)), np.ones(len(weight)), np.clip(start, 0.01, 0.99)
    for _ in range(STEPS):
        mixture = base + share[:, None] * gap
        each = weight * terms(mixture)
        first = each.sum(axis=1)
        second = -power * _sums(each, gap / np.maximum(mixture, SMALLEST))
        low, high = np.where(first > 0, share, low), np.where(first > 0, high, share)
        step = share - first / np.where(second < 0, second, -1.0)
        following = np.where((step >= low) & (step <= high), step, (low + high) / 2)
        moved = np.abs(following - share)
        share = following
        if np.all((moved < CLOSE) | at_low | at_high):
            break
    flat = _sums(weight, np.abs(gap)) <= FLAT * weight.sum(axis=1)
    return np.where(flat, np.nan, np.where(at_low, 0.0, np.where(at_high, 1.0, share)))


def _sums(weight: Floats, terms: Floats) -> Floats:
    """The weighted sum of each draw's terms, shape (R,); all draws may share one row of terms."""
    sums: Floats = weight @ terms[0] if len(terms) == 1 else np.einsum("rn,rn->r", weight, terms)
    return sums


def weights(values: Floats, weight: Floats | None) -> Floats:
    """Return how often each document counts in every resample, shape (R, n): once where nothing is said."""
    return np.ones((1, len(values))) if weight is None else weight
