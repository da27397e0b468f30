"""The tables of an interpolated n-gram model: for every context length, what follows and what is left to shorter ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import final

import numpy as np

from outcross.core.batch import Floats, Ints

_END = np.iinfo(np.int64).max
"""Closes a sorted table: no key reaches it."""


@final
@dataclass(frozen=True, eq=False)
class Level:
    """The contexts of one length: P(w | h) = share(h, w) + backoff(h) P(w | h without its oldest symbol).

    The last row of each table stands for whatever is not in it: an unseen pair has share 0, an unseen context leaves
    everything to the shorter one.

    Parameters
    ----------
    contexts
        Keys of the contexts, sorted: row of the shorter context * symbols + oldest symbol. Shape (C + 1,).
    pairs
        Keys of the pairs of context and word, sorted: row of the context * symbols + word. Shape (M + 1,).
    share
        What the pair gets here, shape (M + 1,).
    backoff
        What is left to the shorter context, shape (C + 1,).
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
        """Row of the context of each pair, shape (M,)."""
        return self.pairs[:-1] // self.symbols

    @cached_property
    def words(self) -> Ints:
        """The word of each pair, shape (M,)."""
        return self.pairs[:-1] % self.symbols

    @cached_property
    def starts(self) -> Ints:
        """First pair of each context, shape (C + 2,)."""
        return np.searchsorted(self.context, np.arange(len(self.contexts) + 1))

    @cached_property
    def edges(self) -> Floats:
        """Shares added up over all pairs, from 0, shape (M + 1,)."""
        return np.concatenate([[0.0], np.cumsum(self.share[:-1])])


def close(keys: Ints) -> Ints:
    """Close a sorted table of keys by a row that stands for all other keys."""
    return np.append(keys, _END)


def find(table: Ints, keys: Ints) -> Ints:
    """Return the row of each key in a closed table; the last row where it is not there."""
    row = np.searchsorted(table, keys)
    return np.where(table[row] == keys, row, len(table) - 1)


def locate(levels: Sequence[Level], lags: Sequence[Ints], size: int) -> list[Ints]:
    """Return the row of the context of each length, given the symbols before, the latest first."""
    rows = [np.zeros(size, dtype=np.int64)]
    for level, lag in zip(levels[1:], lags, strict=False):
        rows.append(find(level.contexts, rows[-1] * level.symbols + lag))
    return rows


def probability(levels: Sequence[Level], rows: Sequence[Ints], words: Ints) -> Floats:
    """Return P(word | context) for the rows of its contexts of each length."""
    p = np.full(len(words), 1 / levels[0].symbols)
    for level, row in zip(levels, rows, strict=True):
        p = level.share[find(level.pairs, row * level.symbols + words)] + level.backoff[row] * p
    return p
