"""Counting and smoothing: from the events of the training texts to the levels of an interpolated n-gram model.

A smoothing is one formula, from the counts of what follows a context to the share of each and to what is left to the
shorter context; Chen and Goodman (1999), doi 10.1006/csla.1999.0128, compare them all. Texts may be weighted: a text
of weight 2 counts as two copies of it, and what counts kinds counts one that was seen less than once by that much.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from outcross.core.batch import Floats, Ints
from outcross.models._ngram_events import Events
from outcross.models._ngram_levels import Level, close

Formula = Callable[[Floats, Ints], tuple[Floats, Floats]]
"""From the counts of pairs and the row of each pair's context to the share of each pair and each context's back-off."""

_USUAL_DISCOUNT = 0.75
"""Where the counts are too few to estimate one."""


def maximum_likelihood(counts: Floats, context: Ints) -> tuple[Floats, Floats]:
    """Relative frequencies; nothing is left to shorter contexts."""
    total = np.bincount(context, counts)
    return counts / total[context], np.zeros(len(total))


def jelinek_mercer(backoff: float) -> Formula:
    """Every context leaves the same share to the shorter one (Jelinek and Mercer 1980)."""

    def formula(counts: Floats, context: Ints) -> tuple[Floats, Floats]:
        share, nothing = maximum_likelihood(counts, context)
        return (1 - backoff) * share, nothing + backoff

    return formula


def witten_bell(counts: Floats, context: Ints) -> tuple[Floats, Floats]:
    """What a context leaves grows with the number of kinds seen after it (Witten and Bell 1991, method C)."""
    kinds = np.bincount(context, np.minimum(counts, 1))
    total = np.bincount(context, counts) + kinds
    return counts / total[context], kinds / total


def absolute(discount: float | None) -> Formula:
    """Every count loses a discount (Ney, Essen and Kneser 1994); None estimates those of counts of 1, 2, and more."""

    def formula(counts: Floats, context: Ints) -> tuple[Floats, Floats]:
        discounts = _discounts(counts) if discount is None else (discount,) * 3
        taken = np.interp(counts, range(4), (0.0, *discounts))
        total = np.bincount(context, counts)
        return (counts - taken) / total[context], np.bincount(context, taken) / total

    return formula


def _discounts(counts: Floats) -> tuple[float, float, float]:
    """Discounts of counts of 1, 2, and 3 or more as modified Kneser-Ney estimates them (Chen and Goodman 1999)."""
    times = np.bincount(np.clip(np.rint(counts), 1, 5).astype(np.int64), minlength=6).astype(np.float64)
    if not times[1] or not times[2]:
        return (_USUAL_DISCOUNT,) * 3
    first = float(times[1] / (times[1] + 2 * times[2]))
    second = float(2 - 3 * first * times[3] / times[2])
    third = float(3 - 4 * first * times[4] / times[3]) if times[3] else first
    return first, second if 0 < second <= 2 else first, third if 0 < third <= 3 else first


def build(
    events: Events, symbols: int, formula: Formula, floor: float, continuation: bool, weight: Floats | None
) -> tuple[Level, ...]:
    """Return the levels of a model, the empty context first.

    Parameters
    ----------
    events
        The events of the training texts.
    symbols
        Number of symbols: the vocabulary and the boundary.
    formula
        The smoothing of every context but the empty one.
    floor
        What the empty context leaves to the uniform distribution over all symbols.
    continuation
        Whether shorter contexts count the distinct symbols before a pair, not its occurrences (Kneser and Ney 1995).
    weight
        Weight of each event, or None for 1 each.
    """
    row = np.zeros(len(events.targets), dtype=np.int64)
    tables = [np.zeros(1, dtype=np.int64)]
    for lag in events.lags:
        contexts, row = np.unique(row * symbols + lag, return_inverse=True)
        tables.append(contexts)
    ones = np.ones(len(row)) if weight is None else weight
    pairs, (counts,) = _tally(row * symbols + events.targets, ones)
    seen, levels = counts, []
    for length in range(len(tables) - 1, -1, -1):
        context = pairs // symbols
        share, backoff = (formula if length else jelinek_mercer(floor))(seen, context)
        levels.append(
            Level(close(tables[length]), close(pairs), np.append(share, 0.0), np.append(backoff, 1.0), symbols)
        )
        if length:
            shorter = (tables[length] // symbols)[context] * symbols + pairs % symbols
            pairs, (counts, kinds) = _tally(shorter, counts, np.minimum(counts, 1))
            opening = _opens(tables[length - 1], symbols)[pairs // symbols]
            seen = np.where(opening, counts, kinds) if continuation else counts
    return tuple(levels[::-1])


def _opens(contexts: Ints, symbols: int) -> NDArray[np.bool_]:
    """Which contexts begin with the beginning of a text: nothing comes before them, so only occurrences can count."""
    opening: NDArray[np.bool_] = contexts % symbols == symbols - 1
    return opening


def _tally(keys: Ints, *columns: Floats) -> tuple[Ints, list[Floats]]:
    """The distinct keys, sorted, and the sum of each column over each."""
    order = np.argsort(keys)
    keys = keys[order]
    first = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
    return keys[first], [np.add.reduceat(column[order], first) for column in columns]
