"""A uniform sample of the different words of a corpus, with exact counts: how often, and in how many documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from outcross.guard.snapshot.bottom import Bottom, fraction
from outcross.guard.snapshot.keys import BINS, SPACE, Keys

HELD = 8192
"""How many words are held unless told otherwise: the number of types is known to about 1 / sqrt(8190) = 1.1 %."""

OCCURRENCES, DOCUMENTS, ONCE = range(3)
"""What is counted of a word: how often it occurs, in how many documents, and in how many of them just once."""


@final
@dataclass(frozen=True, eq=False)
class WordSample:
    """The words with the smallest hashes, and what was counted of each in each part of the documents.

    Since a word among the k smallest of all is among the k smallest of every shard that has it, its counts are exact,
    and merging gives what one pass over everything would have given.

    Parameters
    ----------
    keys, words
        Hashes, smallest first, and the words, shape (n,).
    counts
        Shape (n, 3, BINS): occurrences, documents, documents that have it once.
    limit
        Every word whose hash is below it is held; see `Bottom`.
    k
        How many are held at most.

    Notes
    -----
    Bottom-k sketches: Cohen and Kaplan, PODC 2007; Beyer et al., SIGMOD 2007 (the estimate of the distinct).

    Examples
    --------
    >>> empty = WordSample.empty(4)
    >>> empty.merge(empty).types
    0.0
    """

    keys: Keys
    words: tuple[str, ...]
    counts: NDArray[np.int64]
    limit: int = SPACE
    k: int = HELD

    @classmethod
    def empty(cls, k: int = HELD) -> WordSample:
        """Return the sample of no text."""
        return cls(np.zeros(0, np.uint64), (), np.zeros((0, 3, BINS), np.int64), k=k)

    @property
    def fraction(self) -> float:
        """The share of all types that are held, in expectation."""
        return fraction(self.limit)

    @property
    def types(self) -> float:
        """How many different words there are: exact where all are held, else an estimate without bias."""
        return len(self.keys) / self.fraction

    def merge(self, *others: WordSample) -> WordSample:
        """Return the sample of all texts together."""
        given = (self, *others)
        k = min(one.k for one in given)
        bottom = Bottom.of(np.concatenate([one.keys for one in given]), [one.limit for one in given], k)
        words = [word for one in given for word in one.words]
        counts = bottom.sum(np.concatenate([one.counts for one in given]))
        return WordSample(bottom.keys, tuple(words[place] for place in bottom.first()), counts, bottom.limit, k)

    def below(self, limit: int) -> WordSample:
        """Return the smaller sample below a limit."""
        if limit >= self.limit:
            return self
        n = int(np.searchsorted(self.keys, np.uint64(limit)))
        return WordSample(self.keys[:n], self.words[:n], self.counts[:n], limit, self.k)

    def at(self, keys: Keys) -> NDArray[np.int64]:
        """Return the counts of these words by hash, shape (len(keys), 3, BINS); 0 where there is no such word."""
        padded = np.concatenate([self.counts, np.zeros((1, 3, BINS), np.int64)])
        place = np.searchsorted(self.keys, keys)
        known = np.append(self.keys, np.uint64(0))[place] == keys
        known &= place < len(self.keys)
        return np.asarray(padded[np.where(known, place, len(self.keys))])


def pair(old: WordSample, new: WordSample) -> tuple[Keys, NDArray[np.int64], NDArray[np.int64], tuple[str, ...], int]:
    """Return what both know of the same words: hashes, counts in each (0 where it has none), words, common limit.

    Examples
    --------
    >>> keys, one, other, words, limit = pair(WordSample.empty(), WordSample.empty())
    >>> len(keys), one.shape, limit == SPACE
    (0, (0, 3, 32), True)
    """
    limit = min(old.limit, new.limit)
    held: Sequence[WordSample] = (old.below(limit), new.below(limit))
    named = {int(key): word for one in held for key, word in zip(one.keys, one.words, strict=True)}
    keys = np.union1d(held[0].keys, held[1].keys)
    return keys, held[0].at(keys), held[1].at(keys), tuple(named[int(key)] for key in keys), limit
