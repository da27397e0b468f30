"""The tables of an interpolated n-gram model: for each length of context, what follows and what shorter ones are left.

One sorted array of integer keys per level serves counting, scoring and writing; nothing is a dictionary.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import final

import numpy as np

from outcross.core.batch import Floats, Ints

_LAST = np.iinfo(np.int64).max
_MANY = 10_000
"""From so many keys on it pays to look them up in order, so that the table is read once from end to end."""


@final
@dataclass(frozen=True, eq=False)
class Level:
    """The contexts h of one length: P(w | h) = share(h, w) + backoff(h) P(w | h without its oldest symbol).

    The last row of a table stands for whatever is not in it: an unseen pair has share 0, an unseen context leaves
    everything to the shorter one.

    Parameters
    ----------
    contexts
        Sorted keys of the contexts, row of the shorter context * symbols + oldest symbol; shape (C + 1,).
    pairs
        Sorted keys of the pairs of context and word, row of the context * symbols + word; shape (M + 1,).
    share
        What a pair gets here, shape (M + 1,).
    backoff
        What a context leaves to the shorter one, shape (C + 1,).
    symbols
        Number of symbols: the vocabulary and the boundary.
    """

    contexts: Ints
    pairs: Ints
    share: Floats
    backoff: Floats
    symbols: int

    @cached_property
    def context(self) -> Ints:
        """Row of each pair's context, shape (M,)."""
        return self.pairs[:-1] // self.symbols

    @cached_property
    def words(self) -> Ints:
        """Each pair's word, shape (M,)."""
        return self.pairs[:-1] % self.symbols

    @cached_property
    def shorter(self) -> Ints:
        """Row of each context's shorter context, one level below, shape (C,)."""
        return self.contexts[:-1] // self.symbols

    @cached_property
    def starts(self) -> Ints:
        """First pair of each context, and the end of the last one; shape (C + 2,)."""
        return np.searchsorted(self.context, np.arange(len(self.contexts) + 1))

    @cached_property
    def edges(self) -> Floats:
        """Sum of the shares of all pairs before a pair, shape (M + 1,)."""
        return np.concatenate([[0.0], np.cumsum(self.share[:-1])])


def close(keys: Ints) -> Ints:
    """Close a sorted table by the row that stands for all other keys."""
    return np.append(keys, _LAST)


def find(table: Ints, keys: Ints) -> Ints:
    """Return the row of each key in a closed table; the last row where it is not there."""
    if len(keys) > _MANY:
        order = np.argsort(keys)
        row = np.empty_like(order)
        row[order] = np.searchsorted(table, keys[order])
    else:
        row = np.searchsorted(table, keys)
    return np.where(table[row] == keys, row, len(table) - 1)


def locate(levels: Sequence[Level], lags: Sequence[Ints], size: int) -> list[Ints]:
    """Return the row of the context of each length, given the symbols before, the latest first."""
    rows = [np.zeros(size, dtype=np.int64)]
    for level, lag in zip(levels[1:], lags, strict=True):
        rows.append(find(level.contexts, rows[-1] * level.symbols + lag))
    return rows


def probability(levels: Sequence[Level], rows: Sequence[Ints], words: Ints) -> Floats:
    """Return P(word | context), given the row of the context of each length."""
    p = np.full(len(words), 1 / levels[0].symbols)
    for level, row in zip(levels, rows, strict=True):
        p = level.share[find(level.pairs, row * level.symbols + words)] + level.backoff[row] * p
    return p


def pair_probabilities(levels: Sequence[Level]) -> Iterator[tuple[Level, Floats, Floats]]:
    """Yield each level with P(w | h) of its pairs, and P(w | the shorter context) of the same, shape (M,) both."""
    before, p = levels[0], np.empty(0)
    for level in levels:
        if level is before:
            below = np.full(len(level.words), 1 / level.symbols)
        else:
            below = p[find(before.pairs, level.shorter[level.context] * level.symbols + level.words)]
        p = level.share[:-1] + level.backoff[level.context] * below
        yield level, p, below
        before = level


def distribution(levels: Sequence[Level], rows: Sequence[int]) -> Floats:
    """Return P(. | context) over all symbols, for one context, given its row on each level."""
    p = np.full(levels[0].symbols, 1 / levels[0].symbols)
    for level, row in zip(levels, rows, strict=True):
        p *= level.backoff[row]
        pairs = slice(level.starts[row], level.starts[row + 1])
        p[level.words[pairs]] += level.share[pairs]
    return p


def draw(levels: Sequence[Level], rows: Sequence[Ints], points: Floats) -> Ints:
    """Return one word for each context: inversion of P(. | context), written as a mixture of the levels.

    Parameters
    ----------
    levels, rows
        The model, and the rows of the contexts of each length.
    points
        Uniform in [0, 1), shape (contexts,). Whatever falls below the back-off is stretched and used on the next level.
    """
    words = np.empty(len(points), dtype=np.int64)
    left, point = np.arange(len(points)), points
    for level, row in zip(reversed(levels), reversed(rows), strict=True):
        here = row[left]
        rest = level.backoff[here]
        taken = point >= rest
        first, last = level.starts[here[taken]], level.starts[here[taken] + 1]
        low, high = level.edges[first], level.edges[last]
        place = low + (high - low) * ((point[taken] - rest[taken]) / (1 - rest[taken]))
        pair = np.searchsorted(level.edges, place, side="right") - 1
        words[left[taken]] = level.words[np.clip(pair, first, last - 1)]
        left, point = left[~taken], point[~taken] / rest[~taken]
        if not len(left):
            return words
    words[left] = (point * levels[0].symbols).astype(np.int64)
    return words
