"""How are the perplexities of a generation's texts distributed?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Self, final

import numpy as np

from outcross.core.batch import Batch, Floats
from outcross.core.metric import Metric, Reading, View
from outcross.core.setting import Between
from outcross.core.statistics import LogProbs
from outcross.core.text import Texts
from outcross.metrics._checks import reading
from outcross.metrics._likelihood import nats_by_record, scored


@final
@dataclass(frozen=True)
class Histogram:
    """Number of records in each bin, shape (R, bins).

    Examples
    --------
    >>> one = Histogram(np.array([[1.0, 0.0]]))
    >>> one.merge(one).counts.tolist()
    [[2.0, 0.0]]
    """

    counts: Floats

    def merge(self, other: Self) -> Self:
        """Return the counts of both."""
        return type(self)(self.counts + other.counts)


@final
@dataclass(frozen=True)
class PerplexityHistogram(Metric[Histogram]):
    """The histogram of the Nature paper: records by their perplexity under the model fitted to human data.

    The bins are fixed, so that generations and corpora can be compared and merged: equal steps of the natural logarithm
    of the perplexity (nats per token). Each reading is the share of records in one bin and is named by the middle of
    the bin, ``perplexity_histogram@2.125``. The first and the last bin are open: records beyond them, impossible ones
    included, count in them. Texts without a token have no perplexity and are left out.

    Parameters
    ----------
    width
        Width of a bin, in nats per token.
    top
        Where the last bin ends, in nats per token.

    Examples
    --------
    >>> metric = PerplexityHistogram(width=1, top=3)
    >>> summary = metric.summarize(LogProbs(np.array([[-0.5, -2.5, -2.7, -99.0]]), np.ones((1, 4))))
    >>> {name: reading.values.item() for name, reading in metric.compare(summary, summary).items()}
    {'0.5': 0.25, '1.5': 0.0, '2.5': 0.75}
    """

    width: Annotated[float, Between(0.01)] = 0.25
    top: Annotated[float, Between(0, 100, above=True)] = 12.0

    definition = "Share of generated records in each bin of nats per token under the first model."
    source = "Shumailov et al., Nature 631 (2024), Fig. 1: histograms of perplexities of generated data"
    unit = "share of records"
    collapse = "moves"
    view = View.HINDSIGHT
    reads = (LogProbs,)
    usual_for = (Texts,)

    def summarize(self, batch: Batch) -> Histogram:
        """Return the number of records in each bin."""
        nats = nats_by_record(scored(self, batch))
        bins = math.ceil(self.top / self.width)
        known = ~np.isnan(nats)
        place = np.clip(nats[known] / self.width, 0, bins - 1).astype(np.int64)
        row = np.broadcast_to(np.arange(len(nats))[:, None], nats.shape)[known]
        counts = np.bincount(row * bins + place, minlength=len(nats) * bins)
        return Histogram(counts.reshape(len(nats), bins).astype(np.float64))

    def compare(self, sample: Histogram, reference: Histogram) -> Mapping[str, Reading]:
        """Return the share of each bin, by the bin's middle; the reference does not enter."""
        total = sample.counts.sum(axis=1, keepdims=True)
        shares = np.divide(sample.counts, total, out=np.full(sample.counts.shape, np.nan), where=total > 0)
        middles = (np.arange(shares.shape[1]) + 0.5) * self.width
        return {f"{middle:.6g}": reading(shares[:, bin], "no token was scored") for bin, middle in enumerate(middles)}
