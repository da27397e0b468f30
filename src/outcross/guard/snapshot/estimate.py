"""A number of a snapshot, with what it would be without each part of its documents, and of its sampled words.

From these leave-one-out values come all intervals: words come in documents, and copies in the same part, so what varies
is documents; and where only some of the words are held, which ones varies too.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias, final

import numpy as np
from numpy.typing import NDArray

from outcross.core.measure import Measure
from outcross.core.special import student_quantile
from outcross.evidence.proportion import clopper_pearson
from outcross.guard.snapshot.keys import BINS, Keys, bins

Floats: TypeAlias = NDArray[np.float64]


@final
@dataclass(frozen=True, eq=False)
class Estimate:
    """An estimate that can be subtracted from another one of the same parts, errors in common and all.

    Parameters
    ----------
    value
        The estimate.
    documents, words
        What it is without each part of the documents, and without each part of the sampled words, shape (BINS,).
    n
        How many different texts it rests on.
    counted
        Whether it is a share of them, so that none of n, or all, still has an interval.
    own
        A standard error that leaving parts out does not show, and that no other estimate shares.

    Notes
    -----
    Delete-a-group jackknife: Kott, Journal of Official Statistics 17 (2001), Student's t with BINS - 1 degrees of
    freedom. The two sources of error are independent, so their variances add.

    Examples
    --------
    >>> still = Estimate(2.0, np.full(BINS, 2.0), np.full(BINS, 2.0), 9)
    >>> print(still.minus(still).measure())
    0 [0, 0]
    """

    value: float
    documents: Floats
    words: Floats
    n: int
    counted: bool = False
    own: float = 0.0

    @property
    def error(self) -> float:
        """The standard error; infinite where the estimate has no value without some part."""
        if not (np.isfinite(self.documents).all() and np.isfinite(self.words).all()):
            return math.inf
        spread = sum(float(((part - part.mean()) ** 2).sum()) for part in (self.documents, self.words))
        return math.sqrt((BINS - 1) / BINS * spread + self.own**2)

    def log(self) -> Estimate:
        """Return the estimate of the logarithm; the value must be positive."""
        with np.errstate(divide="ignore", invalid="ignore"):
            own = self.own / self.value
            return Estimate(math.log(self.value), np.log(self.documents), np.log(self.words), self.n, own=own)

    def minus(self, other: Estimate) -> Estimate:
        """Return the estimate of the difference."""
        with np.errstate(invalid="ignore"):
            documents, words = self.documents - other.documents, self.words - other.words
        own = math.hypot(self.own, other.own)
        return Estimate(self.value - other.value, documents, words, min(self.n, other.n), own=own)

    def measure(self, level: float = 0.95) -> Measure:
        """Return it with its interval; of a share that is 0 or 1, the exact one (Clopper and Pearson 1934)."""
        if self.counted and not self.error and self.value in (0.0, 1.0):
            return clopper_pearson(self.value * self.n, self.n, level)
        if not math.isfinite(self.error):
            return Measure(self.value, n=self.n, level=level, reason="without some of the documents it has no value")
        half = float(student_quantile(0.5 + level / 2, BINS - 1)) * self.error
        return Measure(self.value, self.value - half, self.value + half, self.n, level)


def left_out(parts: NDArray[np.int64]) -> Floats:
    """Return the sum over parts, and the sum without each: shape (..., BINS + 1) of shape (..., BINS).

    Examples
    --------
    >>> left_out(np.arange(32))[:3].tolist()
    [496.0, 496.0, 495.0]
    """
    whole = parts.sum(axis=-1, keepdims=True)
    return np.concatenate([whole, whole - parts], axis=-1).astype(np.float64)


def of_parts(values: Floats, n: int) -> Estimate:
    """Return the estimate whose value, and values without each part of the documents, are given, shape (BINS + 1,).

    Examples
    --------
    >>> of_parts(np.ones(33), 5).error
    0.0
    """
    return Estimate(float(values[0]), values[1:], np.full(BINS, values[0]), n)


def of_words(function: Callable[..., Floats], terms: tuple[Floats, ...], keys: Keys, share: float, n: int) -> Estimate:
    """Return a function of sums over all words, each estimated from the words that are held.

    Parameters
    ----------
    function
        The function of as many sums as there are terms, element by element.
    terms
        What each held word adds to each sum, with all documents and without each part: shape (words, BINS + 1).
    keys
        The words' hashes.
    share
        The share of all words that are held.
    n
        How many different texts it rests on.

    Examples
    --------
    >>> of_words(lambda total: total, (np.ones((8, 33)),), np.arange(8, dtype=np.uint64), 0.5, 9).value
    16.0
    """
    documents = function(*(term.sum(axis=0) / share for term in terms))
    value = float(documents[0])
    group = bins(keys)
    rest = [term[:, 0].sum() - np.bincount(group, weights=term[:, 0], minlength=BINS) for term in terms]
    words = function(*(sums * (BINS / (BINS - 1)) / share for sums in rest))
    return Estimate(value, documents[1:], value + (words - value) * math.sqrt(1 - share), n)
