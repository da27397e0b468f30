"""What a snapshot says of the law of its words: their entropy, and how steeply frequency falls with rank.

Both move with the number of words. So that corpora of different size can be compared, the larger is taken in runs of
neighbouring parts, each about as large as the smaller corpus, and the mean over them is told.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from outcross.core.errors import BadInput
from outcross.core.part import build
from outcross.core.statistics import Counts
from outcross.guard.snapshot.estimate import Estimate, Floats, left_out
from outcross.guard.snapshot.keys import BINS, WORDS, bins
from outcross.guard.snapshot.words import OCCURRENCES

if TYPE_CHECKING:
    from outcross.guard.snapshot.snapshot import Snapshot

RANKS = 1000
"""The most frequent words to which Zipf's law is fitted."""

SURE = 0.01
"""A frequent word is taken at its count where no more than this share of it can have been missed."""

COARSE = 16
"""From so many parts on, the nearest whole number of them is as large as the smaller corpus to 3 %."""


def entropy(snapshot: Snapshot, size: float | None = None) -> Estimate:
    """Return the entropy of so many words in nats, from their shares.

    The frequent words are counted, each for itself; what the others add is estimated from those that are sampled, in
    proportion to their share of the words, which is known.

    Parameters
    ----------
    snapshot
        The snapshot.
    size
        How many words; None for all.

    Raises
    ------
    BadInput
        If a part of the corpus has more words than that.

    Examples
    --------
    >>> from outcross.guard.snapshot.snapshot import Snapshot
    >>> same = Snapshot.of(["a b"] * 4)
    >>> round(entropy(same).value, 3) == round(float(np.log(2)), 3)
    True
    """
    certain = _certain(snapshot)
    names = {snapshot.heavy.names[place] for place in certain}
    rest = np.array([place for place, word in enumerate(snapshot.words.words) if word not in names], dtype=np.int64)
    counted, sampled = snapshot.heavy.held[certain], snapshot.words.counts[rest, OCCURRENCES]
    group, all_held = bins(snapshot.words.keys[rest]), snapshot.words.fraction == 1

    def of(parts: Runs) -> Floats:
        total = np.maximum(parts(snapshot.totals[WORDS][None])[0], 1)
        shares, few = parts(counted) / total, parts(sampled) / total
        known, mass = _surprise(shares).sum(axis=0), 1 - shares.sum(axis=0)
        each = np.stack([_sums(group, _surprise(few)), _sums(group, few)])
        whole = each.sum(axis=1, keepdims=True)
        surprise, found = np.concatenate([whole, whole - each], axis=1)
        ratio = np.divide(surprise, found, out=np.zeros_like(surprise), where=found > 0)
        return np.asarray(known + (surprise if all_held else mass * ratio))

    return _estimate(snapshot, size, of, snapshot.words.fraction)


def zipf_exponent(snapshot: Snapshot, size: float | None = None) -> Estimate:
    """Return the exponent of Zipf's law of the most frequent of so many words, as the lab fits it.

    Raises
    ------
    BadInput
        If there are fewer than `RANKS` types, or a part of the corpus has more words than that.

    Examples
    --------
    >>> from outcross.guard.snapshot.snapshot import Snapshot
    >>> zipf_exponent(Snapshot.of(["a b"]))
    Traceback (most recent call last):
    ...
    outcross.core.errors.BadInput: there are 2 different words, and the law is fitted to the 1,000 most frequent
    """
    heavy = snapshot.heavy
    if len(heavy.names) < RANKS:
        found = f"there are {len(heavy.names):,} different words"
        raise BadInput(f"{found}, and the law is fitted to the {RANKS:,} most frequent")
    metric = build("metric", "zipf_exponent")

    def of(parts: Runs) -> Floats:
        counts = parts(heavy.held)
        top = -np.sort(-np.partition(counts, len(counts) - RANKS, axis=0)[-RANKS:], axis=0)
        summary = metric.summarize(Counts(np.ascontiguousarray(top.T)))
        return np.tile(metric.compare(summary, summary).values, (BINS + 1, 1))

    return _estimate(snapshot, size, of, 1.0)


Runs = Callable[[NDArray[np.int64]], Floats]
"""Sums of counts, shape (n, BINS), over several sets of parts: shape (n, sets)."""


def _estimate(snapshot: Snapshot, size: float | None, of: Callable[[Runs], Floats], share: float) -> Estimate:
    """The estimate of a number of which ``of`` gives, for several sets of parts, the value with all sampled words and
    without each part of them: shape (BINS + 1, sets).

    How it moves without a part of the documents is taken from the whole corpus: it is nearly the same for a part of it.
    """
    if not snapshot.word_count:
        raise BadInput("there is no word")
    many = float(BINS) if size is None else BINS * size / snapshot.word_count
    if many < 1:
        raise BadInput(f"one corpus has more than {BINS} times as many words as the other")
    many = min(float(round(many)) if many > COARSE else many, float(BINS))
    whole = of(left_out)
    value = float(whole[0, 0])
    if many < BINS:
        below = int(many)
        weight = np.log(many / below) / np.log1p(1 / below)  # it moves about evenly with the logarithm of the size
        value = (1 - weight) * _mean(of, below) + (weight * _mean(of, below + 1) if weight else 0.0)
    moved = whole - whole[0, 0]
    return Estimate(value, value + moved[0, 1:], value + moved[1:, 0] * np.sqrt(1 - share), snapshot.distinct)


def _mean(of: Callable[[Runs], Floats], many: int) -> float:
    """The mean over all runs of so many neighbouring parts, in a ring."""

    def sums(counts: NDArray[np.int64]) -> Floats:
        ring = np.concatenate([np.zeros((len(counts), 1), np.int64), counts, counts[:, : many - 1]], axis=1).cumsum(
            axis=1
        )
        return np.asarray(ring[:, many:] - ring[:, :BINS], dtype=np.float64)

    return float(of(sums)[0].mean())


def _sums(group: NDArray[np.int64], values: Floats) -> Floats:
    """The sum of each group of rows, shape (BINS, runs)."""
    order = np.argsort(group, kind="stable")
    padded = np.concatenate([np.zeros((1, values.shape[1])), values[order].cumsum(axis=0)])
    ends = np.cumsum(np.bincount(group, minlength=BINS))
    return np.asarray(padded[ends] - padded[np.concatenate([[0], ends[:-1]])])


def _certain(snapshot: Snapshot) -> NDArray[np.int64]:
    """The frequent words whose counts are known, where not all words are sampled."""
    if snapshot.words.fraction == 1:
        return np.zeros(0, np.int64)
    heavy = snapshot.heavy
    return np.flatnonzero(heavy.high - heavy.low <= SURE * heavy.low)


def _surprise(shares: Floats) -> Floats:
    """-p log p, 0 where p is."""
    logs = np.log(shares, out=np.zeros_like(shares), where=shares > 0)
    return np.asarray(-shares * logs)
