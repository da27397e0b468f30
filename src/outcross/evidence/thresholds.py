"""From which score on is a document called synthetic? A threshold per domain and length, with a bound on false alarms.

Thresholds do not travel: one set for 5 % of false alarms on one kind of text gives 0.5 to 64 % on others. So each kind
of text and each length has its own, found on human documents that the detector had not seen; where there are too few
of them lengths are put together, then domains, and where that does not do either there is no threshold.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import final

import numpy as np

from outcross.core.batch import Floats, Ints
from outcross.core.documents import Flags
from outcross.core.measure import Measure
from outcross.evidence.proportion import clopper_pearson, effective_size, enough_for, surely_below

EDGES = (25, 50, 100, 200, 400, 800, 1600)
"""Where the bands of length begin, in words. Below the first nothing is decided."""
ALONE = 1
"""The bands before this place are not put together with others: so short texts are scored worse."""


@final
@dataclass(frozen=True)
class Threshold:
    """From which score on a document of a domain and length is called synthetic, or human.

    Parameters
    ----------
    domain, band
        What it holds for; an empty domain for documents of any, None for any band from 50 words on.
    synthetic
        The score from which on a document is synthetic: the smallest for which the bound of the false-positive rate is
        kept. None where there are too few human documents for any.
    human
        The score up to which a document is human: the bound is that of missed synthetic documents.
    humans, machines
        How many documents the two rest on: what those of one group are worth, see `effective_size`.
    false_positives, true_positives
        Shares of human and of synthetic training documents at or above ``synthetic``, out of fold.

    Examples
    --------
    >>> Threshold("news", 2, 0.9, 0.2, 80.0, 80.0, Measure(0.0, 0.0, 0.04, 80), Measure(0.5, 0.4, 0.6, 80)).name
    'news, 100 to 199 words'
    """

    domain: str
    band: int | None
    synthetic: float | None
    human: float | None
    humans: float
    machines: float
    false_positives: Measure
    true_positives: Measure

    @property
    def name(self) -> str:
        """What it holds for, in words."""
        return f"{self.domain or 'any domain'}, {band_name(self.band)}"


@final
@dataclass(frozen=True)
class Thresholds:
    """All thresholds of a detector.

    Parameters
    ----------
    alpha
        The bound of the false-positive rate: with 95 % confidence it is not exceeded on documents of the kind trained
        on.
    held
        Thresholds per domain and band, per domain, per band, and for all.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> flags = np.arange(400) % 2 == 1
    >>> found = fit_thresholds(rng.normal(size=400) + 4 * flags, flags, np.full(400, 150), tuple(map(str, range(400))))
    >>> at = found.of("", 150)
    >>> at.false_positives.high < 0.06, at.true_positives.value > 0.9
    (True, True)
    >>> print(found.of("", 10))
    None
    """

    alpha: float
    held: tuple[Threshold, ...]

    def of(self, domain: str | None, words: int) -> Threshold | None:
        """Return the threshold for a document of this domain and length; None where it is too short for any.

        A document whose domain is not known (None, or a name that was not trained on) gets the strictest of all
        domains at its length.
        """
        band = band_of(words)
        if band is None:
            return None
        if (domain, band) not in self._known:
            self._known[domain, band] = self._within(domain, band)
        return self._known[domain, band]

    @cached_property
    def _known(self) -> dict[tuple[str | None, int], Threshold | None]:
        """What was found before: it is asked for every text."""
        return {}

    def _within(self, domain: str | None, band: int) -> Threshold | None:
        """The threshold for a domain and a band of length."""
        known = sorted({one.domain for one in self.held if one.domain})
        if domain in known:
            return self._of(domain, band)
        each = [self._of(name, band) for name in known]
        usable = [one for one in each if one is not None and one.synthetic is not None]
        if usable:
            low = [-np.inf if one.human is None else one.human for one in usable]
            strict = max(usable, key=lambda one: -np.inf if one.synthetic is None else one.synthetic)
            return replace(strict, human=float(min(low)) if np.isfinite(min(low)) else None)
        return self._of("", band)

    def _of(self, domain: str, band: int) -> Threshold | None:
        """The threshold of a cell, or of the cells it is put together with; the last of them where none is usable."""
        lengths = (band,) if band < ALONE else (band, None)
        places = [(name, length) for name in dict.fromkeys([domain, ""]) for length in lengths]
        by_place = {(one.domain, one.band): one for one in self.held}
        found = [by_place[place] for place in places if place in by_place]
        usable = [one for one in found if one.synthetic is not None]
        return usable[0] if usable else (found[-1] if found else None)

    @property
    def wanted(self) -> int:
        """How many independent human documents a threshold needs at least."""
        return enough_for(self.alpha)


def band_of(words: int) -> int | None:
    """Return the band of length, from 0; None below the first.

    Examples
    --------
    >>> [band_of(words) for words in (3, 25, 60, 5_000)]
    [None, 0, 1, 6]
    """
    place = bisect_right(EDGES, words) - 1
    return place if place >= 0 else None


def band_name(band: int | None) -> str:
    """Return a band of length in words.

    Examples
    --------
    >>> [band_name(band) for band in (0, 6, None)]
    ['25 to 49 words', '1,600 words and more', '50 words and more']
    """
    if band is None:
        return f"{EDGES[ALONE]:,} words and more"
    if band == len(EDGES) - 1:
        return f"{EDGES[band]:,} words and more"
    return f"{EDGES[band]:,} to {EDGES[band + 1] - 1:,} words"


def fit_thresholds(
    scores: Floats,
    synthetic: Flags,
    words: Ints,
    groups: Sequence[str],
    domains: Sequence[str] | None = None,
    alpha: float = 0.05,
    even: float | None = None,
) -> Thresholds:
    """Find the thresholds from scores by detectors that had not seen the documents.

    Parameters
    ----------
    scores, synthetic, words, groups, domains
        Score, class, number of words, group and domain of each document, shape (n,).
    alpha
        The bound of the false-positive rate.
    even
        The score of a document that is as probably human as synthetic: nothing below is called synthetic, nothing
        above human. Infinite where scores say nothing; None where it is not known.

    Notes
    -----
    A threshold is the smallest score for which the upper 95 % limit (one-sided, Clopper and Pearson 1934) of the share
    of human documents at or above it is at most ``alpha``. Documents of one group are not independent, so both counts
    are scaled to the effective number of documents (Korn and Graubard 1998), see `effective_size`.

    Examples
    --------
    See `Thresholds`.
    """
    bands = np.array([-1 if band is None else band for band in map(band_of, words.tolist())], dtype=np.int64)
    names = np.array(["" for _ in groups] if domains is None else list(domains), dtype=object)
    member = np.array(list(groups), dtype=object)
    usable = np.isfinite(scores) & (bands >= 0)
    kinds = ["", *sorted({str(name) for name in names if name})]
    held = []
    for kind in kinds:
        for band in (None, *range(len(EDGES))):
            here = usable & ((names == kind) | (kind == ""))
            here &= (bands >= ALONE) if band is None else (bands == band)
            if here.any():
                held.append(_threshold(kind, band, scores[here], synthetic[here], member[here], alpha, even))
    return Thresholds(alpha, tuple(held))


def _threshold(
    domain: str, band: int | None, scores: Floats, synthetic: Flags, groups: Flags, alpha: float, even: float | None
) -> Threshold:
    human, machine = scores[~synthetic], scores[synthetic]
    worth = [
        effective_size(values, tuple(groups[synthetic == kind])) for kind, values in ((False, human), (True, machine))
    ]
    upper = _smallest(human, worth[0], alpha)
    lower = _smallest(-machine, worth[1], alpha)
    if even is not None and not np.isfinite(even):
        upper = lower = None
    called = None if upper is None else max(upper, -np.inf if even is None else even)
    spared = None if lower is None else min(-lower, np.inf if even is None else even)
    shares = [
        Measure.missing("no threshold")
        if called is None
        else _share(float((values >= called).mean()) if len(values) else 0.0, size)
        for values, size in ((human, worth[0]), (machine, worth[1]))
    ]
    return Threshold(domain, band, called, spared, worth[0], worth[1], shares[0], shares[1])


def _share(share: float, size: float) -> Measure:
    return clopper_pearson(share * size, size)


def _smallest(values: Floats, worth: float, alpha: float) -> float | None:
    """The smallest number that so few of the values reach that the bound of their share is at most alpha."""
    n = len(values)
    if not n or not surely_below(0, worth, alpha):
        return None
    low, high = 0, n  # how many may reach it: `low` is allowed, `high` is not
    while high - low > 1:
        middle = (low + high) // 2
        if surely_below(middle * worth / n, worth, alpha):
            low = middle
        else:
            high = middle
    ordered = np.sort(values)[::-1]
    return float(np.nextafter(ordered[low], np.inf))
