"""Counting and smoothing: from the events of the training texts to the levels of an interpolated n-gram model."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from outcross.core.batch import Floats, Ints
from outcross.models._ngram_events import Events
from outcross.models._ngram_levels import Level, close

Formula = Callable[[Floats, Ints], tuple[Floats, Floats]]
"""From the counts of pairs and the rows of their contexts to the share of each pair and the back-off of each context."""


def build(events: Events, symbols: int, formula: Formula, weight: Floats | None, continuation: bool) -> list[Level]:
    """Return the levels of a model, the empty context first.

    Parameters
    ----------
    events
        The events of the training texts.
    symbols
        Number of symbols: the vocabulary and the boundary.
    formula
        The smoothing.
    weight
        Weight of each event, or None for 1 each.
    continuation
        Whether shorter contexts count the distinct symbols before a pair rather than its occurrences (Kneser and Ney
        1995). A context that starts at the beginning of a text has nothing before it, and its occurrences count.
    """
    row = np.zeros(len(events.targets), dtype=np.int64)
    tables = [np.zeros(1, dtype=np.int64)]
    for lag in events.lags:
        contexts, row = np.unique(row * symbols + lag, return_inverse=True)
        tables.append(contexts)
    pairs, counts = _tally(row * symbols + events.targets, weight)
    used, levels = counts, []
    for contexts in reversed(tables):
        context, word = np.divmod(pairs, symbols)
        share, backoff = formula(used, context)
        levels.append(Level(close(contexts), close(pairs), np.append(share, 0.0), np.append(backoff, 1.0), symbols))
        if len(levels) == len(tables):
            break
        shorter = (contexts // symbols)[context] * symbols + word
        kinds = np.minimum(counts, 1)
        pairs, counts = _tally(shorter, counts)
        used = counts
        if continuation:
            oldest = tables[len(tables) - 1 - len(levels)] % symbols
            first = (oldest == symbols - 1)[pairs // symbols] & (len(levels) < len(tables) - 1)
            used = np.where(first, counts, _tally(shorter, kinds)[1])
    return levels[::-1]


def _tally(keys: Ints, weight: Floats | None) -> tuple[Ints, Floats]:
    """The distinct keys, sorted, and the weight of each."""
    if weight is None:
        distinct, counts = np.unique(keys, return_counts=True)
        return distinct, counts.astype(np.float64)
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    first = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
    return keys[first], np.add.reduceat(weight[order], first)


def maximum_likelihood(counts: Floats, context: Ints) -> tuple[Floats, Floats]:
    total = np.bincount(context, counts)
    return counts / total[context], np.zeros(len(total))


def jelinek_mercer(rest: float) -> Formula:
    def formula(counts: Floats, context: Ints) -> tuple[Floats, Floats]:
        total = np.bincount(context, counts)
        return (1 - rest) * counts / total[context], np.full(len(total), rest)
    return formula


def witten_bell(counts: Floats, context: Ints) -> tuple[Floats, Floats]:
    total, kinds = np.bincount(context, counts), np.bincount(context, np.minimum(counts, 1))
    both = total + kinds
    return counts / both[context], kinds / both


def absolute(discount: float | None) -> Formula:
    def formula(counts: Floats, context: Ints) -> tuple[Floats, Floats]:
        total = np.bincount(context, counts)
        taken = np.interp(counts, [0, 1, 2, 3], [0, *estimate(counts, discount)])
        return (counts - taken) / total[context], np.bincount(context, taken) / total
    return formula


def estimate(counts, discount):
    if discount is not None:
        return (discount,) * 3
    n = np.bincount(np.clip(np.rint(counts), 1, 5).astype(int), minlength=6).astype(float)
    if not n[1:5].all():
        return (0.75,) * 3
    y = n[1] / (n[1] + 2 * n[2])
    return tuple(j - (j + 1) * y * n[j + 1] / n[j] for j in (1, 2, 3))
