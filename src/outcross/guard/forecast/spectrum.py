"""The frequency spectrum of a corpus: how many words occur once, twice, ...; which of them are its tail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from outcross.core.batch import Floats
from outcross.core.text import Texts
from outcross.guard.forecast.surrogate import GRID, at

TAIL = 0.1
"""The tail: the rarest words, which together are this share of the running words."""


@final
@dataclass(frozen=True, eq=False)
class Spectrum:
    """How many words occur how often.

    Parameters
    ----------
    counts
        The counts that occur, ascending, shape (C,).
    types
        How many words occur that often, shape (C,).

    Examples
    --------
    >>> spectrum = Spectrum.of(np.array([1.0, 1.0, 8.0]))
    >>> spectrum.counts.tolist(), spectrum.types.tolist(), spectrum.tail.round(2).tolist()
    ([1.0, 8.0], [2.0, 1.0], [0.5, 0.0])
    """

    counts: Floats
    types: Floats

    @classmethod
    def of(cls, counts: Floats) -> Spectrum:
        """Return the spectrum of the counts of words; those of 0 do not occur."""
        values, times = np.unique(counts[counts > 0], return_counts=True)
        return cls(values.astype(np.float64), times.astype(np.float64))

    @property
    def words(self) -> float:
        """Number of running words."""
        return float(self.counts @ self.types)

    @property
    def tail(self) -> Floats:
        """The part of the words of each count that belongs to the tail, shape (C,): the last ones in part."""
        mass = self.counts * self.types
        before = np.cumsum(mass) - mass
        part: Floats = np.clip((TAIL * mass.sum() - before) / mass, 0, 1)
        return part

    def types_left(self, alive: Floats) -> Floats:
        """Return the share of words that occur, given the probability for each count of the grid, shape (..., C)."""
        found: Floats = at(self.counts, alive) @ (self.types / self.types.sum())
        return found

    def tail_left(self, kept: Floats) -> Floats:
        """Return the share of the tail's mass that is left, given the share of each word's mass by its count."""
        mass = self.tail * self.counts * self.types
        found: Floats = at(self.counts, kept) @ (mass / mass.sum())
        return found

    def thinned(self, rng: np.random.Generator) -> Spectrum:
        """Return the spectrum of a random half of the running words."""
        each = np.repeat(self.counts, self.types.astype(np.int64))
        return Spectrum.of(rng.binomial(each.astype(np.int64), 0.5).astype(np.float64))

    def rates(self) -> Floats:
        """Return how often a word of each count in the grid is to be expected in as much new text, shape (len(GRID),).

        Good and Turing: a word that occurs c times comes ``(c + 1) N_{c+1} / N_c`` times in new text, where N_c words
        occur c times; for large counts c times.
        """
        number = dict(zip(self.counts.tolist(), self.types.tolist(), strict=True))
        rates = GRID.copy()
        for place, count in enumerate(GRID[:5].tolist()):
            here, above = number.get(count, 0.0), number.get(count + 1, 0.0)
            if here >= 30:
                rates[place] = min(count, (count + 1) * above / here)
        return rates


def clumps(texts: Texts) -> Floats:
    """Return how often a word of each count in the grid occurs in a text that has it, shape (len(GRID),).

    Examples
    --------
    >>> clumps(Texts.of(["a a b", "b c"]))[:2].tolist()
    [1.0, 1.3333333333333333]
    """
    size = len(texts.vocabulary)
    owner = np.repeat(np.arange(texts.size), texts.lengths)
    pairs = np.unique(owner * size + texts.codes) % size
    spread, counts = np.bincount(pairs, minlength=size), np.bincount(texts.codes, minlength=size)
    known = counts > 0
    edges = np.concatenate([(GRID[1:] + GRID[:-1]) / 2])
    bins = np.digitize(counts[known], edges)
    occurrences = np.bincount(bins, counts[known], minlength=len(GRID))
    documents = np.bincount(bins, spread[known], minlength=len(GRID))
    have = documents > 0
    found = np.interp(np.log(GRID), np.log(GRID[have]), occurrences[have] / documents[have])
    return np.asarray(np.clip(found, 1, GRID))


def pieces(texts: Texts, words: int, longest: int) -> Texts:
    """Return the first texts, so many words of them, long ones cut into pieces.

    Examples
    --------
    >>> pieces(Texts.of(["a b c d", "e f g"]), 5, 3).lengths.tolist()
    [3, 1, 3]
    """
    several = int(np.searchsorted(texts.starts, words)) if words < texts.tokens else texts.size
    several = min(max(several, 1), texts.size)
    end = min(int(texts.starts[several]), max(words, 1) + 50 * longest)
    cuts = [np.arange(a, min(b, end), longest) for a, b in zip(texts.starts[:several], texts.starts[1:], strict=False)]
    starts = np.append(np.concatenate(cuts), end).astype(np.int64)
    return Texts(texts.codes[:end], starts, texts.vocabulary)
