"""What one batch of records adds to a snapshot: sampled words, frequent words, sampled texts, and counts by stratum."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from outcross.guard.snapshot.bottom import Bottom
from outcross.guard.snapshot.cutting import Cut
from outcross.guard.snapshot.heavy import Heavy, kept
from outcross.guard.snapshot.keys import BINS, SPACE, bins
from outcross.guard.snapshot.texts import BEGINNING, DEEP, SHOWN, UNKNOWN, TextSample
from outcross.guard.snapshot.words import WordSample

RUN = 4
"""Words of a sequence whose coming again is counted, as in the lab's ``repetition``."""


def sampled_words(cut: Cut, k: int) -> WordSample:
    """Return the words of some texts with the smallest hashes, and their counts.

    Examples
    --------
    >>> from outcross.guard.snapshot.cutting import Cutter
    >>> sample = sampled_words(Cutter().cut(["a cat a", "a dog"]), 9)
    >>> dict(zip(sample.words, sample.counts.sum(axis=2).tolist()))["a"]
    [3, 2, 1]
    """
    here = np.flatnonzero(np.bincount(cut.codes, minlength=len(cut.words)))
    bottom = Bottom.of(cut.word_keys[here], [SPACE], k)
    n = len(bottom.keys)
    row = np.full(len(cut.words), n, dtype=np.int64)
    row[here] = bottom.slot
    rows = row[cut.codes]
    inside = np.flatnonzero(rows < n)
    owner = np.searchsorted(cut.starts, inside, side="right") - 1
    part = bins(cut.text_keys)
    in_text, times = np.unique(owner * (n + 1) + rows[inside], return_counts=True)
    cell = in_text % (n + 1) * BINS + part[in_text // (n + 1)]
    size = n * BINS
    counts = [
        np.bincount(cell, weights=times, minlength=size),
        np.bincount(cell, minlength=size),
        np.bincount(cell[times == 1], minlength=size),
    ]
    table = np.stack([count.astype(np.int64).reshape(n, BINS) for count in counts], axis=1)
    words = tuple(cut.words[code] for code in here[bottom.first()].tolist())
    return WordSample(bottom.keys, words, table, bottom.limit, k)


def heavy_words(cut: Cut, k: int) -> Heavy:
    """Return the most frequent words of some texts.

    Examples
    --------
    >>> from outcross.guard.snapshot.cutting import Cutter
    >>> heavy_words(Cutter().cut(["a cat a", "a dog"]), 1).names
    ('a',)
    """
    times = np.bincount(cut.codes, minlength=len(cut.words))
    here = np.flatnonzero(times)
    off = 0
    if len(here) > k:  # those that would be dropped need not be counted by part
        off = int(np.partition(times[here], len(here) - k - 1)[len(here) - k - 1])
        here = here[times[here] > off]
    row = np.full(len(cut.words), len(here), dtype=np.int64)
    row[here] = np.arange(len(here))
    part = np.repeat(bins(cut.text_keys), cut.lengths)
    held = np.bincount(row[cut.codes] * BINS + part, minlength=(len(here) + 1) * BINS).reshape(-1, BINS)[:-1]
    return kept(tuple(cut.words[code] for code in here.tolist()), held, times[here] - off, off, k)


def sampled_texts(
    cut: Cut, texts: Sequence[str], strata: Sequence[str], k: int, limits: tuple[int, int], excerpts: bool
) -> TextSample:
    """Return the distinct texts with the smallest hashes.

    Parameters
    ----------
    cut, texts, strata
        The texts, as words, as they are, and the stratum of each.
    k
        How many are held.
    limits
        Above which hash a text is not held, and not looked at closely: those of what was met before.
    excerpts
        Whether beginnings are kept.

    Examples
    --------
    >>> from outcross.guard.snapshot.cutting import Cutter
    >>> texts = ["a cat", "a  cat"]
    >>> sampled_texts(Cutter().cut(texts), texts, ["", ""], 9, (SPACE, SPACE), False).copies.tolist()
    [2]
    """
    bottom = Bottom.of(cut.text_keys, [limits[0]], k)
    deep = min(len(bottom.keys), DEEP)
    if limits[1] < SPACE:
        deep = min(deep, int(np.searchsorted(bottom.keys, np.uint64(limits[1]))))
    first = bottom.first()
    repeated, runs = _repeated(cut, first[:deep])
    kept: list[tuple[str, str]] = [UNKNOWN] * min(deep, SHOWN)
    for place in np.flatnonzero(bottom.slot < len(kept)).tolist() if excerpts else ():
        slot, beginning = int(bottom.slot[place]), (" ".join(texts[place].split())[:BEGINNING], strata[place])
        kept[slot] = beginning if kept[slot] == UNKNOWN else min(kept[slot], beginning)
    return TextSample(
        bottom.keys,
        bottom.sum(np.ones(len(texts), np.int64)),
        bottom.least(cut.lengths),
        repeated,
        runs,
        tuple(kept) if excerpts else (),
        bottom.limit,
        k,
    )


def by_stratum(strata: Sequence[str], cut: Cut, k: int) -> tuple[Heavy, Heavy]:
    """Return how many documents, and how many words, each stratum has.

    Examples
    --------
    >>> from outcross.guard.snapshot.cutting import Cutter
    >>> documents, words = by_stratum(["x", "y"], Cutter().cut(["a cat", "a"]), 9)
    >>> documents.low.tolist(), words.low.tolist()
    ([1, 1], [2, 1])
    """
    place: dict[str, int] = {}
    row = np.array([place.setdefault(name, len(place)) for name in strata], dtype=np.int64)
    cell, size = row * BINS + bins(cut.text_keys), len(place) * BINS
    documents = np.bincount(cell, minlength=size).reshape(-1, BINS)
    words = np.bincount(cell, weights=cut.lengths, minlength=size).astype(np.int64).reshape(-1, BINS)
    return Heavy.of(tuple(place), documents, k), Heavy.of(tuple(place), words, k)


def _repeated(cut: Cut, chosen: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Of each of these texts, how many of its runs of words occurred earlier in it, and how many it has.

    Runs are told apart by 48 bits of a mix of their words' hashes, next to which the number of the text has room.
    """
    runs = np.maximum(cut.lengths[chosen] - RUN + 1, 0)
    owner = np.repeat(np.arange(len(chosen)), runs)
    place = np.arange(len(owner)) + (cut.starts[chosen] - np.cumsum(runs) + runs)[owner]
    mixed = np.zeros(len(owner), np.uint64)
    for step in range(RUN):
        mixed = mixed * np.uint64(0x9E3779B97F4A7C15) + cut.word_keys[cut.codes[place + step]]
    distinct = np.unique(owner.astype(np.uint64) << np.uint64(48) | mixed >> np.uint64(16))
    texts = (distinct >> np.uint64(48)).astype(np.int64)
    return runs - np.bincount(texts, minlength=len(chosen)), runs
