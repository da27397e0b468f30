"""The smallest hashes of what two or more corpora hold: a uniform sample of the distinct, whoever counted what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from outcross.guard.snapshot.keys import SPACE, Keys


@final
@dataclass(frozen=True, eq=False)
class Bottom:
    """Which hashes are among the k smallest, and below which limit all hashes are held.

    Parameters
    ----------
    keys
        The distinct hashes that stay, smallest first, shape (n,) with n at most k.
    slot
        For each hash that was given, its place in ``keys``; n for those that do not stay.
    limit
        The smallest hash that was left out, ``SPACE`` where none was: what is below it is held, all of it.

    Examples
    --------
    >>> bottom = Bottom.of(np.array([7, 3, 7, 9], dtype=np.uint64), [SPACE], 2)
    >>> bottom.keys.tolist(), bottom.slot.tolist(), bottom.limit
    ([3, 7], [1, 0, 1, 2], 9)
    """

    keys: Keys
    slot: NDArray[np.int64]
    limit: int

    @classmethod
    def of(cls, keys: Keys, limits: Sequence[int], k: int) -> Bottom:
        """Return the k smallest of hashes of which all below the least of these limits are given.

        What is held is what one pass over everything would have held: a hash among the k smallest of all is among the
        k smallest of any part that has it, and the (k + 1)-th smallest of all is held in, or is the limit of, a part.

        Parameters
        ----------
        keys
            Hashes, repeated ones included, shape (n,).
        limits
            The limits of the parts that they are from.
        k
            How many are to be held.
        """
        limit = min(limits)
        found, slot = np.unique(keys, return_inverse=True)
        if limit < SPACE:
            found = found[: int(np.searchsorted(found, np.uint64(limit)))]
        if len(found) > k:
            limit = int(found[k])
            found = found[:k]
        return cls(found, np.minimum(slot, len(found)), limit)

    def sum(self, values: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the sum of the values, shape (n, ...), of each hash that stays."""
        total = np.zeros((len(self.keys) + 1, *values.shape[1:]), dtype=np.int64)
        np.add.at(total, self.slot, values)
        return total[:-1]

    def least(self, values: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the least of the values, shape (n,), of each hash that stays."""
        found = np.full(len(self.keys) + 1, np.iinfo(np.int64).max)
        np.minimum.at(found, self.slot, values)
        return found[:-1]

    def first(self) -> NDArray[np.int64]:
        """Return, for each hash that stays, the place where it was given first."""
        place = np.full(len(self.keys) + 1, len(self.slot), dtype=np.int64)
        np.minimum.at(place, self.slot, np.arange(len(self.slot)))
        return place[:-1]


def fraction(limit: int) -> float:
    """Return what share of all hashes lies below a limit: how many of the distinct are held.

    Examples
    --------
    >>> fraction(SPACE), fraction(SPACE // 4)
    (1.0, 0.25)
    """
    return limit / SPACE
