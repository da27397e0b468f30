"""How many texts of a generation are too likely, and how many too unlikely, for a person to have written?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Self, final

import numpy as np
from numpy.typing import NDArray

from outcross.core.batch import Batch, Floats
from outcross.core.metric import Metric, Reading, View
from outcross.core.setting import Between
from outcross.core.statistics import LogProbs
from outcross.core.text import Texts
from outcross.metrics._checks import reading
from outcross.metrics._likelihood import nats_by_record, ratio, scored


@final
@dataclass(frozen=True)
class Surprise:
    """The log-perplexity of every record, shape (R, n): quantiles need them all.

    Examples
    --------
    >>> one = Surprise(np.array([[1.0, 2.0]]))
    >>> one.merge(one).nats.tolist()
    [[1.0, 2.0, 1.0, 2.0]]
    """

    nats: Floats

    def merge(self, other: Self) -> Self:
        """Return the records of both."""
        return type(self)(np.concatenate([self.nats, other.nats], axis=1))

    def edge(self, quantile: float, whole: Callable[[Floats], Floats]) -> Floats:
        """Return an order statistic of each replicate, shape (R, 1): ``whole`` rounds its place to a whole number."""
        if not self.nats.shape[1]:
            return np.full((len(self.nats), 1), np.nan)
        known = (~np.isnan(self.nats)).sum(axis=1, keepdims=True)
        place = whole(np.maximum(quantile * (known - 1.0), 0)).astype(np.int64)
        return np.take_along_axis(np.sort(self.nats, axis=1), place, axis=1)

    def share(self, inside: NDArray[np.bool_]) -> Floats:
        """Return the share of the records with tokens that are inside; NaN where there are none."""
        return ratio(inside.sum(axis=1).astype(np.float64), (~np.isnan(self.nats)).sum(axis=1).astype(np.float64))


@final
@dataclass(frozen=True)
class PerplexityTails(Metric[Surprise]):
    """The two tails of the texts' perplexities under the model fitted to human data, relative to human text.

    ``low`` is the share of texts less perplexing than the human quantile, ``high`` the share of those more perplexing
    than the opposite quantile, both divided by the share that human text has there. So 1 is intact, 0 is gone, and at
    the usual quantile 20 is every text. A chain that narrows gains low ones, one that drifts to noise high ones. Texts
    without a token have no perplexity and are left out.

    Parameters
    ----------
    quantile
        The share of human texts in each tail.

    Examples
    --------
    >>> human = LogProbs(-np.arange(1.0, 101.0)[None], np.ones((1, 100)))
    >>> metric = PerplexityTails(quantile=0.1)
    >>> found = metric.compare(metric.summarize(LogProbs(np.full((1, 5), -3.0), np.ones((1, 5)))),
    ...                        metric.summarize(human))
    >>> found["low"].values.tolist(), found["high"].values.tolist()
    ([10.0], [0.0])
    """

    quantile: Annotated[float, Between(0, 0.5, above=True)] = 0.05

    definition = (
        "Share of generated records whose perplexity under the first model is below (low) or above (high) the quantile "
        "of held-out human records, divided by the share of these."
    )
    source = "After Shumailov et al., Nature 631 (2024), Fig. 1: likelier sequences, and a longer tail of unlikely ones"
    unit = "times the human share"
    collapse = "moves"
    view = View.HINDSIGHT
    reads = (LogProbs,)
    usual_for = (Texts,)

    def summarize(self, batch: Batch) -> Surprise:
        """Return the log-perplexity of every record."""
        return Surprise(nats_by_record(scored(self, batch)))

    def compare(self, sample: Surprise, reference: Surprise) -> Mapping[str, Reading]:
        """Return ``low`` and ``high``."""
        low = reference.edge(self.quantile, np.ceil)
        high = reference.edge(1 - self.quantile, np.floor)
        return {
            "low": _relative(sample.share(sample.nats < low), reference.share(reference.nats < low), low),
            "high": _relative(sample.share(sample.nats > high), reference.share(reference.nats > high), high),
        }


def _relative(share: Floats, human: Floats, edge: Floats) -> Reading:
    sound = np.isfinite(edge[:, 0]) & (human > 0)
    values = ratio(share, np.broadcast_to(np.where(sound, human, 0), share.shape))
    reason = "no token was scored"
    if np.isinf(edge).any():
        reason = "too many held-out human records have probability 0 under the first model"
    elif (human == 0).any():
        reason = "held-out human records are too much alike to have tails"
    return reading(values, reason)
