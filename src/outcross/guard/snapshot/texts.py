"""A uniform sample of the different texts of a corpus: their copies, how long they are, how they repeat themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from outcross.guard.snapshot.bottom import Bottom, fraction
from outcross.guard.snapshot.keys import SPACE, Keys

HELD = 16_384
"""How many texts are held unless told otherwise: the number of different texts is known to 0.8 %."""

DEEP = 2_048
"""Of how many of them, those with the smallest hashes, repetition is measured."""

SHOWN = 512
"""Of how many of them, those with the smallest hashes, the beginning is kept."""

BEGINNING = 200
"""Characters of a beginning."""

UNKNOWN = ("", "")
"""The beginning of a text that was not kept."""


@final
@dataclass(frozen=True, eq=False)
class TextSample:
    """The texts with the smallest hashes of their canonical form: of each distinct text one row, whatever its copies.

    Parameters
    ----------
    keys
        Hashes, smallest first, shape (n,).
    copies
        How many records have the text, shape (n,).
    lengths
        WordSample of each text, shape (n,).
    repeated, runs
        Of the first `DEEP`, how many of the text's sequences of four words occurred earlier in it, and how many it has,
        shape (d,).
    shown
        The beginnings of the first `SHOWN`, each with its stratum, `UNKNOWN` where it was not kept; empty if none was.
    limit, k
        As of `WordSample`.

    Examples
    --------
    >>> TextSample.empty().merge(TextSample.empty()).distinct
    0.0
    """

    keys: Keys
    copies: NDArray[np.int64]
    lengths: NDArray[np.int64]
    repeated: NDArray[np.int64]
    runs: NDArray[np.int64]
    shown: tuple[tuple[str, str], ...] = ()
    limit: int = SPACE
    k: int = HELD

    @classmethod
    def empty(cls, k: int = HELD) -> TextSample:
        """Return the sample of no text."""
        none = np.zeros(0, np.int64)
        return cls(np.zeros(0, np.uint64), none, none, none, none, k=k)

    @property
    def fraction(self) -> float:
        """The share of all distinct texts that are held, in expectation."""
        return fraction(self.limit)

    @property
    def distinct(self) -> float:
        """How many different texts there are: exact where all are held, else an estimate without bias."""
        return len(self.keys) / self.fraction

    def merge(self, *others: TextSample) -> TextSample:
        """Return the sample of all texts together."""
        given = (self, *others)
        k = min(one.k for one in given)
        bottom = Bottom.of(np.concatenate([one.keys for one in given]), [one.limit for one in given], k)
        deep = min(len(bottom.keys), DEEP)
        columns = (
            np.concatenate([one.lengths for one in given]),
            _padded([one.repeated for one in given], given),
            _padded([one.runs for one in given], given),
        )
        lengths, repeated, runs = (bottom.least(column) for column in columns)
        return TextSample(
            bottom.keys,
            bottom.sum(np.concatenate([one.copies for one in given])),
            lengths,
            repeated[:deep],
            runs[:deep],
            _shown(given, bottom),
            bottom.limit,
            k,
        )


def _shown(given: tuple[TextSample, ...], bottom: Bottom) -> tuple[tuple[str, str], ...]:
    """The beginnings of the first texts; of spellings of one text that differ in white space, the least."""
    kept: dict[int, tuple[str, str]] = {}
    begins = 0
    for one in given:
        for place, beginning in enumerate(one.shown, begins):
            slot = int(bottom.slot[place])
            if slot < SHOWN and beginning != UNKNOWN:
                kept[slot] = min(kept.get(slot, beginning), beginning)
        begins += len(one.keys)
    return tuple(kept.get(slot, UNKNOWN) for slot in range(min(SHOWN, len(bottom.keys)))) if kept else ()


def _padded(columns: list[NDArray[np.int64]], given: tuple[TextSample, ...]) -> NDArray[np.int64]:
    """A column that only the first rows of each have, as one of all rows; what is not known is not asked for."""
    pads = [np.zeros(len(one.keys) - len(column), np.int64) for column, one in zip(columns, given, strict=True)]
    return np.concatenate([part for column, pad in zip(columns, pads, strict=True) for part in (column, pad)])
