"""How steeply does frequency fall with rank?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from outcross.core.batch import Batch, Floats, HasFrequencies
from outcross.core.metric import Metric, Reading
from outcross.core.text import Texts
from outcross.metrics._checks import reading
from outcross.metrics._shares import Shares


@final
@dataclass(frozen=True)
class ZipfExponent(Metric[Shares]):
    """Maximum-likelihood exponent of Zipf's law over the ranks of the types that occur.

    It falls while rare types are lost, for what is left is more even, and rises as the frequent ones take over.

    Ranks are taken from the same sample that is fitted, as is usual; where many types occur about equally often that
    makes the exponent somewhat too large (Piantadosi 2014). Missing where fewer than two types are left.

    Examples
    --------
    >>> from outcross.core.statistics import Probabilities
    >>> metric = ZipfExponent()
    >>> shares = 1 / np.arange(1.0, 11.0) ** 1.5
    >>> summary = metric.summarize(Probabilities(shares[None] / shares.sum()))
    >>> metric.compare(summary, summary).values.round(6).tolist()
    [1.5]
    """

    definition = "Maximum-likelihood a of p(r) = r^-a / sum_s s^-a over the ranks 1..K of the K types that occur."
    source = "Clauset, Shalizi and Newman, SIAM Rev. 51 (2009), appendix B; finite ranks: Hanel et al., PLoS ONE (2017)"
    unit = "exponent"
    collapse = "moves"
    reads = (HasFrequencies,)
    compares = "alone"
    usual_for = (Texts,)

    def summarize(self, batch: Batch) -> Shares:
        """Return the counts, or the probabilities of a law."""
        return Shares.of(self, batch)

    def compare(self, sample: Shares, reference: Shares) -> Reading:
        """Return the exponent of each replicate; the reference does not enter."""
        exponent = np.full(sample.replicates, np.nan)
        types = np.count_nonzero(sample.values, axis=1)
        known = types > 1
        if known.any():
            shares = -np.sort(-sample.frequencies()[known], axis=1)[:, : types.max()]
            exponent[known] = _fit(shares, types[known, None])
        return reading(exponent, "fewer than two types are left")


def _fit(shares: Floats, types: Floats) -> Floats:
    """The exponent at which the expected log rank is the observed one: Newton's steps, kept inside a bracket.

    Above an exponent of 3 the expected log rank is below 2^(1 - a), which gives the upper end.
    """
    rank = np.arange(1, shares.shape[1] + 1)
    log_rank = np.log(rank)
    alive = rank <= types
    observed = shares @ log_rank
    low, high = np.zeros(len(shares)), np.maximum(3.0, 2 - np.log2(observed))
    exponent = np.minimum(1.0, high)
    for _ in range(100):
        weight = np.where(alive, np.exp(-exponent[:, None] * log_rank), 0.0)
        weight /= weight.sum(axis=1, keepdims=True)
        expected = weight @ log_rank
        variance = weight @ log_rank**2 - expected**2
        steeper = expected > observed
        low, high = np.where(steeper, exponent, low), np.where(steeper, high, exponent)
        with np.errstate(divide="ignore", invalid="ignore"):
            newton = exponent + (expected - observed) / variance
        inside = (newton > low) & (newton < high)
        step = np.where(inside, newton, (low + high) / 2) - exponent
        exponent = exponent + step
        if (np.abs(step) <= 1e-12 * np.maximum(exponent, 1)).all():
            break
    return np.asarray(exponent)
