"""The most frequent names of a stream, with a bound on what may have been missed: Misra and Gries, mergeable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from outcross.guard.snapshot.keys import BINS

HELD = 4096
"""How many names are held unless told otherwise."""


@final
@dataclass(frozen=True, eq=False)
class Heavy:
    """The frequent names, with what was counted of each in each part of the documents while it was held.

    Exact while there are no more names than are held. Else the true count of a name lies between ``low`` and ``high``,
    that of a name that is not held is at most ``error``, and ``error`` is at most N / (k + 1) of N counts, however the
    stream was divided and merged.

    Parameters
    ----------
    names
        The names, the most frequent first, shape (n,).
    held
        What was counted of each, shape (n, BINS).
    value
        The counts of Misra and Gries: what was counted, less what was taken off, shape (n,).
    error
        What was taken off in all: the most that any count can have lost.
    k
        How many are held at most.

    Notes
    -----
    Misra and Gries (1982); merging and its bound: Agarwal et al., Mergeable Summaries, PODS 2012, theorem 1. Beside
    their counts those of what was really seen are kept: for a name that was never dropped they are exact.

    Examples
    --------
    >>> one = Heavy.of(["a", "b"], np.array([[3] + [0] * 31, [1] + [0] * 31]), k=1)
    >>> one.names, one.low.tolist(), one.high.tolist(), one.error
    (('a',), [3], [3], 1)
    """

    names: tuple[str, ...]
    held: NDArray[np.int64]
    value: NDArray[np.int64]
    error: int = 0
    k: int = HELD

    @classmethod
    def of(cls, names: Sequence[str], counts: NDArray[np.int64], k: int = HELD) -> Heavy:
        """Return the frequent ones of names that differ, with their counts, shape (n, BINS)."""
        return kept(tuple(names), counts, counts.sum(axis=1), 0, k)

    @classmethod
    def empty(cls, k: int = HELD) -> Heavy:
        """Return that of an empty stream."""
        return cls.of((), np.zeros((0, BINS), np.int64), k)

    @property
    def low(self) -> NDArray[np.int64]:
        """The least that each count can be, shape (n,)."""
        return np.asarray(self.held.sum(axis=1))

    @property
    def high(self) -> NDArray[np.int64]:
        """The most that each count can be, shape (n,)."""
        return self.value + self.error

    def merge(self, *others: Heavy) -> Heavy:
        """Return that of all streams together."""
        given = (self, *others)
        place: dict[str, int] = {}
        slot = np.array([place.setdefault(name, len(place)) for one in given for name in one.names], dtype=np.int64)
        held, value = np.zeros((len(place), BINS), np.int64), np.zeros(len(place), np.int64)
        np.add.at(held, slot, np.concatenate([one.held for one in given]))
        np.add.at(value, slot, np.concatenate([one.value for one in given]))
        return kept(tuple(place), held, value, sum(one.error for one in given), min(one.k for one in given))


def kept(names: tuple[str, ...], held: NDArray[np.int64], value: NDArray[np.int64], error: int, k: int) -> Heavy:
    """Return the k most frequent, the next one's count taken off each.

    Examples
    --------
    >>> kept(("a", "b"), np.ones((2, BINS), np.int64), np.array([5, 3]), 1, 1).value.tolist()
    [2]
    """
    if len(names) > k:
        off = int(np.partition(value, len(names) - k - 1)[len(names) - k - 1])
        value, error = value - off, error + off
    order = sorted(np.flatnonzero(value > 0).tolist(), key=lambda place: (-int(value[place]), names[place]))
    return Heavy(tuple(names[place] for place in order), held[order], value[order], error, k)
