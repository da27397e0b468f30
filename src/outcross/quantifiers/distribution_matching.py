"""Which mixture of the references' scores looks like the target's scores?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, final

import numpy as np

from outcross.core.batch import Floats
from outcross.core.quantifier import Quantifier, Sample, Scores
from outcross.core.setting import Between
from outcross.quantifiers._adjust import unless_alike
from outcross.quantifiers._mixture import mixing_share


@final
@dataclass(frozen=True)
class DistributionMatching(Quantifier):
    """In what proportion must the references be mixed for their scores to be distributed as the target's?

    The whole distribution is matched, not its mean alone, so a few documents with extreme scores weigh less than in a
    mean. The scores are only counted in bins, hence any score will do, calibrated or not.

    Parameters
    ----------
    bins
        How many. Their edges lie midway between neighbouring reference scores, so that each bin holds as many of both
        references together; fewer where many scores are equal. More than a handful pay with thousands of references
        only: before, they add noise.
    by
        ``likelihood``: the mixture under which the target's counts are most probable. ``hellinger``: the mixture at the
        least Hellinger distance (HDy), which heeds outliers less.
    smoothing
        Added to the count of each bin of a reference, so that no bin is impossible because a few hundred references
        left it empty.

    Examples
    --------
    >>> from outcross.core.quantifier import Sample
    >>> rows = [0.2, 0.2, 0.2, 0.9], [0.1, 0.2, 0.2, 0.3], [0.8, 0.7, 0.8, 0.9]
    >>> scores = Scores(*(Sample(np.array(row)) for row in rows))
    >>> DistributionMatching(bins=2, smoothing=0).estimate(scores).round(4).tolist()
    [0.25]
    """

    bins: Annotated[int, Between(2)] = 5
    by: Literal["likelihood", "hellinger"] = "likelihood"
    smoothing: Annotated[float, Between(0)] = 0.5

    definition = "the share p under which the mixture of the references' binned scores best matches the target's"
    source = (
        "Hellinger: Gonzalez-Castro et al., Information Sciences 218 (2013); likelihood: Titterington (JRSS B 1983)"
    )

    def estimate(self, scores: Scores) -> Floats:
        """Return the share in each resample; NaN where the references are alike."""
        edges = _edges(np.concatenate([scores.human.values, scores.synthetic.values]), self.bins)
        met, human, synthetic = (_counts(one, edges) for one in (scores.target, scores.human, scores.synthetic))
        human, synthetic = _frequencies(human + self.smoothing), _frequencies(synthetic + self.smoothing)
        if self.by == "hellinger":
            share = mixing_share(human, synthetic, np.sqrt(_frequencies(met)), power=0.5)
        else:
            share = mixing_share(human, synthetic, met)
        return unless_alike(share, scores)


def _edges(references: Floats, bins: int) -> Floats:
    """What divides the references into so many equal parts: midway between two of them, where they differ."""
    ordered = np.sort(references)
    places = np.rint(np.arange(1, bins) * len(ordered) / bins).astype(np.int64)
    places = places[(places > 0) & (places < len(ordered))]
    return np.unique((ordered[places - 1] + ordered[places]) / 2)


def _counts(sample: Sample, edges: Floats) -> Floats:
    """How many of the sample are in each bin, in each resample, shape (R, bins)."""
    bins = np.searchsorted(edges, sample.values, side="right")
    if sample.weight is None:
        return np.bincount(bins, minlength=len(edges) + 1)[None].astype(np.float64)
    inside: Floats = (bins[:, None] == np.arange(len(edges) + 1)) * 1.0
    counts: Floats = sample.weight @ inside
    return counts


def _frequencies(counts: Floats) -> Floats:
    shares: Floats = counts / counts.sum(axis=1, keepdims=True)
    return shares
