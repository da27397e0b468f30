"""Mean and variance of the log probability of the next word under an n-gram model, over the whole vocabulary, exactly.

Where the next word is drawn by the model itself neither needs the distribution over the whole vocabulary in every
context: all words but the pairs of a context are as probable as in the shorter context, times what is left to that.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from outcross.core.batch import Floats, Ints
from outcross.models._ngram_levels import Level, distribution, pair_probabilities


def own(levels: Sequence[Level]) -> list[tuple[Floats, Floats]]:
    """Return the sums of P log P and of P log^2 P over all symbols, for each level's contexts; shape (C,) both."""
    symbols = levels[0].symbols
    log = -np.log(symbols)
    first, second = np.array([log]), np.array([log**2])
    found = []
    for level, p, below in pair_probabilities(levels):
        starts, left, shorter = level.starts[:-2], level.backoff[:-1], level.shorter
        here, under = _log(p), _log(below)
        mass, first_under, second_under = (
            np.add.reduceat(column, starts) for column in (below, below * under, below * under**2)
        )
        log = _log(left)
        rest, rest_first, rest_second = 1 - mass, first[shorter] - first_under, second[shorter] - second_under
        second = np.add.reduceat(p * here**2, starts) + left * (log**2 * rest + 2 * log * rest_first + rest_second)
        first = np.add.reduceat(p * here, starts) + left * (log * rest + rest_first)
        found.append((first, second))
    return found


def by_own(sums: Sequence[tuple[Floats, Floats]], rows: Sequence[Ints]) -> tuple[Floats, Floats]:
    """Return mean and variance in each context, given the sums of `own` and the row of the context of each length."""
    first, second = np.empty(len(rows[0])), np.empty(len(rows[0]))
    for (level_first, level_second), row in zip(sums, rows, strict=True):
        seen = row < len(level_first)  # a context that was not seen has the distribution of the shorter one
        first[seen], second[seen] = level_first[row[seen]], level_second[row[seen]]
    return first, np.maximum(second - first**2, 0)


def by_observer(
    levels: Sequence[Level], rows: Sequence[Ints], observer: Sequence[Level], seen: Sequence[Ints]
) -> tuple[Floats, Floats]:
    """Return mean and variance of log P(w) in each context for w drawn from an observer of the same symbols.

    Every distinct context is written out once for both models, one after another.
    """
    contexts, place = np.unique(np.stack([*rows, *seen]), axis=1, return_inverse=True)
    mean, variance = np.empty(contexts.shape[1]), np.empty(contexts.shape[1])
    for number, context in enumerate(contexts.T.tolist()):
        p, q = distribution(levels, context[: len(levels)]), distribution(observer, context[len(levels) :])
        drawn = q > 0
        with np.errstate(divide="ignore", invalid="ignore"):  # p may be 0 where q is not
            log = np.log(p[drawn])
            mean[number] = q[drawn] @ log
            variance[number] = q[drawn] @ (log - mean[number]) ** 2
    return mean[place.ravel()], variance[place.ravel()]


def _log(p: Floats) -> Floats:
    """Natural logarithm; 0 for 0, where it is multiplied by 0."""
    log: Floats = np.log(np.where(p > 0, p, 1.0))
    return log
