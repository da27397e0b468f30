"""What snapshots say of the words of a corpus, as if every corpus had equally many: how many types there are, how much
was not seen, which of another corpus's words are still there, and how much room they have.

All numbers are of a random part of the documents in which each document is kept with the same probability, so that a
corpus of a billion words can be compared with one of a million: words come in documents, and thinning single words
instead would make the larger corpus look richer than it is (Gotelli and Colwell, Ecology Letters 4, 2001).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

import numpy as np
from numpy.typing import NDArray

from outcross.guard.snapshot.estimate import Estimate, Floats, left_out, of_words
from outcross.guard.snapshot.keys import WORDS, Keys
from outcross.guard.snapshot.words import DOCUMENTS, OCCURRENCES, ONCE

if TYPE_CHECKING:
    from outcross.guard.snapshot.snapshot import Snapshot

TAIL = 0.05
"""The tail: the rarest words of a corpus, those that make up this share of it."""

DEEPEST = 64
"""The tail ends at words of so many documents, though they make up less."""


@final
@dataclass(frozen=True, eq=False)
class Vocabulary:
    """The sampled words of one snapshot, as a table that leaves out each part of the documents in turn.

    Parameters
    ----------
    keys
        Hashes of the words, shape (n,).
    times, documents, once
        How often each occurs, in how many documents, in how many of them once: shape (n, BINS + 1).
    total
        Words of the corpus, shape (BINS + 1,).
    share
        The share of all types that are sampled.
    size
        Different texts of the corpus.

    Examples
    --------
    >>> from outcross.guard.snapshot.snapshot import Snapshot
    >>> vocabulary = Vocabulary.of(Snapshot.of(["a cat", "a dog"]))
    >>> vocabulary.types(4.0).value, vocabulary.types(2.0).value
    (3.0, 1.75)
    """

    keys: Keys
    times: Floats
    documents: Floats
    once: Floats
    total: Floats
    share: float
    size: int

    @classmethod
    def of(cls, snapshot: Snapshot) -> Vocabulary:
        """Return the words of a snapshot."""
        words = snapshot.words
        return cls.table(snapshot, words.keys, words.counts, words.fraction)

    @classmethod
    def table(cls, snapshot: Snapshot, keys: Keys, counts: NDArray[np.int64], share: float) -> Vocabulary:
        """Return these words of a snapshot, with their counts."""
        times, documents, once = (left_out(counts[:, what]) for what in (OCCURRENCES, DOCUMENTS, ONCE))
        return cls(keys, times, documents, once, left_out(snapshot.totals[WORDS]), share, snapshot.distinct)

    @property
    def least(self) -> float:
        """How many words there are in any case, whichever part is left out."""
        return float(self.total.min())

    def types(self, size: float | Floats) -> Estimate:
        """Return how many types so many words have, when they come in whole documents of this corpus."""
        return self._sum(lambda total: total, 1 - self._missed(size))

    def unseen(self, size: float | Floats) -> Estimate:
        """Return the share of words that occur once, in so many words of this corpus."""
        kept = self._kept(size)
        others = np.power(1 - kept, np.maximum(self.documents - 1, 0))
        return self._sum(lambda total: total, self.once * kept * others / np.maximum(size, 1))

    def shared_with_itself(self, size: float) -> Estimate:
        """Return which share of the types of so many words come again in as many others of the same corpus."""
        missed, both = self._missed(size), self._missed(2 * size)
        return self._sum(lambda common, types: common / types, 1 - 2 * missed + both, 1 - missed)

    def shared_with(self, other: Vocabulary, size: float) -> Estimate:
        """Return which share of the types of so many words come again in as many of another corpus."""
        here, there = 1 - self._missed(size), 1 - other._missed(size)
        return self._sum(lambda common, types: common / types, here * there, here)

    def depth(self, size: float) -> int:
        """Return in how many documents, of so many words, the words of the tail occur at most."""
        share, kept = 0.0, float(size / self.total[0])
        documents, times = self.documents[:, 0], self.times[:, 0] / self.total[0] / self.share
        chance = _none(kept, documents)
        for depth in range(1, DEEPEST + 1):
            chance = _next(chance, depth, kept, documents)
            share += float(times @ (chance * depth / np.maximum(documents * kept, 1e-300)))
            if share >= TAIL:
                return depth
        return DEEPEST

    def tail_of_itself(self, size: float, depth: int) -> Estimate:
        """Return the share that the tail of so many words has in the other words of the same corpus."""
        kept = size / self.total
        mass = np.zeros_like(self.times)
        chance = _none(kept, self.documents)
        for many in range(1, depth + 1):
            chance = _next(chance, many, kept, self.documents)
            mass += chance * np.maximum(self.documents - many, 0)
        mass *= self.times / np.maximum(self.documents, 1) / ((1 - kept) * self.total)
        return self._sum(lambda total: total, mass)

    def tail_in(self, other: Vocabulary, size: float, depth: int) -> Estimate:
        """Return the share that the tail of so many words has in another corpus."""
        kept = size / self.total
        inside = np.zeros_like(self.times)
        chance = _none(kept, self.documents)
        for many in range(1, depth + 1):
            chance = _next(chance, many, kept, self.documents)
            inside += chance
        return self._sum(lambda total: total, inside * other.times / other.total)

    def _missed(self, size: float | Floats) -> Floats:
        """The chance that a word is in none of the documents kept, shape (n, BINS + 1)."""
        return _none(self._kept(size), self.documents)

    def _kept(self, size: float | Floats) -> Floats:
        """The chance that a document is kept, shape (BINS + 1,)."""
        return np.asarray(np.minimum(size / np.maximum(self.total, 1), 1.0))

    def _sum(self, function: Callable[..., Floats], *terms: Floats) -> Estimate:
        return of_words(function, terms, self.keys, self.share, self.size)


def _none(kept: Floats | float, documents: Floats) -> Floats:
    return np.asarray(np.power(1 - kept, documents))


def _next(chance: Floats, many: int, kept: Floats | float, documents: Floats) -> Floats:
    """The binomial probability of so many documents, from that of one fewer."""
    return np.asarray(chance * np.maximum(documents - many + 1, 0) / many * (kept / (1 - kept)))
