"""A linear model on the shares of hashed n-grams: fitted, kept as a short table, and looked up block by block.

A document's features are the shares of each n-gram among its n-grams of that length, so a text twice as long has the
same features: neither the score nor its scale is a function of length.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Self, final

import numpy as np
from numpy.typing import NDArray

from outcross.core.batch import Floats, Ints
from outcross.core.documents import Flags
from outcross.core.errors import BadInput
from outcross.detectors._hashing import DEAD, Grams, blocks, sums
from outcross.detectors._logistic import Sparse, logistic

FULL = 2**31 - 1
"""Weights are kept as whole multiples of the largest one over this, so that sums are exact in any order."""
AT_ONCE = 8_192
"""Texts held at once: what is kept beside them does not grow with their number."""


@final
@dataclass(frozen=True, eq=False)
class Table:
    """The weight of every n-gram that was learned.

    Parameters
    ----------
    grams
        Which n-grams are looked up.
    slots
        The slots with a weight, shape (k,).
    weights
        Their weights as whole numbers, shape (k,).
    scale
        What a weight of 1 is worth, in log odds.
    intercept
        The log odds of a text of which nothing is known.
    """

    grams: Grams
    slots: NDArray[np.int32]
    weights: NDArray[np.int32]
    scale: float
    intercept: float

    @classmethod
    def fit(cls, grams: Grams, texts: Iterable[str], synthetic: Flags, penalty: float) -> Self:
        """Return the table for texts of known origin; n-grams that only one text has are left out."""
        shares, slots, scales = _shares(grams, list(texts))
        weights, intercept = logistic(shares, synthetic, penalty)
        weights = weights * scales
        scale = float(np.abs(weights).max(initial=0)) / FULL or 1.0
        return cls(grams, slots.astype(np.int32), np.rint(weights / scale).astype(np.int32), scale, intercept)

    def score(self, texts: Iterable[str]) -> Floats:
        """Return the log odds of each text, NaN where it has no word and no mark; texts are held a few at a time."""
        table = np.zeros(1 << self.grams.bits, dtype=np.int32)
        table[self.slots] = self.weights
        rest, found = iter(texts), [np.zeros(0)]
        while some := list(islice(rest, AT_ONCE)):
            found.append(self._scored(some, table))
        return np.concatenate(found)

    def _scored(self, texts: list[str], table: NDArray[np.int32]) -> Floats:
        """The intercept and, for each length of n-grams, the mean weight of those that a text has."""
        totals = np.zeros((2, self.grams.kinds, len(texts)), dtype=np.int64)
        for block, owners in blocks(texts):
            for kind, family in enumerate(self.grams.families(block)):
                np.add.at(totals[0, kind], owners, sums(table.take(family.slots), family.starts))
                np.add.at(totals[1, kind], owners, family.counts)
        weight, counts = totals
        found = self.intercept + self.scale * (weight / np.maximum(1, counts)).sum(axis=0)
        return np.where(counts[0] > 0, found, np.nan)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return slots, weights, scale and intercept."""
        return {
            "slots": self.slots,
            "weights": self.weights,
            "line": np.array([self.scale, self.intercept], dtype=np.float64),
        }

    @classmethod
    def restore(cls, grams: Grams, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Return the table whose arrays these are.

        Raises
        ------
        BadInput
            If they are not those of such a table.
        """
        missing = {"slots", "weights", "line"} - arrays.keys()
        if missing:
            raise BadInput(f"these are not the arrays of a table of n-grams: {', '.join(sorted(missing))} is missing")
        slots, weights, line = (np.asarray(arrays[name]) for name in ("slots", "weights", "line"))
        whole = slots.dtype.kind == weights.dtype.kind == "i" and slots.ndim == 1 and slots.shape == weights.shape
        if not whole or line.shape != (2,) or not np.isfinite(line).all():
            raise BadInput(
                "these are not the arrays of a table of n-grams: whole slots and weights of one length, and a line"
            )
        if len(slots) and not 0 < slots.min() <= slots.max() < 1 << grams.bits:
            raise BadInput(f"a slot lies outside the table of 2^{grams.bits}: it was made with other settings")
        return cls(grams, slots.astype(np.int32), weights.astype(np.int32), float(line[0]), float(line[1]))


def _shares(grams: Grams, texts: list[str]) -> tuple[Sparse, Ints, Floats]:
    """The features of each text, which slot each is, and by what it was multiplied.

    Rare n-grams count for more, ``log((1 + n) / (1 + df)) + 1`` times as much (inverse document frequency, as
    scikit-learn has it), and all are scaled so that the mean squared length of a text's features is 1: only then does
    a penalty mean the same for every corpus.
    """
    rows, slots, kinds, times, sizes = _occurrences(grams, texts)
    first, last = np.full(1 << grams.bits, -1), np.full(1 << grams.bits, -1)
    last[slots], first[slots[::-1]] = rows, rows[::-1]  # of several at one place the last one stays
    kept = np.flatnonzero(first < last)
    frequency = np.bincount(slots, minlength=1 << grams.bits)[kept]
    column = np.full(1 << grams.bits, -1, dtype=np.int32)
    column[kept] = np.arange(len(kept))
    used = column[slots] >= 0
    rows, slots, kinds, times = rows[used], slots[used], kinds[used], times[used]
    scales = np.log((1 + len(texts)) / (1 + np.minimum(frequency, len(texts)))) + 1
    columns = column[slots]
    values = times / sizes[kinds, rows] * scales[columns]
    length = np.sqrt(values @ values / len(texts)) or 1.0
    starts = np.searchsorted(rows, np.arange(len(texts) + 1)).astype(np.int64)
    return Sparse((values / length).astype(np.float32), columns, starts, len(kept)), kept, scales / length


def _occurrences(grams: Grams, texts: list[str]) -> tuple[Ints, Ints, NDArray[np.int8], NDArray[np.int32], Ints]:
    """Row, slot, kind and number of every n-gram, in order of rows; and how many of each kind a row has."""
    sizes = np.zeros((grams.kinds, len(texts)), dtype=np.int64)
    parts = []
    for block, owners in blocks(texts):
        for kind, family in enumerate(grams.families(block)):
            np.add.at(sizes[kind], owners, family.counts)
            owner = np.repeat(owners, np.diff(family.starts))
            alive = family.slots != DEAD
            found, times = _counted(owner[alive] << grams.bits | family.slots[alive])
            parts.append((found, np.full(len(found), kind, dtype=np.int8), times))
    keys: Ints = np.concatenate([part[0] for part in parts])
    kinds = np.concatenate([part[1] for part in parts])
    number = np.concatenate([part[2] for part in parts])
    order = np.argsort(keys >> grams.bits, kind="stable")
    keys = keys[order]
    return keys >> grams.bits, keys & ((1 << grams.bits) - 1), kinds[order], number[order], sizes


def _counted(keys: Ints) -> tuple[Ints, NDArray[np.int32]]:
    """The different keys in order, and how often each is there."""
    keys = np.sort(keys)
    new = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]])) if len(keys) else np.zeros(0, dtype=np.int64)
    return keys[new], np.diff(new, append=len(keys)).astype(np.int32)
