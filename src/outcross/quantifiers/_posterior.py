"""The likeliest share by density ratios, and the mean posterior probability at that share, for every resample."""

from __future__ import annotations

import numpy as np

from outcross.core.batch import Floats
from outcross.core.errors import BadInput
from outcross.core.quantifier import Sample
from outcross.quantifiers._adjust import adjusted
from outcross.quantifiers._mixture import BLOCK, mixing_share, weights

SUREST = 300.0
"""Log odds beyond this are taken for this: their exponential is still a number."""
CLOSEST = 0.01
"""Of the share to 0 and 1, where posterior probabilities are asked for: at the ends they are all the same."""


def likeliest(target: Sample) -> Floats:
    """Return the share p that maximises the sum of ``log(1 - p + p ratio)``; the sample's values are log ratios.

    NaN where every ratio is 1.
    """
    odds = np.clip(target.values, -SUREST, SUREST)
    human, synthetic = np.exp(np.minimum(-odds, 0)), np.exp(np.minimum(odds, 0))
    return mixing_share(human, synthetic, weights(odds, target.weight))


def adjusted_posterior(share: Floats, target: Sample, human: Sample, synthetic: Sample) -> Floats:
    """Return where the target's mean posterior at this share lies between those of the references, shape (R,).

    At its maximum the likelihood's share *is* the target's mean posterior. If the ratios are wrong, they are wrong for
    the references too, so the mixture of references that has the same mean posterior is the share.
    """
    prior = np.clip(np.where(np.isnan(share), 0.5, share), CLOSEST, 1 - CLOSEST)
    return adjusted(*(_mean(one, prior) for one in (target, human, synthetic)))


def _mean(sample: Sample, prior: Floats) -> Floats:
    """The mean posterior in each resample with that resample's prior, shape (R,)."""
    ratio = np.exp(-np.clip(sample.values, -SUREST, SUREST))
    against = ((1 - prior) / prior)[:, None]
    if len(prior) == 1:
        return sample.mean(1 / (1 + against[0] * ratio))
    rows = max(1, BLOCK // len(ratio))
    means = []
    for start in range(0, len(prior), rows):
        posterior = 1 / (1 + against[start : start + rows] * ratio)
        if sample.weight is None:
            means.append(posterior.mean(axis=1))
        else:
            block = slice(start, start + rows)
            means.append(np.einsum("rn,rn->r", sample.weight[block], posterior) / sample.total[block])
    return np.concatenate(means)


def log_ratios(sample: Sample, prior: float) -> Sample:
    """Return the natural log of the density ratio that each probability stands for, with the same weights.

    Raises
    ------
    BadInput
        If a score is no probability, or the prior leaves no room for one of the classes.
    """
    if not 0 < prior < 1:
        raise BadInput(f"a probability is divided by the prior of its calibration and by its rest: no {prior:g}")
    if sample.values.min() < 0 or sample.values.max() > 1:
        raise BadInput("probabilities in [0, 1] are read; calibrate the scores first")
    with np.errstate(divide="ignore"):  # a probability of 0 or 1 is a ratio of 0 or infinity
        odds = np.log(sample.values) - np.log1p(-sample.values)
    return Sample(odds - np.log(prior / (1 - prior)), sample.weight)
