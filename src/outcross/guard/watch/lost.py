"""Which words are gone, and which have come: those that a person can read, from the samples of two snapshots."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, final

import numpy as np

from outcross.guard.snapshot.estimate import left_out
from outcross.guard.snapshot.keys import BINS, WORDS
from outcross.guard.snapshot.snapshot import Snapshot
from outcross.guard.snapshot.words import DOCUMENTS, OCCURRENCES, pair

EXPECTED = 5.0
"""Documents of the other snapshot in which a word would be expected, had nothing changed, for its absence to say much:
by chance it is then in none with probability e^-5, less than 0.7 %."""


@final
@dataclass(frozen=True)
class Word:
    """A word that is in one of two corpora only.

    Parameters
    ----------
    word
        The word.
    old, new
        Occurrences per million words in each.
    documents
        In how many documents of the corpus that has it.

    Examples
    --------
    >>> Word("cat", 120.0, 0.0, 17).new
    0.0
    """

    word: str
    old: float
    new: float
    documents: int


@final
@dataclass(frozen=True)
class Rise:
    """A word whose share of all words has risen.

    Parameters
    ----------
    word
        The word.
    old, new
        Occurrences per million words in each.
    score
        The difference in standard errors.

    Examples
    --------
    >>> Rise("delve", 2.0, 40.0, 8.1).word
    'delve'
    """

    word: str
    old: float
    new: float
    score: float


def lost_words(old: Snapshot, new: Snapshot, n: int = 20) -> tuple[Word, ...]:
    """Return words of the old documents of which the new ones have none, the most missed first.

    They are among the sampled words, the same of both: where only one of a hundred types is held, for one that is shown
    there are a hundred that are not. Shown are words that would be in at least `EXPECTED` new documents.

    Parameters
    ----------
    old, new
        The snapshots.
    n
        How many, at most.

    Examples
    --------
    >>> old, new = Snapshot.of(["a cat"] * 9), Snapshot.of(["a dog"] * 9)
    >>> [word.word for word in lost_words(old, new)]
    ['cat']
    """
    return _absent(old, new, n, "old")


def gained_words(old: Snapshot, new: Snapshot, n: int = 20) -> tuple[Word, ...]:
    """Return words of the new documents of which the old ones have none, the most frequent first; see `lost_words`.

    Examples
    --------
    >>> old, new = Snapshot.of(["a cat"] * 9), Snapshot.of(["a dog"] * 9)
    >>> [word.word for word in gained_words(old, new)]
    ['dog']
    """
    return _absent(new, old, n, "new")


def risen_words(old: Snapshot, new: Snapshot, n: int = 20) -> tuple[Rise, ...]:
    """Return frequent words whose share of all words has risen most surely.

    Errors are those of the delete-a-group jackknife over documents. Words whose counts are not known exactly in both
    are passed over.

    Parameters
    ----------
    old, new
        The snapshots.
    n
        How many, at most.

    Examples
    --------
    >>> old, new = (Snapshot.of(["a " * (more + i % 3) + "cat" for i in range(99)]) for more in (1, 2))
    >>> risen_words(old, new, 1)[0].word
    'a'
    """
    tables = []
    for one in (old, new):
        exact = np.flatnonzero(one.heavy.low == one.heavy.high)
        tables.append({one.heavy.names[place]: one.heavy.held[place] for place in exact.tolist()})
    names = sorted(tables[0].keys() & tables[1].keys())
    if not names:
        return ()
    counts = [np.array([table[name] for name in names]) for table in tables]
    totals = [left_out(one.totals[WORDS]) for one in (old, new)]
    before, after = (left_out(count) / total for count, total in zip(counts, totals, strict=True))
    moved = after - before
    spread = moved[:, 1:] - moved[:, 1:].mean(axis=1, keepdims=True)
    error = np.sqrt((BINS - 1) / BINS * np.square(spread).sum(axis=1))
    score = np.divide(moved[:, 0], error, out=np.zeros(len(names)), where=error > 0)
    order = [place for place in np.argsort(-score, kind="stable")[:n].tolist() if score[place] > 0]
    rates = [(share[:, 0] * 1e6).tolist() for share in (before, after)]
    return tuple(Rise(names[at], rates[0][at], rates[1][at], float(score[at])) for at in order)


def _absent(here: Snapshot, there: Snapshot, n: int, which: Literal["old", "new"]) -> tuple[Word, ...]:
    _, one, other, words, _ = pair(here.words, there.words)
    documents = one[:, DOCUMENTS].sum(axis=1)
    times = one[:, OCCURRENCES].sum(axis=1)
    expected = documents * (there.word_count / max(here.word_count, 1))
    gone = np.flatnonzero((other[:, DOCUMENTS].sum(axis=1) == 0) & (expected >= EXPECTED))
    order = sorted(gone.tolist(), key=lambda place: (-int(documents[place]), words[place]))[:n]
    shares = [float(times[place]) * 1e6 / here.word_count for place in order]
    found = zip(order, shares, strict=True)
    if which == "old":
        return tuple(Word(words[at], share, 0.0, int(documents[at])) for at, share in found)
    return tuple(Word(words[at], 0.0, share, int(documents[at])) for at, share in found)
