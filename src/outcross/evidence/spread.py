"""How scores are spread, kept so that parts of a corpus can be added up: counts in bins of equal relative width.

A bin is a stretch of floating-point numbers with the same leading bits, so the counts are whole numbers that do not
depend on the order or on how a corpus was cut, and a quantile is off by less than half a bin: 0.4 % of its size.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self, final

import numpy as np

from outcross.core.batch import Floats, Ints
from outcross.core.measure import Measure

BITS = 7
"""Bits of the mantissa that tell bins apart: 2^7 bins for each doubling."""

ERROR = 2.0 ** -(BITS + 1)
"""How far a quantile may be off, as a share of its size."""

QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
"""The quantiles that are told."""

_DROP = np.int64(52 - BITS)
_POSITIVE = np.int64(2**63 - 1)


@final
@dataclass(frozen=True)
class Spread:
    """What is kept of many scores: 2^7 bins for each doubling, as histograms of latencies have it.

    Parameters
    ----------
    n, missing
        How many scores there are, and how many documents have none.
    total
        The sum of the scores, rounded once for each part.
    bins
        Bin to count, in the order of the numbers.

    Notes
    -----
    The relative error and the merging are those of the sketch of Masson, Rim and Lee (2019, "DDSketch", VLDB 12), with
    the bins of an HDR histogram: a bin is found by bits, not by a logarithm, so that every machine finds the same.

    Examples
    --------
    >>> a, b = Spread.of(np.array([1.0, 2.0, np.nan])), Spread.of(np.array([4.0]))
    >>> both = Spread.merged([a, b])
    >>> both.n, both.missing, both.mean.value, both.quantile(0.5)
    (3, 1, 2.3333333333333335, 2.0078125)
    """

    n: int
    missing: int
    total: float
    bins: Mapping[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, values: Floats) -> Self:
        """Return the spread of scores, shape (n,), NaN where there is none."""
        known = values[np.isfinite(values)]
        bins, counts = np.unique(_bin(known), return_counts=True)
        held = dict(zip(bins.tolist(), counts.tolist(), strict=True))
        return cls(len(known), len(values) - len(known), math.fsum(known), held)

    @classmethod
    def merged(cls, parts: Iterable[Spread]) -> Self:
        """Return the spread of all scores of the parts together."""
        n, missing, totals, bins = 0, 0, [], Counter[int]()
        for part in parts:
            n, missing = n + part.n, missing + part.missing
            totals.append(part.total)
            bins.update(part.bins)
        return cls(n, missing, math.fsum(totals), dict(sorted(bins.items())))

    @property
    def mean(self) -> Measure:
        """The mean score."""
        return Measure(self.total / self.n, n=self.n) if self.n else Measure.missing("no document has a score")

    def quantile(self, share: float) -> float | None:
        """Return the score below which this share of all scores lies, to 0.4 %; None where there is none."""
        at, wanted = 0, max(1, math.ceil(share * self.n))
        for number, count in self.bins.items():
            at += count
            if at >= wanted:
                return _middle(number)
        return None

    def plain(self) -> dict[str, Any]:
        """Return it as plain data, for `restore`."""
        return {"n": self.n, "missing": self.missing, "total": self.total, "bins": list(map(list, self.bins.items()))}

    @classmethod
    def restore(cls, plain: Mapping[str, Any]) -> Self:
        """Return what `plain` gave."""
        return cls(plain["n"], plain["missing"], plain["total"], {number: count for number, count in plain["bins"]})


def _bin(values: Floats) -> Ints:
    """The number of each score's bin, in the order of the scores; 0 holds 0."""
    bits = (values + 0.0).view(np.int64)  # there is one zero, not two
    number: Ints = (bits & _POSITIVE) >> _DROP
    return np.where(bits < 0, -number, number)


def _middle(number: int) -> float:
    """The middle of a bin."""
    if number == 0:
        return 0.0
    bits = (abs(number) << int(_DROP)) + (1 << int(_DROP - 1))
    return math.copysign(float(np.int64(bits).view(np.float64)), number)
